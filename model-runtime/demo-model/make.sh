#!/usr/bin/env bash
# Makes everything in this folder but the int8 export again: dialogues, tokenizer, checkpoint, figures.
# CPU, two threads, fixed seeds. Needs: pip install -r requirements.txt
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p build dialogues
python make_dialogues.py train 130000 build/first.jsonl.gz 20261124 &
python make_dialogues.py train 130000 build/second.jsonl.gz 20261125
wait $!
cat build/first.jsonl.gz build/second.jsonl.gz > build/dialogues.jsonl.gz
python make_dialogues.py development build/development.jsonl
python make_dialogues.py heldout dialogues/heldout.jsonl
gunzip -c build/first.jsonl.gz | head -10000 | gzip -9n > dialogues/sample.jsonl.gz
python train_tokenizer.py build/dialogues.jsonl.gz checkpoint
python train.py build/dialogues.jsonl.gz checkpoint 12000
python evaluate.py checkpoint build/development.jsonl
python evaluate.py checkpoint dialogues/heldout.jsonl
python evaluate.py checkpoint dialogues/heldout.jsonl --int8

#!/usr/bin/env bash
# Makes everything in this folder but the int8 export again: dialogues, tokenizer, checkpoint, figures.
# CPU, two threads, fixed seeds. Needs: pip install -r requirements.txt
set -euo pipefail
cd "$(dirname "$0")"
mkdir -p build dialogues
python make_dialogues.py train 80000 build/first.jsonl.gz 20261122
python make_dialogues.py train 80000 build/second.jsonl.gz 20261123
python make_dialogues.py heldout dialogues/heldout.jsonl
gunzip -c build/second.jsonl.gz | head -10000 | gzip -9n > dialogues/sample.jsonl.gz
python train_tokenizer.py build/first.jsonl.gz checkpoint
python train.py build/first.jsonl.gz checkpoint 2200
python train.py build/second.jsonl.gz checkpoint 3500 --continue
python evaluate.py checkpoint dialogues/heldout.jsonl
python evaluate.py checkpoint dialogues/heldout.jsonl --int8

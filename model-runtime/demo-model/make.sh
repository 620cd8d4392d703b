#!/usr/bin/env bash
# Makes everything in this folder again: dialogues, tokenizer, checkpoint, figures. CPU, fixed seeds.
# Needs: pip install -r requirements.txt
set -euo pipefail
cd "$(dirname "$0")"
DIALOGUES=${DIALOGUES:-80000}
STEPS=${STEPS:-2200}
mkdir -p build dialogues
python make_dialogues.py train "$DIALOGUES" build/train.jsonl.gz
python make_dialogues.py heldout dialogues/heldout.jsonl
python train_tokenizer.py build/train.jsonl.gz checkpoint
python train.py build/train.jsonl.gz checkpoint "$STEPS"
python evaluate.py checkpoint dialogues/heldout.jsonl
python evaluate.py checkpoint dialogues/heldout.jsonl --int8

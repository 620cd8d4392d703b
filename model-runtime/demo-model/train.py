"""Trains the model: `python train.py DIALOGUES.jsonl.gz CHECKPOINT STEPS [--continue]`. CPU, two threads, fixed seeds.

`--continue` goes on from the weights in CHECKPOINT, with a new warm-up to a lower peak rate."""
import gzip
import json
import math
import os
import pathlib
import random
import sys
import time

# Waiting threads sleep instead of spinning: the machine may have other work. Has to be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer

from llama import CONFIG, Llama

SEED = 20261122
THREADS = 2
# Tokens in a step, padding included. Few different shapes: the CPU kernels are made anew for each.
TOKENS_PER_STEP = 3072
LENGTH_MULTIPLE, TARGET_MULTIPLE = 32, 512
LONGEST = 640
PEAK_RATE, CONTINUED_PEAK_RATE, FINAL_RATE, WARM_UP = 2.5e-3, 1.5e-3, 1e-5, 150
WEIGHT_DECAY = 0.05
NOT_A_TARGET = -100


def encode(path: str, tokenizer: Tokenizer):
    """Dialogues as token arrays with, for each token, whether the loss counts it: replies only."""
    out = []
    with gzip.open(path, "rt", encoding="utf-8") as file:
        dialogues = [json.loads(line)["messages"] for line in file]
    pieces, counted, ends = [], [], []
    for messages in dialogues:
        for message in messages:
            role = message["role"]
            pieces.append(f"<|im_start|>{role}\n")
            counted.append(False)
            pieces.append(message["content"] + "<|im_end|>")
            counted.append(role == "assistant")
            pieces.append("\n")
            counted.append(False)
        ends.append(len(pieces))
    encoded = []
    for start in range(0, len(pieces), 100000):
        encoded += [numpy.array(e.ids, numpy.int16) for e in tokenizer.encode_batch_fast(pieces[start:start + 100000])]
    start = 0
    for end in ends:
        tokens = numpy.concatenate(encoded[start:end])[:LONGEST]
        mask = numpy.concatenate([numpy.full(len(encoded[i]), counted[i]) for i in range(start, end)])[:LONGEST]
        out.append((tokens, mask))
        start = end
    return out


def batches(data, rng: random.Random):
    """Endless batches of dialogues of about the same length, so that little is padding."""
    def padded(index):
        return -(-(len(data[index][0]) - 1) // LENGTH_MULTIPLE) * LENGTH_MULTIPLE

    while True:
        order = list(range(len(data)))
        rng.shuffle(order)
        for start in range(0, len(order), 4096):
            chunk = sorted(order[start:start + 4096], key=lambda index: len(data[index][0]))
            groups, group = [], []
            for index in chunk:
                if group and (padded(group[0]) != padded(index) or padded(index) * (len(group) + 1) > TOKENS_PER_STEP):
                    groups.append(group)
                    group = []
                group.append(index)
            groups.append(group)
            rng.shuffle(groups)
            for group in groups:
                length = padded(group[0])
                rows = max(len(group), TOKENS_PER_STEP // length) if len(group) * length > TOKENS_PER_STEP // 2 else len(group)
                tokens = torch.zeros(rows, length + 1, dtype=torch.long)
                targets = torch.full((rows, length + 1), NOT_A_TARGET)
                for row, index in enumerate(group):
                    ids, mask = data[index]
                    ids = torch.from_numpy(ids.astype(numpy.int64))
                    tokens[row, :len(ids)] = ids
                    targets[row, :len(ids)] = torch.where(torch.from_numpy(mask), ids, NOT_A_TARGET)
                yield tokens, targets


def rate(step: int, steps: int, peak: float) -> float:
    if step < WARM_UP:
        return peak * (step + 1) / WARM_UP
    return FINAL_RATE + (peak - FINAL_RATE) * 0.5 * (1 + math.cos(math.pi * (step - WARM_UP) / max(1, steps - WARM_UP)))


def main() -> None:
    dialogues, checkpoint, steps = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    continued = "--continue" in sys.argv
    torch.set_num_threads(THREADS)
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    data = encode(dialogues, tokenizer)
    print(f"{len(data)} dialogues, {sum(len(tokens) for tokens, _ in data)} tokens", flush=True)
    model = Llama.load(checkpoint).train() if continued else Llama(CONFIG)
    peak = CONTINUED_PEAK_RATE if continued else PEAK_RATE
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() == 1]
    optimizer = torch.optim.AdamW([{"params": matrices, "weight_decay": WEIGHT_DECAY}, {"params": vectors, "weight_decay": 0.0}],
                                  lr=PEAK_RATE, betas=(0.9, 0.95), fused=True)
    source = batches(data, random.Random(SEED))
    started = time.time()
    total = 0.0
    for step in range(steps):
        tokens, targets = next(source)
        for group in optimizer.param_groups:
            group["lr"] = rate(step, steps, peak)
        with torch.autocast("cpu", torch.bfloat16):
            hidden = model.hidden(tokens[:, :-1])
            wanted = targets[:, 1:].flatten()
            chosen = (wanted != NOT_A_TARGET).nonzero().flatten()
            # Filled up with uncounted places to a round number.
            chosen = functional.pad(chosen, (0, -len(chosen) % TARGET_MULTIPLE))
            counted = torch.arange(len(chosen)) < (wanted != NOT_A_TARGET).sum()
            logits = model.logits(hidden.flatten(0, 1)[chosen])
        loss = functional.cross_entropy(logits.float(), torch.where(counted, wanted[chosen], NOT_A_TARGET))
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        total += loss.item()
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} loss {total / 50:.4f} seconds {time.time() - started:.0f}", flush=True)
            total = 0.0
        if (step + 1) % 500 == 0:
            model.save(checkpoint)
    model.save(checkpoint)
    print(f"trained {steps} steps in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()

"""Trains the model: `python train.py DIALOGUES.jsonl.gz CHECKPOINT STEPS`. CPU, two threads, fixed seeds.

The loss is that of the replies' tokens, and beside it that of a classifier which names the intent of each reply from the
hidden state at the end of its prompt. The classifier is thrown away afterwards: it is there because a reply's wording is
chosen by chance, which tells the model less clearly what the customer wanted than the intent's name does.

Some of the first steps are drills: a user who writes random tokens and an assistant who repeats them. Without them the
model learns to copy numbers and names late or not at all: they are a few tokens of a few replies, and copying needs two
layers that only make sense together."""
import gzip
import json
import os
import pathlib
import random
import sys
import time
from dataclasses import dataclass

# Waiting threads sleep instead of spinning: the machine may have other work. Has to be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer

from llama import CONFIG, Llama
from muon import Muon

SEED = 20261124
THREADS = 2
# Tokens in a step, padding included. Few different shapes: the CPU kernels are made anew for each.
TOKENS_PER_STEP = 4096
LENGTH_MULTIPLE, TARGET_MULTIPLE = 32, 512
LONGEST = 640
# Matrices of the layers learn by Muon, embeddings and norms by AdamW; both rates fall linearly to nothing.
MATRIX_RATE, OTHER_RATE, WARM_UP = 2.5e-3, 1.2e-3, 50
WEIGHT_DECAY = 0.05
INTENT_WEIGHT = 0.3
# One step of so many is a drill, in the first part of the training.
DRILL_EVERY, DRILL_PART = 4, 0.25
DRILL_ROWS, DRILL_LENGTH = 40, 96
NOT_A_TARGET = -100


@dataclass
class Example:
    """A dialogue as tokens; `counted` says which of them the loss counts (replies only); the reply number i follows the
    token at `prompt_ends[i]` and is of the intent `intents[i]`."""
    tokens: numpy.ndarray
    counted: numpy.ndarray
    prompt_ends: list[int]
    intents: list[int]


@dataclass
class Batch:
    tokens: torch.Tensor       # [rows, length + 1]
    targets: torch.Tensor      # [rows, length], NOT_A_TARGET where nothing is to be learned
    prompt_ends: torch.Tensor  # [replies], places in the flattened [rows * length]
    intents: torch.Tensor      # [replies]


def encode(path: str, tokenizer: Tokenizer) -> tuple[list[Example], int]:
    """The dialogues of a file, and how many intents there are."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        dialogues = [json.loads(line) for line in file]
    numbers = {name: number for number, name in enumerate(sorted({name for d in dialogues for name in d["intents"]}))}
    pieces = [piece for d in dialogues for m in d["messages"]
              for piece in (f"<|im_start|>{m['role']}\n", m["content"] + "<|im_end|>", "\n")]
    encoded = []
    for start in range(0, len(pieces), 100000):
        encoded += [numpy.array(e.ids, numpy.int16) for e in tokenizer.encode_batch_fast(pieces[start:start + 100000])]
    examples, piece = [], iter(encoded)
    for dialogue in dialogues:
        tokens, counted, prompt_ends = [], [], []
        for message in dialogue["messages"]:
            is_reply = message["role"] == "assistant"
            for content in (False, True, False):
                ids = next(piece)
                if content and is_reply:
                    prompt_ends.append(sum(map(len, tokens)) - 1)
                tokens.append(ids)
                counted.append(numpy.full(len(ids), content and is_reply))
        prompt_ends = [end for end in prompt_ends if end < LONGEST - 1]
        examples.append(Example(numpy.concatenate(tokens)[:LONGEST], numpy.concatenate(counted)[:LONGEST], prompt_ends,
                                [numbers[name] for name in dialogue["intents"][:len(prompt_ends)]]))
    return examples, len(numbers)


def batches(examples: list[Example], rng: random.Random):
    """Endless batches of dialogues of about the same length, so that little is padding."""
    def padded(index):
        return -(-(len(examples[index].tokens) - 1) // LENGTH_MULTIPLE) * LENGTH_MULTIPLE

    while True:
        order = list(range(len(examples)))
        rng.shuffle(order)
        for start in range(0, len(order), 4096):
            chunk = sorted(order[start:start + 4096], key=lambda index: len(examples[index].tokens))
            groups, group = [], []
            for index in chunk:
                if group and (padded(group[0]) != padded(index) or padded(index) * (len(group) + 1) > TOKENS_PER_STEP):
                    groups.append(group)
                    group = []
                group.append(index)
            groups.append(group)
            rng.shuffle(groups)
            for group in groups:
                yield batch([examples[index] for index in group], padded(group[0]))


def batch(group: list[Example], length: int) -> Batch:
    rows = len(group) if len(group) * length <= TOKENS_PER_STEP // 2 else max(len(group), TOKENS_PER_STEP // length)
    tokens = torch.zeros(rows, length + 1, dtype=torch.long)
    targets = torch.full((rows, length + 1), NOT_A_TARGET)
    for row, example in enumerate(group):
        ids = torch.from_numpy(example.tokens.astype(numpy.int64))
        tokens[row, :len(ids)] = ids
        targets[row, :len(ids)] = torch.where(torch.from_numpy(example.counted), ids, NOT_A_TARGET)
    return Batch(tokens, targets[:, 1:],
                 torch.tensor([row * length + end for row, e in enumerate(group) for end in e.prompt_ends], dtype=torch.long),
                 torch.tensor([intent for example in group for intent in example.intents], dtype=torch.long))


def drill(tokenizer: Tokenizer, rng: random.Random) -> Batch:
    """Random tokens, half of them digits, and the same again as the reply."""
    digits = [tokenizer.token_to_id(digit) for digit in "0123456789"]
    first, last = (tokenizer.encode(text).ids for text in ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"))
    end = tokenizer.token_to_id("<|im_end|>")
    examples = []
    for _ in range(DRILL_ROWS):
        length = rng.randint(6, (DRILL_LENGTH - len(first) - len(last)) // 2)
        said = []
        while len(said) < length:
            # Whole numbers and single words, as customers write them.
            said += rng.choices(digits, k=rng.randint(4, 8)) if rng.random() < 0.3 else [rng.randrange(256, CONFIG["vocab_size"])]
        said = said[:length]
        tokens = first + said + last + said + [end]
        counted = [False] * (len(tokens) - length - 1) + [True] * (length + 1)
        examples.append(Example(numpy.array(tokens), numpy.array(counted), [], []))
    return batch(examples, DRILL_LENGTH)


def losses(model: Llama, classifier: torch.nn.Linear, batch: Batch):
    """The loss of the replies' tokens and that of the intents."""
    with torch.autocast("cpu", torch.bfloat16):
        hidden = model.hidden(batch.tokens[:, :-1]).flatten(0, 1)
        wanted = batch.targets.flatten()
        chosen = (wanted != NOT_A_TARGET).nonzero().flatten()
        counted = torch.arange(-(-len(chosen) // TARGET_MULTIPLE) * TARGET_MULTIPLE) < len(chosen)
        # Filled up with uncounted places to a round number.
        chosen = functional.pad(chosen, (0, len(counted) - len(chosen)))
        logits = model.logits(hidden[chosen])
        guesses = classifier(hidden[batch.prompt_ends])
    return (functional.cross_entropy(logits.float(), torch.where(counted, wanted[chosen], NOT_A_TARGET)),
            functional.cross_entropy(guesses.float(), batch.intents, reduction="sum") / max(1, len(batch.intents)))


def optimizers(model: Llama, classifier: torch.nn.Linear) -> list[torch.optim.Optimizer]:
    matrices = [p for p in model.model.layers.parameters() if p.dim() == 2]
    tables = [model.model.embed_tokens.weight, *classifier.parameters()]
    norms = [p for p in model.parameters() if p.dim() == 1]
    return [Muon(matrices, lr=MATRIX_RATE, weight_decay=WEIGHT_DECAY),
            torch.optim.AdamW([{"params": tables, "weight_decay": WEIGHT_DECAY}, {"params": norms, "weight_decay": 0.0}],
                              lr=OTHER_RATE, betas=(0.9, 0.95), fused=True)]


def share_of_rate(step: int, steps: int) -> float:
    return min((step + 1) / WARM_UP, (steps - step) / max(1, steps - WARM_UP))


def main() -> None:
    dialogues, checkpoint, steps = sys.argv[1], pathlib.Path(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(THREADS)
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    examples, intents = encode(dialogues, tokenizer)
    print(f"{len(examples)} dialogues, {sum(len(e.tokens) for e in examples)} tokens, {intents} intents", flush=True)
    model = Llama(CONFIG)
    classifier = torch.nn.Linear(CONFIG["hidden_size"], intents)
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    used = optimizers(model, classifier)
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: share_of_rate(step, steps)) for o in used]
    source = batches(examples, random.Random(SEED))
    drill_rng = random.Random(SEED)
    started = time.time()
    totals, drill_loss = numpy.zeros(3), 0.0
    for step in range(steps):
        is_drill = step < DRILL_PART * steps and step % DRILL_EVERY == 0
        reply_loss, intent_loss = losses(model, classifier, drill(tokenizer, drill_rng) if is_drill else next(source))
        for optimizer in used:
            optimizer.zero_grad(set_to_none=True)
        (reply_loss + INTENT_WEIGHT * intent_loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(used, schedules):
            optimizer.step()
            schedule.step()
        if is_drill:
            drill_loss = reply_loss.item()
        else:
            totals += reply_loss.item(), intent_loss.item(), 1
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} reply loss {totals[0] / totals[2]:.4f} intent loss {totals[1] / totals[2]:.4f} "
                  f"last drill {drill_loss:.3f} seconds {time.time() - started:.0f}", flush=True)
            totals[:] = 0
        if (step + 1) % 500 == 0:
            model.save(checkpoint)
    model.save(checkpoint)
    print(f"trained {steps} steps in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()

"""Trains the model: `python train.py DIALOGUES.jsonl.gz CHECKPOINT STEPS`. CPU, two threads, fixed seeds.

1. Words: the embeddings learn the intents of messages as a weighted bag of tokens (a minute). A bag learns in seconds
   what attention needs an hour for, and attention then has something to look at.
2. Messages: the first part of the steps. The whole model learns the intents of messages, without the replies, which are
   two thirds of a dialogue. One step in a few is a drill: a user who writes random tokens and an assistant who repeats
   them. Without drills the model learns to copy numbers and names late or not at all, because copying needs two layers
   that only make sense together.
3. Dialogues: the replies' tokens. What a reply takes from the customer (numbers, names) counts more than its other
   tokens: it is little and hard.

Beside the replies the intents are learned all along, by classifiers that are thrown away afterwards: one that sees the
hidden state at the end of the prompt, one for each layer that sees the mean of its states over the customer's message.
A reply's wording is chosen by chance, which tells less clearly what the customer wanted than the intent's name does."""
import functools
import gzip
import json
import os
import pathlib
import random
import re
import sys
import time
from dataclasses import dataclass

# Waiting threads sleep instead of spinning: the machine may have other work. Has to be set before torch is loaded.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import numpy
import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer

from llama import CONFIG, TRAINING_TYPE, Llama
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
INTENT_WEIGHT, MEANS_WEIGHT = 0.3, 0.3
REPEATED_WEIGHT = 4.0
WORDS_EPOCHS, WORDS_BATCH, WORDS_RATE = 3, 256, 4e-3
# The share of the steps that learn from messages alone, and how many of those steps have one drill among them.
MESSAGES_PART, DRILL_EVERY, DRILL_LENGTH = 0.25, 4, 96
DRILL_ROWS = 40
END = CONFIG["eos_token_id"]


@dataclass
class Example:
    """A dialogue as tokens; `weights` says how much each counts in the loss (nothing outside replies). The reply number i
    is of the intent `intents[i]` and answers the message at [message_starts[i], message_ends[i]); its prompt ends with the
    token at `prompt_ends[i]`."""
    tokens: numpy.ndarray
    weights: numpy.ndarray
    message_starts: list[int]
    message_ends: list[int]
    prompt_ends: list[int]
    intents: list[int]


@dataclass
class Batch:
    tokens: torch.Tensor       # [rows, length + 1]
    weights: torch.Tensor      # [rows, length + 1], 0 where nothing is to be learned
    prompt_ends: torch.Tensor  # [replies], places in the flattened [rows * length]
    said: torch.Tensor         # [tokens in messages that are answered], such places too
    said_by: torch.Tensor      # the same length, the number of the reply that answers
    intents: torch.Tensor      # [replies]


def encode(path: str, tokenizer: Tokenizer) -> tuple[list[Example], list[str]]:
    """The dialogues of a file, and the names of the intents."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        dialogues = [json.loads(line) for line in file]
    names = sorted({name for d in dialogues for name in d["intents"]})
    numbers = {name: number for number, name in enumerate(names)}
    examples = []
    for start in range(0, len(dialogues), 4096):
        some = dialogues[start:start + 4096]
        contents = iter(tokenizer.encode_batch([m["content"] + "<|im_end|>" for d in some for m in d["messages"]]))
        examples += [example(dialogue, contents, tokenizer, numbers) for dialogue in some]
    return examples, names


def example(dialogue: dict, contents, tokenizer: Tokenizer, numbers: dict[str, int]) -> Example:
    """`contents` gives the encoded messages of the dialogue, one after the other."""
    made = Example([], [], [], [], [], [])
    repeated = iter(dialogue["repeated"])
    for message in dialogue["messages"]:
        head, content = role_head(tokenizer, message["role"]), next(contents)
        made.tokens += head
        made.weights += [0.0] * len(head)
        if message["role"] == "user":
            start = len(made.tokens)
        elif message["role"] == "assistant":
            made.message_starts.append(start)
            made.message_ends.append(end)
            made.prompt_ends.append(len(made.tokens) - 1)
        made.tokens += content.ids
        end = len(made.tokens) - 1
        made.weights += (reply_weights(message["content"], content.offsets, next(repeated))
                         if message["role"] == "assistant" else [0.0] * len(content.ids))
        made.tokens += role_end(tokenizer)
        made.weights += [0.0] * (len(made.tokens) - len(made.weights))
    made.intents = [numbers[name] for name in dialogue["intents"]]
    replies = sum(end < LONGEST - 1 for end in made.prompt_ends)
    return Example(numpy.array(made.tokens[:LONGEST], numpy.int16), numpy.array(made.weights[:LONGEST], numpy.float32),
                   made.message_starts[:replies], made.message_ends[:replies], made.prompt_ends[:replies], made.intents[:replies])


def messages_alone(dialogues: list[Example], names: list[str], tokenizer: Tokenizer) -> list[Example]:
    """The messages that say what is wanted without the turns before: no follow-ups, no numbers that were asked for
    (but for the few that come after an aside)."""
    head, tail = role_head(tokenizer, "user"), [END, *role_end(tokenizer), *role_head(tokenizer, "assistant")]
    alone = []
    for dialogue in dialogues:
        before = None
        for start, end, intent in zip(dialogue.message_starts, dialogue.message_ends, dialogue.intents):
            if intent != before and "." not in names[intent] and end > start:
                tokens = numpy.array([*head, *dialogue.tokens[start:end], *tail, END], numpy.int16)
                alone.append(Example(tokens, numpy.zeros(len(tokens), numpy.float32), [len(head)], [len(head) + end - start],
                                     [len(tokens) - 2], [intent]))
            before = intent
    return alone


@functools.cache
def role_head(tokenizer: Tokenizer, role: str) -> list[int]:
    return tokenizer.encode(f"<|im_start|>{role}\n").ids


@functools.cache
def role_end(tokenizer: Tokenizer) -> list[int]:
    return tokenizer.encode("\n").ids


def reply_weights(reply: str, offsets: list[tuple[int, int]], repeated: list[str]) -> list[float]:
    spans = [found.span() for value in repeated for found in re.finditer(re.escape(value), reply)]
    return [REPEATED_WEIGHT if any(start < last and first < end for first, last in spans) else 1.0 for start, end in offsets]


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
    weights = torch.zeros(rows, length + 1)
    said, said_by = [], []
    replies = 0
    for row, example in enumerate(group):
        tokens[row, :len(example.tokens)] = torch.from_numpy(example.tokens.astype(numpy.int64))
        weights[row, :len(example.tokens)] = torch.from_numpy(example.weights)
        for start, end in zip(example.message_starts, example.message_ends):
            said += range(row * length + start, row * length + end)
            said_by += [replies] * (end - start)
            replies += 1
    return Batch(tokens, weights,
                 torch.tensor([row * length + end for row, e in enumerate(group) for end in e.prompt_ends], dtype=torch.long),
                 torch.tensor(said, dtype=torch.long), torch.tensor(said_by, dtype=torch.long),
                 torch.tensor([intent for example in group for intent in example.intents], dtype=torch.long))


def drill(tokenizer: Tokenizer, rng: random.Random) -> Batch:
    """Random tokens, half of them digits, and the same again as the reply."""
    digits = [tokenizer.token_to_id(digit) for digit in "0123456789"]
    first, last = role_head(tokenizer, "user"), [END, *role_end(tokenizer), *role_head(tokenizer, "assistant")]
    examples = []
    for _ in range(DRILL_ROWS):
        length = rng.randint(6, (DRILL_LENGTH - len(first) - len(last)) // 2)
        said = []
        while len(said) < length:
            # Whole numbers and single words, as customers write them.
            said += rng.choices(digits, k=rng.randint(4, 8)) if rng.random() < 0.3 else [rng.randrange(256, CONFIG["vocab_size"])]
        said = said[:length]
        tokens = first + said + last + said + [END]
        weights = [0.0] * (len(tokens) - length - 1) + [1.0] * (length + 1)
        examples.append(Example(numpy.array(tokens), numpy.array(weights, numpy.float32), [], [], [], []))
    return batch(examples, DRILL_LENGTH)


class Classifiers(torch.nn.Module):
    """Name the intent of a reply: `at_end` from the last hidden state of its prompt, `of_means` from the mean of the
    embeddings, or of the states after each layer, over the message it answers."""

    def __init__(self, intents: int):
        super().__init__()
        self.at_end = torch.nn.Linear(CONFIG["hidden_size"], intents)
        self.of_means = torch.nn.ModuleList(torch.nn.Linear(CONFIG["hidden_size"], intents)
                                            for _ in range(CONFIG["num_hidden_layers"] + 1))


def learn_words(embeddings: torch.nn.Embedding, messages: list[Example], intents: int) -> None:
    """Learns the embeddings as the words of messages whose intent is read from their weighted mean, as one attention head
    with one fixed question would."""
    width = embeddings.weight.shape[1]
    question, classifier = torch.nn.Parameter(torch.zeros(width)), torch.nn.Linear(width, intents)
    optimizer = torch.optim.AdamW([question, embeddings.weight, *classifier.parameters()], lr=WORDS_RATE, weight_decay=0.0, fused=True)
    words = [torch.from_numpy(m.tokens[m.message_starts[0]:m.message_ends[0]].astype(numpy.int64)) for m in messages]
    wanted = torch.tensor([m.intents[0] for m in messages])
    steps = WORDS_EPOCHS * (len(words) // WORDS_BATCH)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1 - step / steps)
    for epoch in range(WORDS_EPOCHS):
        total = 0.0
        batches_of_words = torch.randperm(len(words))[:len(words) // WORDS_BATCH * WORDS_BATCH].view(-1, WORDS_BATCH)
        for chosen in batches_of_words:
            tokens = torch.cat([words[index] for index in chosen])
            owners = torch.repeat_interleave(torch.arange(WORDS_BATCH), torch.tensor([len(words[index]) for index in chosen]))
            values = functional.rms_norm(embeddings.weight, (width,))[tokens]
            shares = (values @ question).exp()
            means = (torch.zeros(WORDS_BATCH, width).index_add(0, owners, values * shares[:, None])
                     / torch.zeros(WORDS_BATCH).index_add(0, owners, shares)[:, None])
            loss = functional.cross_entropy(classifier(means), wanted[chosen])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"words, epoch {epoch + 1}: intent loss {total / len(batches_of_words):.4f}", flush=True)


def losses(model: Llama, classifiers: Classifiers, batch: Batch):
    """The loss of the replies' tokens, that of the intents at the ends of prompts, and that of the intents by means."""
    between = []
    with torch.autocast("cpu", torch.bfloat16, enabled=TRAINING_TYPE == torch.bfloat16):
        hidden = model.hidden(batch.tokens[:, :-1], between=between).flatten(0, 1)
        weights = batch.weights[:, 1:].flatten()
        chosen = weights.nonzero().flatten()
        counted = torch.arange(-(-len(chosen) // TARGET_MULTIPLE) * TARGET_MULTIPLE) < len(chosen)
        # Filled up with uncounted places to a round number.
        chosen = functional.pad(chosen, (0, len(counted) - len(chosen)))
        weights = weights[chosen] * counted
        logits = model.logits(hidden[chosen])
        guesses = classifiers.at_end(hidden[batch.prompt_ends])
    reply_loss = intent_loss = means_loss = torch.zeros(())
    if len(chosen):
        token_losses = functional.cross_entropy(logits.float(), batch.tokens[:, 1:].flatten()[chosen], reduction="none")
        reply_loss = (token_losses * weights).sum() / weights.sum()
    if len(batch.intents):
        intent_loss = functional.cross_entropy(guesses.float(), batch.intents)
        means_loss = loss_by_means(classifiers, between, batch)
    return reply_loss, intent_loss, means_loss


def loss_by_means(classifiers: Classifiers, between: list[torch.Tensor], batch: Batch) -> torch.Tensor:
    total = torch.zeros(())
    for classifier, states in zip(classifiers.of_means, between):
        sums = torch.zeros(len(batch.intents), states.shape[-1]).index_add(0, batch.said_by, states.flatten(0, 1)[batch.said].float())
        means = functional.rms_norm(sums, (sums.shape[-1],), eps=1e-6)
        total = total + functional.cross_entropy(classifier(means), batch.intents) / len(classifiers.of_means)
    return total


def optimizers(model: Llama, classifiers: Classifiers) -> list[torch.optim.Optimizer]:
    matrices = [p for p in model.model.layers.parameters() if p.dim() == 2]
    tables = [model.model.embed_tokens.weight, *classifiers.parameters()]
    norms = [p for p in model.parameters() if p.dim() == 1]
    return [Muon(matrices, lr=MATRIX_RATE, weight_decay=WEIGHT_DECAY),
            torch.optim.AdamW([{"params": tables, "weight_decay": WEIGHT_DECAY}, {"params": norms, "weight_decay": 0.0}],
                              lr=OTHER_RATE, betas=(0.9, 0.95), fused=True)]


def share_of_rate(step: int, steps: int) -> float:
    return min((step + 1) / WARM_UP, (steps - step) / max(1, steps - WARM_UP))


def main() -> None:
    checkpoint, steps = pathlib.Path(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(THREADS)
    torch.manual_seed(SEED)
    tokenizer = Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    dialogues, names = encode(sys.argv[1], tokenizer)
    messages = messages_alone(dialogues, names, tokenizer)
    print(f"{len(dialogues)} dialogues, {sum(len(d.tokens) for d in dialogues)} tokens, {len(messages)} messages that "
          f"stand alone, {len(names)} intents", flush=True)
    started = time.time()
    model, classifiers = Llama(CONFIG), Classifiers(len(names))
    print(f"{sum(p.numel() for p in model.parameters())} parameters", flush=True)
    learn_words(model.model.embed_tokens, messages, len(names))
    used = optimizers(model, classifiers)
    schedules = [torch.optim.lr_scheduler.LambdaLR(o, lambda step: share_of_rate(step, steps)) for o in used]
    rng = random.Random(SEED)
    of_messages, of_dialogues = batches(messages, rng), batches(dialogues, rng)
    totals, drill_loss = numpy.zeros(4), 0.0
    for step in range(steps):
        is_early = step < MESSAGES_PART * steps
        is_drill = is_early and step % DRILL_EVERY == 0
        data = drill(tokenizer, rng) if is_drill else next(of_messages if is_early else of_dialogues)
        reply_loss, intent_loss, means_loss = losses(model, classifiers, data)
        for optimizer in used:
            optimizer.zero_grad(set_to_none=True)
        (reply_loss + INTENT_WEIGHT * intent_loss + MEANS_WEIGHT * means_loss).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer, schedule in zip(used, schedules):
            optimizer.step()
            schedule.step()
        if is_drill:
            drill_loss = reply_loss.item()
        else:
            totals += reply_loss.item(), intent_loss.item(), means_loss.item(), 1
        if (step + 1) % 50 == 0:
            print(f"step {step + 1} reply loss {totals[0] / totals[3]:.4f} intent loss {totals[1] / totals[3]:.4f} "
                  f"by means {totals[2] / totals[3]:.4f} last drill {drill_loss:.3f} seconds {time.time() - started:.0f}", flush=True)
            totals[:] = 0
        if (step + 1) % 500 == 0:
            model.save(checkpoint)
    model.save(checkpoint)
    print(f"trained {steps} steps in {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()

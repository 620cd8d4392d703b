"""Measures a checkpoint on the held-out messages: `python evaluate.py CHECKPOINT HELDOUT.jsonl [--int8] [--wrong]`.

A reply counts as an intent's when a whole reply of that intent in the grammar stands in it word for word, so a reply
that is not fluent counts as wrong. Greedy decoding. `--int8` rounds weights per output channel and activations per
token to 8 bits, as the int8 export does; `--wrong` prints the replies that were wrong."""
import json
import pathlib
import re
import sys
from collections import Counter

import torch
import torch.nn.functional as functional
from tokenizers import Tokenizer

import grammar
from llama import Cache, Llama

BATCH = 50
MOST_TOKENS = 128
REPLY_KINDS = ("a", "n", "time", "cost", "fail")


def reply_patterns():
    return [(intent.name + ("" if kind in ("a", "n") else "." + kind), re.compile(grammar.pattern(tree)))
            for intent in grammar.load().values() for kind in REPLY_KINDS for tree in intent.lines[kind]]


def intents_of(reply: str, patterns) -> set[str]:
    return {label for label, pattern in patterns if pattern.search(reply)}


def prompt(messages) -> str:
    return "".join(f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in messages) + "<|im_start|>assistant\n"


def round_linear_to_int8(model: Llama) -> None:
    """Simulates per-token activations times per-channel weights (W8A8)."""
    def quantised(x, dim):
        scale = x.abs().amax(dim=dim, keepdim=True).clamp(min=1e-8) / 127
        return (x / scale).round().clamp(-127, 127) * scale

    def forward(self, x):
        return functional.linear(quantised(x, -1), self.weight)
    for module in model.modules():
        if isinstance(module, torch.nn.Linear):
            module.weight.data = quantised(module.weight.data, 1)
            module.forward = forward.__get__(module)
    head = quantised(model.model.embed_tokens.weight.data, 1)
    model.logits = lambda hidden: functional.linear(quantised(hidden, -1), head)


@torch.inference_mode()
def generate(model: Llama, tokenizer: Tokenizer, conversations, most: int = MOST_TOKENS) -> list[str]:
    """Greedy replies. Rows are padded on the right: with causal attention the padding changes nothing."""
    end = tokenizer.token_to_id("<|im_end|>")
    replies = [""] * len(conversations)
    encoded = [tokenizer.encode(prompt(messages)).ids for messages in conversations]
    order = sorted(range(len(encoded)), key=lambda index: len(encoded[index]))
    for start in range(0, len(order), BATCH):
        rows = order[start:start + BATCH]
        lengths = [len(encoded[index]) for index in rows]
        tokens = torch.zeros(len(rows), max(lengths), dtype=torch.long)
        for row, index in enumerate(rows):
            tokens[row, :lengths[row]] = torch.tensor(encoded[index])
        cache = Cache(lengths, max(lengths) + most)
        last = model.hidden(tokens, cache)[torch.arange(len(rows)), cache.lengths - 1]
        generated: list[list[int]] = [[] for _ in rows]
        for _ in range(most):
            chosen = model.logits(last).argmax(-1)
            for row, token in enumerate(chosen.tolist()):
                if end not in generated[row][-1:]:
                    generated[row].append(token)
            if all(row[-1] == end for row in generated):
                break
            last = model.hidden(chosen[:, None], cache, cache.lengths[:, None])[:, 0]
            cache.lengths += 1
        for row, index in enumerate(rows):
            replies[index] = tokenizer.decode([token for token in generated[row] if token != end], skip_special_tokens=False)
    return replies


def main() -> None:
    checkpoint = pathlib.Path(sys.argv[1])
    torch.set_num_threads(2)
    model, tokenizer = Llama.load(checkpoint), Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    if "--int8" in sys.argv:
        round_linear_to_int8(model)
    records = [json.loads(line) for line in pathlib.Path(sys.argv[2]).read_text().splitlines()]
    replies = generate(model, tokenizer, [record["messages"] for record in records])
    patterns = reply_patterns()
    counts = Counter()
    for record, reply in zip(records, replies):
        right = record["intent"] in intents_of(reply, patterns)
        copied = all(value in reply for value in record["must_contain"])
        kind = record["kind"]
        counts[kind] += 1
        counts[kind, "intent"] += right
        counts[kind, "both"] += right and copied
        if record["must_contain"]:
            counts[kind, "with values"] += 1
            counts[kind, "copied"] += copied
        if "--wrong" in sys.argv and not (right and copied):
            print(f"{record['id']} {record['intent']} {record['must_contain']}\n   asked: {record['messages'][-1]['content']!r}\n   reply: {reply!r}")
    for kind in [key for key in counts if isinstance(key, str)]:
        print(f"{kind}: {counts[kind]} messages, intent right {counts[kind, 'intent'] / counts[kind]:.1%}, "
              f"numbers and names right {counts[kind, 'copied']} of {counts[kind, 'with values']}, "
              f"both right {counts[kind, 'both'] / counts[kind]:.1%}")


if __name__ == "__main__":
    main()

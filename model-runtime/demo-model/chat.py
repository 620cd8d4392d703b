"""Talks to a checkpoint: `python chat.py CHECKPOINT` reads one customer message a line from standard input."""
import pathlib
import sys

import torch
from tokenizers import Tokenizer

from evaluate import generate
from llama import Llama


def main() -> None:
    checkpoint = pathlib.Path(sys.argv[1])
    torch.set_num_threads(2)
    model, tokenizer = Llama.load(checkpoint), Tokenizer.from_file(str(checkpoint / "tokenizer.json"))
    messages = [line.strip() for line in sys.stdin if line.strip()]
    replies = generate(model, tokenizer, [[{"role": "user", "content": message}] for message in messages])
    for message, reply in zip(messages, replies):
        print(f"> {message}\n  {reply}")


if __name__ == "__main__":
    main()

"""Trains the byte-level BPE tokenizer on the dialogues: `python train_tokenizer.py DIALOGUES.jsonl.gz CHECKPOINT`.

Each digit is a token of its own, so that a number is copied digit by digit and an unseen one is as easy as a seen one.
All 256 bytes are in the vocabulary: there is no unknown token."""
import gzip
import json
import pathlib
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers

VOCABULARY = 2048
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
CHAT_TEMPLATE = ("{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + "
                 "'<|im_end|>' + '\\n' }}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}")


def main() -> None:
    dialogues, checkpoint = sys.argv[1], pathlib.Path(sys.argv[2])
    checkpoint.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    texts = []
    with gzip.open(dialogues, "rt", encoding="utf-8") as file:
        for _, line in zip(range(20000), file):
            texts += [message["content"] for message in json.loads(line)["messages"]]
    texts += ["system\n", "user\n", "assistant\n"]
    tokenizer.train_from_iterator(texts, trainers.BpeTrainer(
        vocab_size=VOCABULARY, special_tokens=[AddedToken(token, special=True, normalized=False) for token in SPECIAL],
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), show_progress=False))
    tokenizer.save(str(checkpoint / "tokenizer.json"))
    end = "<|im_end|>"
    (checkpoint / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 1024, "bos_token": None, "eos_token": end,
        "pad_token": "<|endoftext|>", "unk_token": None, "add_bos_token": False, "add_eos_token": False,
        "clean_up_tokenization_spaces": False, "chat_template": CHAT_TEMPLATE,
        "added_tokens_decoder": {str(tokenizer.token_to_id(token)): {
            "content": token, "lstrip": False, "normalized": False, "rstrip": False, "single_word": False,
            "special": True} for token in SPECIAL}}, indent=2) + "\n")
    (checkpoint / "special_tokens_map.json").write_text(json.dumps({"eos_token": end, "pad_token": "<|endoftext|>"}, indent=2) + "\n")


if __name__ == "__main__":
    main()

"""A compact Llama in PyTorch, with the names and the rotary convention of Hugging Face checkpoints."""
import json
import pathlib

import torch
import torch.nn.functional as functional
from safetensors.torch import load_file, save_file
from torch import nn

CONFIG = {
    "architectures": ["LlamaForCausalLM"], "model_type": "llama", "vocab_size": 2048, "hidden_size": 256,
    "intermediate_size": 512, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 64,
    "hidden_act": "silu", "rms_norm_eps": 1e-05, "rope_theta": 10000.0, "rope_scaling": None,
    "max_position_embeddings": 1024, "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False,
    "attention_dropout": 0.0, "initializer_range": 0.02, "pretraining_tp": 1, "use_cache": True,
    "bos_token_id": None, "eos_token_id": 2, "pad_token_id": 0, "torch_dtype": "float16"}
# What training computes in: bfloat16, but for processors with AVX2 alone, which multiply that eighty times slower.
TRAINING_TYPE = torch.float32 if torch.backends.cpu.get_cpu_capability() in ("DEFAULT", "AVX2") else torch.bfloat16


class RMSNorm(nn.Module):
    def __init__(self, size: int, epsilon: float):
        super().__init__()
        self.weight = nn.Parameter(torch.ones(size))
        self.epsilon = epsilon

    def forward(self, x):
        return functional.rms_norm(x, (x.shape[-1],), self.weight.to(x.dtype), self.epsilon)


def rotate(x, cosine, sine):
    """Half rotation: the first half of a head is paired with the second half. x: [batch, heads, length, head_dim]."""
    first, second = x.chunk(2, dim=-1)
    return torch.cat((first * cosine - second * sine, second * cosine + first * sine), dim=-1)


class Attention(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.heads, self.kv_heads, self.head_dim = (config[key] for key in ("num_attention_heads", "num_key_value_heads", "head_dim"))
        hidden = config["hidden_size"]
        self.q_proj = nn.Linear(hidden, self.heads * self.head_dim, bias=False)
        self.k_proj = nn.Linear(hidden, self.kv_heads * self.head_dim, bias=False)
        self.v_proj = nn.Linear(hidden, self.kv_heads * self.head_dim, bias=False)
        self.o_proj = nn.Linear(self.heads * self.head_dim, hidden, bias=False)

    def forward(self, x, cosine, sine, cache=None):
        batch, length, _ = x.shape
        query = self.q_proj(x).view(batch, length, self.heads, self.head_dim).transpose(1, 2)
        key = self.k_proj(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        value = self.v_proj(x).view(batch, length, self.kv_heads, self.head_dim).transpose(1, 2)
        query, key = rotate(query, cosine, sine), rotate(key, cosine, sine)
        mask = None
        if cache is not None:
            key, value, mask = cache.extended(self, key, value)
        # The heads that share keys and values are taken as positions, so that nothing is copied. Written out, because
        # torch's fused attention makes a training step half as long again on a CPU at the length of a dialogue.
        repeat = self.heads // self.kv_heads
        query = (query * self.head_dim ** -0.5).reshape(batch, self.kv_heads, repeat * length, self.head_dim)
        if mask is None:
            mask = torch.ones(length, length, dtype=torch.bool).tril().repeat(repeat, 1)
        scores = torch.where(mask, query @ key.transpose(2, 3), float("-inf"))
        out = (functional.softmax(scores, -1, dtype=scores.dtype) @ value).view(batch, self.heads, length, self.head_dim)
        return self.o_proj(out.transpose(1, 2).reshape(batch, length, -1))


class Cache:
    """Keys and values of rows of different lengths, for generating: one token is added to each row at a time."""

    def __init__(self, lengths: list[int], capacity: int):
        self.lengths = torch.tensor(lengths)
        self.capacity = capacity
        self.kept: dict[nn.Module, tuple] = {}

    def extended(self, layer, key, value):
        if layer not in self.kept:
            room = (0, 0, 0, self.capacity - key.shape[2])
            self.kept[layer] = functional.pad(key, room), functional.pad(value, room)
            return key, value, None
        keys, values = self.kept[layer]
        rows = torch.arange(len(self.lengths))
        keys[rows, :, self.lengths], values[rows, :, self.lengths] = key[:, :, 0], value[:, :, 0]
        return keys, values, (torch.arange(self.capacity) <= self.lengths[:, None])[:, None, None]


class MLP(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        hidden, inner = config["hidden_size"], config["intermediate_size"]
        self.gate_proj = nn.Linear(hidden, inner, bias=False)
        self.up_proj = nn.Linear(hidden, inner, bias=False)
        self.down_proj = nn.Linear(inner, hidden, bias=False)

    def forward(self, x):
        return self.down_proj(functional.silu(self.gate_proj(x)) * self.up_proj(x))


class Layer(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.input_layernorm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        self.self_attn = Attention(config)
        self.post_attention_layernorm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])
        self.mlp = MLP(config)

    def forward(self, x, cosine, sine, cache=None):
        x = x + self.self_attn(self.input_layernorm(x), cosine, sine, cache)
        return x + self.mlp(self.post_attention_layernorm(x))


class Decoder(nn.Module):
    def __init__(self, config: dict):
        super().__init__()
        self.embed_tokens = nn.Embedding(config["vocab_size"], config["hidden_size"])
        self.layers = nn.ModuleList(Layer(config) for _ in range(config["num_hidden_layers"]))
        self.norm = RMSNorm(config["hidden_size"], config["rms_norm_eps"])


class Llama(nn.Module):
    def __init__(self, config: dict = CONFIG):
        super().__init__()
        self.config = config
        self.model = Decoder(config)
        for name, parameter in self.named_parameters():
            if parameter.dim() == 2:
                scale = (2 * config["num_hidden_layers"]) ** -0.5 if name.endswith(("o_proj.weight", "down_proj.weight")) else 1.0
                nn.init.normal_(parameter, std=config["initializer_range"] * scale)

    def hidden(self, tokens, cache=None, positions=None, between=None):
        """Final hidden states [batch, length, hidden_size] of tokens [batch, length], at positions 0, 1, 2, … or at the
        given ones [batch, 1]. The embeddings and what comes out of each layer are added to the list `between`."""
        half = self.config["head_dim"] // 2
        frequencies = self.config["rope_theta"] ** (-torch.arange(half, dtype=torch.float32) / half)
        if positions is None:
            angles = torch.arange(tokens.shape[1], dtype=torch.float32)[:, None] * frequencies
        else:
            angles = positions[:, None, :, None].float() * frequencies
        cosine, sine = angles.cos(), angles.sin()
        x = self.model.embed_tokens(tokens)
        if torch.is_autocast_enabled("cpu"):
            # The whole residual stream in bfloat16: on a CPU, training waits for memory more than for arithmetic.
            x, cosine, sine = x.bfloat16(), cosine.bfloat16(), sine.bfloat16()
        for layer in self.model.layers:
            if between is not None:
                between.append(x)
            x = layer(x, cosine, sine, cache)
        if between is not None:
            between.append(x)
        return self.model.norm(x)

    def logits(self, hidden):
        return functional.linear(hidden, self.model.embed_tokens.weight)

    def save(self, folder: pathlib.Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "config.json").write_text(json.dumps(self.config, indent=2) + "\n")
        (folder / "generation_config.json").write_text(json.dumps(
            {"do_sample": False, "eos_token_id": self.config["eos_token_id"], "pad_token_id": self.config["pad_token_id"],
             "max_new_tokens": 160}, indent=2) + "\n")
        state = {name: tensor.detach().to(torch.float16).contiguous() for name, tensor in self.state_dict().items()}
        save_file(state, str(folder / "model.safetensors"), metadata={"format": "pt"})

    @staticmethod
    def load(folder: pathlib.Path) -> "Llama":
        model = Llama(json.loads((folder / "config.json").read_text()))
        state = load_file(str(folder / "model.safetensors"))
        model.load_state_dict({name: tensor.float() for name, tensor in state.items()})
        return model.eval()

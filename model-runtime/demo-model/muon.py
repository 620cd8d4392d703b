"""Muon (Keller Jordan and others, 2024): momentum whose update matrix is made orthogonal by a Newton-Schulz iteration.

torch.optim.Muon does the same, one matrix after the other; matrices as small as these take half the time when all of
one shape are taken together."""
from collections import defaultdict

import torch

from llama import TRAINING_TYPE

# The quintic iteration of the reference implementation, and its number of steps.
COEFFICIENTS, STEPS = (3.4445, -4.7750, 2.0315), 5
# Brings an update to the size that AdamW's has, so that rates and decay mean the same (Liu and others, 2025).
SIZE_OF_ADAMW = 0.2


def orthogonal(updates: torch.Tensor) -> torch.Tensor:
    """The nearest orthogonal matrix, about, of each in [matrices, rows, columns]."""
    first, second, third = COEFFICIENTS
    x = updates.to(TRAINING_TYPE)
    is_tall = x.shape[1] > x.shape[2]
    if is_tall:
        x = x.transpose(1, 2)
    x = x / (x.norm(dim=(1, 2), keepdim=True) + 1e-7)
    for _ in range(STEPS):
        a = x @ x.transpose(1, 2)
        x = first * x + (second * a + third * (a @ a)) @ x
    return (x.transpose(1, 2) if is_tall else x).float()


class Muon(torch.optim.Optimizer):
    """The optimizer for matrices; those of one shape are a parameter group."""

    def __init__(self, matrices, lr: float, weight_decay: float, momentum: float = 0.95):
        shapes = defaultdict(list)
        for matrix in matrices:
            shapes[matrix.shape].append(matrix)
        super().__init__([{"params": same} for same in shapes.values()],
                         {"lr": lr, "weight_decay": weight_decay, "momentum": momentum})

    @torch.no_grad()
    def step(self, closure=None):
        for group in self.param_groups:
            matrices = group["params"]
            gradients = torch.stack([matrix.grad for matrix in matrices])
            state = self.state[matrices[0]]
            if not state:
                state["average"] = torch.zeros_like(gradients)
            average = state["average"]
            average.lerp_(gradients, 1 - group["momentum"])
            updates = orthogonal(gradients.lerp(average, group["momentum"]))
            size = SIZE_OF_ADAMW * max(gradients.shape[1:]) ** 0.5
            for matrix, update in zip(matrices, updates):
                matrix.mul_(1 - group["lr"] * group["weight_decay"]).add_(update, alpha=-group["lr"] * size)

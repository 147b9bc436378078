"""The linear ops that the rules work on, each as (draft, input, kernel) -> a node with CHANNELS output channels."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from graph_draft import Draft, weights

CHANNELS = 6

Linear = Callable[[Draft], str]


def conv(draft: Draft) -> str:
    return draft.conv("linear", draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(3, 2, 3, CHANNELS)))


def conv_strided(draft: Draft) -> str:
    x, w = draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(3, 2, 3, CHANNELS))
    return draft.conv("linear", x, w, strides=2, padding="VALID")


def conv_grouped(draft: Draft) -> str:
    return draft.conv("linear", draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(1, 1, 1, CHANNELS)))


def depthwise(draft: Draft) -> str:
    return draft.depthwise("linear", draft.input("x", (None, 4, 5, 6)), draft.const("w", weights(3, 3, 6, 1)))


def depthwise_multiplied(draft: Draft) -> str:
    return draft.depthwise("linear", draft.input("x", (None, 4, 5, 3)), draft.const("w", weights(3, 3, 3, 2)))


def matmul(draft: Draft) -> str:
    return draft.matmul("linear", draft.input("x", (None, 3)), draft.const("w", weights(3, CHANNELS)))


def matmul_transposed(draft: Draft) -> str:
    x, w = draft.input("x", (None, 3)), draft.const("w", weights(CHANNELS, 3))
    return draft.matmul("linear", x, w, transpose_b=True)


def square_matmul_transposed(draft: Draft) -> str:
    """Scaled along the wrong axis, its shape would still fit."""
    x, w = draft.input("x", (None, CHANNELS)), draft.const("w", weights(CHANNELS, CHANNELS))
    return draft.matmul("linear", x, w, transpose_b=True)


EVERY: tuple[Linear, ...] = (
    conv, conv_strided, conv_grouped, depthwise, depthwise_multiplied, matmul, matmul_transposed,
    square_matmul_transposed,
)  # fmt: skip
CONVOLUTIONS = EVERY[:5]


def input_for(linear: Linear, *, batch: int = 2, dtype: str = "float32") -> Any:
    """An input of the shape that ``linear`` asks for."""
    draft = Draft(dtype)
    linear(draft)
    shape = draft.nodes[0].attrs["shape"].shape  # type: ignore[union-attr]
    assert shape is not None
    full = tuple(batch if size is None else size for size in shape)
    return np.random.default_rng(1).normal(size=full).astype(dtype)

"""Attention layers, with the masks that they can be given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from case import Case
from feeds import Feed, normal, whole, yes_or_no
from layer_case import model

from tfjsci.graph.tensorflow import keras

_QUERY, _VALUE = normal(4, 6), normal(5, 6)


def _make(name: str, call: dict[str, Any] | None = None, **kwargs: Any) -> Any:
    return lambda *tensors: getattr(keras().layers, name)(**kwargs)(list(tensors), **(call or {}))


def _single_head() -> Iterator[Case]:
    for name in ("Attention", "AdditiveAttention"):
        yield model(name, "", [_QUERY, _VALUE], _make(name))
        yield model(name, "scaled", [_QUERY, _VALUE], _make(name, use_scale=True))
        yield model(name, "causal", [_QUERY, _VALUE], _make(name, {"use_causal_mask": True}))
        yield model(name, "key", [_QUERY, normal(5, 7), _VALUE], _make(name))
        yield model(name, "masked", [_QUERY, _VALUE, yes_or_no(4), yes_or_no(5)], _masked(name))
        yield model(name, "scores", [_QUERY, _VALUE], _make(name, {"return_attention_scores": True}))
    yield model("Attention", "concat", [_QUERY, _VALUE], _make("Attention", score_mode="concat"))


def _masked(name: str) -> Any:
    return lambda q, v, qm, vm: getattr(keras().layers, name)()([q, v], mask=[qm, vm])


def _many_heads() -> Iterator[Case]:
    for name, heads in (
        ("MultiHeadAttention", {"num_heads": 2, "key_dim": 3}),
        ("GroupQueryAttention", {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2}),
    ):
        yield model(name, "self", [_QUERY], _attend(name, heads))
        yield model(name, "cross", [_QUERY, _VALUE], _attend(name, heads))
        yield model(name, "causal", [_QUERY], _attend(name, heads, use_causal_mask=True))
        yield model(name, "scores", [_QUERY, _VALUE], _attend(name, heads, return_attention_scores=True))
        yield model(name, "masked", [_QUERY, _VALUE, yes_or_no(4, 5)], _attend(name, heads))
        yield model(name, "padding", [whole(0, 3, 4)], _padded(name, heads))
        yield model(name, "open", [_open(_QUERY)], _attend(name, heads, use_causal_mask=True))
        yield model(name, "mixed_float16", [_QUERY], _attend(name, {**heads, "dtype": "mixed_float16"}))
    more = {"num_heads": 2, "key_dim": 3, "value_dim": 5, "output_shape": 7, "use_bias": False}
    yield model("MultiHeadAttention", "shaped", [_QUERY, _VALUE], _attend("MultiHeadAttention", more))
    two_axes = {"num_heads": 2, "key_dim": 3, "attention_axes": (1, 2)}
    yield model("MultiHeadAttention", "two_axes", [normal(3, 4, 6)], _attend("MultiHeadAttention", two_axes))
    gated = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, "use_gate": True}
    yield model("GroupQueryAttention", "gated", [_QUERY], _attend("GroupQueryAttention", gated))
    windowed = {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, "sliding_window": 2}
    yield model("GroupQueryAttention", "windowed", [_QUERY], _attend("GroupQueryAttention", windowed))


def _open(feed: Feed) -> Feed:
    return feed.open(0)


def _attend(name: str, init: dict[str, Any], **call: Any) -> Any:
    def make(query: Any, value: Any = None, mask: Any = None) -> Any:
        attention = getattr(keras().layers, name)(**init)
        return attention(query, query if value is None else value, attention_mask=mask, **call)

    return make


def _padded(name: str, init: dict[str, Any]) -> Any:
    def make(words: Any) -> Any:
        k = keras()
        x = k.layers.Embedding(3, 6, mask_zero=True)(words)
        return getattr(k.layers, name)(**init)(x, x)

    return make


ATTENTION: tuple[Case, ...] = (*_single_head(), *_many_heads())

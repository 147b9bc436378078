"""Short ways to say a case of a layer: the layer, its arguments and the shape of one sample of its input."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from case import Case
from feeds import Feed, normal

from tfjsci.graph.tensorflow import keras

BATCH = 2


def batch_of(feed: Feed) -> Feed:
    """A batch of what is the feed of one sample; the graph doesn't know how many."""
    return replace(feed, shape=(BATCH, *feed.shape), free=frozenset({0}) | {axis + 1 for axis in feed.free})


def model(of: str, variant: str, samples: Sequence[Feed], make: Callable[..., Any], *, exported: bool = False) -> Case:
    """A functional model: ``make`` takes one Keras tensor per entry of ``samples``, which are without the batch axis."""
    feeds = tuple(batch_of(feed) for feed in samples)

    def build() -> Any:
        k = keras()
        inputs = [k.Input(feed.declared[1:], dtype=feed.dtype, name=f"x{i}") for i, feed in enumerate(feeds)]
        return k.Model(inputs if len(inputs) > 1 else inputs[0], make(*inputs))

    name = f"layers/{of}/{variant}" if variant else f"layers/{of}"
    return Case(name=name, kind="layers", of=of, feeds=feeds, build=build, exported=exported)


def layer(of: str, variant: str, sample: Feed | tuple[int, ...], *args: Any, **kwargs: Any) -> Case:
    """The layer of that name alone."""
    feed = sample if isinstance(sample, Feed) else normal(*sample)
    return model(of, variant, [feed], lambda x: getattr(keras().layers, of)(*args, **kwargs)(x))

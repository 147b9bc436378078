"""Keras' layers that reckon with shapes: what is told of each tensor holds in a run, and what only rebuilds a shape goes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytest
from fused_reference import assert_same_numbers, outputs_of

from tfjsci.catalog.check import problems_of
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.graph import Graph, node_of
from tfjsci.graph.graphdef import infer_types
from tfjsci.graph.tensorflow import keras
from tfjsci.load.keras_file import trace
from tfjsci.load.pinned import with_pinned_inputs
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.stage import Means
from tfjsci.rewrite.symbolic import size
from tfjsci.rewrite.symbolic.size import Atom, Dimension
from tfjsci.rewrite.symbolic.sizes import Sizes

RECKONING = {"Fill", "FloorDiv", "GatherV2", "Pack", "Prod", "Range", "Rank", "Shape", "Size", "StridedSlice"}
"""What shapes are rebuilt with."""

SEQUENCE, IMAGE, FLAT = (None, 6, 16), (None, 12, 12, 4), (None, 5)


def _attention(x: Any) -> Any:
    return keras().layers.MultiHeadAttention(2, 8)(x, x)


def _causal(x: Any) -> Any:
    return keras().layers.MultiHeadAttention(2, 8)(x, x, use_causal_mask=True)


@dataclass(frozen=True)
class Net:
    build: Callable[[Any], Any]
    shape: tuple[int | None, ...]
    open_shape: tuple[int | None, ...] = ()
    left: frozenset[str] = frozenset()
    """What an open batch leaves of it."""
    data: frozenset[str] = frozenset()
    """What of it is for the data."""


def _layer(name: str, *arguments: Any, **options: Any) -> Callable[[Any], Any]:
    return lambda x: getattr(keras().layers, name)(*arguments, **options)(x)


OPEN_SEQUENCE, OPEN_IMAGE = (None, None, 16), (None, None, None, 4)
NETS = {
    "dense": Net(_layer("Dense", 5, activation="relu"), SEQUENCE, OPEN_SEQUENCE),
    "dense of images": Net(_layer("Dense", 5), IMAGE, OPEN_IMAGE),
    "attention": Net(_attention, SEQUENCE, OPEN_SEQUENCE),
    "causal attention": Net(_causal, SEQUENCE, OPEN_SEQUENCE),
    "grouped attention": Net(lambda x: keras().layers.GroupQueryAttention(8, 4, 2)(x, x), SEQUENCE, OPEN_SEQUENCE),
    "flatten": Net(_layer("Flatten"), IMAGE, OPEN_IMAGE),
    "reshape": Net(_layer("Reshape", (-1, 8)), IMAGE, OPEN_IMAGE),
    "upsampling": Net(_layer("UpSampling2D", 2), IMAGE, OPEN_IMAGE),
    "upsampling of sequences": Net(_layer("UpSampling1D", 3), SEQUENCE, OPEN_SEQUENCE),
    "smooth upsampling": Net(_layer("UpSampling2D", 2, interpolation="bilinear"), IMAGE),
    "resizing": Net(_layer("Resizing", 8, 8), IMAGE, OPEN_IMAGE),
    "resizing, cropped": Net(
        _layer("Resizing", 8, 6, crop_to_aspect_ratio=True), IMAGE, data=frozenset({"StridedSlice"})
    ),
    "pooling": Net(_layer("MaxPooling2D", 2), IMAGE, OPEN_IMAGE),
    "global pooling": Net(_layer("GlobalAveragePooling1D"), SEQUENCE, OPEN_SEQUENCE),
    "time distributed": Net(
        lambda x: keras().layers.TimeDistributed(keras().layers.Dense(4))(x),
        SEQUENCE,
        data=frozenset({"Pack", "StridedSlice"}),  # step by step
    ),
    "permute": Net(_layer("Permute", (2, 1)), SEQUENCE, OPEN_SEQUENCE),
    "repeat vector": Net(_layer("RepeatVector", 7), FLAT, FLAT),
    "einsum dense": Net(
        _layer("EinsumDense", "abc,cde->abde", output_shape=(None, 2, 6), bias_axes="de"), SEQUENCE, OPEN_SEQUENCE
    ),
    "concatenate": Net(
        lambda x: keras().layers.Concatenate(axis=1)([x, keras().layers.Dense(16)(x)]), SEQUENCE, OPEN_SEQUENCE
    ),
    "group normalisation": Net(_layer("GroupNormalization", groups=2), IMAGE, OPEN_IMAGE),
    "transposed convolution": Net(
        _layer("Conv2DTranspose", 4, 3, strides=2), IMAGE, OPEN_IMAGE, left=frozenset({"Shape"})
    ),
}


@cache
def loaded(name: str, *, open_sizes: bool) -> Any:
    net = NETS[name]
    x = keras().Input(batch_shape=net.open_shape if open_sizes else net.shape)
    return trace(keras().Model(x, net.build(x)), "keras", name)


def rewritten(graph: Graph) -> Graph:
    means = Means(
        evaluate=evaluate_in_tensorflow, infer=infer_types, problems=lambda g, n: problems_of(g, n, backends=BACKENDS)
    )
    return rewrite_with(graph, means).graph


def left_of(graph: Graph) -> set[str]:
    return {node.op for node in graph} & RECKONING


def inputs(name: str, model: Any) -> dict[str, Any]:
    shape = [2 if n is None else n for n in NETS[name].shape]
    (spec,) = model.inputs
    return {node_of(spec.tensor): np.random.default_rng(0).normal(size=shape).astype(np.float32)}


def tensors(graph: Graph) -> Iterator[str]:
    return (node.name for node in graph if node.op not in ("Const", "NoOp"))


@pytest.mark.parametrize("open_sizes", [False, True], ids=["an open batch", "open sizes"])
@pytest.mark.parametrize("name", NETS)
def test_what_is_told_holds_when_the_net_runs(name: str, open_sizes: bool) -> None:
    if open_sizes and not NETS[name].open_shape:
        open_sizes = False  # Keras refuses it there, or runs a loop
    model = loaded(name, open_sizes=open_sizes)
    graph = model.graph
    graph = replace(graph, types=infer_types(graph))
    sizes = Sizes(graph)
    given = inputs(name, model)
    # a size that the graph only finds out is named after its tensor
    values = dict(zip(tensors(graph), outputs_of(replace(graph, outputs=tuple(tensors(graph))), **given), strict=True))
    atoms: dict[Atom, int] = {Dimension(t, axis): n for t, v in values.items() for axis, n in enumerate(v.shape)}
    atoms |= {
        size.Element(t, i): int(n) for t, v in values.items() if v.dtype.kind in "ib" for i, n in enumerate(v.flat)
    }
    for tensor, value in values.items():
        shape = sizes.shape(tensor)
        assert shape is not None, tensor
        assert tuple(size.at(n, atoms) for n in shape) == value.shape, tensor
        told = sizes.value(tensor)
        if told is not None:
            assert [size.at(n, atoms) for n in told.reshape(-1)] == value.reshape(-1).tolist(), tensor


@pytest.mark.parametrize("name", NETS)
def test_of_an_open_batch_nothing_is_reckoned(name: str) -> None:
    """But by a transposed convolution, which must be told the size of what it makes."""
    model = loaded(name, open_sizes=False)
    after = rewritten(model.graph)
    assert left_of(after) == NETS[name].left | NETS[name].data
    assert_same_numbers(model.graph, after, **inputs(name, model))


@pytest.mark.parametrize("name", NETS)
def test_of_pinned_sizes_nothing_is_reckoned_at_all(name: str) -> None:
    net = NETS[name]
    model = loaded(name, open_sizes=bool(net.open_shape))
    (spec,) = model.inputs
    pinned = with_pinned_inputs(model, {spec.name: tuple(2 if n is None else n for n in net.shape)})
    after = rewritten(pinned.graph)
    assert left_of(after) == net.data
    assert_same_numbers(model.graph, after, **inputs(name, model))

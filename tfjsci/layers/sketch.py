"""A layers model while it is made: TensorFlow.js layers, called on one another symbolically as the runtime will do.

A call tells the shapes that come out, and the mask that the runtime hands on (see :mod:`tfjsci.layers.masks`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tfjsci.graph.graph import Array, unused_name
from tfjsci.layers.masks import Mask, mask_after
from tfjsci.layers.shapes import Shape, output_shapes

Reader = Callable[[], Array]

_INVALID = re.compile(r"[^-A-Za-z0-9._]")


@dataclass(eq=False)
class Emitted:
    """One layer of the layers model. ``weights`` are by the name below the layer's own (``forward_lstm/kernel``)."""

    class_name: str
    name: str
    config: dict[str, Any]
    weights: dict[str, Reader] = field(default_factory=dict)
    inner: Sketch | None = None
    called_in: list[Emitted] = field(default_factory=list)
    """The layers of its model in the order of their first calls: it puts itself in."""
    calls: list[tuple[Symbol, ...]] = field(default_factory=list)

    def on(self, *inputs: Symbol) -> list[Symbol]:
        """Call it: one symbol for each output."""
        if not self.calls:
            self.called_in.append(self)
        self.calls.append(inputs)
        shapes: Sequence[Shape]
        if self.inner is not None and self.class_name in ("Functional", "Sequential"):
            shapes = [symbol.shape for symbol in self.inner.outputs]
        elif self.class_name == "TimeDistributed":
            shapes = [self._at_each_step(inputs[0])]
        else:
            shapes = output_shapes(self.class_name, self.config, [symbol.shape for symbol in inputs])
        mask = mask_after(self.class_name, self.config, inputs)
        number = len(self.calls) - 1
        return [
            Symbol(layer=self, call=number, output=i, shape=shape, mask=mask if i == 0 else None)
            for i, shape in enumerate(shapes)
        ]

    def one(self, *inputs: Symbol) -> Symbol:
        """Call it: its first output."""
        return self.on(*inputs)[0]

    def _at_each_step(self, given: Symbol) -> Shape:
        assert self.inner is not None
        (out,) = (symbol.shape for symbol in self.inner.outputs)
        return None if given.shape is None or out is None else (given.shape[0], given.shape[1], *out[1:])


@dataclass(frozen=True, eq=False, kw_only=True)
class Symbol:
    """An output of one call."""

    layer: Emitted
    call: int
    output: int
    shape: Shape
    mask: Mask = None

    @property
    def rank(self) -> int | None:
        """Dimensions, the batch among them."""
        return None if self.shape is None else len(self.shape)


class Names:
    """Names of layers, unique over nested models too: the runtime knows weights by the innermost layer's name alone."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self.renamed: dict[str, str] = {}

    def of(self, wanted: str) -> str:
        """``wanted``, or the nearest name that the runtime takes and that isn't used."""
        plain = _INVALID.sub("_", wanted)
        plain = plain if plain[:1].isalnum() and plain[:1].isascii() else f"layer{plain}"
        name = unused_name(plain, self._used)
        self._used.add(name)
        if name != wanted:
            self.renamed[wanted] = name
        return name

    def fresh(self, wanted: str) -> str:
        """For a layer that the original hasn't: nobody misses its name."""
        before = dict(self.renamed)
        name = self.of(wanted)
        self.renamed = before
        return name


class Sketch:
    """The layers of one model, in the order in which they were called first; what is never called isn't in it."""

    def __init__(self, name: str, names: Names, *, sequential: bool = False) -> None:
        self.name = name
        self.sequential = sequential
        self.names = names
        self.layers: list[Emitted] = []
        self.inputs: list[Symbol] = []
        self.outputs: list[Symbol] = []
        self.whole: list[tuple[str, str] | None] = []
        """For each output that is of whole numbers in Keras, the layer that gives it and its class."""

    def input(self, name: str, shape: Shape, dtype: str) -> Symbol:
        """An input of the model; ``shape`` with its batch."""
        assert shape is not None
        layer = Emitted("InputLayer", name, {"batch_input_shape": list(shape), "dtype": dtype, "sparse": False})
        self.layers.append(layer)
        symbol = Symbol(layer=layer, call=0, output=0, shape=shape)
        self.inputs.append(symbol)
        return symbol

    def layer(
        self,
        class_name: str,
        name: str,
        config: Mapping[str, Any] | None = None,
        *,
        weights: Mapping[str, Reader] | None = None,
        inner: Sketch | None = None,
    ) -> Emitted:
        """A layer of this model. ``name`` comes from :class:`Names`."""
        return Emitted(class_name, name, dict(config or {}), dict(weights or {}), inner, self.layers)

    def helper(self, class_name: str, near: str, **config: Any) -> Emitted:
        """A layer without weights that the original hasn't, named after the one that it serves."""
        return self.layer(class_name, self.names.fresh(near), config)

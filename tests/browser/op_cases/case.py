"""One op with example inputs, as a graph of its own: what the conformance test runs and the catalogue's generator records.

Every input is a Const, so a case is complete in itself. The numbers come from integer arithmetic, so that they are
the same on every machine and numpy.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, TensorType, dtype_name


@dataclass(frozen=True, kw_only=True)
class OpCase:
    """``name`` is the op, or ``op/variant``; the case named like its op is the one whose kernels are recorded.

    What should come out is ``expected``, or else what TensorFlow makes of the one op on its constants.
    """

    name: str
    graph: Graph
    initializer: Graph | None = None
    """Run once before the graph, as ``modelInitializer``: it fills hash tables."""
    expected: tuple[Array, ...] | None = None
    random: bool = False
    """True when only shapes and dtypes of the outputs can be known beforehand."""

    @property
    def op(self) -> str:
        return self.name.partition("/")[0]

    @property
    def node(self) -> Node:
        """The op itself; of a case whose op is in the initializer, the node that asks for its work."""
        return self.graph["op"] if "op" in self.graph else self.graph.nodes[-1]

    @property
    def inputs(self) -> list[Array]:
        return [self.graph.constants[name].value for name in self.node.inputs]

    def digest(self) -> str:
        """Changes when the case does: it ties a recorded expectation to the case it was made for."""
        seen = hashlib.sha256(self.name.encode())
        for whole in filter(None, (self.graph, self.initializer)):
            for prefix, part in whole.walk():
                for node in part:
                    seen.update(repr((prefix, node.name, node.op, node.inputs, sorted(node.attrs.items()))).encode())
                for name, constant in sorted(part.constants.items()):
                    value = constant.value
                    seen.update(repr((name, dtype_name(value), value.shape, value.tolist())).encode())
        seen.update(repr([(e.shape, e.tolist()) for e in self.expected or ()]).encode())
        return seen.hexdigest()[:16]


def case(
    name: str,
    *inputs: Array,
    outputs: int = 1,
    random: bool = False,
    types: Sequence[str] = (),
    **attrs: AttrValue,
) -> OpCase:
    """A one-node graph. ``types`` overrides the dtypes the graph *claims* for its inputs (int64 carried as int32)."""
    names = tuple(f"input{i}" for i in range(len(inputs)))
    nodes = [
        Node(name=n, op="Const", attrs={"dtype": DType(dtype_name(v))}) for n, v in zip(names, inputs, strict=True)
    ]
    node = Node(name="op", op=name.partition("/")[0], inputs=names, attrs=attrs)
    claimed = {n: TensorType(dtype=t, shape=v.shape) for n, t, v in zip(names, types, inputs, strict=False) if t}
    graph = Graph(
        nodes=(*nodes, node),
        outputs=tuple("op" if i == 0 else f"op:{i}" for i in range(outputs)),
        constants={n: Constant(value=v.copy()) for n, v in zip(names, inputs, strict=True)},
        types=claimed,
    )
    return OpCase(name=name, graph=graph, random=random)


def wave(*shape: int, seed: int = 1, low: float = -2.0, high: float = 2.0) -> Array:
    """float32 values spread over [low, high), never the same twice in a row."""
    n = np.arange(int(np.prod(shape)), dtype=np.int64)
    unit = ((n + 1) * 7919 + seed * 104729) % 2003 / 2003.0
    return (low + (high - low) * unit).astype(np.float32).reshape(shape)


def whole(*shape: int, seed: int = 1, low: int = -9, high: int = 10) -> Array:
    """int32 values in [low, high)."""
    n = np.arange(int(np.prod(shape)), dtype=np.int64)
    return (low + ((n + 1) * 7919 + seed * 104729) % 2003 % (high - low)).astype(np.int32).reshape(shape)


def f32(value: Any) -> Array:
    return np.asarray(value, dtype=np.float32)


def i32(value: Any) -> Array:
    return np.asarray(value, dtype=np.int32)


def boolean(value: Any) -> Array:
    return np.asarray(value, dtype=np.bool_)


def text(value: Any) -> Array:
    return np.asarray(value, dtype=object)


def c64(*shape: int, seed: int = 1) -> Array:
    made = np.empty(shape, np.complex64)
    made.real, made.imag = wave(*shape, seed=seed), wave(*shape, seed=seed + 1)
    return made


FLOAT = DType("float32")
INT = DType("int32")

"""One node as a restriction asks about it: attributes read as what they mean, and what is known of its inputs."""

from __future__ import annotations

from tfjsci.graph.graph import Array, AttrValue, DType, Graph, Node, Shape, normal

_PASSED_ON = ("Identity", "StopGradient", "Snapshot")


class NodeView:
    """``node`` of ``graph``. What isn't known (a shape, a dtype, a value that is computed) is None."""

    def __init__(self, graph: Graph, node: Node) -> None:
        self.graph = graph
        self.node = node

    @property
    def op(self) -> str:
        """The op's name."""
        return self.node.op

    def attr(self, name: str) -> AttrValue | None:
        """The attribute as the graph has it."""
        return self.node.attrs.get(name)

    def text(self, name: str, default: str = "") -> str:
        """A string attribute."""
        value = self.attr(name)
        return value.decode("utf-8", "replace") if isinstance(value, bytes) else default

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of strings."""
        value = self.attr(name)
        items = value if isinstance(value, tuple) else ()
        return tuple(item.decode("utf-8", "replace") for item in items if isinstance(item, bytes))

    def numbers(self, name: str) -> tuple[int, ...]:
        """A list of integers, e.g. strides."""
        value = self.attr(name)
        return tuple(int(item) for item in value if isinstance(item, (int, float))) if isinstance(value, tuple) else ()

    def number(self, name: str, default: int) -> int:
        """An integer."""
        value = self.attr(name)
        return value if isinstance(value, int) else default

    def flag(self, name: str, default: bool) -> bool:
        """A boolean."""
        value = self.attr(name)
        return value if isinstance(value, bool) else default

    def dtype_attr(self, name: str) -> str | None:
        """A dtype, by numpy's name."""
        value = self.attr(name)
        return value.name if isinstance(value, DType) else None

    def dtype(self, index: int, attr: str = "T") -> str | None:
        """The dtype of an input: as inferred, else as attribute ``attr`` says."""
        known = self.graph.type_of(self.node.inputs[index]) if index < len(self.node.inputs) else None
        return known.dtype if known else self.dtype_attr(attr)

    def shape(self, index: int) -> Shape:
        """The shape of an input."""
        known = self.graph.type_of(self.node.inputs[index]) if index < len(self.node.inputs) else None
        return known.shape if known else None

    def rank(self, index: int) -> int | None:
        """The rank of an input."""
        shape = self.shape(index)
        return None if shape is None else len(shape)

    def size(self, index: int, axis: int) -> int | None:
        """One dimension of an input."""
        shape = self.shape(index)
        return shape[axis] if shape is not None and -len(shape) <= axis < len(shape) else None

    def value(self, index: int) -> Array | None:
        """The value of an input that is constant, also behind an Identity."""
        if index >= len(self.node.inputs):
            return None
        tensor = self.node.inputs[index]
        while (constant := self.graph.constant(tensor)) is None:
            before = self.graph.by_name[normal(tensor)] if normal(tensor) in self.graph else None
            if before is None or before.op not in _PASSED_ON:
                return None
            tensor = before.inputs[0]
        return constant.value

    def uses_output(self, index: int) -> bool:
        """Whether anyone reads that output of the node."""
        tensor = normal(f"{self.node.name}:{index}")
        readers = self.graph.readers.get(self.node.name, ())
        return tensor in map(normal, self.graph.outputs) or any(
            tensor in map(normal, reader.inputs) for reader in readers
        )

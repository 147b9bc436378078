"""Look-up tables as values: a HashTableV2 reads its keys and its values as inputs, so that nothing has to be run to fill it.

TensorFlow's node has no inputs and is filled by an initialiser, a side effect. Here a table is what it holds, like a constant:
it can be pruned, copied and shared as any other node, and whoever hands a graph to TensorFlow or writes it for the runtime
makes the initialiser (:mod:`tfjsci.graph.graphdef`, :mod:`tfjsci.artifact.initializer`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tfjsci.graph.graph import Array, Constant, DType, Graph, Node, dtype_name, node_of, normal

TABLE = "HashTableV2"
FIND = "LookupTableFindV2"
SIZE = "LookupTableSizeV2"


@dataclass(frozen=True, kw_only=True)
class TableContents:
    """``keys`` [n] and ``values`` [n, …], in order: int32, int64 or strings to any dtype. No key comes twice.

    ``path`` is the table's name in the original.
    """

    keys: Array
    values: Array
    path: str

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.keys)


def table_nodes(name: str, contents: TableContents, *, taken: Graph) -> tuple[tuple[Node, ...], dict[str, Constant]]:
    """A table called ``name`` as nodes, with the constants that they read; ``taken`` has the names that can't be theirs."""
    keys, values = (taken.fresh(f"{name}/{part}") for part in ("keys", "values"))
    nodes = tuple(
        Node(name=each, op="Const", attrs={"dtype": DType(dtype_name(value))})
        for each, value in ((keys, contents.keys), (values, contents.values))
    )
    constants = {keys: Constant(value=contents.keys), values: Constant(value=contents.values)}
    return (*nodes, table_node(name, keys, values, dtype_name(contents.keys), dtype_name(contents.values))), constants


def table_node(name: str, keys: str, values: str, key_dtype: str, value_dtype: str) -> Node:
    """The table itself, of two tensors."""
    attrs = {"key_dtype": DType(key_dtype), "value_dtype": DType(value_dtype)}
    return Node(name=name, op=TABLE, inputs=(keys, values), attrs=attrs)


def is_table(node: Node) -> bool:
    """Whether the node is a table that says what it holds."""
    return node.op == TABLE and len(node.inputs) == 2


def contents_of(graph: Graph, tensor: str) -> TableContents | None:
    """What the table ``tensor`` holds; None where it is none, or isn't made of constants (yet)."""
    node = graph.by_name.get(node_of(tensor))
    if node is None or not is_table(node):
        return None
    keys, values = (graph.constant(normal(each)) for each in node.inputs)
    if keys is None or values is None:
        return None
    return TableContents(keys=keys.value, values=values.value, path=node.name)


def tables_in(graph: Graph) -> Iterator[Node]:
    """The tables of the graph, functions aside."""
    return (node for node in graph.nodes if is_table(node))

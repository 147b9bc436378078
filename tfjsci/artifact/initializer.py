"""``modelInitializer``: a second graph, which the runtime runs once, before the first inference.

It fills the look-up tables. The runtime knows a table by its node's name, so the table is in both graphs under one name, and the
main graph needs no captured input for it: of a model with tables alone ``model.inputs`` has the signature's inputs alone, and
whoever feeds an array feeds these.

And it makes weights of packed bytes. Such a weight is an output of the initializer and a Placeholder of the main graph, which the
runtime feeds: they have a ``resourceId`` in common. With a signature of the initializer the runtime runs what the signature
names and nothing else, so the tables' imports are named, too, each under the first weight's number, which the weight, coming
last, has to itself: with a number of its own an import would count as an input that is missing.

Source: tfjs-converter's ``hash_table_executor``, ``resource_manager`` and ``graph_model`` (4.22.0).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from tfjsci.artifact.handed_in import handed_in, runs_of, why_not_handed_in
from tfjsci.artifact.packed import pack_weights
from tfjsci.format.encoding import Encoded
from tfjsci.format.topology import DATA_TYPES, shape_json
from tfjsci.graph.graph import (
    AttrValue,
    Constant,
    DType,
    Graph,
    Node,
    ShapeAttr,
    TensorType,
    indexed,
    node_of,
    unused_name,
)
from tfjsci.graph.tables import is_table, tables_in
from tfjsci.quantize.weight import QuantizedWeight
from tfjsci.signature import TensorSpec

_FIRST = 1
"""The first weight's ``resourceId``."""


@dataclass(frozen=True, kw_only=True)
class Initialized:
    """A graph in two: ``initializer`` runs once, ``main`` each time.

    ``captured`` are main's inputs that the initializer feeds, in the order of their numbers. ``stored`` has the bytes of the
    initializer's own Consts, whose values in its graph are zeros that take no memory.
    """

    main: Graph
    initializer: Graph | None = None
    captured: tuple[TensorSpec, ...] = ()
    imports: tuple[str, ...] = ()
    stored: Mapping[str, Encoded]


def with_initializer(
    graph: Graph, packed: Mapping[str, QuantizedWeight] | None = None, *, inputs: Collection[str] = ()
) -> Initialized:
    """The graph with its tables empty and the weights ``packed`` captured, and the one that fills and makes them.

    There is none where there is nothing to fill or make. Weights that both read are in both. ``packed`` are weights that
    :class:`Packing` says nothing against; ``inputs`` the signature's names, which no captured weight may have.
    """
    tables = tuple(tables_in(graph))
    if not tables and not packed:
        return Initialized(main=graph, stored={})
    graph = handed_in(graph, packed or {})
    taken = {node.name for _, part in graph.walk() for node in part.nodes}
    names = {name: unused_name(name, {*taken, *inputs}) if name in inputs else name for name in packed or ()}
    weights = {names[name]: weight for name, weight in (packed or {}).items()}
    empty = {node.name: replace(node, inputs=()) for node in tables}
    imports = tuple(_import(node, graph.fresh(f"{node.name}/import")) for node in tables)
    making = pack_weights(weights, taken={*taken, *(node.name for node in imports)})
    contents = {name for node in tables for name in node.inputs}
    initializer = Graph(
        nodes=(*(graph[name] for name in sorted(contents)), *empty.values(), *imports, *making.nodes),
        outputs=(*(node.name for node in imports), *weights),
        constants={
            **{name: graph.constants[name] for name in contents},
            **{name: Constant(value=_no_memory(stored)) for name, stored in making.stored.items()},
        },
        types={name: known for name in contents if (known := graph.type_of(name))},
    )
    return Initialized(
        main=_captured(replace(graph, nodes=tuple(empty.get(node.name, node) for node in graph.nodes)), names).pruned(),
        initializer=initializer,
        captured=tuple(
            TensorSpec(name=name, tensor=indexed(name), dtype="float32", shape=weight.shape)
            for name, weight in weights.items()
        ),
        imports=tuple(node.name for node in imports) if weights else (),
        stored=making.stored,
    )


class Packing:
    """Which float32 weights of a graph the initializer can make; what all of them are held against is looked up once.

    Of what the runtime reads as numbers and not as tensors, none are floats of a rank above 0 (``op_list``, 4.22.0).
    """

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._outputs = {node_of(tensor) for _, part in graph.walk() for tensor in part.outputs}
        self._in_tables = {node_of(tensor) for table in tables_in(graph) for tensor in table.inputs}
        self._runs = runs_of(graph)

    def why_not(self, name: str) -> str | None:
        """Why the initializer can't make this weight, or None if it can."""
        if name in self._outputs:
            return "it is an output"
        if name in self._in_tables:
            return "a look-up table holds it"
        if not self._graph.all_constants[name].value.ndim:
            return "it is a scalar, which the runtime may read as a number"
        return why_not_handed_in(self._graph, name, self._runs)


def initializer_signature(initialized: Initialized) -> dict[str, Any]:
    """``initializerSignature``: what the initializer is to make, the tables' imports before the weights."""
    table = {"dtype": "DT_RESOURCE", "tensorShape": {}, "resourceId": _FIRST}
    imports = {name: {"name": indexed(name), **table} for name in initialized.imports}
    return {"outputs": {**imports, **captured_entries(initialized)}}


def captured_entries(initialized: Initialized) -> dict[str, Any]:
    """The captured weights as a signature lists them; their keys are their nodes' names, as the runtime wants of these."""
    return {
        spec.name: {
            "name": spec.tensor,
            "dtype": DATA_TYPES[spec.dtype],
            "tensorShape": shape_json(spec.shape),
            "resourceId": number,
        }
        for number, spec in enumerate(initialized.captured, start=_FIRST)
    }


def _captured(graph: Graph, names: Mapping[str, str]) -> Graph:
    """Each weight in ``names`` a Placeholder of its new name."""
    if not names:
        return graph
    renamed = {old: new for old, new in names.items() if old != new}

    def placed(node: Node) -> Node:
        if node.name in names:
            shape = graph.constants[node.name].value.shape
            attrs: dict[str, AttrValue] = {"dtype": DType("float32"), "shape": ShapeAttr(shape)}
            return Node(name=names[node.name], op="Placeholder", attrs=attrs, origin=node.origin)
        return node.reading(tuple(renamed.get(tensor, tensor) for tensor in node.inputs))

    types = {new: TensorType(dtype="float32", shape=graph.constants[old].value.shape) for old, new in names.items()}
    return replace(
        graph,
        nodes=tuple(map(placed, graph.nodes)),
        constants={name: constant for name, constant in graph.constants.items() if name not in names},
        types={**graph.types, **types},
    )


def _no_memory(stored: Encoded) -> Any:
    dtype = np.dtype(stored.entry["dtype"])
    return np.broadcast_to(np.zeros((), dtype), tuple(stored.entry["shape"]))


def _import(table: Node, name: str) -> Node:
    assert is_table(table)
    attrs = {"Tin": table.attrs["key_dtype"], "Tout": table.attrs["value_dtype"]}
    return Node(name=name, op="LookupTableImportV2", inputs=(table.name, *table.inputs), attrs=attrs)

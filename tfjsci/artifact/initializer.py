"""What fills the look-up tables: ``modelInitializer``, a second graph that the runtime runs once, before the first inference.

The runtime knows a table by its node's name, so the table is in both graphs under one name, and the main graph needs no captured
input for it: ``model.inputs`` has the signature's inputs alone, and whoever feeds an array feeds these.

Source: tfjs-converter's ``hash_table_executor``, ``resource_manager`` and ``graph_model`` (4.22.0).
"""

from __future__ import annotations

from dataclasses import replace

from tfjsci.graph.graph import Graph, Node
from tfjsci.graph.tables import is_table, tables_in


def with_initializer(graph: Graph) -> tuple[Graph, Graph | None]:
    """The graph with its tables empty, and the one that fills them; the same graph and None where there are none.

    Weights that both read are in both.
    """
    tables = tuple(tables_in(graph))
    if not tables:
        return graph, None
    empty = {node.name: replace(node, inputs=()) for node in tables}
    main = replace(graph, nodes=tuple(empty.get(node.name, node) for node in graph.nodes)).pruned()
    contents = {name for node in tables for name in node.inputs}
    imports = tuple(_import(node, graph.fresh(f"{node.name}/import")) for node in tables)
    initializer = Graph(
        nodes=(*(graph[name] for name in sorted(contents)), *empty.values(), *imports),
        outputs=tuple(node.name for node in imports),
        constants={name: graph.constants[name] for name in contents},
        types={name: known for name in contents if (known := graph.type_of(name))},
    )
    return main, initializer


def _import(table: Node, name: str) -> Node:
    assert is_table(table)
    attrs = {"Tin": table.attrs["key_dtype"], "Tout": table.attrs["value_dtype"]}
    return Node(name=name, op="LookupTableImportV2", inputs=(table.name, *table.inputs), attrs=attrs)

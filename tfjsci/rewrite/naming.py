"""Names that a reader recognises: a weight is called after its variable, and inlined calls leave no prefix."""

from __future__ import annotations

import re
from dataclasses import replace

from tfjsci.graph.graph import Graph, node_of, normal, unused_name
from tfjsci.rewrite.parameters_apart import SMALL
from tfjsci.rewrite.share_constants import identity_of

_CALL = re.compile(r"^((Stateful)?PartitionedCall(_\d+)?/)+")


def plain_name(name: str) -> str:
    """A node's name without the prefixes of inlined calls."""
    return _CALL.sub("", name)


def with_plain_names(graph: Graph) -> Graph:
    """``StatefulPartitionedCall/net/conv/Squeeze``, made of ``conv/bias``, becomes ``conv/bias``. Placeholders keep theirs.

    No two nodes share a name, not even one in a loop and one outside: the runtime takes a node that is named as a weight for
    the weight. So a weight that is read in several places has one name in all of them, and is stored once.
    """
    taken = {node.name for node in graph.nodes if node.op == "Placeholder"}
    # only functions can have weights in common with other parts: to compare them is to read them all
    weights: dict[tuple[object, ...], str] | None = {} if graph.functions else None
    main, _ = _renamed(replace(graph, functions={}), taken, weights, keep=taken.copy())
    functions = {}
    for name, body in graph.functions.items():
        inner, names = _renamed(body.graph, taken, weights, keep=set())
        functions[name] = replace(body, graph=inner, inputs=tuple(names[each] for each in body.inputs))
    return replace(main, functions=functions)


def _renamed(
    graph: Graph, taken: set[str], weights: dict[tuple[object, ...], str] | None, keep: set[str]
) -> tuple[Graph, dict[str, str]]:
    """One part with new names, and old name -> new; ``weights`` are those named in parts before, by what they are."""
    names: dict[str, str] = {}
    known = weights or {}
    here: set[str] = set()
    own: dict[tuple[object, ...], str] = {}
    for node in graph.nodes:
        if node.name in keep:
            names[node.name] = node.name
            continue
        constant = graph.constants.get(node.name)
        same = None
        if weights is not None and constant is not None and constant.value.size > SMALL:
            same = identity_of(constant)
        if same is not None and same in known and known[same] not in here:
            names[node.name] = known[same]
            here.add(known[same])
            continue
        wanted = constant.sources[0] if constant and constant.sources else plain_name(node.name)
        wanted = re.sub(r"[^A-Za-z0-9_./>-]", "_", wanted)
        if not re.match(r"[A-Za-z0-9.]", wanted):
            wanted = node.name
        name = unused_name(wanted, taken)
        taken.add(name)
        names[node.name] = name
        if same is not None:
            own[same] = name
    if weights is not None:
        weights |= own

    def renamed(tensor: str) -> str:
        first, colon, index = normal(tensor).partition(":")
        return names[first] + colon + index

    whole = replace(
        graph,
        nodes=tuple(
            replace(
                node,
                name=names[node.name],
                inputs=tuple(map(renamed, node.inputs)),
                control=tuple(map(renamed, node.control)),
            )
            for node in graph.nodes
        ),
        outputs=tuple(map(renamed, graph.outputs)),
        constants={names[name]: constant for name, constant in graph.constants.items()},
        types={renamed(tensor): known for tensor, known in graph.types.items() if node_of(tensor) in names},
    )
    return whole, names

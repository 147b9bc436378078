"""Look-up tables of a TF.js graph model: what its ``modelInitializer`` fills them with comes into the graph itself.

The runtime knows a table by its node's name (this package's artifacts), or hands it to a Placeholder of the same
``resourceId`` (upstream's).

Source: tfjs-converter 4.22.0, ``graph_model.ts`` (``executeInitializerGraph``) and ``hash_table_executor.ts``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.graph import Array, node_of, unused_name
from tfjsci.graph.tables import TABLE

_TABLES = frozenset({"HashTable", "HashTableV2"})
_IMPORTS = frozenset({"LookupTableImport", "LookupTableImportV2", "InitializeTable", "InitializeTableV2"})


def with_tables(
    graphdef: Any,
    document: Mapping[str, Any],
    weights: Mapping[str, Array],
    parse: Callable[[Any], Any],
    label: str,
) -> dict[str, Array]:
    """Make each table of ``graphdef``, in place, one that reads its keys and values, which come into the graph as Consts.

    Returns the weights, with those that are Consts of another dtype elsewhere under another name, too: where a table is of int64,
    the runtime has int32. ``parse`` makes a GraphDef of JSON. Raises ``ConversionFailed`` for tables that are filled by anything
    but constants.
    """
    if not document.get("modelInitializer"):
        return dict(weights)
    initializer = parse(document["modelInitializer"])
    made = {node.name: node for node in initializer.node}
    filled = {
        _behind(made, node.input[0]): node for node in initializer.node if node.op in _IMPORTS and len(node.input) > 2
    }
    handed = {
        name: _behind(made, tensor) for name, tensor in captured_tensors(document).items() if is_table_of(made, tensor)
    }
    dtypes = {node.name: node.attr["dtype"].type if node.op == "Const" else None for node in graphdef.node}
    more: dict[str, Array] = {}
    for node in list(graphdef.node):
        name = node.name if node.op in _TABLES else handed.get(node.name)
        if name is None:
            continue
        if name not in filled or name not in made:
            raise _unknown(node.name, label, "nothing fills it")
        contents = [_const(made, tensor) for tensor in filled[name].input[1:3]]
        if any(each is None for each in contents):
            raise _unknown(node.name, label, "it isn't filled with constants")
        types = {key: made[name].attr[key].type for key in ("key_dtype", "value_dtype")}
        inputs = []
        for each, dtype in zip(contents, types.values(), strict=True):
            as_it_is = dtypes.get(each.name, dtype) == dtype
            const = each.name if as_it_is else unused_name(f"{each.name}/{dtype}", dtypes)
            if const not in dtypes:
                dtypes[const] = dtype
                copy = graphdef.node.add()
                copy.CopyFrom(each)
                copy.name, copy.attr["dtype"].type = const, dtype
                if each.name in weights:
                    more[const] = weights[each.name]
            inputs.append(const)
        node.op = TABLE
        node.ClearField("attr")
        for key, dtype in types.items():
            node.attr[key].type = dtype
        del node.input[:]
        node.input.extend(inputs)
    return {**weights, **more}


def is_handed_over(entry: Mapping[str, Any]) -> bool:
    """Whether an input of the signature is a table, which the runtime feeds itself."""
    return entry.get("resourceId") is not None


def is_table_of(nodes: Mapping[str, Any], tensor: str) -> bool:
    """Whether a tensor of the initializer is a table, and not a weight that it makes: nodes by name."""
    node = nodes.get(_behind(nodes, tensor))
    return node is not None and (node.op in _TABLES or node.op in _IMPORTS)


def captured_tensors(document: Mapping[str, Any]) -> dict[str, str]:
    """Placeholder of the main graph -> tensor of the initializer, by the number that both signatures give them."""
    made = _by_number(document.get("initializerSignature"), "outputs")
    return {
        name: made[number] for number, name in _by_number(document.get("signature"), "inputs").items() if number in made
    }


def _by_number(signature: Any, side: str) -> dict[str, str]:
    """Of several with one number the last, as in the runtime."""
    entries = signature.get(side) if isinstance(signature, Mapping) else None
    return {
        str(entry["resourceId"]): node_of(str(entry.get("name")))
        for entry in (entries.values() if isinstance(entries, Mapping) else ())
        if isinstance(entry, Mapping) and is_handed_over(entry)
    }


def _behind(nodes: Mapping[str, Any], tensor: str) -> str:
    """The node that a tensor is of, seen through Identity: upstream hands a table on when it is filled."""
    name = node_of(tensor)
    seen: set[str] = set()
    while (node := nodes.get(name)) is not None and node.op == "Identity" and node.input and name not in seen:
        seen.add(name)
        name = node_of(node.input[0])
    return name


def _const(nodes: Mapping[str, Any], tensor: str) -> Any:
    node = nodes.get(_behind(nodes, tensor))
    return node if node is not None and node.op == "Const" else None


def _unknown(name: str, label: str, why: str) -> ConversionFailed:
    return ConversionFailed(f"the table {name} of {label} isn't read back: {why}", hint="Convert the original model.")

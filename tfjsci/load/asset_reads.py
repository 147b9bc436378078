"""Vocabularies that a SavedModel reads from its own assets: the one reading of files that is let through.

TensorFlow reads whatever path the op is given. That path must come from an asset of the SavedModel: in the main graph from the
asset's node, or from a variable that nothing but that node is assigned to; in a function from an argument that each caller, and
each object that owns the function, gives such a path. What is only seen as data can't be another path when it runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tfjsci.graph.grappler import functions_of

READS_VOCABULARY = frozenset({"InitializeTableFromTextFile", "InitializeTableFromTextFileV2"})
_HANDS_ON = frozenset({"Identity", "Snapshot"})
_KNOWS_VARIABLE = frozenset({"AssignVariableOp", "ReadVariableOp", "VarIsInitializedOp"})
_CALLS = frozenset({"PartitionedCall", "StatefulPartitionedCall"})


class AssetReads:
    """Asked of each op of ``READS_VOCABULARY`` in a SavedModel's graph: does it read an asset, and nothing else?"""

    def __init__(self, meta: Any) -> None:
        self._meta = meta
        self._assets = {asset.tensor_info.name.partition(":")[0] for asset in meta.asset_file_def}
        self._nodes = {node.name: node for node in meta.graph_def.node}
        self._functions = {function.signature.name: function for function in meta.graph_def.library.function}

    def reads_an_asset(self, node: Any, function: str) -> bool:
        """``node`` is in the main graph, or in the ``function`` of that name."""
        if function:
            return self._is_asset_in(function, node.input[1], frozenset())
        return self._is_asset(node.input[1])

    def _is_asset(self, tensor: str) -> bool:
        """In the main graph."""
        node = self._origin(self._nodes, tensor)
        if node is None:
            return False
        if node.name in self._assets:
            return node.op in ("Placeholder", "Const")
        if node.op != "ReadVariableOp":
            return False
        handle = self._origin(self._nodes, node.input[0])
        return handle is not None and handle.op == "VarHandleOp" and self._holds_an_asset(handle)

    def _holds_an_asset(self, handle: Any) -> bool:
        """Whether a variable is only ever assigned an asset's path."""
        alike = [
            node
            for node in self._all_nodes()
            if node.op == "VarHandleOp" and node.attr["shared_name"].s == handle.attr["shared_name"].s
        ]
        readers = [node for node in self._nodes.values() if any(_name(tensor) == handle.name for tensor in node.input)]
        if len(alike) != 1 or any(node.op not in _KNOWS_VARIABLE for node in readers):
            return False
        assigned = [node.input[1] for node in readers if node.op == "AssignVariableOp"]
        return bool(assigned) and all(_name(value) in self._assets for value in assigned)

    def _is_asset_in(self, function: str, tensor: str, asked: frozenset[str]) -> bool:
        """In a function: it is an argument, and everyone who calls the function gives it an asset."""
        definition = self._functions[function]
        origin = self._origin({node.name: node for node in definition.node_def}, tensor)
        arguments = [argument.name for argument in definition.signature.input_arg]
        name = _name(tensor) if origin is None else ""
        if name not in arguments or function in asked:
            return False
        place = arguments.index(name)
        return self._callers_give_an_asset(function, place, asked) and self._owners_give_an_asset(function, place)

    def _callers_give_an_asset(self, function: str, place: int, asked: frozenset[str]) -> bool:
        for caller, node in self._everywhere():
            if function not in functions_of(node):
                continue
            if node.op not in _CALLS and node.op != function:
                return False  # a loop or a branch: which argument is which isn't told here
            given = [tensor for tensor in node.input if not tensor.startswith("^")][place]
            good = self._is_asset_in(caller, given, asked | {function}) if caller else self._is_asset(given)
            if not good:
                return False
        return True

    def _owners_give_an_asset(self, function: str, place: int) -> bool:
        """The objects' functions get their last arguments from other objects: there it must be an asset."""
        concrete = self._meta.object_graph_def.concrete_functions
        if function not in concrete:
            return True
        bound = list(concrete[function].bound_inputs)
        first = len(self._functions[function].signature.input_arg) - len(bound)
        if place < first:
            return False  # whoever calls it says which file
        return bool(self._meta.object_graph_def.nodes[bound[place - first]].WhichOneof("kind") == "asset")

    @staticmethod
    def _origin(nodes: Mapping[str, Any], tensor: str) -> Any | None:
        """The node behind those that hand a tensor on; None for what is no node, such as an argument."""
        seen: set[str] = set()
        node = nodes.get(_name(tensor))
        while node is not None and node.op in _HANDS_ON and node.name not in seen:
            seen.add(node.name)
            node = nodes.get(_name(node.input[0]))
        return node

    def _everywhere(self) -> Iterator[tuple[str, Any]]:
        for node in self._nodes.values():
            yield "", node
        for name, function in self._functions.items():
            for node in function.node_def:
                yield name, node

    def _all_nodes(self) -> Iterator[Any]:
        return (node for _, node in self._everywhere())


def _name(tensor: str) -> str:
    return tensor.lstrip("^").partition(":")[0]

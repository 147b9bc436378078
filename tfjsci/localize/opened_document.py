"""A ``model.json`` with a loop opened (:mod:`tfjsci.localize.opened`), for the browser: all else is the artifact's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from tfjsci.format.topology import shape_json
from tfjsci.format.weights import corrupt, list_of_dicts
from tfjsci.graph.graph import indexed, node_of
from tfjsci.localize.opened import COUNTERS, Shown
from tfjsci.localize.sides import NotReplayable


def opened_document(document: Mapping[str, Any], loop: str, tensors: Sequence[str]) -> tuple[dict[str, Any], Shown]:
    """``model.json`` likewise, :data:`COUNTERS` among its signature's inputs. Tensors of nodes that it hasn't aren't shown.

    What hasn't been made yet is a whole number: the runtime asks no dtype of a variable.
    """
    opened = deepcopy({key: value for key, value in document.items() if key != "userDefinedMetadata"})
    topology = opened.get("modelTopology")
    if not isinstance(topology, dict):
        raise corrupt("model.json has no modelTopology")
    nodes = list_of_dicts(topology, "node", "modelTopology")
    library = topology.get("library")
    functions = list_of_dicts(library, "function", "the library") if isinstance(library, dict) else []
    by_name = {str(_signature(function).get("name")): function for function in functions}
    node = next((each for each in nodes if each.get("name") == loop), None)
    cond, body = (by_name.get(_function(node, role)) for role in ("cond", "body"))
    if node is None or cond is None or body is None:
        raise NotReplayable(f"the artifact has no loop {loop}")
    there = {str(each.get("name")) for each in (*list_of_dicts(body, "nodeDef", "a function"), *_arguments(body))}
    asked = [tensor for tensor in tensors if node_of(tensor) in there]
    read = [str(each) for each in node.get("input") or ()]
    data = [each for each in read if not each.startswith("^")]
    node["input"] = [*data, *COUNTERS, *(COUNTERS[0] for _ in asked), *read[len(data) :]]
    turn, one, turns = COUNTERS
    names = [*COUNTERS, *(f"opened/input_{n}" for n in range(len(asked)))]
    for function in (cond, body):
        _signature(function)["inputArg"] = [
            *_arguments(function),
            *({"name": each, "type": "DT_INT32"} for each in names),
        ]
    before = str(next(iter(dict(cond.get("ret") or {}).values()), ""))
    cond["nodeDef"] = [
        *list_of_dicts(cond, "nodeDef", "a function"),
        _node("opened/less", "Less", (turn, turns)),
        {"name": "opened/go_on", "op": "LogicalAnd", "input": [before, "opened/less"]},
    ]
    cond["ret"] = dict.fromkeys(dict(cond.get("ret") or {}), "opened/go_on:0")
    body["nodeDef"] = [*list_of_dicts(body, "nodeDef", "a function"), _node("opened/next", "AddV2", (turn, one))]
    results = {f"opened/result_{n}": each for n, each in enumerate(("opened/next", one, turns, *asked))}
    body["ret"] = {**dict(body.get("ret") or {}), **{name: indexed(each) for name, each in results.items()}}
    ended = list_of_dicts(_signature(body), "outputArg", "a function")
    _signature(body)["outputArg"] = [*ended, *({"name": each, "type": "DT_INVALID"} for each in results)]
    topology["node"] = [*(_placeholder(each) for each in COUNTERS), *nodes]
    opened["signature"] = _with_counters(document)
    count = len(data)
    outputs = {tensor: f"{loop}:{count + len(COUNTERS) + n}" for n, tensor in enumerate(asked)}
    return opened, Shown(turn=f"{loop}:{count}", tensors=outputs)


def _signature(function: Mapping[str, Any]) -> dict[str, Any]:
    found = function.get("signature")
    if not isinstance(found, dict):
        raise corrupt("a function of model.json has no signature")
    return found


def _arguments(function: Mapping[str, Any]) -> list[dict[str, Any]]:
    return list_of_dicts(_signature(function), "inputArg", "a function")


def _function(node: Mapping[str, Any] | None, role: str) -> str:
    attr = (node or {}).get("attr")
    named = attr.get(role) if isinstance(attr, dict) else None
    func = named.get("func") if isinstance(named, dict) else None
    return str(func.get("name")) if isinstance(func, dict) else ""


def _node(name: str, op: str, inputs: Sequence[str]) -> dict[str, Any]:
    return {"name": name, "op": op, "input": list(inputs), "attr": {"T": {"type": "DT_INT32"}}}


def _placeholder(name: str) -> dict[str, Any]:
    attr = {"dtype": {"type": "DT_INT32"}, "shape": {"shape": shape_json(())}}
    return {"name": name, "op": "Placeholder", "attr": attr}


def _with_counters(document: Mapping[str, Any]) -> dict[str, Any]:
    """The signature; older files have theirs in their metadata."""
    metadata = document.get("userDefinedMetadata")
    older = metadata.get("signature") if isinstance(metadata, dict) else None
    signature = older if isinstance(older, dict) else document.get("signature")
    inputs = signature.get("inputs") if isinstance(signature, dict) else None
    if not isinstance(signature, dict) or not isinstance(inputs, dict):
        raise NotReplayable("the artifact has no signature")
    told = {"dtype": "DT_INT32", "tensorShape": shape_json(())}
    return {**signature, "inputs": {**inputs, **{name: {"name": f"{name}:0", **told} for name in COUNTERS}}}

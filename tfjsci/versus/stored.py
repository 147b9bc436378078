"""What an artifact's weights are stored in, read from its model.json: the coarsest scheme says how well it can agree.

The runtime's own dtypes stand beside each weight. What an initializer makes is known by its graph: codes of few bits are one
Const named after their scheme, sixteen bits are two planes, and codes of their own weight have eight
(:mod:`tfjsci.artifact.packed`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tfjsci.dtypes import SchemeName
from tfjsci.format.weights import list_of_dicts
from tfjsci.quantize.scheme import COARSEST_FIRST

_BY_DTYPE: Mapping[str, SchemeName] = {"uint8": "uint8", "uint16": "uint16", "float16": "float16"}

_FEW_BITS: Mapping[SchemeName, re.Pattern[str]] = {
    "int4": re.compile(r"packed/int4(_\d+)?"),
    "int6": re.compile(r"packed/int6(_\d+)?"),
}


def coarsest_scheme(document: Mapping[str, Any]) -> SchemeName | None:
    """Of the weights of a graph model or a layers model; None where all are stored as they are.

    Raises ``CorruptModel`` for a document that isn't one.
    """
    found = {*_of_dtypes(document), *_of_initializer(document)}
    return next((scheme for scheme in COARSEST_FIRST if scheme in found), None)


def coarser(one: SchemeName | None, other: SchemeName | None) -> SchemeName | None:
    """The coarser of two; None where neither is quantised."""
    return next((scheme for scheme in COARSEST_FIRST if scheme in (one, other)), None)


def _of_dtypes(document: Mapping[str, Any]) -> Iterator[SchemeName]:
    """Of the weights that the runtime widens as it loads them; not of the bytes that the initializer reads."""
    parts = _initializer_nodes(document)
    for name, entry in _entries(document):
        quantization = entry.get("quantization")
        if name not in parts and isinstance(quantization, dict) and quantization.get("dtype") in _BY_DTYPE:
            yield _BY_DTYPE[quantization["dtype"]]


def _of_initializer(document: Mapping[str, Any]) -> Iterator[SchemeName]:
    parts = _initializer_nodes(document)
    codes = {
        name
        for name, entry in _entries(document)
        if name in parts and isinstance(quantization := entry.get("quantization"), dict)
        if quantization.get("dtype") == "uint8" and quantization.get("scale") == 1
    }
    few = [scheme for scheme, pattern in _FEW_BITS.items() if any(pattern.fullmatch(name) for name in codes)]
    yield from few
    planes = {name.removesuffix("/high") for name in codes if name.endswith("/high")}
    if any(f"{name}/low" in codes for name in planes):
        yield "uint16-per-channel"
    if any(re.search(r"/codes(_\d+)?$", name) for name in codes):
        yield "uint8-per-channel"


def _entries(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for group in list_of_dicts(document, "weightsManifest", "model.json"):
        for entry in list_of_dicts(group, "weights", "a group of weights"):
            yield str(entry.get("name")), entry


def _initializer_nodes(document: Mapping[str, Any]) -> frozenset[str]:
    graph = document.get("modelInitializer")
    nodes = list_of_dicts(graph, "node", "modelInitializer") if isinstance(graph, dict) else []
    return frozenset(str(node.get("name")) for node in nodes)

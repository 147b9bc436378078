"""What is in an artifact: nodes and bytes."""

from __future__ import annotations

import json
from pathlib import Path

from tfjsci.artifact.download import measure_download

from .converting import Who, converted
from .places import artifact_of
from .results import Figures, measured

_NOT_COMPUTING = {"Const", "Placeholder"}


def sizes(net: str, who: Who) -> Figures:
    """``nodes`` other than constants (and inputs, which both have), ``raw_bytes`` and ``brotli_bytes``."""
    conversion = converted(net, who)

    def run() -> Figures:
        folder = artifact_of(net, who)
        document = json.loads((folder / "model.json").read_text())
        files = ("model.json", *(name for group in document["weightsManifest"] for name in group["paths"]))
        download = measure_download(folder, files)
        return {
            "nodes": nodes_in(folder),
            "raw_bytes": download.raw_bytes,
            "brotli_bytes": download.brotli_bytes,
        }

    return measured("sizes", net, who, of=conversion.digest, quick=False, run=run)


def nodes_in(folder: Path) -> int:
    """Nodes other than constants, those in function bodies included; an input is no node that computes."""
    topology = json.loads((folder / "model.json").read_text())["modelTopology"]
    nodes = list(topology["node"])
    for function in topology.get("library", {}).get("function", []):
        nodes += function.get("nodeDef", [])
    return sum(node["op"] not in _NOT_COMPUTING for node in nodes)

"""The two pairs of a run: TensorFlow against the float artifact, and the float artifact against a quantised one."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from tfjsci.browser.protocol import CustomScript, Session
from tfjsci.dtypes import RUNTIME_DTYPE, Backend
from tfjsci.errors import BrowserJobFailed, CorruptModel, ReferenceFailed
from tfjsci.format.weights import GRAPH_MODEL, list_of_dicts, read_document, read_weights
from tfjsci.graph.graph import Array, Graph, dtype_name, node_of
from tfjsci.localize.closeness import agrees, closeness, decibel, worst
from tfjsci.localize.in_browser import InBrowser
from tfjsci.localize.in_tensorflow import InTensorFlow, Weighed
from tfjsci.localize.localization import Closeness, Localization, WeightRanking
from tfjsci.localize.localize import localize
from tfjsci.localize.rank import rank_weights
from tfjsci.localize.sides import Side
from tfjsci.localize.walk import Bounds
from tfjsci.signature import TensorSpec

ABOVE_DB = 3.0
"""Where another metric was missed than the SQNR, nodes are held to so much more than the outputs came to."""

_MOST_FETCHED_BYTES = 1 << 30
"""Of quantised weights, as floats, that are ranked."""


@dataclass(frozen=True, kw_only=True)
class Where:
    """What a search needs of the world: the browser, the backend, and the call whose outputs are off, by input name."""

    session: Session
    backend: Backend
    call: Mapping[str, Array]
    inputs: Sequence[TensorSpec]
    deadline_seconds: float
    scripts: Sequence[CustomScript] = ()
    bounds: Bounds = field(default_factory=Bounds)
    clock: Callable[[], float] = time.monotonic

    @property
    def by_node(self) -> dict[str, Array]:
        """The call by the name of the Placeholder."""
        return {node_of(spec.tensor): self.call[spec.name] for spec in self.inputs}

    @property
    def rows(self) -> int:
        """What a dimension that is open is taken for: the size of the call's first one."""
        return max((value.shape[0] for value in self.call.values() if value.ndim), default=1)

    def running(self, folder: Path, variant: str) -> InBrowser:
        """The artifact in ``folder`` as a side."""
        return InBrowser(
            self.session,
            folder,
            self.backend,
            self.call,
            variant=variant,
            deadline_seconds=self.deadline_seconds,
            scripts=self.scripts,
        )


def localize_conversion(graph: Graph, folder: Path, *, variant: str, limit_db: float, where: Where) -> Localization:
    """``graph``, run in TensorFlow, against the artifact that was written of it."""
    document = read_document(folder / "model.json", GRAPH_MODEL)
    return localize(
        graph,
        reference=InTensorFlow(graph, where.by_node),
        candidate=where.running(folder, variant),
        there=nodes_in(document),
        limit_db=limit_db,
        variant=variant,
        backend=where.backend,
        rows=where.rows,
        stored=lambda: read_weights(folder, document)[0],
        bounds=where.bounds,
        clock=where.clock,
    )


def localize_quantized(
    graph: Graph, float_folder: Path, folder: Path, *, variant: str, limit_db: float, where: Where
) -> Localization:
    """The float artifact against a quantised one of the same ``graph``, both on one backend; with the weights ranked."""
    document = read_document(folder / "model.json", GRAPH_MODEL)
    candidate = where.running(folder, variant)
    found = localize(
        graph,
        reference=where.running(float_folder, "float"),
        candidate=candidate,
        there=nodes_in(document),
        limit_db=limit_db,
        variant=variant,
        backend=where.backend,
        rows=where.rows,
        bounds=where.bounds,
        clock=where.clock,
    )
    try:
        ranking = ranking_of(graph, where.by_node, folder, candidate=candidate, limit_db=limit_db, clock=where.clock)
    except (BrowserJobFailed, CorruptModel, ReferenceFailed) as error:
        return replace(found, reason=f"{found.reason}; the weights weren't ranked: {error.message}")
    return replace(found, ranking=ranking)


def nodes_in(document: Mapping[str, Any]) -> frozenset[str]:
    """The names of an artifact's nodes."""
    topology = document.get("modelTopology")
    nodes = list_of_dicts(topology, "node", "modelTopology") if isinstance(topology, dict) else []
    return frozenset(str(node.get("name")) for node in nodes)


def worst_call(reference: Sequence[Mapping[str, Array]], candidate: Sequence[Mapping[str, Array]]) -> int:
    """Which of several calls is to be looked into: the one whose outputs are farthest off, the first of equals."""
    found = [_outputs(wanted, have) for wanted, have in zip(reference, candidate, strict=True)]
    return min(range(len(found)), key=lambda n: decibel(found[n]))


def limit_for(limit_db: float, wanted: Mapping[str, Array], have: Mapping[str, Array]) -> float:
    """The limit for nodes: the outputs' own, or a little more than they came to where they meet it and miss another one."""
    now = _outputs(wanted, have)
    if now.sqnr_db is None or not agrees(now, limit_db):
        return limit_db
    return now.sqnr_db + ABOVE_DB


def held_to(found: Localization, limit_db: float) -> Localization:
    """With it said of the ranking where it went by another limit than ``limit_db``, the SQNR's own."""
    if found.ranking is None or found.ranking.limit_db == limit_db:
        return found
    return replace(found, ranking=replace(found.ranking, stands_in=True))


def _outputs(wanted: Mapping[str, Array], have: Mapping[str, Array]) -> Closeness:
    missing = Closeness(problem="it is missing")
    return worst(closeness(wanted[name], have[name]) if name in have else missing for name in wanted)


def ranking_of(
    graph: Graph,
    call: Mapping[str, Array],
    folder: Path,
    *,
    candidate: Side,
    limit_db: float,
    clock: Callable[[], float] = time.monotonic,
) -> WeightRanking | None:
    """The weights of ``graph`` (float) that the artifact in ``folder`` has in fewer bits; ``call`` goes by Placeholder.

    ``candidate`` is asked for what the artifact's initializer makes. None where no weight is quantised, or they are too large.
    """
    document = read_document(folder / "model.json", GRAPH_MODEL)
    sizes = quantized_bytes(document, graph)
    floats = {name: graph.all_constants[name].value for name in sizes}
    if not sizes or sum(value.size * 4 for value in floats.values()) > _MOST_FETCHED_BYTES:
        return None
    stored = read_weights(folder, document)[0]
    packed = [name for name in sizes if name not in stored]  # made by the artifact's initializer: the page has them
    values = {
        **{name: stored[name] for name in sizes if name in stored},
        **(candidate.tensors(packed) if packed else {}),
    }
    return rank_weights(
        Weighed(graph, call, list(sizes)),
        floats=floats,
        quantized={
            name: value.astype(floats[name].dtype).reshape(floats[name].shape) for name, value in values.items()
        },
        sources={name: graph.all_constants[name].sources for name in sizes},
        more_bytes={name: floats[name].size * 4 - size for name, size in sizes.items()},
        limit_db=limit_db,
        clock=clock,
    )


def quantized_bytes(document: Mapping[str, Any], graph: Graph) -> dict[str, int]:
    """The weights of ``graph`` that an artifact stores in fewer bits, and in how many bytes.

    One that the initializer makes isn't listed by its name: it has its share of what is stored beside the graph's weights.
    """
    groups = list_of_dicts(document, "weightsManifest", "model.json")
    entries = {
        str(entry.get("name")): entry for group in groups for entry in list_of_dicts(group, "weights", "a group")
    }
    found = {
        name: math.prod(entry["shape"]) * _WIDTHS[entry["quantization"]["dtype"]]
        for name, entry in entries.items()
        if name in graph.all_constants and isinstance(entry.get("quantization"), dict)
    }
    made = {
        name: constant.value.size
        for name, constant in graph.all_constants.items()
        if name not in entries and RUNTIME_DTYPE.get(dtype_name(constant.value)) == "float32"
    }
    beside = sum(
        math.prod(entry["shape"]) * (_WIDTHS[entry["quantization"]["dtype"]] if entry.get("quantization") else 4)
        for name, entry in entries.items()
        if name not in graph.all_constants
    )
    share = beside / sum(made.values()) if made else 0.0
    return found | {name: round(size * share) for name, size in made.items()}


_WIDTHS = {"uint8": 1, "uint16": 2, "float16": 2}

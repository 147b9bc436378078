"""Where two models come apart: which search tells it, by what the two are.

Of an original and an artifact it is asked first whether the artifact's graph, run by TensorFlow with the artifact's weights,
gives what the original does. If so the runtime is to blame, and that graph is walked in TensorFlow and in the browser. If not the
weights or the graph are: the original is converted anew, in memory, and walked against it, both in TensorFlow. Two originals are
both converted so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tfjsci.browser.protocol import Session
from tfjsci.converter import convert
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import BrowserJobFailed, CorruptModel, ModelError, ReferenceFailed
from tfjsci.format.weights import GRAPH_MODEL, read_document, read_weights
from tfjsci.graph.graph import Array, Graph, node_of
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.tfjs_graph import load_as_written
from tfjsci.localize.closeness import agrees, closeness, worst
from tfjsci.localize.in_browser import InBrowser
from tfjsci.localize.in_tensorflow import InTensorFlow
from tfjsci.localize.localization import Localization
from tfjsci.localize.localize import localize
from tfjsci.localize.pairs import nodes_in, ranking_of
from tfjsci.localize.sides import Candidate, Reference, Side
from tfjsci.versus.run import Opened

KNOWN_SHARE = 0.5
"""Of the nodes that compute, so many must have the same names on both sides: else too little of what is between is seen."""


@dataclass(frozen=True, kw_only=True)
class Apart:
    """Two that were run on one call: ``call`` and ``other_call`` by the names of each; ``wanted`` is ``one``'s outputs.

    ``outputs_of`` has ``other``'s names by ``one``'s.
    """

    one: Opened
    other: Opened
    call: Mapping[str, Array]
    other_call: Mapping[str, Array]
    wanted: Mapping[str, Array]
    outputs_of: Mapping[str, str]
    backend: Backend | None
    limit_db: float
    deadline_seconds: float
    session: Callable[[], Session]

    def swapped(self, wanted: Mapping[str, Array]) -> Apart:
        """The other way round; ``wanted`` are the other's outputs, by its own names."""
        return replace(
            self,
            one=self.other,
            other=self.one,
            call=self.other_call,
            other_call=self.call,
            wanted=wanted,
            outputs_of={own: name for name, own in self.outputs_of.items()},
        )

    def browser(self, opened: Opened, call: Mapping[str, Array]) -> InBrowser:
        """One of the two on the backend."""
        assert self.backend is not None
        return InBrowser(
            self.session(),
            opened.member.path,
            self.backend,
            call,
            variant=opened.member.name,
            deadline_seconds=self.deadline_seconds,
        )

    def search(
        self,
        graph: Graph,
        reference: Reference,
        candidate: Candidate,
        there: frozenset[str],
        stored: Callable[[], Mapping[str, Array]] | None = None,
    ) -> Localization:
        """Walk ``graph``."""
        return localize(
            graph,
            reference=reference,
            candidate=candidate,
            there=there,
            limit_db=self.limit_db,
            variant=self.other.member.name,
            backend=self.backend,
            rows=max((value.shape[0] for value in self.call.values() if value.ndim), default=1),
            stored=stored,
        )

    def cant(self, reason: str) -> Localization:
        """No search, and why."""
        return Localization(
            variant=self.other.member.name,
            backend=self.backend,
            reference=self.one.member.name,
            candidate=self.other.member.name,
            found="unfinished",
            reason=reason,
            limit_db=self.limit_db,
        )


def find_apart(apart: Apart) -> Localization:
    """What the search for the culprit tells; one that can't be made is told, not raised."""
    kinds = {apart.one.member.kind, apart.other.member.kind}
    if not kinds <= {"original", GRAPH_MODEL}:
        return apart.cant("only a graph model's nodes can be asked for: a layers model has none")
    try:
        if apart.one.loaded is not None and apart.other.loaded is not None:
            return _of_originals(apart, apart.one.loaded, apart.other.loaded)
        if apart.one.loaded is not None:
            return _of_original(apart, apart.one.loaded)
        return _of_artifacts(apart)
    except ModelError as error:
        return apart.cant(f"the search broke off: {error.message}")


def _of_original(apart: Apart, original: LoadedGraph) -> Localization:
    folder = apart.other.member.path
    loaded, written = load_as_written(folder)
    by_node = _by_node(loaded, apart.other_call)
    in_tensorflow = InTensorFlow(written, by_node, name=f"{apart.other.member.name} in TensorFlow")
    made = loaded.original(apart.other_call)
    near = worst(closeness(apart.wanted[name], made[own]) for name, own in apart.outputs_of.items() if own in made)
    document = read_document(folder / "model.json", GRAPH_MODEL)
    quantized = apart.other.member.quantized is not None
    in_limits: Localization | None = None
    if agrees(near, apart.limit_db):
        there = nodes_in(document) & _names(written)
        in_limits = apart.search(written, in_tensorflow, apart.browser(apart.other, apart.other_call), there)
        if in_limits.found != "nothing" or not quantized:
            return in_limits
    converted = convert(original, backends=BACKENDS)
    there = _names(converted.graph) & _names(written)
    if unlike := _unlike(converted.graph, there):
        return in_limits or apart.cant(
            f"its graph gives {near.problem or f'{near.sqnr_db:.1f} dB'} in TensorFlow, too, so it isn't the backend; {unlike}"
        )
    call = {node_of(spec.tensor): apart.call[spec.name] for spec in converted.inputs}
    if in_limits is not None:  # nothing is wrong, and what quantising costs is in the weights
        return _ranked(apart, in_limits, converted.graph, call, in_tensorflow)
    reference = InTensorFlow(converted.graph, call)
    stored = None if quantized else lambda: read_weights(folder, document)[0]
    found = apart.search(converted.graph, reference, in_tensorflow, there, stored)
    return _ranked(apart, found, converted.graph, call, in_tensorflow) if quantized else found


def _of_originals(apart: Apart, one: LoadedGraph, other: LoadedGraph) -> Localization:
    mine, theirs = (convert(each, backends=BACKENDS) for each in (one, other))
    there = _names(mine.graph) & _names(theirs.graph)
    if unlike := _unlike(mine.graph, there):
        return apart.cant(unlike)
    reference, candidate = (
        InTensorFlow(
            each.graph,
            {node_of(spec.tensor): call[spec.name] for spec in each.inputs},
            name=opened.member.name,
        )
        for each, call, opened in ((mine, apart.call, apart.one), (theirs, apart.other_call, apart.other))
    )
    stored = {name: constant.value for name, constant in theirs.graph.all_constants.items()}
    return apart.search(mine.graph, reference, candidate, there, lambda: stored)


def _of_artifacts(apart: Apart) -> Localization:
    loaded, written = load_as_written(apart.one.member.path)
    candidate = apart.browser(apart.other, apart.other_call)
    there = _names(written) & nodes_in(read_document(apart.other.member.path / "model.json", GRAPH_MODEL))
    if unlike := _unlike(written, there):
        return apart.cant(unlike)
    found = apart.search(written, apart.browser(apart.one, apart.call), candidate, there)
    if apart.other.member.quantized is None:
        return found
    return _ranked(apart, found, written, _by_node(loaded, apart.call), candidate)


def _ranked(
    apart: Apart, found: Localization, graph: Graph, call: Mapping[str, Array], candidate: Side
) -> Localization:
    try:
        ranking = ranking_of(graph, call, apart.other.member.path, candidate=candidate, limit_db=apart.limit_db)
    except (BrowserJobFailed, CorruptModel, ReferenceFailed) as error:
        return replace(found, reason=f"{found.reason}; the weights weren't ranked: {error.message}")
    return replace(found, ranking=ranking)


def _by_node(loaded: LoadedGraph, call: Mapping[str, Array]) -> dict[str, Array]:
    return {node_of(spec.tensor): call[spec.name] for spec in loaded.inputs}


def _names(graph: Graph) -> frozenset[str]:
    return frozenset(graph.by_name)


def _unlike(graph: Graph, there: frozenset[str]) -> str | None:
    """Why two graphs can't be walked side by side."""
    computing = [node.name for node in graph.nodes if node.op not in ("Const", "Placeholder")]
    known = sum(name in there for name in computing)
    if known >= KNOWN_SHARE * len(computing):
        return None
    return (
        f"only {known} of its {len(computing)} nodes have the same name on both sides: made by another converter, with "
        "other options or of other layers, they can't be held against each other node by node"
    )

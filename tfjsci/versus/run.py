"""One of the two, opened: what it takes and gives, and its answers to the same calls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from tfjsci.browser.protocol import BackendEnvironment, Session
from tfjsci.dtypes import Backend, NarrowFloat
from tfjsci.format.graph_signature import specs_in
from tfjsci.format.weights import GRAPH_MODEL, read_document
from tfjsci.graph.graph import Array
from tfjsci.load.load import LoadOptions, load
from tfjsci.load.loaded import LoadedGraph
from tfjsci.reference import run_reference
from tfjsci.signature import TensorSpec
from tfjsci.verify.noise import narrow_float
from tfjsci.versus.member import Member

Calls = Sequence[Mapping[str, Array]]
Answers = list[dict[str, Array]]


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A member with its signature. ``loaded`` is an original's."""

    member: Member
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    loaded: LoadedGraph | None = None

    @property
    def narrow(self) -> NarrowFloat | None:
        """What an original computes in, where that has fewer digits than float32."""
        return narrow_float(self.loaded.graph) if self.loaded is not None else None

    def answers(
        self, calls: Calls, backend: Backend | None, session: Callable[[], Session], deadline_seconds: float
    ) -> tuple[Answers, BackendEnvironment | None]:
        """The outputs by name of each call, and where they were made. Raises what running it raises."""
        if self.loaded is not None:
            return run_reference(self.loaded, calls), None
        assert backend is not None
        made = session().predict(self.member.path, backend, calls, deadline_seconds=deadline_seconds)
        return [dict(each.outputs) for each in made], made[0].environment


def open_member(member: Member, options: LoadOptions) -> Opened:
    """Read its signature; an original is loaded. Raises the ``ModelError`` kinds."""
    if not member.in_browser:
        loaded = load(member.source, options=options)
        return Opened(member=member, inputs=loaded.inputs, outputs=loaded.outputs, loaded=loaded)
    if member.kind == GRAPH_MODEL:
        inputs, outputs = specs_in(read_document(member.path / "model.json", GRAPH_MODEL))
    else:
        from tfjsci.layers.web import read_web_model, specs_of

        inputs, outputs = specs_of(read_web_model(member.path))
    return Opened(member=member, inputs=inputs, outputs=outputs)

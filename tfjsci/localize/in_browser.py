"""An artifact on a backend as a side of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tfjsci.browser.protocol import CustomScript, Session
from tfjsci.dtypes import Backend
from tfjsci.format.weights import GRAPH_MODEL, read_document
from tfjsci.graph.graph import Array
from tfjsci.localize.cut import cut_down, with_document
from tfjsci.localize.opened import counters, turn_of
from tfjsci.localize.opened_document import opened_document
from tfjsci.localize.sides import Alone, Turn


class InBrowser:
    """Each question is a job of its own, in a fresh page."""

    def __init__(
        self,
        session: Session,
        folder: Path,
        backend: Backend,
        call: Mapping[str, Array],
        *,
        variant: str,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> None:
        """``call`` has an array for each input of the signature."""
        self.name = f"{variant} on {backend}"
        self._session, self._folder, self._backend, self._call = session, folder, backend, call
        self._deadline_seconds, self._scripts = deadline_seconds, tuple(scripts)

    def tensors(self, names: Sequence[str]) -> Alone:
        """As ``Side.tensors``."""
        made = self._session.intermediates(
            self._folder,
            self._backend,
            self._call,
            names,
            deadline_seconds=self._deadline_seconds,
            scripts=self._scripts,
        )
        return dict(made.outputs)

    def alone(self, node: str, inputs: Mapping[str, Array], outputs: Sequence[str]) -> Alone:
        """As ``Replaying.alone``: the artifact cut down to the node."""
        with cut_down(self._folder, node, inputs, outputs) as cut:
            made = self._session.predict(
                cut.folder,
                self._backend,
                [{name: inputs[tensor] for name, tensor in cut.inputs.items()}],
                deadline_seconds=self._deadline_seconds,
                scripts=self._scripts,
            )
        return {tensor: np.asarray(made[0].outputs[name]) for name, tensor in cut.outputs.items()}

    def inside(self, loop: str, names: Sequence[str], turns: int) -> Turn:
        """As ``Opening.inside``: the artifact with the loop opened."""
        document = read_document(self._folder / "model.json", GRAPH_MODEL)
        opened, shown = opened_document(document, loop, names)
        with with_document(self._folder, opened) as folder:
            made = self._session.intermediates(
                folder,
                self._backend,
                {**self._call, **counters(turns)},
                [shown.turn, *shown.tensors.values()],
                deadline_seconds=self._deadline_seconds,
                scripts=self._scripts,
            ).outputs
        return turn_of(shown, made)

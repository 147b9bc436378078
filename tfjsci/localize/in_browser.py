"""An artifact on a backend as a side of a search."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from tfjsci.browser.protocol import CustomScript, Session
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Array
from tfjsci.localize.cut import cut_down
from tfjsci.localize.sides import Alone


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

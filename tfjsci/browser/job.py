"""What a page is asked to do, with all that it takes to ask it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tfjsci.browser.contract import Kind, job_document
from tfjsci.browser.protocol import CustomScript
from tfjsci.browser.server import Exchange
from tfjsci.browser.tensors import encode_inputs
from tfjsci.dtypes import Backend

Inputs = Mapping[str, npt.NDArray[np.generic]]

SHARED_BYTES = 32_000_000
"""A model of so many bytes at most is run in a tab that others have used: of a larger one's time a new tab is a small part."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """``models`` are artifact folders, ``inputs`` the arrays of each call; the others as in ``protocol.Session``.

    ``lacking`` are backends that the release hasn't got.
    """

    kind: Kind
    backend: Backend
    deadline_seconds: float
    models: Sequence[Path] = ()
    inputs: Sequence[Inputs] = ()
    scripts: Sequence[CustomScript] = ()
    tensors: Sequence[str] = ()
    warmup: int = 0
    runs: int = 0
    fresh_browser: bool = False
    lacking: Collection[Backend] = ()

    @property
    def what(self) -> str:
        """The job in a message: ``predict digits on wasm``."""
        names = ", ".join(model.resolve().name for model in self.models)
        return f"{self.kind} {names} on {self.backend}" if names else f"{self.kind} on {self.backend}"

    @property
    def shares_tab(self) -> bool:
        """What is timed shares nothing, nor do a user's scripts; and what a large model leaves isn't kept."""
        return self.kind != "time" and not self.scripts and sum(map(_bytes_in, self.models)) <= SHARED_BYTES

    def document(self, base: str, exchange: Exchange) -> dict[str, Any]:
        """As the page reads it; the inputs' bytes are put into ``exchange``, from where the page fetches them.

        Raises ``BadInputs`` for arrays that a browser can't be given.
        """
        return job_document(
            self.kind,
            self.backend,
            base=base,
            address=exchange.address,
            models=len(self.models),
            inputs=[encode_inputs(each, f"{exchange.address}/inputs", exchange.inputs) for each in self.inputs],
            custom=self.scripts,
            warmup=self.warmup,
            runs=self.runs,
            tensors=self.tensors,
            lacking=self.lacking,
        )


def _bytes_in(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.iterdir()) if folder.is_dir() else 0

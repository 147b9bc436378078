"""What the browser answers to the samples of a model: an artifact that a search has run isn't run again to be compared."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from tfjsci.artifact.artifact import Artifact
from tfjsci.browser.protocol import CustomScript, Prediction, Session
from tfjsci.dtypes import Backend
from tfjsci.graph.graph import Array


@dataclass(frozen=True, kw_only=True)
class Answered:
    """One model's: ``samples`` are calls, arrays by input name."""

    samples: Sequence[Mapping[str, Array]]
    deadline_seconds: float
    scripts: Sequence[CustomScript] = ()
    _kept: dict[tuple[Backend, str], list[Prediction]] = field(default_factory=dict)

    def predictions(
        self, session: Callable[[], Session], backend: Backend, artifact: Artifact, *, keep: bool = False
    ) -> list[Prediction]:
        """One for each of the samples: those that were kept for an artifact of these bytes, else ``session`` runs it.

        ``keep`` them for who asks next. Raises what ``session`` and its ``predict`` raise.
        """
        place = backend, artifact.sha256
        if place in self._kept:
            return self._kept[place]
        made = session().predict(
            artifact.path, backend, self.samples, deadline_seconds=self.deadline_seconds, scripts=self.scripts
        )
        if keep:
            self._kept[place] = made
        return made

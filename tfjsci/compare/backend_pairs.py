"""The float artifact on one backend against the same on another: do they agree?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.browser.protocol import BackendEnvironment
from tfjsci.compare.compare import Measures, compare_outputs
from tfjsci.compare.comparison import Comparison


@dataclass(frozen=True, kw_only=True)
class Ran:
    """What an artifact gave on one backend, call by call."""

    variant: str
    outputs: Sequence[Mapping[str, npt.NDArray[np.generic]]]
    environment: BackendEnvironment


def backend_pairs(ran: Sequence[Ran], *, topk: bool, measures: Measures) -> tuple[Comparison, ...]:
    """Each backend against cpu, which computes as JavaScript does, or against the first where cpu isn't there."""
    if not ran:
        return ()
    first = next((each for each in ran if each.environment.backend == "cpu"), ran[0])
    return tuple(
        Comparison(
            kind="backends",
            variant=each.variant,
            outputs=compare_outputs(first.outputs, each.outputs, topk=topk, measures=measures),
            environment=each.environment,
            against=first.environment.backend,
        )
        for each in ran
        if each is not first
    )

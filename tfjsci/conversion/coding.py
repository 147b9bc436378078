"""How a graph model's weights are stored: as was asked, as a search found, or with codes that samples chose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.artifact.download import measure_download
from tfjsci.artifact.quantize import Quantizations
from tfjsci.artifact.write import Written
from tfjsci.conversion.searched import outcome_of, search
from tfjsci.conversion.wanted import Wanted
from tfjsci.quantize.weight import PreparedWeight
from tfjsci.search.found import SearchFound

if TYPE_CHECKING:
    from tfjsci.converter import Converted


@dataclass(frozen=True, kw_only=True)
class Coding:
    """How the weights are stored, and what is to be told of it. ``prepared`` are those whose codes samples chose."""

    quantizations: Quantizations
    prepared: Mapping[str, PreparedWeight] = field(default_factory=dict)
    searched: SearchFound | None = None
    notes: tuple[str, ...] = ()

    def told(self, folder: Path, written: Written) -> tuple[str, ...]:
        """The notes; of a search first what came of it, which what was ``written`` says."""
        if self.searched is None:
            return self.notes
        return (outcome_of(self.searched, measure_download(folder, written.files).brotli_bytes), *self.notes)


def coding_of(converted: Converted, wanted: Wanted) -> Coding:
    """As ``wanted`` says it, searched for, or chosen with samples. Raises ``SearchFailed`` and ``BadInputs``."""
    if wanted.auto is not None:
        quantizations, searched, notes = search(converted, wanted.auto, say=wanted.say)
        return Coding(quantizations=quantizations, searched=searched, notes=notes)
    if wanted.calibration is not None:
        from tfjsci.calibrate.samples import calls_of
        from tfjsci.calibrate.variant import calibrated

        calls, ignored = calls_of(converted.inputs, wanted.calibration)
        prepared, told = calibrated(converted.graph, converted.inputs, wanted.quantizations, calls)
        return Coding(quantizations=wanted.quantizations, prepared=prepared, notes=(*told, *ignored))
    return Coding(quantizations=wanted.quantizations)

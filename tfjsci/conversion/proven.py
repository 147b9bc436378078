"""Where a model is written, and its proof before it takes its place there, where that is asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.artifact.quantize import each_of
from tfjsci.artifact.write import whole_or_not_at_all
from tfjsci.conversion.conversion import OutputRun
from tfjsci.conversion.wanted import Wanted
from tfjsci.signature import TensorSpec

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.load.loaded import LoadedGraph


@contextmanager
def place_for(output: Path, wanted: Wanted) -> Iterator[Path]:
    """Where to write: beside its place until it was run, where it is to be run."""
    if wanted.verify is None:
        yield output
    else:
        with whole_or_not_at_all(output) as temporary:
            yield temporary


def runs_of(
    folder: Path,
    original: Callable[[], LoadedGraph],
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    *,
    wanted: Wanted,
    session: Callable[[], Session],
) -> tuple[tuple[OutputRun, ...], tuple[str, ...]]:
    """What came of the proof that is asked for, and what the reader should know of its values."""
    if wanted.verify is None:
        return (), ()
    from tfjsci.conversion.proof import prove

    return prove(
        folder,
        original(),
        inputs=inputs,
        outputs=outputs,
        schemes=[each.scheme.name for each in each_of(wanted.quantizations)],
        verify=wanted.verify,
        session=session(),
    )

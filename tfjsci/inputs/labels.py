"""The right classes of the samples, as the manifest's `labels:` gives them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.inputs.source import read_file
from tfjsci.inputs.summary import Basis
from tfjsci.manifest.resolved import LabelsSpec

_LARGEST = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True)
class Labels:
    """``values``: int64 ``[n]``, or ``[n, …]`` where each place of a sample has a class. ``output``: whose, None if not said.

    ``text`` is what messages call them.
    """

    values: npt.NDArray[np.int64]
    output: str | None
    text: str


def read_labels(spec: LabelsSpec, basis: Basis) -> Labels:
    """The classes, counted from 0. Raises ``BadInputs``: the inputs are random, or the file holds no whole numbers from 0 on."""
    if basis.values == "random":
        raise BadInputs(
            f"labels: {spec.file.text} says what is right, but all inputs are random",
            hint="Give the samples that the labels belong to under `inputs:`.",
        )
    values, _ = read_file(spec.file, name="labels", dtype="int64")
    where = f"labels: {spec.file.text}"
    if values.dtype.kind not in "iu" or not values.ndim or not values.size:
        raise BadInputs(
            f"{where} holds {values.dtype.name} {list(values.shape)}, not the numbers of classes",
            hint="A whole number for each sample: the index of its class in the output.",
        )
    odd = [int(end) for end in (values.min(), values.max()) if not 0 <= int(end) <= _LARGEST]
    if odd:
        raise BadInputs(f"{where} holds {odd[0]}; classes are counted from 0", hint="Leave such samples out.")
    return Labels(values=values.astype(np.int64), output=spec.output, text=spec.file.text)

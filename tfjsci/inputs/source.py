"""One input's values, wherever the manifest says that they lie: an array, a table, a folder of images."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.graph.graph import Shape
from tfjsci.inputs import table
from tfjsci.inputs.files import read_array
from tfjsci.inputs.fit import fit_dtype
from tfjsci.inputs.given import Given
from tfjsci.inputs.images import read_images
from tfjsci.manifest.resolved import ImageFiles, InputFile


def read_source(
    source: InputFile | ImageFiles | Given, *, name: str, shape: Shape, dtype: str
) -> tuple[npt.NDArray[np.generic], str]:
    """The values in the input's ``dtype``, samples first, and where they are from in words. Raises ``BadInputs``."""
    where = f"input {name!r}: {source.text}"
    if isinstance(source, Given):
        return fit_dtype(source.values, dtype=dtype, where=where), source.text
    if isinstance(source, ImageFiles):
        images = read_images(source, name=name, shape=shape, dtype=dtype)
        return fit_dtype(images, dtype=dtype, where=where), f"{len(images)} images of {source.text}"
    values, part = read_file(source, name=name, dtype=dtype)
    if source.path.suffix in table.SUFFIXES and shape is not None and shape[1:] == (*values.shape[1:], 1):
        values = values[..., np.newaxis]  # one number a sample, to a model that takes rows of one
    return fit_dtype(values, dtype=dtype, where=where), f"{source.text}, {part}" if part else source.text


def read_file(file: InputFile, *, name: str, dtype: str) -> tuple[npt.NDArray[np.generic], str]:
    """The file's values as they are, and which part of it they are (empty if that was not said). Raises ``BadInputs``."""
    if file.path.suffix in table.SUFFIXES:
        return table.read_table(file, name=name, dtype=dtype), ", ".join(file.columns)
    values = read_array(file, name=name)
    return values[: file.samples] if values.ndim else values, file.key or ""

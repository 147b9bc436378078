"""A JAX function to a folder, from Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjsci.api.conversions import convert

if TYPE_CHECKING:
    from tfjsci.conversion.conversion import Conversion


def convert_jax(
    function: Callable[..., Any],
    output: str | Path,
    *,
    inputs: Mapping[str, Any],
    params: Any = None,
    **options: Any,
) -> Conversion:
    """Convert a function of JAX to a graph model in the folder ``output``, whole or not at all.

    ``inputs`` says what it takes, by the names that the model's inputs are to have, in the function's order: an array,
    whatever has a ``shape`` and a ``dtype`` (``jax.ShapeDtypeStruct``), or ``(sizes, dtype)``. A size is a number, or left open:
    None, or a name, and sizes of one name are one size. A None that comes first is the batch, the same in all inputs.
    ``params`` is a tree of arrays that the function takes before them; each is a weight, named after its place. Outputs are
    named by their keys and places in what the function gives.

    ``options`` are those of :func:`tfjsci.convert` for a model in memory; with ``verify`` the browser's numbers are held against
    what JAX computes. Raises what it raises, ``PackageMissing`` where there is no jax that writes TensorFlow's ops
    (``pip install 'tfjsci[jax]'``), ``UsageError`` for ``inputs`` that say no shape, and ``ConversionFailed`` for a function
    that can't be written in them.
    """
    from tfjsci.load.jax_function import JaxFunction, inputs_of

    return convert(JaxFunction(function=function, inputs=inputs_of(inputs), params=params), output, **options)

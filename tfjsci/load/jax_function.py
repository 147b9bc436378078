"""A function of JAX: what ``jax2tf`` makes of it in TensorFlow's own ops, beside the function itself as the original.

Its parameters become variables, so that they are weights by name. Only a jax that still writes TensorFlow's ops will do: later
ones write compiled code alone (``XlaCallModule``), which no browser runs.
"""

from __future__ import annotations

import importlib
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tfjsci.errors import ConversionFailed, PackageMissing, UsageError
from tfjsci.graph.graph import Array
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.quoted import quoted

LAST_JAX = (0, 7, 1)
"""The last release whose ``jax2tf`` writes TensorFlow's ops (tried: 0.4.34 to 0.7.1, and 0.7.2, which doesn't)."""

_INSTALL = "Install one that does: pip install 'tfjsci[jax]' (jax>=0.4.34,<0.7.2)."
_BATCH = "batch"

Size = int | str | None


@dataclass(frozen=True, kw_only=True)
class Taken:
    """An input: ``sizes`` are numbers, names of sizes that are left open, or None, which is an open size of its own."""

    name: str
    sizes: tuple[Size, ...]
    dtype: str


@dataclass(frozen=True, kw_only=True)
class JaxFunction:
    """``function`` takes ``params`` (a tree of arrays) first, where they are given, then one array for each input."""

    function: Callable[..., Any]
    inputs: tuple[Taken, ...]
    params: Any = None

    @property
    def name(self) -> str:
        """What messages call it: a method's and a partial's name, too."""
        inner = getattr(self.function, "func", self.function)
        return str(getattr(inner, "__name__", type(inner).__name__)).strip("<>")


def inputs_of(inputs: Mapping[str, Any]) -> tuple[Taken, ...]:
    """By name, in the function's order: an array, whatever has a ``shape`` and a ``dtype``, or ``(sizes, dtype)``.

    Raises ``UsageError``.
    """
    if not isinstance(inputs, Mapping) or not inputs:
        raise UsageError(
            "a JAX function doesn't say what it takes: inputs must, by name, in the function's order", hint=_HOW
        )
    taken = []
    for name, said in inputs.items():
        try:
            sizes, dtype = (said.shape, said.dtype) if hasattr(said, "shape") else said
            sizes = tuple(size if size is None or isinstance(size, str) else int(size) for size in sizes)
            dtype = tensorflow().as_dtype(dtype).name
        except (TypeError, ValueError) as error:
            raise UsageError(f"inputs[{name!r}] is no shape with a dtype: {quoted(error)}", hint=_HOW) from error
        taken.append(Taken(name=str(name), sizes=sizes, dtype=dtype))
    return tuple(taken)


_HOW = 'Say inputs={"image": ((None, 28, 28, 1), "float32")}, or give an array or a jax.ShapeDtypeStruct.'


def as_module(given: JaxFunction) -> tuple[Any, Any]:
    """A ``tf.Module`` that holds the parameters, and a concrete function of the inputs' names, all in TensorFlow's own ops.

    Raises ``PackageMissing`` where there is no jax, or none that can, and ``ConversionFailed`` for a function that it can't
    spell in these ops.
    """
    jax, jax2tf = _jax()
    tf = tensorflow()
    module = tf.Module()
    places, tree = jax.tree_util.tree_flatten_with_path(given.params)
    module.params = [tf.Variable(_array(jax, leaf), name=_way(place) or "params") for place, leaf in places]
    symbols = [_symbols(taken, place) for place, taken in enumerate(given.inputs)]
    with_params = given.params is not None
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="jax2tf.convert with")  # that it goes: LAST_JAX knows
        called = jax2tf.convert(
            given.function,
            polymorphic_shapes=[None] * with_params + [", ".join(map(str, sizes)) for sizes in symbols],
            with_gradient=False,
            native_serialization=False,
            enable_xla=False,
        )

    def run(*arrays: Any) -> Any:
        params = [jax.tree_util.tree_unflatten(tree, module.params)] if with_params else []
        return _outputs(jax, called(*params, *arrays))

    specs = [
        tf.TensorSpec([size if isinstance(size, int) else None for size in sizes], taken.dtype, name=taken.name)
        for taken, sizes in zip(given.inputs, symbols, strict=True)
    ]
    try:
        return module, tf.function(run, input_signature=specs, autograph=False).get_concrete_function()
    except Exception as error:  # jax2tf's own kinds, and whatever the function raises while it is traced
        raise ConversionFailed(
            f"jax2tf can't write {given.name} in TensorFlow's own ops: {quoted(error)}", hint=_advice(str(error))
        ) from error


class JaxOriginal:
    """The function as JAX runs it, by the names that the signature has."""

    def __init__(self, given: JaxFunction, signature: Callable[..., Mapping[str, Any]]) -> None:
        self._given = given
        self.signature = signature  # kept: the folder of its SavedModel goes with it

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays by the inputs' names -> arrays by the outputs'."""
        jax, _ = _jax()
        jnp = importlib.import_module("jax.numpy")
        params = [] if self._given.params is None else [self._given.params]
        given = [jnp.asarray(arrays[taken.name], taken.dtype) for taken in self._given.inputs]
        found = _outputs(jax, self._given.function(*params, *given))
        if isinstance(found, tuple):
            found = {f"output_{place}": value for place, value in enumerate(found)}
        elif not isinstance(found, dict):
            found = {"output_0": found}
        return {name: np.asarray(value) for name, value in found.items()}


def _jax() -> tuple[Any, Any]:
    tensorflow()
    try:
        jax = importlib.import_module("jax")
    except ImportError as error:
        raise PackageMissing(
            f"the model is a JAX function, and jax can't be imported: {error}",
            hint="Install it: pip install 'tfjsci[jax]'.",
        ) from error
    version = tuple(int(part) for part in re.findall(r"\d+", str(jax.__version__))[:3])
    if version > LAST_JAX:
        raise PackageMissing(
            f"jax {jax.__version__} writes compiled code alone (XlaCallModule), which no browser runs", hint=_INSTALL
        )
    try:
        return jax, importlib.import_module("jax.experimental.jax2tf")
    except ImportError as error:
        raise PackageMissing(f"jax2tf of jax {jax.__version__} can't be imported: {error}", hint=_INSTALL) from error


def _array(jax: Any, leaf: Any) -> Array:
    """As JAX holds it: a Python number is 32 bits wide unless JAX is told otherwise."""
    array: Array = np.asarray(jax.numpy.asarray(leaf))
    return array


def _symbols(taken: Taken, place: int) -> tuple[int | str, ...]:
    """Open sizes by name: the first of each input is the batch, which is one, others are their own."""
    return tuple(
        size if size is not None else _BATCH if axis == 0 else f"size_{place}_{axis}"
        for axis, size in enumerate(taken.sizes)
    )


def _outputs(jax: Any, value: Any) -> Any:
    """One array, a plain tuple or a plain dict of them as they are; any other tree by the leaves' ways: ``{"a/0": ...}``."""
    places, _ = jax.tree_util.tree_flatten_with_path(value)
    if len(places) == 1 and not places[0][0]:
        return places[0][1]
    if type(value) in (tuple, list) and all(len(place) == 1 for place, _ in places):
        return tuple(leaf for _, leaf in places)
    return {_way(place): leaf for place, leaf in places}


def _way(place: Sequence[Any]) -> str:
    """``params["dense"].kernel`` -> ``dense/kernel``."""
    return "/".join(
        str(next(getattr(key, kind) for kind in ("key", "name", "idx") if hasattr(key, kind))) for key in place
    )


def _advice(said: str) -> str:
    if "enable_xla" in said:
        return (
            "TensorFlow has no op of its own for this: write the function with another (jax.lax.top_k for a sort, "
            "jnp.take for a gather), or compute this part outside of the model."
        )
    if "ymbolic dimension" in said or "InconclusiveDimension" in said:
        return "Say the sizes in inputs that needn't be open, as numbers; a name for two says that they are one size."
    return "Call the function with jax itself on arrays of these shapes: what it says there is told here, too."

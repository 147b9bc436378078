"""A model that is at hand in Python: a Keras model, a function of TensorFlow's, or a ``tf.Module`` with such functions.

Functions take the way over a SavedModel in a temporary folder: TensorFlow gives their inputs and outputs names there, and
finds their variables and tables. Keras models are traced where they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfjsci.errors import ConversionFailed, UnknownFormat, UnknownSignature
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.flat_function import flat
from tfjsci.load.jax_function import JaxFunction, JaxOriginal, as_module
from tfjsci.load.keras_file import trace
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.own_folder import by_way_of_a_folder
from tfjsci.load.pinned import NO_PINS, Pins
from tfjsci.load.saved_model import DEFAULT_SIGNATURE, load_saved_model
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted

_HOW = "Give it one: tf.function(f, input_signature=[tf.TensorSpec([None, 4])]), or f.get_concrete_function(...)."


def as_keras_file(model: Any, folder: Path) -> Path:
    """Save a Keras model into ``folder``. Raises ``UnknownFormat`` for what is none."""
    if not isinstance(model, keras().Model):
        raise UnknownFormat(
            f"{name_of(model)} is not a Keras model",
            hint="A layers model is made of a Keras model; make a graph model.",
        )
    file = folder / "model.keras"
    model.save(file)
    return file


def name_of(model: Any) -> str:
    """What messages call the model."""
    return str(getattr(model, "name", None) or getattr(model, "__name__", None) or type(model).__name__)


def load_in_memory(
    model: Any, *, signature: str | None = None, state_as_io: bool = False, pins: Pins = NO_PINS
) -> LoadedGraph:
    """Load a ``keras.Model``, a concrete function, a ``tf.function`` with an ``input_signature``, or a ``tf.Module``.

    ``signature`` names the function of a module; without it: ``__call__``, or the only one that says what it takes.
    ``state_as_io``: a variable that inference reads and writes is an input and an output; the model's own is left as it is.
    ``pins`` are tried where a layer of a Keras model can't do without known sizes.
    Raises ``UnknownFormat``, ``UnknownSignature``, ``ConversionFailed``.
    """
    tf = tensorflow()
    if isinstance(model, keras().Model):
        if not model.built:
            raise ConversionFailed(
                f"the Keras model {model.name} was never built", hint="Call it on something, or give it an Input."
            )
        if signature is not None:
            raise UnknownSignature(
                f"the Keras model {model.name} has no signatures, so none is called {signature!r}",
                hint="Leave signature out.",
            )
        return trace(model, "keras_model", model.name, state_as_io=state_as_io, pins=pins)
    if any(kind.__module__.split(".")[0] == "tf_keras" for kind in type(model).__mro__):
        raise UnknownFormat(
            f"{name_of(model)} is a model of Keras 2 (tf_keras), which isn't traced here",
            hint="Save it, model.save('model.h5'), and give the file.",
        )
    if isinstance(model, JaxFunction):
        holder, concrete = as_module(model)
        name = signature or DEFAULT_SIGNATURE
        loaded = _over_saved_model(holder, {name: concrete}, name, model.name, "jax", state_as_io=state_as_io)
        return replace(loaded, original=JaxOriginal(model, loaded.original))
    if _is_function(model):
        name = signature or DEFAULT_SIGNATURE
        concrete = _concrete(model)
        holder = tf.Module()
        holder.variables_of_the_function = list(concrete.variables)
        made = {name: flat(concrete)}
        return _over_saved_model(holder, made, name, name_of(model), "function", state_as_io=state_as_io)
    if isinstance(model, tf.Module):
        functions = _functions_of(model)
        chosen = _chosen(functions, signature, name_of(model))
        name = DEFAULT_SIGNATURE if chosen == "__call__" else chosen
        made = {name: flat(_concrete(functions[chosen]))}
        return _over_saved_model(model, made, name, name_of(model), "module", state_as_io=state_as_io)
    raise UnknownFormat(
        f"an object of the class {type(model).__name__} is of no kind that is read here",
        hint="Readable in Python: keras.Model, tf.function with an input_signature, a concrete function, tf.Module; "
        "and the paths of files and folders; a JAX function: tfjsci.convert_jax(f, folder, inputs={...}).",
    )


def _is_function(model: Any) -> bool:
    return hasattr(model, "get_concrete_function") or hasattr(model, "structured_input_signature")


def _concrete(function: Any) -> Any:
    """The function with its one signature. Raises ``ConversionFailed``: it has none, or it fails when it is traced."""
    if hasattr(function, "structured_input_signature"):
        return function
    try:
        return function.get_concrete_function()
    except Exception as error:  # a function may raise anything while it is traced
        if function.input_signature is None and isinstance(error, (TypeError, ValueError)):
            raise ConversionFailed(
                f"the function {name_of(function)} doesn't say what it takes: {quoted(error)}", hint=_HOW
            ) from error
        raise ConversionFailed(
            f"the function {name_of(function)} can't be traced by TensorFlow: {quoted(error)}",
            hint="Does it run in TensorFlow at all? Call it once on tensors such as its input_signature says.",
        ) from error


def _functions_of(module: Any) -> dict[str, Any]:
    """Its functions by name, those that say what they take."""
    found: dict[str, Any] = {}
    for name in dir(type(module)) + sorted(vars(module)):
        if name.startswith("__") and name != "__call__":
            continue
        value = getattr(type(module), name, None)
        if isinstance(value, property):
            continue
        value = getattr(module, name, None)
        if hasattr(value, "structured_input_signature") or getattr(value, "input_signature", None) is not None:
            found[name] = value
    return found


def _chosen(functions: Mapping[str, Any], wanted: str | None, label: str) -> str:
    listed = ", ".join(functions) or "none"
    if wanted is not None:
        if wanted in functions:
            return wanted
        raise UnknownSignature(
            f"{label} has no function {wanted!r} that says what it takes: {listed}.{did_you_mean(wanted, functions)}",
            hint=_HOW,
        )
    if "__call__" in functions:
        return "__call__"
    if len(functions) == 1:
        return next(iter(functions))
    raise UnknownSignature(
        f"which function of {label} is meant isn't evident; those that say what they take: {listed}",
        hint=f"Name one: signature=NAME. {_HOW}",
    )


def _over_saved_model(
    holder: Any, signatures: Mapping[str, Any], name: str, label: str, kind: str, *, state_as_io: bool
) -> LoadedGraph:
    tf = tensorflow()

    def saved(folder: Path) -> LoadedGraph:
        # gradients aren't converted, and to trace one may fail where the function itself is right
        without_gradients = tf.saved_model.SaveOptions(experimental_custom_gradients=False)
        tf.saved_model.save(
            holder, str(folder / label_as_file(label)), signatures=dict(signatures), options=without_gradients
        )
        return load_saved_model(folder / label_as_file(label), signature=name, state_as_io=state_as_io)

    try:
        loaded = by_way_of_a_folder(saved)
    except (AssertionError, ValueError, TypeError, KeyError, tf.errors.OpError) as error:
        raise ConversionFailed(
            f"TensorFlow can't save {label} as a SavedModel: {quoted(error)}",
            hint="A function gives back tensors, or a dict of them by name; what it reads (tables, variables) is an "
            "attribute of a tf.Module: give the module.",
        ) from error
    return replace(loaded, format=kind)


def label_as_file(label: str) -> str:
    """A name that is a folder's."""
    return "".join(c if c.isalnum() and c.isascii() else "_" for c in label)[:60] or "model"

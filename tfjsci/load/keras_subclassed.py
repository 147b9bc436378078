"""A Keras model that is a class of its own: it says nowhere what it takes, but Keras notes it when the model is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfjsci.errors import ConversionFailed
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.own_folder import by_way_of_a_folder
from tfjsci.load.saved_model import load_saved_model
from tfjsci.quoted import quoted

_HOW = (
    "Call the model once on an example, model(x), before it is converted or saved; or export it with a signature of your own, "
    "tfjsci reads the folder: model.export('folder', input_signature=[keras.InputSpec(shape=(None, 8), dtype='float32')])."
)


def through_export(model: Any, kind: str, label: str, *, state_as_io: bool) -> LoadedGraph:
    """By way of the SavedModel that Keras exports; ``kind`` is the format that it is told as.

    A file's model is called on zeros of the shapes with which it was built. Raises ``ConversionFailed``: nobody has called it.
    """

    def exported(folder: Path) -> LoadedGraph:
        _export(model, folder / "model")
        return load_saved_model(folder / "model", state_as_io=state_as_io)

    try:
        loaded = by_way_of_a_folder(exported)
    except (AssertionError, AttributeError, ValueError, TypeError, KeyError, tensorflow().errors.OpError) as error:
        raise ConversionFailed(
            f"{label} is a {type(model).__name__} that doesn't say what it takes: {quoted(error)}", hint=_HOW
        ) from error
    return replace(loaded, format=kind, signature=None)


def _export(model: Any, folder: Path) -> None:
    """Keras exports what has been called; of a model from a file it knows with which shapes it was built."""
    try:
        model.export(str(folder), verbose=False)
    except ValueError:
        shapes = (model.get_build_config() or {}).get("input_shape") if model.built else None
        if shapes is None:
            raise
        model(_zeros(shapes), training=False)
        model.export(str(folder), verbose=False)


def _zeros(shapes: Any) -> Any:
    """``{"a": [None, 8]}`` -> ``{"a": zeros(1, 8)}``: float32, as nothing is noted of dtypes."""
    if isinstance(shapes, Mapping):
        return {name: _zeros(shape) for name, shape in shapes.items()}
    if isinstance(shapes, Sequence) and any(isinstance(each, (Mapping, Sequence)) for each in shapes):
        zeros = [_zeros(each) for each in shapes]
        return tuple(zeros) if isinstance(shapes, tuple) else zeros
    return keras().ops.zeros([1 if size is None else size for size in shapes], "float32")

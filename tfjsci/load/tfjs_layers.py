"""A TF.js layers model built again with Keras 3: each layer from its row, called as the file says, with the file's weights.

Nothing of the file reaches Keras' own reading of configs: classes and arguments come through :mod:`tfjsci.layers.keras_3`.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.errors import ConversionFailed, CorruptModel
from tfjsci.graph.graph import Array
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.layers.keras_3 import keras_3
from tfjsci.layers.keras_model import MODELS, KerasCall, KerasLayer, KerasModel, Tensor, tensors_in
from tfjsci.layers.parse import as_layer
from tfjsci.layers.refused import Refusal, RefusedError
from tfjsci.layers.stored import Place
from tfjsci.layers.way_back import NoWayBack, require_way_back
from tfjsci.layers.web import FORMAT, WebModel, parse_web_model, read_web_model, specs_of
from tfjsci.load.aside import aside
from tfjsci.load.keras_file import trace
from tfjsci.load.loaded import LoadedGraph
from tfjsci.quoted import quoted

_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM2D", "Bidirectional"})
_CELLS = frozenset({"SimpleRNN", "LSTM", "GRU", "ConvLSTM2D"})
_HARD_SIGMOID = "hard_sigmoid"


def load_tfjs_layers(path: Path) -> LoadedGraph:
    """Load the layers model in the folder ``path`` as a graph.

    Raises ``MissingModel``, ``CorruptModel``, ``NoWayBack`` and ``ConversionFailed``.
    """
    web = read_web_model(path)
    return aside(lambda: _traced(web))


def _traced(web: WebModel) -> LoadedGraph:
    """The model as a graph, its inputs and outputs under the names of the file's signature, where it has one."""
    loaded = trace(keras_of(web, to_be_saved=False), FORMAT, web.label)
    inputs, outputs = specs_of(web)
    theirs = {ours.name: own.name for ours, own in zip(inputs, loaded.inputs, strict=True)}
    named = {own.name: ours.name for ours, own in zip(outputs, loaded.outputs, strict=True)}

    def original(arrays: Mapping[str, Array]) -> dict[str, Array]:
        values = loaded.original({theirs[name]: value for name, value in arrays.items()})
        return {named[name]: value for name, value in values.items()}

    return replace(
        loaded,
        inputs=tuple(replace(own, name=ours.name) for ours, own in zip(inputs, loaded.inputs, strict=True)),
        outputs=tuple(replace(own, name=named[own.name]) for own in loaded.outputs),
        original=original,
        notes=(*loaded.notes, *web.notes),
        metadata=web.metadata,
    )


def save_keras(web: WebModel, file: Path) -> int:
    """Write the model to ``file``, whose name says the format (``.keras``, ``.h5``), and let Keras read it again.

    Returns how many layers it has.
    Raises what :func:`keras_of` raises, ``ConversionFailed`` where Keras can't read it, and ``OSError``.
    """

    def save() -> int:
        model = keras_of(web, to_be_saved=True)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # that HDF5 is a format of old
            model.save(file)
        try:
            keras().saving.load_model(file, compile=False)
        except (TypeError, ValueError, KeyError, AttributeError) as error:
            raise ConversionFailed(
                f"Keras {keras().__version__} can't read {web.label} back from {file.suffix}: {quoted(error)}",
                hint="HDF5 doesn't take masks between layers (Masking, mask_zero): give a name that ends in .keras."
                if file.suffix != ".keras"
                else "--output-format saved_model asks less.",
            ) from error
        return len(model.layers)

    return aside(save)


def keras_of(web: WebModel, *, to_be_saved: bool) -> Any:
    """The ``keras.Model``. ``to_be_saved``: Keras is to read it from a file again, so that it may hold no function of ours.

    Raises ``NoWayBack`` with the layers that Keras would compute otherwise, ``CorruptModel`` where weights are missing or
    don't fit, ``ConversionFailed`` where Keras refuses.
    """
    parsed = parse_web_model(web)
    require_way_back(parsed, web.label)
    builder = _Builder(to_be_saved=to_be_saved)
    try:
        model = builder.model(parsed)
        for assign in builder.assignments:
            assign()
    except RefusedError as error:
        raise NoWayBack(web.label, (Refusal(layer=builder.at, class_name="", reason=error.reason),)) from error
    except (
        KeyError,
        TypeError,
        ValueError,
        IndexError,
        AttributeError,
        RuntimeError,
        tensorflow().errors.OpError,
    ) as error:
        raise ConversionFailed(
            f"Keras {keras().__version__} can't build the layer {builder.at!r} of {web.label}: {quoted(error)}",
            hint="Does TensorFlow.js itself load the model? Then please report it.",
        ) from error
    return model


class _Builder:
    """One model being built. ``at`` is the layer that is worked on; ``assignments`` set the weights once all is built."""

    def __init__(self, *, to_be_saved: bool) -> None:
        self._saved = to_be_saved
        self.at = ""
        self.assignments: list[Callable[[], None]] = []

    def model(self, model: KerasModel) -> Any:
        """Its inputs, then each call as soon as what it is called on is there."""
        k = keras()
        made: dict[str, list[Any]] = {}
        values: dict[Tensor, Any] = {}
        layers = {layer.name: layer for layer in model.layers}
        for tensor in model.inputs:
            config = layers[tensor.layer].config
            shape: Any = config.get("batch_input_shape") or config.get("batch_shape")
            dtype = str(config.get("dtype") or "float32")
            values[tensor] = k.Input(batch_shape=tuple(shape), dtype=dtype, name=tensor.layer)
        if model.sequential:
            chain = [each for layer in model.layers[1:] for each in self._made(layer)]
            self.at = model.name
            return k.Sequential([*values.values(), *chain], name=model.name)
        waiting = [(layer, number) for layer in model.layers for number in range(len(layer.calls))]
        while waiting:
            later = []
            for layer, number in waiting:
                call = layer.calls[number]
                if all(tensor in values for tensor in tensors_in([list(call.args), dict(call.kwargs)])):
                    self._call(layer, number, made, values)
                else:
                    later.append((layer, number))
            if len(later) == len(waiting):
                raise ValueError(f"the calls of {later[0][0].name!r} wait for one another")
            waiting = later
        self.at = model.name
        inputs = [values[tensor] for tensor in model.inputs]
        outputs = [values[tensor] for tensor in model.outputs]
        return k.Model(_one_or_all(inputs), _one_or_all(outputs), name=model.name)

    def _call(self, layer: KerasLayer, number: int, made: dict[str, list[Any]], values: dict[Tensor, Any]) -> None:
        self.at = layer.name
        if layer.name not in made:
            made[layer.name] = self._made(layer)
        first, *more = made[layer.name]
        called = _called(first, layer, layer.calls[number], values)
        for each in more:
            called = each(called)
        outputs = called if isinstance(called, list | tuple) else [called]
        for i, output in enumerate(outputs):
            values[Tensor(layer.name, number, i)] = output

    def _made(self, layer: KerasLayer) -> list[Any]:
        """The layer, and what is to follow it."""
        self.at = layer.name
        if layer.model is not None:
            return [self.model(layer.model)]
        built, hard = self._layer(layer, layer.place, inside=False)
        if not hard:
            return [built]
        k = keras()
        # the runtime's hard_sigmoid is clip(x / 5 + 1/2, 0, 1), Keras 3's is clip(x / 6 + 1/2, 0, 1)
        scaled = k.layers.Rescaling(0.2, 0.5, name=f"{layer.name}_fifth")
        return [built, scaled, k.layers.ReLU(max_value=1.0, name=f"{layer.name}_clipped")]

    def _layer(self, layer: KerasLayer, place: Place, *, inside: bool, cell: str | None = None) -> tuple[Any, bool]:
        """The Keras layer, and whether a hard sigmoid is to follow it."""
        k = keras()
        class_name, arguments = keras_3(layer, cell)
        follows = False
        for key in ("activation", "recurrent_activation"):
            if arguments.get(key) != _HARD_SIGMOID:
                continue
            if not inside and class_name not in _CELLS:
                arguments[key], follows = "linear", True
            elif self._saved:
                raise RefusedError(
                    f"its {key} is hard_sigmoid, which is clip(0.2 x + 0.5, 0, 1) in TensorFlow.js and another function in "
                    "Keras 3; in a graph model and in a SavedModel it is exact"
                )
            else:
                arguments[key] = _hard_sigmoid
        if class_name == "RNN":
            arguments["cell"] = self._cell(layer, place.part("cell"))
        elif class_name in ("Bidirectional", "TimeDistributed"):
            arguments["layer"] = self._wrapped(layer, class_name)
        made = getattr(k.layers, class_name)(**_tuples(arguments), **({} if cell else {"name": layer.name}))
        if layer.config.get("trainable") is False:
            made.trainable = False
        if class_name == "Bidirectional":
            for attribute in ("forward_layer", "backward_layer"):
                inner = as_layer(layer.config["layer"], 2, layer.place.part(attribute))
                self._assign(layer.name, getattr(made, attribute), inner.place)
        elif class_name not in ("TimeDistributed", "RNN"):
            self._assign(layer.name, made, place)
        return made, follows

    def _wrapped(self, layer: KerasLayer, by: str) -> Any:
        inner = as_layer(layer.config["layer"], 2, layer.place.part("layer"))
        if inner.class_name in MODELS and inner.model is not None:
            return self.model(inner.model)
        made, _ = self._layer(inner, _NO_WEIGHTS if by == "Bidirectional" else layer.place, inside=True)
        return made

    def _cell(self, layer: KerasLayer, place: Place) -> Any:
        described = layer.config["cell"]
        class_name, config = str(described["class_name"]), described["config"]
        if class_name != "StackedRNNCells":
            return self._layer(_as_cell(layer, config), place, inside=True, cell=class_name)[0]
        cells = config["cells"]
        names = [(str(each["class_name"]), str(i)) for i, each in enumerate(cells)]
        places = place.children("", names, sequential=False)
        return keras().layers.StackedRNNCells(
            [
                self._layer(_as_cell(layer, each["config"]), at, inside=True, cell=str(each["class_name"]))[0]
                for each, at in zip(cells, places, strict=True)
            ]
        )

    def _assign(self, name: str, made: Any, place: Place) -> None:
        if place is not _NO_WEIGHTS:
            self.assignments.append(lambda: _set_weights(name, made, place))


class _NoWeights:
    """Of a layer that only says how another two are made."""

    def children(self, parent: str, layers: Sequence[tuple[str, str]], *, sequential: bool) -> list[Place]:  # noqa: ARG002
        return [_NO_WEIGHTS for _ in layers]

    def part(self, attribute: str) -> Place:  # noqa: ARG002
        return self

    def weights(self) -> list[Any]:
        return []


_NO_WEIGHTS: Place = _NoWeights()


def _as_cell(layer: KerasLayer, config: Mapping[str, Any]) -> KerasLayer:
    return KerasLayer(
        name=layer.name,
        class_name=layer.class_name,
        config=config,
        dialect=layer.dialect,
        is_op=False,
        calls=(),
        place=layer.place,
    )


def _called(made: Callable[..., Any], layer: KerasLayer, call: KerasCall, values: Mapping[Tensor, Any]) -> Any:
    """On its tensors in order; those of a recurrent layer after the first are its initial states."""
    tensors = [values[tensor] for tensor in tensors_in(list(call.args))]
    states = [values[tensor] for tensor in tensors_in(call.kwargs.get("initial_state"))]
    if layer.class_name in _RECURRENT:
        first, *more = tensors
        states = more + states
        return made(first, initial_state=states) if states else made(first)
    return made(_one_or_all(tensors))


def _set_weights(name: str, made: Any, place: Place) -> None:
    stored = {weight.name: weight for weight in place.weights()}
    for variable in made.weights:
        key = str(variable.name)
        found = stored.get("depthwise_kernel" if key == "kernel" and "depthwise_kernel" in stored else key)
        if found is None:
            raise _unfit(f"the weight {name}/{key} isn't there")
        if tuple(found.shape) != tuple(variable.shape):
            raise _unfit(
                f"the weight {found.path} has the shape {list(found.shape)}, and {list(variable.shape)} is wanted"
            )
        variable.assign(np.asarray(found.read()))


def _unfit(message: str) -> CorruptModel:
    return CorruptModel(message, hint="TensorFlow.js couldn't load this model either: save or convert it again.")


def _hard_sigmoid(x: Any) -> Any:
    """clip(x / 5 + 1/2, 0, 1), as TensorFlow.js has it."""
    ops = keras().ops
    return ops.clip(0.2 * x + 0.5, 0.0, 1.0)


def _one_or_all(items: Sequence[Any]) -> Any:
    return items[0] if len(items) == 1 else list(items)


def _tuples(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Lists of numbers as Keras' own configs have them in Python."""
    return {
        key: tuple(value) if key in _TUPLES and isinstance(value, list) else value for key, value in arguments.items()
    }


_TUPLES = frozenset({"kernel_size", "strides", "dilation_rate", "pool_size", "target_shape", "dims", "size"})

"""A config of Keras 2 or 3 -> KerasModel.

Keras 3 writes calls as ``{"args": [...], "kwargs": {...}}`` with tensors as ``__keras_tensor__``, Keras 2 as lists of
``[layer, node, tensor, kwargs]``. Nodes of nested models are counted from 1 in Keras 2, and in the outputs of Keras 3
(``Functional`` alone), else from 0: here they all are from 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tfjsci.layers.keras_model import MODELS, Dialect, KerasCall, KerasLayer, KerasModel, Tensor
from tfjsci.layers.stored import NOWHERE, Place

_LEGACY_CLASSES = {
    "BatchNormalizationV1": "BatchNormalization",
    "BatchNormalizationV2": "BatchNormalization",
    "UnifiedGRU": "GRU",
    "UnifiedLSTM": "LSTM",
    "CuDNNGRU": "GRU",
    "CuDNNLSTM": "LSTM",
    "Convolution1D": "Conv1D",
    "Convolution2D": "Conv2D",
    "Convolution3D": "Conv3D",
    "Convolution2DTranspose": "Conv2DTranspose",
    "SeparableConvolution1D": "SeparableConv1D",
    "SeparableConvolution2D": "SeparableConv2D",
}
"""Names of old that files still have."""


_KERAS_2_OPERATIONS = {
    "__operators__.add": "Add",
    "math.add": "Add",
    "math.divide": "Divide",
    "math.maximum": "Maximum",
    "math.minimum": "Minimum",
    "math.multiply": "Multiply",
    "math.negative": "Negative",
    "math.sigmoid": "Sigmoid",
    "math.subtract": "Subtract",
    "math.tanh": "Tanh",
    "math.truediv": "TrueDivide",
    "nn.relu": "Relu",
    "nn.relu6": "Relu6",
    "nn.sigmoid": "Sigmoid",
    "nn.silu": "Silu",
    "nn.swish": "Silu",
}
"""TensorFlow's functions in a ``TFOpLambda`` of Keras 2 -> Keras 3's names of the operations. They are named, never called."""

_CONSTANT = "_CONSTANT_VALUE"


class BadConfigError(ValueError):
    """The config isn't one of a Keras model that is made of layers; the message says what is missing."""


def dialect_of(keras_version: str | None, config: Any) -> Dialect:
    """By the version that wrote the file; without one by the config's own marks."""
    if keras_version:
        return 3 if keras_version.split(".")[0].isdigit() and int(keras_version.split(".")[0]) >= 3 else 2
    text = repr(config)
    return 3 if "batch_shape" in text and "batch_input_shape" not in text else 2


def parse_model(config: Any, *, dialect: Dialect, place: Place) -> KerasModel:
    """The outermost model. Raises ``BadConfigError``."""
    class_name, inner = _object(config, "the model")
    if class_name not in MODELS and not (isinstance(inner, Mapping) and "layers" in inner):
        raise BadConfigError("it is a model of the author's own, whose layers the file doesn't tell")
    return _model(class_name, inner, dialect, place)


def as_layer(value: Any, dialect: Dialect, place: Place) -> KerasLayer:
    """A layer that stands in another one's config (a wrapper's). Raises ``BadConfigError``."""
    class_name, config = _object(value, "a wrapped layer")
    return KerasLayer(
        name=str(config.get("name", class_name.lower())) if isinstance(config, Mapping) else class_name.lower(),
        class_name=class_name,
        config=config,
        dialect=dialect,
        is_op=False,
        calls=(),
        place=place,
        model=_model(class_name, config, dialect, place) if class_name in MODELS else None,
    )


def _object(value: Any, where: str) -> tuple[str, Any]:
    if not isinstance(value, Mapping) or not isinstance(value.get("class_name"), str) or "config" not in value:
        raise BadConfigError(f"{where} has no class_name and config")
    name = value["class_name"].rpartition(">")[2]
    return _LEGACY_CLASSES.get(name, name), value["config"]


def _model(class_name: str, config: Any, dialect: Dialect, place: Place) -> KerasModel:
    listed = config if isinstance(config, list) else config.get("layers") if isinstance(config, Mapping) else None
    if not isinstance(listed, list) or not listed:
        raise BadConfigError(f"the {class_name} has no layers")
    described = config if isinstance(config, Mapping) else {}
    sequential = class_name == "Sequential" or "input_layers" not in described
    name = str(described.get("name", class_name.lower()))
    if sequential:
        listed = _with_input(listed, described)
    objects = [_object(item, f"a layer of {name}") for item in listed]
    names = [str(item.get("name") or inner.get("name")) for item, (_, inner) in zip(listed, objects, strict=True)]
    operations = [_is_op(item, dialect) for item in listed]
    objects = [_keras_2_operation(cls, inner) for cls, inner in objects]
    real = [i for i, is_op in enumerate(operations) if not is_op]
    found = place.children(name, [(objects[i][0], names[i]) for i in real], sequential=sequential)
    places = dict(zip(real, found, strict=True))
    functional = frozenset(n for n, (cls, _) in zip(names, objects, strict=True) if cls in MODELS)
    counted_from_one = functional if dialect == 2 else frozenset()
    layers = tuple(
        KerasLayer(
            name=names[i],
            class_name=cls,
            config=inner,
            dialect=dialect,
            is_op=operations[i],
            calls=_chained(i, names) if sequential else _calls(listed[i], counted_from_one, frozenset(names)),
            place=places.get(i, NOWHERE),
            model=_model(cls, inner, dialect, places[i]) if cls in MODELS else None,
        )
        for i, (cls, inner) in enumerate(objects)
    )
    if sequential:
        return KerasModel(
            name=name,
            sequential=True,
            layers=layers,
            inputs=(Tensor(names[0], 0, 0),),
            outputs=(Tensor(names[-1], 0, 0),),
            output_names=(names[-1],),
        )
    # in what a model gives out, Keras 3 counts the calls of a nested Functional from 1, those of a Sequential don't
    from_one = counted_from_one or frozenset(
        n for n, (cls, _) in zip(names, objects, strict=True) if cls in MODELS and cls != "Sequential"
    )
    outputs = tuple(_leaves(described["output_layers"], from_one))
    return KerasModel(
        name=name,
        sequential=False,
        layers=layers,
        inputs=tuple(_leaves(described["input_layers"], frozenset())),
        outputs=outputs,
        output_names=_keys(described["output_layers"], outputs),
    )


def _with_input(listed: list[Any], config: Mapping[str, Any]) -> list[Any]:
    """A Sequential that begins with an input layer, made from what the file says of its shape where it has none."""
    class_name, first = _object(listed[0], "the first layer")
    if class_name == "InputLayer":
        return listed
    inner = first if isinstance(first, Mapping) else {}
    built = listed[0].get("build_config") or {}
    shape = (
        inner.get("batch_input_shape")
        or inner.get("batch_shape")
        or config.get("build_input_shape")
        or (built.get("input_shape") if isinstance(built, Mapping) else None)
    )
    if shape is None and class_name in MODELS and isinstance(inner.get("layers"), list):
        nested = _with_input(inner["layers"], inner)[0]["config"]
        shape = nested.get("batch_shape") or nested.get("batch_input_shape")
    if shape is None:
        raise BadConfigError("its Sequential was never built: the file doesn't say the shape of its input")
    dtype = "int32" if class_name == "Embedding" else "float32"
    made = {"batch_shape": shape, "dtype": dtype, "name": f"{inner.get('name', class_name.lower())}_input"}
    return [{"class_name": "InputLayer", "config": made}, *listed]


def _is_op(item: Mapping[str, Any], dialect: Dialect) -> bool:
    """Keras 3 writes an operation like a layer; in HDF5 only that its config has no dtype tells them apart."""
    module = item.get("module")
    if item["class_name"] == "TFOpLambda":
        return True
    if isinstance(module, str):
        return ".ops." in module
    config = item["config"]
    return dialect == 3 and isinstance(config, Mapping) and "dtype" not in config and "layers" not in config


def _keras_2_operation(class_name: str, config: Any) -> tuple[str, Any]:
    if class_name != "TFOpLambda" or not isinstance(config, Mapping):
        return class_name, config
    function = str(config.get("function"))
    return _KERAS_2_OPERATIONS.get(function, f"tf.{function}"), config


def _chained(index: int, names: Sequence[str]) -> tuple[KerasCall, ...]:
    return (KerasCall(args=(Tensor(names[index - 1], 0, 0),), kwargs={}),) if index else ()


def _calls(item: Mapping[str, Any], from_one: frozenset[str], names: frozenset[str]) -> tuple[KerasCall, ...]:
    calls = []
    for node in item.get("inbound_nodes") or []:
        if isinstance(node, Mapping):
            args, kwargs = _revived(node.get("args", [])), _revived(node.get("kwargs", {}))
            if not isinstance(args, list) or not isinstance(kwargs, Mapping):
                raise BadConfigError(f"a call of {item.get('name')!r} has no list of arguments")
            calls.append(KerasCall(args=tuple(args), kwargs=kwargs))
        else:
            calls.append(_legacy_call(node, from_one, names))
    return tuple(calls)


def _legacy_call(node: Any, from_one: frozenset[str], names: frozenset[str]) -> KerasCall:
    if node and isinstance(node[0], str):  # one tensor alone
        node = [node]
    kwargs: dict[str, Any] = {}
    for entry in node:
        if len(entry) > 3 and isinstance(entry[3], Mapping):
            kwargs |= {key: _legacy_value(value, from_one, names) for key, value in entry[3].items()}
    tensors = [entry[2] if entry[0] == _CONSTANT else _leaf(entry, from_one) for entry in node]
    # the second operand of an operation
    more = (kwargs.pop("y"),) if "y" in kwargs else ()
    kwargs.pop("name", None)
    return KerasCall(args=(tensors[0] if len(tensors) == 1 else tensors, *more), kwargs=kwargs)


def _legacy_value(value: Any, from_one: frozenset[str], names: frozenset[str]) -> Any:
    if isinstance(value, list):
        if len(value) == 3 and value[0] in names and isinstance(value[1], int) and isinstance(value[2], int):
            return _leaf(value, from_one)
        return [_legacy_value(item, from_one, names) for item in value]
    return value


def _revived(value: Any) -> Any:
    if isinstance(value, Mapping):
        if value.get("class_name") == "__keras_tensor__":
            layer, node, output = value["config"]["keras_history"]
            return Tensor(str(layer), int(node), int(output))
        return {key: _revived(item) for key, item in value.items()}
    return [_revived(item) for item in value] if isinstance(value, list) else value


def _leaves(value: Any, from_one: frozenset[str]) -> list[Tensor]:
    if isinstance(value, Mapping):
        return [leaf for key in sorted(value) for leaf in _leaves(value[key], from_one)]
    if _is_leaf(value):
        return [_leaf(value, from_one)]
    if not isinstance(value, list):
        raise BadConfigError(f"an input or output of the model is {str(value)[:60]!r}")
    return [leaf for item in value for leaf in _leaves(item, from_one)]


def _is_leaf(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 3 and isinstance(value[0], str) and isinstance(value[1], int)


def _leaf(value: Sequence[Any], from_one: frozenset[str]) -> Tensor:
    layer, node, output = str(value[0]), int(value[1]), int(value[2])
    return Tensor(layer, node - 1 if layer in from_one else node, output)


def _keys(structure: Any, outputs: Sequence[Tensor]) -> tuple[str, ...]:
    if isinstance(structure, Mapping) and len(structure) == len(outputs):
        return tuple(sorted(str(key) for key in structure))
    names: list[str] = []
    for tensor in outputs:
        name, number = tensor.layer, 1
        while name in names:
            name, number = f"{tensor.layer}_{number}", number + 1
        names.append(name)
    return tuple(names)

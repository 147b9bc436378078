"""A ``.keras`` archive, its unpacked folder or an HDF5 file: layers from the config, weights from HDF5, without Keras."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tfjsci.errors import CorruptModel
from tfjsci.inspection.inspection import Inspection, LayerFacts, SignatureFacts, Stored, summarized
from tfjsci.inspection.output_shapes import output_shapes_of
from tfjsci.layers.keras_model import KerasLayer, KerasModel, Tensor
from tfjsci.layers.refused import NoLayersModel
from tfjsci.layers.source import open_source, open_weights
from tfjsci.layers.stored import CountedPlace, dtype_of
from tfjsci.signature import TensorSpec

_INPUT = "InputLayer"
_OF_TRAINING = ("optimizer", "optimizer_weights")


def inspect_keras(path: Path, size_bytes: int) -> Inspection:
    """Of weights alone, and of models of their author's own, only the weights are told.

    Raises what :func:`tfjsci.layers.source.open_source` raises about files that can't be read.
    """
    try:
        return _whole(path, size_bytes)
    except NoLayersModel as error:
        return _weights_alone(path, size_bytes, error.message)
    except CorruptModel as error:
        if not _is_without_config(path):
            raise
        return _weights_alone(path, size_bytes, error.message)


def _is_without_config(path: Path) -> bool:
    """Whether it is an HDF5 file of weights alone."""
    import h5py

    if not (path.is_file() and h5py.is_hdf5(path)):
        return False
    with open_weights(path) as file:
        return "model_config" not in file.attrs


def _weights_alone(path: Path, size_bytes: int, why: str) -> Inspection:
    with open_weights(path) as file:
        stored = [each for each in _below(file) if not each.name.startswith(_OF_TRAINING)]
    return Inspection(
        name=path.name,
        format="keras" if zipfile.is_zipfile(path) or path.is_dir() else "h5",
        weights=summarized(stored),
        parameters=sum(each.parameters for each in stored),
        size_bytes=size_bytes,
        notes=(f"its layers aren't told: {why}",),
    )


def _whole(path: Path, size_bytes: int) -> Inspection:
    with open_source(path) as source:
        leaves = list(_leaves(source.model, ""))
        stored = [(name, layer, list(_weights_of(layer))) for name, layer in leaves]
        every = [weight for _, _, weights in stored for weight in weights]
        notes: tuple[str, ...] = (f"written by Keras {source.keras_version}",) if source.keras_version else ()
        notes += ("its optimizer's state isn't counted",) if source.optimizer else ()
        return Inspection(
            name=path.name,
            format=source.format,
            signatures=(_signature(source.model),),
            layers=tuple(
                LayerFacts(name=name, kind=layer.class_name, parameters=sum(weight.parameters for weight in weights))
                for name, layer, weights in stored
            ),
            weights=summarized(every),
            parameters=sum(weight.parameters for weight in every),
            size_bytes=size_bytes,
            notes=notes,
        )


def _signature(model: KerasModel) -> SignatureFacts:
    by_name = {layer.name: layer for layer in model.layers}

    def given(name: str) -> TensorSpec:
        config = by_name[name].config if name in by_name else {}
        shape = config.get("batch_shape") or config.get("batch_input_shape")
        dtype = config.get("dtype")
        return TensorSpec(
            name=name,
            tensor=name,
            dtype=dtype if isinstance(dtype, str) else "float32",
            shape=tuple(shape) if isinstance(shape, list) else None,
        )

    return SignatureFacts(
        name=None,
        inputs=tuple(given(tensor.layer) for tensor in model.inputs),
        outputs=tuple(
            TensorSpec(name=name, tensor=tensor.layer, dtype=_dtype(model, tensor), shape=shape)
            for name, tensor, shape in zip(model.output_names, model.outputs, output_shapes_of(model), strict=True)
        ),
    )


def _dtype(model: KerasModel, tensor: Tensor) -> str:
    """What the layer computes in that the tensor comes from, as its policy says; ops have none."""
    layer = next((each for each in model.layers if each.name == tensor.layer), None)
    if layer is not None and layer.model is not None and tensor.output < len(layer.model.outputs):
        return _dtype(layer.model, layer.model.outputs[tensor.output])
    told = layer.config.get("dtype") if layer is not None else None
    inner = told.get("config") if isinstance(told, Mapping) else None
    name = inner.get("name") if isinstance(inner, Mapping) else told
    return name.removeprefix("mixed_") if isinstance(name, str) else "unknown"


def _leaves(model: KerasModel, prefix: str) -> Iterator[tuple[str, KerasLayer]]:
    """The layers, those of nested models under the models' names."""
    for layer in model.layers:
        if layer.model is not None:
            yield from _leaves(layer.model, f"{prefix}{layer.name}/")
        elif layer.class_name != _INPUT:
            yield f"{prefix}{layer.name}", layer


def _weights_of(layer: KerasLayer) -> Iterator[Stored]:
    """Of the layer and whatever it is made of: cells, wrapped layers."""
    if isinstance(layer.place, CountedPlace):
        yield from _below(layer.place.file.get(layer.place.path))
        return
    for weight in layer.place.weights():
        value = weight.read()
        yield Stored(name=weight.path, dtype=value.dtype.name, shape=value.shape, bytes=value.nbytes)


def _below(group: Any) -> Iterator[Stored]:
    """Every dataset of the group, but for what random numbers are drawn from."""
    for key in group or ():
        item = group[key]
        if key == "seed_generator":
            continue
        if hasattr(item, "dtype"):
            yield Stored(name=item.name.lstrip("/"), dtype=dtype_of(item), shape=tuple(item.shape), bytes=item.nbytes)
        else:
            yield from _below(item)

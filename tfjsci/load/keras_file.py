"""A Keras 3 ``.keras`` archive or an HDF5 ``.h5`` file -> LoadedGraph."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import isfunction
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, MissingModel
from tfjsci.graph.graph import Array, Shape, unused_name
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.hdf5_outside import outside_data
from tfjsci.listed import listed
from tfjsci.load.aside import aside
from tfjsci.load.keras_2 import as_keras_3, functions, is_of_keras_2, write_as_keras_3
from tfjsci.load.keras_config import code_in
from tfjsci.load.keras_subclassed import through_export
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.pinned import NO_PINS, Pins
from tfjsci.load.stateful import StatefulOriginal, with_state
from tfjsci.load.tables_in_memory import captured_tables
from tfjsci.load.traced import Weight, stateful_graph_of
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec

_CONFIG, _METADATA, _WEIGHTS = "config.json", "metadata.json", "model.weights.h5"
_SUFFIXES = {"keras": (".keras",), "h5": (".h5", ".hdf5")}

MAX_CONFIG_BYTES = 64 << 20

BOMB_FLOOR_BYTES = 256 << 20
BOMB_RATIO = 50
"""Keras stores the members as they are (1 : 1), and weights hardly compress: what grows so much fills memory and disk."""

# Whatever is in a damaged file reaches h5py, zipfile, json, Keras and TensorFlow: they raise all kinds of things.
_UNREADABLE = (OSError, ValueError, KeyError, TypeError, RuntimeError, EOFError, zipfile.BadZipFile, zlib.error)


def load_keras(
    path: Path,
    *,
    allow_code: bool = False,
    state_as_io: bool = False,
    custom_objects: Mapping[str, Any] | None = None,
    pins: Pins = NO_PINS,
) -> LoadedGraph:
    """Load ``.keras``; ``custom_objects`` (with ``allow_code``) are classes of its author's own, by name.

    ``pins`` are tried where a layer can't do without known sizes.

    Raises ``MissingModel``, ``CorruptModel``, ``CodeRefused``, ``ConversionFailed``.
    """
    import h5py

    _present(path)
    try:
        with zipfile.ZipFile(path) as archive:
            config_size = archive.getinfo(_CONFIG).file_size
            unpacked = sum(member.file_size for member in archive.infolist())
            if config_size > MAX_CONFIG_BYTES:
                raise ValueError(f"{_CONFIG} has {config_size} bytes, at most {MAX_CONFIG_BYTES} are read")
            if unpacked > max(BOMB_FLOOR_BYTES, BOMB_RATIO * path.stat().st_size):
                raise ValueError(f"it unpacks to {unpacked} bytes, more than {BOMB_RATIO} times its size")
            config = json.loads(archive.read(_CONFIG))
            version = _version_in(archive)
            with h5py.File(io.BytesIO(archive.read(_WEIGHTS)), "r") as weights:
                outside = outside_data(weights)
    except _UNREADABLE as error:
        raise _corrupt(path, "a .keras archive", error) from error
    if isinstance(config, dict):
        # the optimizer, loss and metrics: never built, as the model is loaded with compile=False
        config = {key: value for key, value in config.items() if key != "compile_config"}
    _refuse_outside(path, outside)
    if is_of_keras_2(version) and '"hard_sigmoid"' in json.dumps(config):
        raise ConversionFailed(
            f"{path.name} was written by Keras {version}, whose hard_sigmoid is another function than that of Keras 3",
            hint="Save it with that Keras as .h5 (model.save('model.h5')): of such a file it is read as Keras 2 meant it.",
        )
    own = _code_of(path, config, allow_code)
    return aside(lambda: _load(path, "keras", own, allow_code, state_as_io, custom_objects, pins))


def load_h5(
    path: Path,
    *,
    allow_code: bool = False,
    state_as_io: bool = False,
    custom_objects: Mapping[str, Any] | None = None,
    pins: Pins = NO_PINS,
) -> LoadedGraph:
    """Load a whole model from HDF5; ``custom_objects`` as in :func:`load_keras`.

    Raises ``MissingModel``, ``CorruptModel``, ``CodeRefused``, ``ConversionFailed``.
    """
    import h5py

    _present(path)
    try:
        with h5py.File(path, "r") as file:
            raw = file.attrs.get("model_config")
            version = file.attrs.get("keras_version")
            outside = outside_data(file)
            config = None if raw is None else json.loads(raw)
    except _UNREADABLE as error:
        raise _corrupt(path, "an HDF5 file", error) from error
    _refuse_outside(path, outside)
    if raw is None:
        raise CorruptModel(
            f"{path.name} holds no model_config: weights alone, without the layers they belong to",
            hint="Give the model's JSON (model.to_json()) with --architecture, or save it whole: model.save('model.keras').",
        )
    own = _code_of(path, config, allow_code)
    older = as_keras_3(config) if is_of_keras_2(version) else config
    changed = None if older == config else older
    return aside(lambda: _load(path, "h5", own, allow_code, state_as_io, custom_objects, pins, changed))


def _version_in(archive: zipfile.ZipFile) -> str:
    """Of the Keras that wrote it; nothing where it doesn't say."""
    if _METADATA not in archive.namelist():
        return ""
    metadata = json.loads(archive.read(_METADATA))
    return str(metadata.get("keras_version") or "") if isinstance(metadata, dict) else ""


def _present(path: Path) -> None:
    if not path.is_file():
        raise MissingModel(
            f"there is no file {path.name}", hint="Check the path; in a manifest it is relative to the manifest."
        )


def _corrupt(path: Path, kind: str, error: BaseException) -> CorruptModel:
    return CorruptModel(
        f"{path.name} can't be read as {kind}: {quoted(error)}",
        hint="It is damaged or cut short (an unfinished download, Git LFS without its content?). Save the model again.",
    )


def _code_of(path: Path, config: Any, allow_code: bool) -> str:
    """What of the file is code, told; nothing: it has none. Raises ``CodeRefused`` where it may not run."""
    found = code_in(config, own_functions=_own_functions())
    told = listed((f"{part.layer}: {part.reason}" for part in found), 10, between="; ")
    if found and not allow_code:
        raise CodeRefused(
            f"{path.name} was not loaded, because loading it runs code that is in the file: {told}",
            hint="Replace it by Keras' own layers or ops. If you trust the file: run the command with --allow-code, and name "
            "classes and functions of its author's own with --custom-objects module:name (in a manifest custom_objects:, in "
            "Python allow_code=True and custom_objects=).",
        )
    return told


def _own_functions() -> frozenset[str]:
    """Names of Keras' functions that it finds without being told the module."""
    k = keras()
    packages = (k.activations, k.constraints, k.initializers, k.losses, k.metrics, k.regularizers)
    return frozenset(name for package in packages for name, item in vars(package).items() if isfunction(item))


def _refuse_outside(path: Path, outside: str | None) -> None:
    if outside:
        raise CodeRefused(
            f"{path.name} was not loaded: its weights at {outside} lie in another file",
            hint="Save the model whole: model.save(path).",
        )


def _load(
    path: Path,
    kind: str,
    own: str,
    allow_code: bool,
    state_as_io: bool,
    custom_objects: Mapping[str, Any] | None,
    pins: Pins,
    config: Mapping[str, Any] | None = None,
) -> LoadedGraph:
    """``config`` is what an HDF5 file is to be read with in place of its own."""
    k = keras()
    known = {**functions(), **(custom_objects or {})}
    try:
        with _named_as(path, kind, config) as named, k.saving.custom_object_scope(known):
            model = k.saving.load_model(str(named), custom_objects=known, compile=False, safe_mode=not allow_code)
    except Exception as error:  # what Keras and the libraries below it raise on a damaged file can be anything
        if own:
            raise CorruptModel(
                f"Keras {k.__version__} can't load {path.name}, which holds code of its author's own ({own}): {quoted(error)}",
                hint="Name its classes and functions with --custom-objects module:name (custom_objects= in Python), or export "
                "it where they are known: model.export('folder').",
            ) from error
        raise CorruptModel(
            f"Keras {k.__version__} can't load {path.name}: {quoted(error)}",
            hint="It is damaged, was saved by a Keras that this one can't read (save it again with the Keras installed "
            "here), or holds classes of its author's own (export it instead: model.export('folder')).",
        ) from error
    return trace(model, kind, path.name, state_as_io=state_as_io, pins=pins)


@contextmanager
def _named_as(path: Path, kind: str, config: Mapping[str, Any] | None) -> Iterator[Path]:
    """Keras goes by the name, we by the content: under another name it would read another part of a file that is both."""
    if path.suffix in _SUFFIXES[kind] and config is None:
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="tfjsci-") as folder:
        file = Path(folder) / f"model{_SUFFIXES[kind][0]}"
        if config is None:
            file.symlink_to(path.absolute())
        else:
            write_as_keras_3(path, config, file)
        yield file


def trace(model: Any, kind: str, label: str, *, state_as_io: bool = False, pins: Pins = NO_PINS) -> LoadedGraph:
    """A built Keras model as a LoadedGraph, its signature in the model's own order, and then its state, if that is asked for.

    Its inputs are as open as it has them, unless a layer can't do without known sizes and ``pins`` has them.
    """
    if not getattr(model, "inputs", None):
        return through_export(model, kind, label, state_as_io=state_as_io)
    traced = _traced(model, label, pins)
    concrete, inputs, outputs = traced.concrete, traced.inputs, traced.outputs
    graph, state = stateful_graph_of(
        concrete.graph.as_graph_def(),
        inputs=[spec.tensor.partition(":")[0] for spec in inputs],
        outputs=[spec.tensor for spec in outputs],
        weights=_captured(model, concrete),
        tables=captured_tables(concrete),
        layers=frozenset(layer.name for layer in _layers(model)),
        state_as_io=state_as_io,
    )
    inputs, outputs, variables = with_state(inputs, outputs, state)
    behind = {internal.op.name: external for external, internal in concrete.graph.captures}
    values = {id(v.handle): v for v in concrete.variables}
    set_ = {variable.name: values[id(behind[each.handle])] for variable, each in zip(variables, state, strict=True)}
    return LoadedGraph(
        graph=graph,
        inputs=inputs,
        outputs=outputs,
        format=kind,
        signature=None,
        original=StatefulOriginal(traced.run, lambda: set_) if set_ else traced.run,
        state=variables,
    )


@dataclass(frozen=True, kw_only=True)
class _Traced:
    """A model as TensorFlow's own function, and what it takes and gives."""

    concrete: Any
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

    def run(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """The original's outputs by name, as TensorFlow computes them."""
        constant = tensorflow().constant
        tensors = [constant(arrays[spec.name], dtype=spec.dtype) for spec in self.inputs]
        return {spec.name: value.numpy() for spec, value in zip(self.outputs, self.concrete(*tensors), strict=True)}


def _traced(model: Any, label: str, pins: Pins) -> _Traced:
    """Raises ``ConversionFailed``: TensorFlow can't trace it."""
    k, tf = keras(), tensorflow()
    input_names = _unique([tensor.name for tensor in model.inputs])
    structure = getattr(model, "_inputs_struct", None)
    open_shapes = [tuple(tensor.shape) for tensor in model.inputs]
    shapes = [pins.of(name, shape) for name, shape in zip(input_names, open_shapes, strict=True)]
    output_names: list[str] = []

    def serve(*tensors: Any) -> Any:
        given = k.tree.pack_sequence_as(structure, list(tensors)) if structure is not None else tensors[0]
        result = model(given, training=False)
        flat = k.tree.flatten(result)
        output_names[:] = _output_names(model, result, len(flat))
        return [tf.identity(value) for value in flat]

    def concrete_of(shapes: Sequence[Shape]) -> Any:
        specs = [
            tf.TensorSpec(shape, dtype=tensor.dtype, name=_node_name(name))
            for name, tensor, shape in zip(input_names, model.inputs, shapes, strict=True)
        ]
        return tf.function(serve, autograph=False).get_concrete_function(*specs)

    try:
        concrete = _open_or_pinned(concrete_of, open_shapes, shapes)
    except Exception as error:  # a layer of its author's own may raise anything
        unknown = [name for name, shape in zip(input_names, shapes, strict=True) if shape is None or None in shape]
        sizes = f" Perhaps a layer wants sizes that {listed(unknown, 5)} leaves open: --input-shape settles them."
        raise ConversionFailed(
            f"{label} can't be traced by TensorFlow: {quoted(error)}",
            hint="Does the model run in TensorFlow at all? Try tf.function(model)(inputs). "
            f"A layer's name must be of ASCII letters, digits and _ . / > -.{sizes if unknown else ''}",
        ) from error
    # the captured variables follow the inputs
    inputs = zip(input_names, concrete.inputs, strict=False)
    outputs = zip(output_names, concrete.outputs, strict=True)
    return _Traced(
        concrete=concrete,
        inputs=tuple(_spec(name, tensor) for name, tensor in inputs),
        outputs=tuple(_spec(name, tensor) for name, tensor in outputs),
    )


def _open_or_pinned(
    trace: Callable[[Sequence[Shape]], Any], open_shapes: Sequence[Shape], pinned: Sequence[Shape]
) -> Any:
    """Traced with the shapes that the model has itself, or, where it can't do without known sizes, with the pinned ones."""
    try:
        return trace(open_shapes)
    except Exception:
        if pinned == open_shapes:
            raise
    return trace(pinned)


def _captured(model: Any, concrete: Any) -> dict[str, Weight]:
    """What the traced function captured, by its placeholder: the model's variables, and constants from outside of it."""
    variables = {id(v.handle): (v.name.removesuffix(":0"), v) for v in concrete.variables}  # a layer's state among them
    variables |= {id(v.value.handle): (v.path, v.value) for v in model.variables if hasattr(v.value, "handle")}

    def weight(name: str, external: Any) -> Weight:
        path, value = variables.get(id(external), (name, external))
        return Weight(path=path, read=lambda: np.asarray(value.numpy()))

    resource = tensorflow().resource
    return {
        internal.op.name: weight(internal.op.name, external)
        for external, internal in concrete.graph.captures
        if id(external) in variables or external.dtype != resource
    }


def _layers(model: Any) -> list[Any]:
    """All layers, those of nested models too."""
    found: list[Any] = []
    stack = [model]
    while stack:
        layer = stack.pop()
        inner = getattr(layer, "layers", None) or []
        found += inner
        stack += inner
    return found


def _output_names(model: Any, result: Any, count: int) -> list[str]:
    """A dict's own keys, else the output layers' names, else output_0, output_1, …"""
    if isinstance(result, dict) and len(result) == count:
        return sorted(str(key) for key in result)  # Keras' tree flattens a dict in key order
    names = getattr(model, "output_names", None)
    if isinstance(names, list) and len(names) == count:
        return _unique([str(name) for name in names])
    return [f"output_{i}" for i in range(count)]


def _unique(names: list[str]) -> list[str]:
    unique: list[str] = []
    for wanted in names:
        unique.append(unused_name(wanted, unique))
    return unique


def _node_name(name: str) -> str:
    return "".join(c if (c.isalnum() and c.isascii()) or c in "_." else "_" for c in name)


def _spec(name: str, tensor: Any) -> TensorSpec:
    shape = None if tensor.shape.rank is None else tuple(tensor.shape.as_list())
    return TensorSpec(name=name, tensor=tensor.name, dtype=tensor.dtype.name, shape=shape)

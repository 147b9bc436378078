"""A TF2 SavedModel directory -> LoadedGraph, read as data: its graph from the protobuf, its weights from the checkpoint."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from tfjsci.errors import ConversionFailed, CorruptModel, MissingModel, UnknownSignature
from tfjsci.graph.graph import Array
from tfjsci.graph.grappler import prepare
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.checkpoint import Checkpoint, checkpoint_keys, shared_name
from tfjsci.load.danger import refuse_dangerous_ops
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.traced import Weight, graph_of
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec

DEFAULT_SIGNATURE = "serving_default"


def load_saved_model(folder: Path, *, signature: str | None = None) -> LoadedGraph:
    """Load one signature of a SavedModel (``serving_default``, or the only one there is).

    Raises ``MissingModel``, ``CorruptModel``, ``CodeRefused`` (nothing of it was run), ``UnknownSignature``,
    ``ConversionFailed``.
    """
    if not (folder / "saved_model.pb").is_file():
        raise MissingModel(
            f"{folder.name} is not a SavedModel: it has no saved_model.pb",
            hint="Give the folder that holds saved_model.pb and variables/.",
        )
    saved_model = refuse_dangerous_ops(folder)
    try:
        return _loaded(folder, saved_model, signature)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # It parses as a protobuf, but its parts don't fit together: a name that isn't there, a dtype that is none.
        raise CorruptModel(
            f"the SavedModel {folder.name} doesn't hold together: {quoted(error)}",
            hint="It is damaged, or was changed by hand: export it again. If TensorFlow itself runs it, please report it.",
        ) from error


def _loaded(folder: Path, saved_model: Any, signature: str | None) -> LoadedGraph:
    meta = _serving(folder, saved_model)
    name = _choose(folder, [key for key in meta.signature_def if not key.startswith("__")], signature)
    definition = meta.signature_def[name]
    inputs = _specs(definition.inputs)
    _refuse_unknown_rank(folder, inputs)
    outputs = _specs(definition.outputs)
    _refuse_missing_nodes(folder, meta, inputs + outputs)
    fetch = [spec.tensor.partition(":")[0] for spec in outputs]
    graph = graph_of(
        prepare(meta.graph_def, fetch=fetch),
        inputs=[spec.tensor.partition(":")[0] for spec in inputs],
        outputs=[spec.tensor for spec in outputs],
        weights=_weights(folder, meta),
    )
    return LoadedGraph(
        graph=graph,
        inputs=inputs,
        outputs=outputs,
        format="saved_model",
        signature=name,
        original=_Original(folder, name),
    )


class _Original:
    """The SavedModel run by TensorFlow: loaded when first called, for the conversion itself runs nothing of it."""

    def __init__(self, folder: Path, signature: str) -> None:
        self._folder = folder
        self._signature = signature
        self._loaded: Any = None  # keeps the variables alive: a signature's function holds them weakly

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        tf = tensorflow()
        if self._loaded is None:
            self._loaded = _load(self._folder)
        function = self._loaded.signatures[self._signature]
        wanted = function.structured_input_signature[1]
        given = {name: tf.constant(value, dtype=wanted[name].dtype) for name, value in arrays.items()}
        return {key: value.numpy() for key, value in function(**given).items()}


def _load(folder: Path) -> Any:
    tf = tensorflow()
    try:
        return tf.saved_model.load(str(folder))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError) as error:
        raise CorruptModel(
            f"TensorFlow can't load the SavedModel {folder.name}: {quoted(error)}",
            hint="It is incomplete (variables/ missing or cut short?) or was written by an incompatible TensorFlow.",
        ) from error


def _serving(folder: Path, saved_model: Any) -> Any:
    """The graph that is tagged ``serve``, else the only one."""
    graphs = list(saved_model.meta_graphs)
    for meta in graphs:
        if "serve" in meta.meta_info_def.tags:
            return meta
    if len(graphs) == 1:
        return graphs[0]
    tags = "; ".join(", ".join(meta.meta_info_def.tags) or "none" for meta in graphs) or "no graph at all"
    raise CorruptModel(
        f"the SavedModel {folder.name} has no graph that is tagged serve (tags: {tags})",
        hint="Export it for serving: tf.saved_model.save(model, path) or, in Keras 3, model.export(path).",
    )


def _weights(folder: Path, meta: Any) -> dict[str, Weight]:
    """The variable behind each VarHandleOp, its value read from the checkpoint when the graph turns out to use it."""
    handles = {node.name: shared_name(node) for node in meta.graph_def.node if node.op == "VarHandleOp"}
    if not handles:
        return {}
    keys = checkpoint_keys(meta)
    checkpoint = Checkpoint(folder)

    names = checkpoint.variable_names()

    def reader(variable: str) -> Callable[[], Array]:
        return lambda: checkpoint.read(keys[variable])

    return {
        node: Weight(path=names.get(keys[variable], variable), read=reader(variable))
        for node, variable in handles.items()
        if variable in keys
    }


def _specs(entries: Any) -> tuple[TensorSpec, ...]:
    """A signature's inputs or outputs; the file keeps no order, so by name, numbers as numbers."""
    tf = tensorflow()
    return tuple(
        TensorSpec(
            name=key,
            tensor=info.name,
            dtype=tf.as_dtype(info.dtype).name,
            shape=None if info.tensor_shape.unknown_rank else _shape(info.tensor_shape),
        )
        for key, info in sorted(entries.items(), key=lambda item: _natural(item[0]))
    )


def _choose(folder: Path, names: list[str], wanted: str | None) -> str:
    if wanted is None:
        if DEFAULT_SIGNATURE in names:
            return DEFAULT_SIGNATURE
        if len(names) == 1:
            return names[0]
    elif wanted in names:
        return wanted
    if not names:
        raise UnknownSignature(
            f"{folder.name} has no signature at all",
            hint="Save it with one: tf.saved_model.save(model, path, signatures=...) or, in Keras 3, model.export(path).",
        )
    listed = ", ".join(names)
    if wanted is None:
        raise UnknownSignature(
            f"{folder.name} has several signatures and no {DEFAULT_SIGNATURE}: {listed}",
            hint="Say which: signature: NAME",
        )
    raise UnknownSignature(
        f"{folder.name} has no signature {wanted!r}. It has: {listed}.{did_you_mean(wanted, names)}",
        hint=f"Set signature: to one of them ({listed}), or leave it out for {DEFAULT_SIGNATURE}.",
    )


def _refuse_unknown_rank(folder: Path, inputs: tuple[TensorSpec, ...]) -> None:
    """Grappler can't take such an input, and hardly an op of the runtime could."""
    if unknown := [spec.name for spec in inputs if spec.shape is None]:
        raise ConversionFailed(
            f"{folder.name} doesn't say how many dimensions its input {', '.join(unknown)} has",
            hint="Export it with a shape in the signature, unknown sizes as None: tf.TensorSpec([None, 224, 224, 3]).",
        )


def _refuse_missing_nodes(folder: Path, meta: Any, specs: tuple[TensorSpec, ...]) -> None:
    present = {node.name for node in meta.graph_def.node}
    if missing := [spec for spec in specs if spec.tensor.partition(":")[0] not in present]:
        raise CorruptModel(
            f"the signature of {folder.name} has {missing[0].name!r} as the tensor {missing[0].tensor!r}, "
            "which isn't in its graph",
            hint="The SavedModel is damaged, or was changed by hand. Export it again.",
        )


def _shape(proto: Any) -> tuple[int | None, ...]:
    return tuple(None if dimension.size < 0 else int(dimension.size) for dimension in proto.dim)


def _natural(text: str) -> list[tuple[int, str]]:
    """``output_10`` after ``output_9``."""
    return [(int(part), "") if part.isdigit() else (-1, part) for part in re.split(r"(\d+)", text)]

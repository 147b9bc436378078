"""A SavedModel directory -> LoadedGraph, read as data: its graph from the protobuf, its weights from the checkpoint.

TensorFlow 2's and TensorFlow 1's: the latter is a graph for a session, whose variables are nodes and whose saver names them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfjsci.errors import ConversionFailed, CorruptModel, MissingModel, UnknownSignature, UsageError
from tfjsci.graph.graph import Array, Shape
from tfjsci.graph.grappler import prepare
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.checkpoint import (
    VARIABLES,
    Checkpoint,
    checkpoint_keys,
    checkpoint_parts,
    part_of,
    shared_name,
    with_copied,
)
from tfjsci.load.danger import SAVED_MODEL, is_of_tensorflow_1, refuse_dangerous_ops
from tfjsci.load.functional.made_functional import make_functional
from tfjsci.load.loaded import LoadedGraph, Original
from tfjsci.load.named_folder import NamedFolder, named
from tfjsci.load.placeholders import as_placeholders, keep_unused, outputs_apart
from tfjsci.load.ref_variables import names_and_parts, take_ref_variables
from tfjsci.load.session import SessionOriginal
from tfjsci.load.signature_def import specs_in
from tfjsci.load.stateful import StatefulOriginal, by_path, with_state
from tfjsci.load.tables import tables_of
from tfjsci.load.traced import Weight, graph_of, stateful_graph_of
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted
from tfjsci.signature import TensorSpec

DEFAULT_SIGNATURE = "serving_default"
HUB_SIGNATURE = "default"
"""What TensorFlow Hub's first format calls it."""

_SERVE = "serve"


def load_saved_model(
    folder: Path,
    *,
    signature: str | None = None,
    tags: Sequence[str] | None = None,
    input_shapes: Mapping[str, Shape] | None = None,
    hub: bool = False,
    state_as_io: bool = False,
    name: str | None = None,
) -> LoadedGraph:
    """Load one signature of a SavedModel (``serving_default``, or the only one there is).

    ``tags`` are those of one of its graphs, all of them; by default the graph tagged ``serve``, or the only one.
    ``input_shapes``, by name, tell of inputs whose number of dimensions the graph doesn't say. ``hub``: it is a module of
    TensorFlow Hub, whose graph for use may have no tag, and whose signature may be ``default``. ``state_as_io``: a variable
    that inference reads and writes is an input and an output, in a SavedModel of TensorFlow 2. ``name`` is what messages call
    it, where that isn't the folder's name.
    Raises ``MissingModel``, ``CorruptModel``, ``CodeRefused`` (nothing of it was run), ``UnknownSignature``,
    ``ConversionFailed``, and ``UsageError`` for the state of a graph of TensorFlow 1.
    """
    given = named(folder, name)
    if not given.path.exists():
        raise MissingModel(
            f"there is no folder {given.name}", hint="Check the path; in a manifest it is relative to the manifest."
        )
    if not (given.path / SAVED_MODEL).is_file():
        raise MissingModel(
            f"{given.name} is not a SavedModel: it has no saved_model.pb",
            hint="Give the folder that holds saved_model.pb and variables/.",
        )
    saved_model = refuse_dangerous_ops(given)
    try:
        meta = _serving(given, saved_model, tags, hub=hub)
        if is_of_tensorflow_1(meta):
            if state_as_io:
                raise UsageError(
                    f"the state of {given.name}, a graph of TensorFlow 1, can't become inputs and outputs",
                    hint="Leave --state-as-io (state_as_io: in a manifest) out, or export the model with TensorFlow 2.",
                )
            return _of_a_session(given, meta, signature, input_shapes or {}, hub=hub)
        return _loaded(given, meta, signature, input_shapes or {}, hub=hub, state_as_io=state_as_io)
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        # It parses as a protobuf, but its parts don't fit together: a name that isn't there, a dtype that is none.
        raise CorruptModel(
            f"the SavedModel {given.name} doesn't hold together: {quoted(error)}",
            hint="It is damaged, or was changed by hand: export it again. If TensorFlow itself runs it, please report it.",
        ) from error


def _loaded(
    folder: NamedFolder, meta: Any, signature: str | None, shapes: Mapping[str, Shape], *, hub: bool, state_as_io: bool
) -> LoadedGraph:
    name = _choose(folder, [key for key in meta.signature_def if not key.startswith("__")], signature, hub=hub)
    definition = meta.signature_def[name]
    _refuse_composite(folder, definition)
    inputs = _inputs_in(folder, definition, shapes)
    outputs = specs_in(definition.outputs)
    _refuse_missing_nodes(folder, meta, inputs + outputs)
    fetch = [spec.tensor.partition(":")[0] for spec in outputs]
    part = prepare(meta.graph_def, fetch=fetch)
    _tell_shapes(part, inputs)
    graph, state = stateful_graph_of(
        part,
        inputs=[spec.tensor.partition(":")[0] for spec in inputs],
        outputs=[spec.tensor for spec in outputs],
        weights=_weights(folder, meta),
        tables=tables_of(folder, meta),
        state_as_io=state_as_io,
    )
    original = _Original(folder, name)
    inputs, outputs, variables = with_state(inputs, outputs, state)
    paths = {variable.name: each.path for variable, each in zip(variables, state, strict=True)}
    return LoadedGraph(
        graph=graph,
        inputs=inputs,
        outputs=outputs,
        format="saved_model",
        signature=name,
        original=StatefulOriginal(original, lambda: by_path(original.variables, paths)) if paths else original,
        state=variables,
    )


def _of_a_session(
    folder: NamedFolder, meta: Any, signature: str | None, shapes: Mapping[str, Shape], *, hub: bool
) -> LoadedGraph:
    """A graph of TensorFlow 1: variables are nodes of it, and a session would run it."""
    name = _choose(folder, [key for key in meta.signature_def if not key.startswith("__")], signature, hub=hub)
    definition = meta.signature_def[name]
    _refuse_composite(folder, definition)
    inputs = _inputs_in(folder, definition, shapes)
    outputs = specs_in(definition.outputs)
    _refuse_missing_nodes(folder, meta, inputs + outputs)
    fetch = [spec.tensor.partition(":")[0] for spec in outputs]
    weights = _weights(folder, meta)
    fed = [spec.tensor.partition(":")[0] for spec in inputs]
    part = prepare(meta.graph_def, fetch=fetch)
    as_placeholders(part, inputs)
    part = prepare(part, fetch=fetch)
    take_ref_variables(part, fetch)
    apart = outputs_apart(part, [spec.tensor for spec in outputs], [*fed, *weights])
    make_functional(part, [tensor.partition(":")[0] for tensor in apart])
    keep_unused(part, inputs, meta.graph_def)
    graph = graph_of(part, inputs=fed, outputs=apart, weights=weights, tables=tables_of(folder, meta))
    tags = list(meta.meta_info_def.tags)

    def fill(session: Any) -> None:
        with session.graph.as_default():
            tensorflow().compat.v1.saved_model.load(session, tags, str(folder.path))

    original: Original = SessionOriginal(fill, name=f"the SavedModel {folder.name}", inputs=inputs, outputs=outputs)
    return LoadedGraph(
        graph=graph, inputs=inputs, outputs=outputs, format="saved_model", signature=name, original=original
    )


class _Original:
    """The SavedModel run by TensorFlow: loaded when first called, for the conversion itself runs nothing of it."""

    def __init__(self, folder: NamedFolder, signature: str) -> None:
        self._folder = folder
        self._signature = signature
        self._loaded: Any = None  # keeps the variables alive: a signature's function holds them weakly

    @property
    def variables(self) -> Sequence[Any]:
        """The variables that the signature's function uses."""
        return tuple(self._function.variables)

    @property
    def _function(self) -> Any:
        if self._loaded is None:
            self._loaded = _load(self._folder)
        return self._loaded.signatures[self._signature]

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        tf = tensorflow()
        function = self._function
        wanted = function.structured_input_signature[1]
        given = {name: tf.constant(value, dtype=wanted[name].dtype) for name, value in arrays.items()}
        return {key: value.numpy() for key, value in function(**given).items()}


def _load(folder: NamedFolder) -> Any:
    tf = tensorflow()
    try:
        return tf.saved_model.load(str(folder.path))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError, tf.errors.OpError) as error:
        raise CorruptModel(
            f"TensorFlow can't load the SavedModel {folder.name}: {quoted(error)}",
            hint="It is incomplete (variables/ missing or cut short?) or was written by an incompatible TensorFlow.",
        ) from error


def _serving(folder: NamedFolder, saved_model: Any, tags: Sequence[str] | None, *, hub: bool) -> Any:
    """The graph of these tags; if none are given the one that is tagged ``serve``, else the only one."""
    graphs = list(saved_model.meta_graphs)
    there = "; ".join(", ".join(meta.meta_info_def.tags) or "none" for meta in graphs) or "no graph at all"
    if tags is not None:
        for meta in graphs:
            if set(meta.meta_info_def.tags) == set(tags):
                return meta
        raise UnknownSignature(
            f"the SavedModel {folder.name} has no graph of the tags {', '.join(tags) or 'none'} (tags: {there})",
            hint="Give all tags of one of its graphs, or leave them out for the one that is tagged serve.",
        )
    for meta in graphs:
        if _SERVE in meta.meta_info_def.tags:
            return meta
    if len(graphs) == 1:
        return graphs[0]
    for meta in graphs:
        if hub and not meta.meta_info_def.tags:
            return meta
    if graphs:
        raise UnknownSignature(
            f"the SavedModel {folder.name} has no graph that is tagged serve (tags: {there})",
            hint="Say which graph, by its tags: --tags (tags: in a manifest), or export the model for serving.",
        )
    raise CorruptModel(
        f"the SavedModel {folder.name} has no graph that is tagged serve (tags: {there})",
        hint="Export it for serving: tf.saved_model.save(model, path) or, in Keras 3, model.export(path).",
    )


def _weights(folder: NamedFolder, meta: Any) -> dict[str, Weight]:
    """The variable that each node is, its value read from the checkpoint when the graph turns out to use it."""
    handles = {node.name: shared_name(node) for node in meta.graph_def.node if node.op in VARIABLES}
    if not handles:
        return {}
    keys, parts = checkpoint_keys(meta), {}
    if is_of_tensorflow_1(meta):
        parts = checkpoint_parts(meta)
        if not keys:
            names_of_nodes, parts = names_and_parts(meta)
            keys = {handles[node]: key for node, key in names_of_nodes.items() if node in handles}
            parts = {handles[node]: part for node, part in parts.items() if node in handles}
    else:
        keys = with_copied(meta, keys)
    checkpoint = Checkpoint(folder)

    names = checkpoint.variable_names()

    def reader(variable: str) -> Callable[[], Array]:
        def read() -> Array:
            whole = checkpoint.read(keys[variable])
            return part_of(whole, parts[variable]) if variable in parts else whole

        return read

    return {
        node: Weight(path=names.get(keys[variable], variable), read=reader(variable))
        for node, variable in handles.items()
        if variable in keys
    }


def _choose(folder: NamedFolder, names: list[str], wanted: str | None, *, hub: bool = False) -> str:
    if wanted is None:
        if DEFAULT_SIGNATURE in names:
            return DEFAULT_SIGNATURE
        if hub and HUB_SIGNATURE in names:
            return HUB_SIGNATURE
        if len(names) == 1:
            return names[0]
    elif wanted in names:
        return wanted
    if not names:
        raise UnknownSignature(
            f"{folder.name} has no signature at all",
            hint="Save it with one: tf.saved_model.save(model, path, signatures=...) or, in Keras 3, model.export(path).",
        )
    listed = ", ".join(sorted(names))  # a protobuf has them in any order
    if wanted is None:
        raise UnknownSignature(
            f"{folder.name} has several signatures and no {DEFAULT_SIGNATURE}: {listed}",
            hint="Say which: --signature NAME (signature: in a manifest).",
        )
    raise UnknownSignature(
        f"{folder.name} has no signature {wanted!r}. It has: {listed}.{did_you_mean(wanted, names)}",
        hint="Choose one of them with --signature (signature: in a manifest)"
        + (f", or leave it out for {DEFAULT_SIGNATURE}." if DEFAULT_SIGNATURE in names else "."),
    )


def _inputs_in(folder: NamedFolder, definition: Any, shapes: Mapping[str, Shape]) -> tuple[TensorSpec, ...]:
    """Those of the signature; ``shapes`` tell of the ones whose number of dimensions it doesn't say.

    Raises ``ConversionFailed`` where nothing does: Grappler can't take such an input, and hardly an op of the runtime could.
    """
    inputs = tuple(
        replace(spec, shape=shapes.get(spec.name)) if spec.shape is None else spec
        for spec in specs_in(definition.inputs)
    )
    if unknown := [spec.name for spec in inputs if spec.shape is None]:
        raise ConversionFailed(
            f"{folder.name} doesn't say how many dimensions its input {', '.join(unknown)} has",
            hint=f"Say it: --input-shape {unknown[0]}=1,224,224,3 (? leaves a size open; shapes: and pin_shapes: in a manifest). "
            "Or export it with a shape in the signature, unknown sizes as None: tf.TensorSpec([None, 224, 224, 3]).",
        )
    return inputs


def _tell_shapes(part: Any, inputs: tuple[TensorSpec, ...]) -> None:
    """Write the shapes of ``inputs`` into their Placeholders, which may not even say how many dimensions they have. In place."""
    shapes = {spec.tensor.partition(":")[0]: spec.shape for spec in inputs}
    for node in part.node:
        if node.op != "Placeholder" or node.name not in shapes:
            continue
        if (
            "shape" not in node.attr or node.attr["shape"].shape.unknown_rank
        ):  # what is the default isn't always written
            node.attr["shape"].shape.CopyFrom(tensorflow().TensorShape(shapes[node.name]).as_proto())
            node.attr.pop("_output_shapes", None)


def _refuse_composite(folder: NamedFolder, definition: Any) -> None:
    """A SparseTensor or the like is several tensors of the graph, and none of the browser's."""
    for kind, entries in (("input", definition.inputs), ("output", definition.outputs)):
        if odd := [key for key, info in entries.items() if info.WhichOneof("encoding") not in ("name", None)]:
            raise ConversionFailed(
                f"the {kind} {', '.join(sorted(odd))} of {folder.name} isn't one tensor (a SparseTensor, RaggedTensor or so)",
                hint="Export it with a signature of plain tensors.",
            )


def _refuse_missing_nodes(folder: NamedFolder, meta: Any, specs: tuple[TensorSpec, ...]) -> None:
    present = {node.name for node in meta.graph_def.node}
    if missing := [spec for spec in specs if spec.tensor.partition(":")[0] not in present]:
        raise CorruptModel(
            f"the signature of {folder.name} has {missing[0].name!r} as the tensor {missing[0].tensor!r}, "
            "which isn't in its graph",
            hint="The SavedModel is damaged, or was changed by hand. Export it again.",
        )

"""Which format a source is, found by looking, and the one table of loaders."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, NamedTuple

from tfjsci.errors import CorruptModel, MissingModel, UnknownFormat, UsageError
from tfjsci.graph.graph import Shape
from tfjsci.layers.source import is_keras_source
from tfjsci.load.archive import GZIP_MAGIC
from tfjsci.load.converted_inside import refuse_folder_of_models
from tfjsci.load.custom_objects import importable_with
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.pinned import Pins, with_pinned_inputs
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.mistaken import refuse_mistaken
from tfjsci.source import Remote, Source

Format = Literal["keras", "h5", "saved_model", "hub", "frozen", "tfjs_graph_model", "tfjs_layers_model"]
_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_HEAD_BYTES = 4096
"""What is looked at of a file; the names of a graph's first node and op are within."""


@dataclass(frozen=True, kw_only=True)
class LoadOptions:
    """What a loader may need to know. ``allow_code`` comes from the command line only, never from a manifest.

    ``input_shapes`` are to be those of the inputs, by name, and ``batch`` the size of first dimensions that are open then;
    a None leaves open what is open. ``signature`` and ``tags`` (all tags of one of its graphs) choose in a SavedModel,
    ``input_nodes`` and ``output_nodes`` in a frozen graph. ``state_as_io``: a variable that inference reads and writes is to be
    an input and an output. ``architecture`` is the model's JSON, where a Keras file holds weights alone; ``custom_objects``
    are classes and functions of its author's own, by name, that a Keras file needs (they are code: with ``allow_code`` alone).
    """

    signature: str | None = None
    tags: tuple[str, ...] | None = None
    input_nodes: tuple[str, ...] = ()
    output_nodes: tuple[str, ...] = ()
    allow_code: bool = False
    input_shapes: Mapping[str, Shape] = field(default_factory=dict)
    batch: int | None = None
    state_as_io: bool = False
    architecture: Path | None = None
    custom_objects: Mapping[str, Any] = field(default_factory=dict)

    @property
    def pins(self) -> Pins:
        """The sizes that are settled."""
        return Pins(shapes=self.input_shapes, batch=self.batch)

    @classmethod
    def of(
        cls, spec: ModelSpec, *, allow_code: bool = False, custom_objects: Mapping[str, Any] | None = None
    ) -> LoadOptions:
        """What a manifest says of its model; its ``custom_objects`` were imported by whoever may."""
        return cls(
            signature=spec.signature,
            tags=spec.tags,
            input_nodes=spec.input_nodes,
            output_nodes=spec.output_nodes,
            allow_code=allow_code,
            input_shapes=spec.pinned_shapes,
            batch=spec.pinned_batch,
            state_as_io=spec.state_as_io,
            architecture=spec.architecture,
            custom_objects=custom_objects or {},
        )


def _keras(source: Source, options: LoadOptions) -> LoadedGraph:
    path = _path(source)
    if path.is_file():
        return _by_keras(path, options, zipped=True)
    from tfjsci.load.keras_parts import packed

    with packed(path) as archive:
        return _by_keras(archive, options, zipped=True)


def _by_keras(path: Path, options: LoadOptions, *, zipped: bool) -> LoadedGraph:
    from tfjsci.load.keras_file import load_h5, load_keras

    return (load_keras if zipped else load_h5)(
        path,
        allow_code=options.allow_code,
        state_as_io=options.state_as_io,
        custom_objects=options.custom_objects,
        pins=options.pins,
    )


def _h5(source: Source, options: LoadOptions) -> LoadedGraph:
    path = _path(source)
    if options.architecture is None or not path.is_file():
        return _by_keras(path, options, zipped=False)
    from tfjsci.load.keras_parts import joined

    with joined(path, options.architecture) as whole:
        return replace(_by_keras(whole, options, zipped=zipfile.is_zipfile(whole)), format="h5")


def _saved_model(source: Source, options: LoadOptions) -> LoadedGraph:
    from tfjsci.load.saved_model import load_saved_model

    return load_saved_model(
        _path(source),
        signature=options.signature,
        tags=options.tags,
        input_shapes=options.input_shapes,
        state_as_io=options.state_as_io,
    )


def _hub(source: Source, options: LoadOptions) -> LoadedGraph:
    from tfjsci.load.hub import load_hub

    return load_hub(
        source,
        signature=options.signature,
        tags=options.tags,
        input_shapes=options.input_shapes,
        state_as_io=options.state_as_io,
    )


def _frozen(source: Source, options: LoadOptions) -> LoadedGraph:
    from tfjsci.load.frozen import load_frozen

    return load_frozen(
        _path(source),
        input_nodes=options.input_nodes,
        output_nodes=options.output_nodes,
        input_shapes=options.input_shapes,
    )


def _tfjs_graph(source: Source, options: LoadOptions) -> LoadedGraph:  # noqa: ARG001 - it has no parts to choose from
    from tfjsci.load.tfjs_graph import load_tfjs_graph

    return load_tfjs_graph(_path(source))


def _tfjs_layers(source: Source, options: LoadOptions) -> LoadedGraph:  # noqa: ARG001
    from tfjsci.load.tfjs_layers import load_tfjs_layers

    return load_tfjs_layers(_path(source))


LOADERS: dict[Format, Callable[[Source, LoadOptions], LoadedGraph]] = {
    "keras": _keras,
    "h5": _h5,
    "saved_model": _saved_model,
    "hub": _hub,
    "frozen": _frozen,
    "tfjs_graph_model": _tfjs_graph,
    "tfjs_layers_model": _tfjs_layers,
}


class _Choice(NamedTuple):
    option: str
    does: str
    elsewhere: str
    kinds: tuple[Format, ...]


_CHOICES: dict[str, _Choice] = {
    "signature": _Choice("--signature", "chooses in", "signature: in a manifest", ("saved_model", "hub")),
    "tags": _Choice("--tags", "chooses in", "tags: in a manifest", ("saved_model", "hub")),
    "input_nodes": _Choice("--input-node", "chooses in", "input_nodes: in a manifest", ("frozen",)),
    "output_nodes": _Choice("--output-node", "chooses in", "output_nodes: in a manifest", ("frozen",)),
    "architecture": _Choice("--architecture", "is for weights alone, in", "architecture: in a manifest", ("h5",)),
    "custom_objects": _Choice("--custom-objects", "is for", "custom_objects: in a manifest", ("keras", "h5")),
}
"""Options that say something of a part of a model: how the command calls them, and the formats that have such parts."""

_STATELESS: dict[str, str] = {
    "frozen": "a frozen graph's variables are constants",
    "tfjs_graph_model": "a graph model's variables are weights",
    "tfjs_layers_model": "of a layers model's layers none keeps state on its way to a graph",
}
"""Formats in which nothing is written while the model infers, and why."""


def load(source: Source, *, format: str = "auto", options: LoadOptions | None = None) -> LoadedGraph:  # noqa: A002
    """Load a model of any known format. Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`.

    And ``UsageError`` for nodes, tags or state of a format that has none.
    """
    kind = detect(source) if format == "auto" else format
    options = options or LoadOptions()
    require_fitting(source.name, kind, options)
    if options.state_as_io and kind in _STATELESS:
        raise UsageError(
            f"{source.name} has no state that could become inputs and outputs: {_STATELESS[kind]}",
            hint="Leave --state-as-io (state_as_io: in a manifest) out, or convert the model that this was made of.",
        )
    with importable_with(options.custom_objects):
        loaded = LOADERS[kind](source, options)  # type: ignore[index]
    return with_pinned_inputs(loaded, options.input_shapes, options.batch)


def require_fitting(name: str, kind: str, options: LoadOptions) -> None:
    """Raises ``UsageError`` where they say something of a part that no model of this format has; ``name`` is the model's."""
    for field_name, (option, does, elsewhere, kinds) in _CHOICES.items():
        if getattr(options, field_name) and kind not in kinds:
            raise UsageError(
                f"{option} {does} a model of the format {' or '.join(kinds)}, and {name} is {kind}",
                hint=f"Leave {option} ({elsewhere}) out.",
            )


def _path(source: Source) -> Path:
    if isinstance(source, Remote):
        raise UnknownFormat(
            f"{source.name} is an address, and only modules of TensorFlow Hub and models of Kaggle's are fetched",
            hint="Leave the format to be found, or say hub; or fetch the file yourself and give its path.",
        )
    return source


def detect(source: Source) -> Format:
    """The format by content, not by name. Raises ``MissingModel``, ``UnknownFormat`` and ``CorruptModel``."""
    if isinstance(source, Remote):
        return "hub"
    if not os.path.exists(source):  # noqa: PTH110  # Path.exists raises for a name too long or a folder that is closed
        raise MissingModel(
            f"there is no file or folder {source.name}",
            hint="Check the path; in a manifest it is relative to the manifest. Is it built or downloaded before this runs?",
        )
    if source.is_dir():
        return _of_folder(source)
    if source.is_file():
        return _of_file(source)
    raise UnknownFormat(
        f"{source.name} is neither a file nor a folder", hint="Give a model, not a device, pipe or socket."
    )


def _of_folder(source: Path) -> Format:
    if (source / "saved_model.pb").is_file():
        return "hub" if (source / "tfhub_module.pb").is_file() else "saved_model"
    if (source / "model.json").is_file():
        return _tfjs(source / "model.json")
    if is_keras_source(source):
        return "keras"
    refuse_folder_of_models(source)
    raise UnknownFormat(
        f"the folder {source.name} is not a SavedModel: it has no saved_model.pb",
        hint="Give the folder that holds saved_model.pb and variables/, a TensorFlow.js model's with its model.json, an "
        "unpacked .keras file's with config.json and model.weights.h5, or a .keras or .h5 file.",
    )


def _of_file(source: Path) -> Format:
    """By what it begins with; by its name where that says nothing, so that a damaged file is told in its format's words."""
    head = _head_of(source)
    refuse_mistaken(head, source.name)
    if head.startswith(_HDF5_MAGIC):
        return "h5"
    if zipfile.is_zipfile(source) or source.suffix == ".keras":
        return "keras"
    if head.startswith(GZIP_MAGIC):
        return "hub"
    if source.suffix in {".h5", ".hdf5"}:
        return "h5"
    if source.suffix == ".json":
        return _tfjs(source)
    if source.name == "saved_model.pb":
        raise UnknownFormat(
            "saved_model.pb is a part of a SavedModel, not the whole", hint="Give the folder that it lies in."
        )
    from tfjsci.load.graph_file import looks_like_graphdef  # late: it knows numpy and more

    if looks_like_graphdef(head) or source.suffix == ".pb":
        return "frozen"
    raise UnknownFormat(
        f"{source.name} is of no format that is read here",
        hint="Readable: .keras, .h5 (weights alone with --architecture), a SavedModel folder, a frozen graph's .pb, "
        "a TensorFlow.js model's folder, and a module of TensorFlow Hub as a folder, .tar.gz or address.",
    )


def _head_of(source: Path) -> bytes:
    try:
        with source.open("rb") as file:
            return file.read(_HEAD_BYTES)
    except OSError as error:
        raise CorruptModel(
            f"{source.name} can't be read: {error.strerror or error}",
            hint="Check that whoever runs this may read the file, and that the disk is in order.",
        ) from error


def _tfjs(model_json: Path) -> Format:
    """Which of TensorFlow.js' formats ``model.json`` is."""
    from tfjsci.format.weights import GRAPH_MODEL, LAYERS_MODEL, format_in

    kinds: dict[str | None, Format] = {GRAPH_MODEL: "tfjs_graph_model", LAYERS_MODEL: "tfjs_layers_model"}
    kind = format_in(model_json)
    if kind not in kinds:
        raise UnknownFormat(
            f"{model_json.absolute().parent.name}/{model_json.name} is no TensorFlow.js model: its format is {kind!r}",
            hint="model.json says graph-model or layers-model. A Keras model's JSON goes with its weights (--architecture).",
        )
    return kinds[kind]

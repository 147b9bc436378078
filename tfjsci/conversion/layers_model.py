"""A layers model of a Keras file: made without TensorFlow, which runs the original where the result is to be proven."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.artifact.quantize import each_of
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.conversion.conversion import Conversion, size_of
from tfjsci.conversion.given import Given
from tfjsci.conversion.optimizer import with_optimizer_as
from tfjsci.conversion.proven import place_for, runs_of
from tfjsci.conversion.wanted import Wanted
from tfjsci.errors import UnknownFormat
from tfjsci.layers.beside_graph import holds_keras_model
from tfjsci.layers.layers_model import LayersModel, layers_model
from tfjsci.layers.refused import NoLayersModel
from tfjsci.source import Remote

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.load.loaded import LoadedGraph


def convert_to_layers(
    given: Given, output: Path, wanted: Wanted, *, session: Callable[[], Session]
) -> Conversion | str:
    """Write a layers model; or, unless it is required, say why a graph model has to be made."""
    _require_no_other_signature(given, wanted)
    required = wanted.output_format == "layers"
    packed = [each.scheme.name for each in each_of(wanted.quantizations) if each.scheme.needs_initializer]
    if packed and not required:
        return f"a graph model, as {packed[0]} needs an initializer graph, which a layers model hasn't"
    try:
        with (
            _file_of(given) as source,
            layers_model(source, architecture=wanted.options.architecture, backends=wanted.backends) as model,
        ):
            return _written(given, with_optimizer_as(model, wanted), output, wanted, session)
    except UnknownFormat:
        if required:
            raise
        return f"a graph model, as {given.name} isn't a Keras file"
    except NoLayersModel as error:
        if required:
            raise
        return f"a graph model, as {error.message}"


def _require_no_other_signature(given: Given, wanted: Wanted) -> None:
    """Raises ``UsageError`` where one is named and the file's format has none: here no loader refuses it."""
    if wanted.options.signature is None or given.path is None:
        return
    from tfjsci.load.load import LoadOptions, detect, require_fitting

    kind = detect(given.path) if wanted.input_format == "auto" else wanted.input_format
    require_fitting(given.name, kind, LoadOptions(signature=wanted.options.signature))


@contextmanager
def _file_of(given: Given) -> Iterator[Path]:
    """The source as a file; a model in memory, or beside a SavedModel's graph, is saved for as long as it is read."""
    if isinstance(given.path, Remote):
        raise UnknownFormat(
            f"{given.name} is not a Keras file",
            hint="A layers model is made of .keras, .h5, or an unpacked .keras folder.",
        )
    if given.path is not None and not holds_keras_model(given.path):
        yield given.path
        return
    with tempfile.TemporaryDirectory(prefix="tfjsci-") as folder:
        if given.path is not None:
            from tfjsci.load.keras_saved_model import as_h5

            yield as_h5(given.path, Path(folder))
        else:
            assert given.save is not None
            yield given.save(Path(folder))


def _written(
    given: Given, model: LayersModel, output: Path, wanted: Wanted, session: Callable[[], Session]
) -> Conversion:
    with place_for(output, wanted) as folder:
        written = write_layers_model(
            model,
            folder=folder,
            quantization=wanted.quantizations,
            shard_bytes=wanted.shard_bytes,
            metadata={**model.metadata, **wanted.metadata} or None,
            split_by_layer=wanted.split_by_layer,
        )
        runs, values_notes = runs_of(
            folder, lambda: _original(given, wanted), model.inputs, model.outputs, wanted=wanted, session=session
        )
        size = size_of(folder, written.files)
    return Conversion(
        path=output,
        source=given.name,
        input_format="saved_model" if isinstance(given.path, Path) and holds_keras_model(given.path) else model.format,
        output_format="layers",
        inputs=model.inputs,
        outputs=model.outputs,
        layers=model.layers,
        parameters=written.parameters,
        weights=written.weights,
        files=written.files,
        size_bytes=size,
        notes=(*model.notes, *written.notes, *values_notes),
        runs=runs,
    )


def _original(given: Given, wanted: Wanted) -> LoadedGraph:
    """The model in TensorFlow: a layers model is made without it."""
    from tfjsci.load.load import load

    if given.load is not None:
        return given.load(wanted.options)
    assert given.path is not None
    return load(given.path, format=wanted.input_format, options=wanted.options)

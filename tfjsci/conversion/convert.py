"""A source to a folder: a graph model or a layers model, proven in the browser before it takes its place where that is asked."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjsci.artifact.download import measure_download
from tfjsci.artifact.place import require_replaceable
from tfjsci.artifact.quantize import each_of
from tfjsci.artifact.write import whole_or_not_at_all
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.conversion.conversion import Conversion, OutputRun, size_of
from tfjsci.conversion.given import Given
from tfjsci.conversion.searched import outcome_of, search
from tfjsci.conversion.wanted import BACK, Wanted
from tfjsci.errors import UnknownFormat
from tfjsci.layers.beside_graph import holds_keras_model
from tfjsci.layers.layers_model import LayersModel, layers_model
from tfjsci.layers.refused import NoLayersModel
from tfjsci.quantize.weight import QuantizedWeight
from tfjsci.search.found import SearchFound
from tfjsci.signature import TensorSpec
from tfjsci.source import Remote

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.converter import Converted
    from tfjsci.load.loaded import LoadedGraph


def convert(
    given: Given, output: Path, wanted: Wanted, *, session: Callable[[], Session], told: Callable[[Converted], None]
) -> Conversion:
    """Convert one model into the folder ``output``, whole or not at all.

    ``session`` is asked for a browser when there is something to prove; ``told`` hears what was converted (graph models)
    once it is written. Raises what :func:`tfjsci.api.convert` says.
    """
    wanted.require_consistent()
    _require_signatures(given, wanted)
    if wanted.output_format in BACK:
        from tfjsci.conversion.back import convert_back

        return convert_back(given, output, wanted, wanted.output_format)
    require_replaceable(output)
    notes: list[str] = []
    if wanted.output_format != "graph" and not wanted.options.input_shapes:
        made = _layers(given, output, wanted, session, notes)
        if made is not None:
            return made
    converted = graph_of(given, wanted)
    conversion = write_graph(given, converted, output, wanted, session=session, notes=notes)
    told(converted)
    return conversion


def _require_signatures(given: Given, wanted: Wanted) -> None:
    """Raises ``UsageError`` where one is named and the file's format has none; a model in memory says itself what it has."""
    if wanted.options.signature is None or given.path is None:
        return
    from tfjsci.load.load import LoadOptions, detect, require_fitting

    kind = detect(given.path) if wanted.input_format == "auto" else wanted.input_format
    require_fitting(given.name, kind, LoadOptions(signature=wanted.options.signature))


def graph_of(given: Given, wanted: Wanted) -> Converted:
    """The model as a graph for TensorFlow.js, in memory. Raises ``UnsupportedOps`` unless the check is to be skipped."""
    from tfjsci.converter import convert as convert_model
    from tfjsci.converter import require_supported

    source = given.load(wanted.options) if given.load is not None else given.path
    assert source is not None
    converted = convert_model(
        source,
        backends=wanted.backends,
        format=wanted.input_format,
        options=wanted.options,
        keep_debug_ops=wanted.keep_debug_ops,
        without_rules=wanted.without_rules,
        unroll_loops=wanted.unroll_loops,
    )
    if not wanted.skip_op_check:
        require_supported(converted.check)
    return converted


def write_graph(
    given: Given,
    converted: Converted,
    output: Path,
    wanted: Wanted,
    *,
    session: Callable[[], Session],
    notes: Sequence[str] = (),
) -> Conversion:
    """Write the graph model, and run it before it takes its place where ``wanted`` says so."""
    from tfjsci.calibrate.samples import calls_of
    from tfjsci.calibrate.variant import calibrated
    from tfjsci.converter import computing_nodes_of, ops_of, quantization_notes, write_variant

    samples_notes: tuple[str, ...] = ()
    searched: SearchFound | None = None
    if wanted.auto is not None:
        quantizations, searched, samples_notes = search(converted, wanted.auto, say=wanted.say)
        wanted = replace(wanted, quantizations=quantizations)
    metadata: dict[str, Any] = dict(wanted.metadata)
    if wanted.structured_outputs:
        metadata["structuredOutputKeys"] = [spec.name for spec in converted.outputs]
    prepared: Mapping[str, QuantizedWeight] = {}
    if wanted.calibration is not None:
        calls, ignored = calls_of(converted.inputs, wanted.calibration)
        prepared, told = calibrated(converted.graph, converted.inputs, wanted.quantizations, calls)
        samples_notes = (*told, *ignored)
    with _proven(output, wanted) as folder:
        written = write_variant(
            converted,
            folder,
            quantization=wanted.quantizations,
            prepared=prepared,
            shard_bytes=wanted.shard_bytes,
            metadata=metadata or None,
        )
        if searched is not None:
            download = measure_download(folder, written.files).brotli_bytes
            samples_notes = (outcome_of(searched, download), *samples_notes)
        runs, values_notes = _runs(
            folder, lambda: converted.loaded, converted.inputs, converted.outputs, wanted=wanted, session=session
        )
    return Conversion(
        path=output,
        source=given.name,
        input_format=converted.loaded.format,
        output_format="graph",
        signature=converted.loaded.signature,
        inputs=converted.inputs,
        outputs=converted.outputs,
        nodes_before=computing_nodes_of(converted.loaded.graph),
        nodes=converted.computing_nodes,
        ops=ops_of(converted.graph),
        rules=dict(converted.rewritten.applied),
        lowerings=dict(Counter(each.by for each in converted.rewritten.lowered)),
        parameters=written.parameters,
        weights=written.weights,
        files=written.files,
        size_bytes=written.raw_bytes,
        notes=(
            *notes,
            *converted.notes,
            *quantization_notes(converted, wanted.quantizations),
            *samples_notes,
            *values_notes,
            *_unsupported_notes(converted),
        ),
        runs=runs,
        quantize_entry=searched.entry if searched else None,
    )


def _unsupported_notes(converted: Converted) -> Iterator[str]:
    for op in converted.check.unsupported:
        yield f"{op.op} ×{op.count} can't run on {', '.join(op.backends)}: {op.reason}"


def _layers(
    given: Given, output: Path, wanted: Wanted, session: Callable[[], Session], notes: list[str]
) -> Conversion | None:
    """Write a layers model; unless it is required, None where that can't be, with the reason noted."""
    required = wanted.output_format == "layers"
    packed = [each.scheme.name for each in each_of(wanted.quantizations) if each.scheme.needs_initializer]
    if packed and not required:
        notes.append(f"a graph model, as {packed[0]} needs an initializer graph, which a layers model hasn't")
        return None
    try:
        with (
            _file_of(given) as source,
            layers_model(source, architecture=wanted.options.architecture, backends=wanted.backends) as model,
        ):
            return _written(given, model, output, wanted, session)
    except UnknownFormat:
        if required:
            raise
        notes.append(f"a graph model, as {given.name} isn't a Keras file")
        return None
    except NoLayersModel as error:
        if required:
            raise
        notes.append(f"a graph model, as {error.message}")
        return None


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
    with _proven(output, wanted) as folder:
        written = write_layers_model(
            model,
            folder=folder,
            quantization=wanted.quantizations,
            shard_bytes=wanted.shard_bytes,
            metadata={**model.metadata, **wanted.metadata} or None,
            split_by_layer=wanted.split_by_layer,
        )
        runs, values_notes = _runs(
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
        notes=(*model.notes, *values_notes),
        runs=runs,
    )


def _original(given: Given, wanted: Wanted) -> LoadedGraph:
    """The model in TensorFlow: a layers model is made without it."""
    from tfjsci.load.load import load

    if given.load is not None:
        return given.load(wanted.options)
    assert given.path is not None
    return load(given.path, format=wanted.input_format, options=wanted.options)


@contextmanager
def _proven(output: Path, wanted: Wanted) -> Iterator[Path]:
    """Where to write: beside its place until it was run, where it is to be run."""
    if wanted.verify is None:
        yield output
    else:
        with whole_or_not_at_all(output) as temporary:
            yield temporary


def _runs(
    folder: Path,
    original: Callable[[], LoadedGraph],
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    *,
    wanted: Wanted,
    session: Callable[[], Session],
) -> tuple[tuple[OutputRun, ...], tuple[str, ...]]:
    """What came of the proof that is asked for, and what the reader should know of its values."""
    if wanted.verify is None:
        return (), ()
    from tfjsci.conversion.proof import prove

    return prove(
        folder,
        original(),
        inputs=inputs,
        outputs=outputs,
        schemes=[each.scheme.name for each in each_of(wanted.quantizations)],
        verify=wanted.verify,
        session=session(),
    )


def convert_signatures(
    given: Given,
    output: Path,
    signatures: Sequence[str],
    wanted: Wanted,
    *,
    session: Callable[[], Session],
    told: Callable[[Converted], None],
) -> dict[str, Conversion]:
    """Each signature into a folder of its own below ``output``: all of them, or nothing is written."""
    from tfjsci.conversion.folders import folders_of, no_empty

    wanted.require_consistent()
    folders = folders_of(output, signatures)
    for folder in folders.values():
        require_replaceable(folder)
    made = {
        name: graph_of(given, replace(wanted, options=replace(wanted.options, signature=name))) for name in signatures
    }
    done: dict[str, Conversion] = {}
    with no_empty(output), ExitStack() as places:
        for name, converted in made.items():
            temporary = places.enter_context(whole_or_not_at_all(folders[name]))
            done[name] = replace(write_graph(given, converted, temporary, wanted, session=session), path=folders[name])
    for converted in made.values():
        told(converted)
    return done

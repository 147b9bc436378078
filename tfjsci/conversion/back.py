"""The way back: a TF.js model as a SavedModel, a frozen graph, or a Keras file.

A graph is written as it stands in the file, its fused ops taken apart into TensorFlow's own, and not rewritten.
"""

from __future__ import annotations

import keyword
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.artifact.place import require_replaceable
from tfjsci.artifact.write import unwritable, whole_or_not_at_all
from tfjsci.conversion.conversion import Conversion, size_of
from tfjsci.conversion.wanted import BackFormat, Wanted
from tfjsci.errors import ConversionFailed, OutputUnwritable, UsageError
from tfjsci.graph.graph import Graph, node_of, unused_name
from tfjsci.graph.renamed import renamed
from tfjsci.load.load import detect, load, require_fitting
from tfjsci.load.loaded import LoadedGraph
from tfjsci.quoted import quoted

if TYPE_CHECKING:
    from tfjsci.conversion.given import Given
    from tfjsci.layers.web import WebModel

_SUFFIXES: dict[str, tuple[str, ...]] = {"frozen": (".pb",), "h5": (".h5", ".hdf5"), "keras": (".keras",)}
_BEGINNINGS: dict[str, bytes] = {"frozen": b"\n", "h5": b"\x89HDF\r\n\x1a\n", "keras": b"PK\x03\x04"}
"""Of a file that may be replaced: it is of the same format."""

_METADATA = "its userDefinedMetadata, which is for a page, is left out"

MOST_BYTES = (2 << 30) - (64 << 20)
"""Of weights in a graph that TensorFlow is to read: a protobuf holds less than 2 GB."""


def convert_back(given: Given, output: Path, wanted: Wanted, to: BackFormat) -> Conversion:
    """Write the TF.js model ``given`` to ``output``: a folder for a SavedModel, else a file. Whole, or not at all.

    Raises ``UsageError`` for a source that is no TF.js model, and for an ``output`` that would be lost; what loading raises;
    ``NoWayBack`` for layers that Keras computes otherwise; ``ConversionFailed``; ``OutputUnwritable``.
    """
    source = given.path
    if not isinstance(source, Path):
        raise UsageError(
            f"{given.name} is no TensorFlow.js model in a folder, and only such a one has a way back to {to}",
            hint="Give the path of its model.json.",
        )
    kind = detect(source) if wanted.input_format == "auto" else wanted.input_format
    if kind not in ("tfjs_graph_model", "tfjs_layers_model"):
        raise UsageError(
            f"{source.name} is no TensorFlow.js model, and only such a one has a way back to {to}",
            hint="Leave the output format out: it becomes a graph model.",
        )
    if to in ("h5", "keras"):
        if kind != "tfjs_layers_model":
            raise UsageError(
                f"{source.name} is a graph model: it has no layers that a Keras file could hold",
                hint="Its way back is --output-format saved_model, or frozen.",
            )
        require_fitting(source.name, kind, wanted.options)  # no loader does it here
        return _keras_file(source, output, to)
    loaded = load(source, format=kind, options=wanted.options)
    return _saved_model(source, loaded, output) if to == "saved_model" else _frozen(source, loaded, output)


def _saved_model(source: Path, loaded: LoadedGraph, output: Path) -> Conversion:
    from tfjsci.graph.save import save_graph

    _refuse_size(source, loaded)
    require_replaceable(output)
    names = _arguments([spec.name for spec in loaded.inputs])
    graph = _with_inputs(loaded, names)  # the nodes' names are what TensorFlow calls the arguments
    inputs = {name: name for name in names.values()}
    outputs = {spec.name: tensor for spec, tensor in zip(loaded.outputs, graph.outputs, strict=True)}
    with whole_or_not_at_all(output) as temporary:
        try:
            save_graph(graph, temporary, inputs=inputs, outputs=outputs)
        except (ValueError, TypeError, KeyError) as error:
            raise ConversionFailed(
                f"TensorFlow can't write {source.name} as a SavedModel: {quoted(error)}",
                hint="--output-format frozen asks less of names.",
            ) from error
        files = tuple(sorted(str(path.relative_to(temporary)) for path in temporary.rglob("*") if path.is_file()))
    notes = tuple(
        f"the input {was!r} is called {now!r} in the SavedModel, whose inputs are a Python function's arguments"
        for was, now in names.items()
        if was != now
    )
    return _told(source, loaded, output, "saved_model", files, size_of(output, files), notes)


def _with_inputs(loaded: LoadedGraph, names: Mapping[str, str]) -> Graph:
    """The graph whose Placeholders are called as ``names`` (by the signature's) says; who was called so before gives way."""
    wanted = {node_of(spec.tensor): names[spec.name] for spec in loaded.inputs}
    taken = {*loaded.graph.by_name, *wanted.values()}
    aside = {}
    for name in set(wanted.values()) & set(loaded.graph.by_name) - set(wanted):
        aside[name] = unused_name(f"{name}_1", taken)
        taken.add(aside[name])
    return renamed(loaded.graph, {**aside, **{was: now for was, now in wanted.items() if was != now}})


def _arguments(names: list[str]) -> dict[str, str]:
    """Names that an argument can have, for upstream's ``x:0`` and the like."""
    taken: set[str] = {name for name in names if _is_argument(name)}
    made = {}
    for name in names:
        plain = name
        if not _is_argument(name):
            plain = re.sub(r"\W", "_", name, flags=re.ASCII)
            plain = unused_name(plain if _is_argument(plain) else f"input_{plain}", taken)
            taken.add(plain)
        made[name] = plain
    return made


def _is_argument(name: str) -> bool:
    return name.isidentifier() and name.isascii() and not keyword.iskeyword(name)


def _frozen(source: Path, loaded: LoadedGraph, output: Path) -> Conversion:
    from tfjsci.graph.graphdef import to_graphdef

    _refuse_size(source, loaded)
    with _file(output, "frozen") as temporary:
        temporary.write_bytes(to_graphdef(loaded.graph, keep_bytes=None).SerializeToString(deterministic=True))
    named = ", ".join(f"{spec.name} is {spec.tensor}" for spec in (*loaded.inputs, *loaded.outputs))
    notes = (f"a frozen graph has no signature; in this one {named}",)
    return _told(source, loaded, output, "frozen", (output.name,), output.stat().st_size, notes)


def _keras_file(source: Path, output: Path, to: str) -> Conversion:
    from tfjsci.layers.web import read_web_model, specs_of
    from tfjsci.load.tfjs_layers import save_keras

    web: WebModel = read_web_model(source)
    inputs, outputs = specs_of(web)
    with _file(output, to) as temporary:
        layers = save_keras(web, temporary)
    trained = ("how it was compiled is left out",) if web.training else ()
    for_the_page = (_METADATA,) if web.metadata else ()
    renamed = tuple(
        f"the output {spec.name!r} is called after its layer, {node_of(spec.tensor)}: a Keras file has no other names"
        for spec in outputs
        if not spec.name.startswith(node_of(spec.tensor))
    )
    return Conversion(
        path=output,
        source=source.name,
        input_format="tfjs_layers_model",
        output_format=to,
        inputs=inputs,
        outputs=outputs,
        layers=layers,
        parameters=sum(int(value.size) for value in web.weights.values()),
        files=(output.name,),
        size_bytes=output.stat().st_size,
        notes=(*web.notes, *trained, *renamed, *for_the_page),
    )


def _told(
    source: Path,
    loaded: LoadedGraph,
    output: Path,
    to: str,
    files: tuple[str, ...],
    size: int,
    notes: tuple[str, ...] = (),
) -> Conversion:
    from tfjsci.converter import computing_nodes_of, ops_of

    return Conversion(
        path=output,
        source=source.name,
        input_format=loaded.format,
        output_format=to,
        inputs=loaded.inputs,
        outputs=loaded.outputs,
        nodes=computing_nodes_of(loaded.graph),
        ops=ops_of(loaded.graph),
        parameters=sum(int(each.value.size) for each in loaded.graph.all_constants.values() if each.sources),
        files=files,
        size_bytes=size,
        notes=(*loaded.notes, *notes, *((_METADATA,) if loaded.metadata else ())),
    )


def _refuse_size(source: Path, loaded: LoadedGraph) -> None:
    size = sum(constant.value.nbytes for constant in loaded.graph.all_constants.values())
    if size > MOST_BYTES:
        raise ConversionFailed(
            f"{source.name} has {size} bytes of weights, and a graph of TensorFlow's holds less than 2 GB",
            hint="There is no way back for a model of this size.",
        )


@contextmanager
def _file(output: Path, to: str) -> Iterator[Path]:
    """A file beside ``output`` that takes its place when the block ends well."""
    suffixes = _SUFFIXES[to]
    if output.suffix not in suffixes:
        raise UsageError(
            f"{output.name} isn't named as {to}", hint=f"Give a file that ends in {' or '.join(suffixes)}."
        )
    _require_same(output, to)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=f".{output.name}.", dir=output.parent))
    except OSError as error:
        raise unwritable(output, error) from error
    try:
        yield folder / f"model{suffixes[0]}"
        _require_same(output, to)  # again: writing may have taken minutes
        (folder / f"model{suffixes[0]}").replace(output)
    except OSError as error:
        raise unwritable(output, error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _require_same(output: Path, to: str) -> None:
    """Nothing is there yet, or a file of the same format."""
    try:
        if output.is_dir():
            raise UsageError(f"{output} is a folder", hint="Give the name of a file.")
        if not output.exists():
            return
        with output.open("rb") as file:
            begins = file.read(8)
    except OSError as error:
        raise OutputUnwritable(
            f"{output} can't be written: {error.strerror or error}", hint="Choose another file."
        ) from error
    if not begins.startswith(_BEGINNINGS[to]):
        raise UsageError(
            f"{output} is there already, and isn't of the format {to}: it would be lost",
            hint="Choose another name, or remove it.",
        )

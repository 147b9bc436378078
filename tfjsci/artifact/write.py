"""An artifact on the disk, whole or not at all: written into a folder beside its place, then renamed."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any

from tfjsci._version import __version__
from tfjsci.artifact.artifact import WeightSummary
from tfjsci.artifact.codes import encoded, packed_weights, ready_scheme, unpacked
from tfjsci.artifact.initializer import (
    captured_entries,
    initializer_signature,
    with_initializer,
)
from tfjsci.artifact.place import require_replaceable
from tfjsci.artifact.quantize import Quantizations
from tfjsci.artifact.small_weights import settled
from tfjsci.artifact.spelling import for_the_runtime
from tfjsci.artifact.tally import Tally
from tfjsci.catalog.exactness import only_slices_by
from tfjsci.errors import ConversionFailed, OutputUnwritable
from tfjsci.format.encoding import Encoded, NotEncodableError, storable
from tfjsci.format.topology import DATA_TYPES, shape_json, topology
from tfjsci.graph.graph import Constant, Graph, dtype_name, indexed
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.scheme import NEEDING_INITIALIZER
from tfjsci.quantize.weight import PreparedWeight
from tfjsci.signature import TensorSpec

SHARD_BYTES = 4 << 20
"""TensorFlow.js' own default: small enough for parallel and cached downloads."""


@dataclass(frozen=True, kw_only=True)
class Written:
    """The files of one artifact: ``model.json`` first, then the shards in order."""

    folder: Path
    files: tuple[str, ...]
    raw_bytes: int
    parameters: int
    weights: tuple[WeightSummary, ...]
    sha256: str


def write_artifact(
    graph: Graph,
    *,
    inputs: Sequence[TensorSpec],
    outputs: Sequence[TensorSpec],
    folder: Path,
    quantization: Quantizations = None,
    prepared: Mapping[str, PreparedWeight] | None = None,
    shard_bytes: int = SHARD_BYTES,
    generated_by: str = "",
    metadata: Mapping[str, Any] | None = None,
) -> Written:
    """Write ``model.json`` and its shards into ``folder``, replacing what was there only when all is written.

    The same graph gives the same bytes. ``prepared`` are weights that are codes already, whatever ``quantization`` says of them.
    ``metadata`` is JSON for ``userDefinedMetadata``, which the page finds again.
    Raises ``ConversionFailed`` for a weight that the format can't hold and
    ``OutputUnwritable`` when the disk refuses; ``UsageError`` when ``folder`` holds anything but an artifact, or two
    quantisations take one weight.
    """
    if shard_bytes < 1:
        raise ValueError(f"shard_bytes is {shard_bytes}, a shard has at least one byte")
    constants = _storable_constants(graph)
    graph = _with_values(graph, constants)
    quantization = settled(graph.all_constants.items(), quantization)
    packed = packed_weights(graph, quantization, prepared or {})
    ready = with_initializer(for_the_runtime(graph), packed, inputs=[spec.name for spec in inputs])
    entries: list[dict[str, Any]] = []
    tally = Tally()
    with whole_or_not_at_all(folder) as temporary:
        shards = Shards(temporary, shard_bytes)
        for name, stored in _each_stored(graph, constants, quantization, packed, prepared or {}, ready.stored):
            entries.append({"name": name, **stored.entry})
            counted = stored.stored_dtype not in NEEDING_INITIALIZER  # of those the weights count, not their parts
            tally.add(stored.stored_dtype, count=int(counted), stored_bytes=len(stored.data))
            shards.add(stored.data)
        for weight in packed.values():
            tally.add(weight.scheme.name, count=1, stored_bytes=0)
        paths = shards.finish()
        document = {
            "format": "graph-model",
            "generatedBy": generated_by,
            "convertedBy": f"tfjsci {__version__}",
            "signature": _with_captured(signature_json(inputs, outputs), captured_entries(ready)),
            "modelTopology": topology(ready.main),
            "weightsManifest": [{"paths": paths, "weights": entries}],
            **({"modelInitializer": topology(ready.initializer)} if ready.initializer is not None else {}),
            **({"initializerSignature": initializer_signature(ready)} if ready.captured else {}),
            **({"userDefinedMetadata": dict(metadata)} if metadata else {}),
        }
        (temporary / "model.json").write_text(document_text(document), encoding="utf-8")
        files = ("model.json", *paths)
        raw_bytes, sha256 = _digest(temporary / name for name in files)
    return Written(
        folder=folder,
        files=files,
        raw_bytes=raw_bytes,
        parameters=sum(int(constant.value.size) for constant in constants.values() if constant.sources),
        weights=tally.summaries(),
        sha256=sha256,
    )


def _digest(files: Iterable[Path]) -> tuple[int, str]:
    """The bytes of all of them, and the SHA-256 over them in their order."""
    digest, size = hashlib.sha256(), 0
    for file in files:
        data = file.read_bytes()
        digest.update(data)
        size += len(data)
    return size, digest.hexdigest()


def document_text(document: Mapping[str, Any]) -> str:
    """``model.json``: numbers that JSON has, and no blanks."""
    return json.dumps(document, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def _each_stored(
    graph: Graph,
    constants: Mapping[str, Constant],
    quantization: Quantizations,
    packed: Collection[str],
    prepared: Mapping[str, PreparedWeight],
    of_initializer: Mapping[str, Encoded],
) -> Iterator[tuple[str, Encoded]]:
    """Each weight's bytes, made as they are asked for; last what the initializer alone reads.

    What is stored alike lies side by side: brotli and gzip then make less of it than of codes and floats by turns.
    """
    alike: dict[str, list[str]] = {}
    for name in _in_order(graph):
        if name not in packed:
            alike.setdefault(_stored_dtype(name, constants[name], quantization, prepared), []).append(name)
    for name in chain(*alike.values()):
        yield name, encoded(name, constants[name], quantization, prepared, channels=partial(channel_axes, graph))
    yield from of_initializer.items()


def _stored_dtype(
    name: str, constant: Constant, quantization: Quantizations, prepared: Mapping[str, PreparedWeight]
) -> str:
    scheme = ready_scheme(name, constant, quantization, prepared)
    return unpacked(scheme).name if scheme else dtype_name(constant.value)


def _with_captured(signature: dict[str, Any], captured: dict[str, Any]) -> dict[str, Any]:
    return {**signature, "inputs": {**signature["inputs"], **captured}}


def _in_order(graph: Graph) -> list[str]:
    """The weights as their nodes stand in the graph, then in its functions; one that stands in several is stored once."""
    return list(dict.fromkeys(node.name for _, part in graph.walk() for node in part.nodes if node.op == "Const"))


def _storable_constants(graph: Graph) -> dict[str, Constant]:
    out: dict[str, Constant] = {}
    for _, part in graph.walk():
        for name, constant in part.constants.items():
            if name in out:
                continue
            readers = part.readers.get(name, ())
            try:
                value = storable(constant.value, saturate=only_slices_by(part, name))
            except NotEncodableError as error:
                raise ConversionFailed(
                    f"the weight {name} (read by {', '.join(r.op for r in readers[:3]) or 'nothing'}) "
                    f"can't be stored: {error}",
                    hint="Cast it in the original model to float32 or int32, within int32's range.",
                ) from error
            out[name] = constant if value is constant.value else Constant(value=value, sources=constant.sources)
    return out


def _with_values(graph: Graph, constants: Mapping[str, Constant]) -> Graph:
    functions = {
        name: replace(body, graph=_with_values(body.graph, constants)) for name, body in graph.functions.items()
    }
    own = {name: constants[name] for name in graph.constants}
    return Graph(nodes=graph.nodes, outputs=graph.outputs, constants=own, types=graph.types, functions=functions)


def signature_json(inputs: Sequence[TensorSpec], outputs: Sequence[TensorSpec]) -> dict[str, Any]:
    """Inputs and outputs by name, in their order."""

    def entries(specs: Sequence[TensorSpec]) -> dict[str, Any]:
        return {
            spec.name: {
                "name": indexed(spec.tensor),
                "dtype": DATA_TYPES[spec.dtype],
                "tensorShape": shape_json(spec.shape),
            }
            for spec in specs
        }

    return {"inputs": entries(inputs), "outputs": entries(outputs)}


class Shards:
    """Weights one after the other, cut every ``shard_bytes`` without regard to where one ends (the format's way).

    The number of shards is part of every name, so the files are named at the end.
    """

    def __init__(self, folder: Path, shard_bytes: int, *, group: int = 1) -> None:
        """``group`` counts the groups of weights from 1; its number is in the files' names."""
        self._folder = folder
        self._group = group
        self._limit = shard_bytes
        self._pending: list[memoryview] = []
        self._room = shard_bytes
        self._count = 0

    def add(self, data: bytes | memoryview) -> None:
        """The next weight's bytes."""
        view = memoryview(data)
        while view:
            part, view = view[: self._room], view[self._room :]
            self._pending.append(part)
            self._room -= len(part)
            if not self._room:
                self._flush()

    def finish(self) -> list[str]:
        """Names of the files, in order; nothing more is added."""
        if self._pending:
            self._flush()
        names = [f"group{self._group}-shard{i + 1}of{self._count}.bin" for i in range(self._count)]
        for i, name in enumerate(names):
            (self._folder / f"{i}.part").rename(self._folder / name)
        return names

    def _flush(self) -> None:
        """A part of one weight is written as it is; what is of several is put together first."""
        data = self._pending[0] if len(self._pending) == 1 else b"".join(self._pending)
        (self._folder / f"{self._count}.part").write_bytes(data)
        self._pending, self._room = [], self._limit
        self._count += 1


@contextmanager
def whole_or_not_at_all(folder: Path) -> Iterator[Path]:
    """A temporary folder beside ``folder`` that takes its place when the block ends well, and vanishes when it doesn't."""
    try:
        require_replaceable(folder)
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    except OSError as error:
        raise unwritable(folder, error) from error
    try:
        yield temporary
        temporary.chmod(0o777 & ~_umask())  # mkdtemp's 0700 would hide the artifact from other users
        _swap(temporary, folder)
    except OSError as error:
        raise unwritable(folder, error) from error
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _swap(new: Path, place: Path) -> None:
    if not place.exists():
        new.rename(place)
        return
    require_replaceable(place)  # again: writing may have taken minutes
    old = Path(tempfile.mkdtemp(prefix=f".{place.name}.old.", dir=place.parent))
    try:
        place.rename(old / place.name)
        new.rename(place)
    except BaseException:  # an interrupt, too, must not cost the artifact that was there
        if not place.exists() and (old / place.name).exists():
            (old / place.name).rename(place)
        raise
    finally:
        shutil.rmtree(old, ignore_errors=True)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask


def unwritable(path: Path, error: OSError) -> OutputUnwritable:
    """The disk's refusal as an error that says what to do."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return OutputUnwritable(
            f"the disk is full: {path} was not written", hint="Free some space, or choose another output folder."
        )
    return OutputUnwritable(
        f"{path} can't be written: {error.strerror or error}",
        hint="Choose another output folder, or make this one writable.",
    )

"""What the model is fed: the user's files, or seeded random values, as inference calls that every side gets alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod
from typing import Literal

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.graph.graph import Shape, dtype_name
from tfjsci.inputs.files import MAX_ARRAY_BYTES
from tfjsci.inputs.fit import notes_on, require_feedable
from tfjsci.inputs.given import Given
from tfjsci.inputs.seeded import SeededValues
from tfjsci.inputs.source import read_source
from tfjsci.inputs.split import MAX_ROWS, Arranged, arrange, show_shape, split
from tfjsci.inputs.summary import Basis, InputSummary
from tfjsci.listed import plural
from tfjsci.manifest.resolved import Drawn, InputSource
from tfjsci.nearest import did_you_mean
from tfjsci.signature import TensorSpec
from tfjsci.units import show_bytes


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """The calls for comparing, and the one for timing.

    Each mapping of ``samples`` is one inference call: an array per input, by the signature's name and in its dtype.
    ``timed`` is the call that is timed: a dynamic first dimension is ``batch`` in it. ``random`` is True if any input
    is random: classes of such outputs mean nothing. ``basis`` is what numbers of these calls rest on. ``notes`` are oddities
    that the reader should know.
    """

    samples: tuple[Mapping[str, npt.NDArray[np.generic]], ...]
    timed: Mapping[str, npt.NDArray[np.generic]]
    summaries: tuple[InputSummary, ...]
    random: bool
    basis: Basis
    notes: tuple[str, ...] = ()


def make_inputs(
    signature_inputs: Sequence[TensorSpec],
    *,
    files: Mapping[str, InputSource | Given],
    shapes: Mapping[str, tuple[int, ...]],
    batch: int,
    seed: int,
    ranges: Mapping[str, tuple[float, float]],
    samples_per_call: int = MAX_ROWS,
    batches: int = 1,
) -> Inputs:
    """Values for every input of the signature.

    ``files`` (or whatever else gives an input its values) and ``shapes`` go by input name, ``ranges`` (of random values,
    upper end excluded) by dtype name. ``shapes`` gives sizes to dynamic dimensions; ``batch`` is a dynamic first dimension's
    where nothing else says so: of random inputs beside no file, and of the timed call. ``samples_per_call`` of a file go
    together where the model leaves that open; ``batches`` calls are made where no file says how many.
    Raises ``BadInputs``: an unknown name, a file that can't be read or doesn't fit, a size that is missing, or more values than
    ``MAX_ARRAY_BYTES`` hold.
    """
    names = [spec.name for spec in signature_inputs]
    _require_known(names, files, "file")
    _require_known(names, shapes, "shape")
    sources = _sources(signature_inputs, files=files, shapes=shapes, batch=batch, seed=seed, ranges=ranges)
    samples = _samples(names, sources, batch=batch, batches=batches, samples_per_call=samples_per_call)
    # An input of fixed shape that is split says how many samples go together; then nothing may be cut.
    free = not any(found.role == "calls" for found in sources.arranged.values())
    return Inputs(
        samples=tuple(samples),
        timed=_with_batch(samples[0], sources.dynamic, batch) if free else samples[0],
        summaries=tuple(
            InputSummary(
                name=spec.name,
                dtype=spec.dtype,
                shape=sources.file_shapes.get(spec.name, samples[0][spec.name].shape),
                origin=sources.origins[spec.name],
            )
            for spec in signature_inputs
        ),
        random=bool(sources.seeded),
        basis=_basis(names, samples, len(sources.seeded)),
        notes=(*sources.notes, *(note for name in sources.seeded for note in notes_on(name, samples[0][name]))),
    )


@dataclass(kw_only=True)
class _Sources:
    """Where values come from, by input name: ``arranged`` those of files, ``seeded`` random ones, of the shapes ``sized``.

    ``file_shapes`` are whole files', ``notes`` about what is in them.
    """

    arranged: dict[str, Arranged] = field(default_factory=dict)
    file_shapes: dict[str, tuple[int, ...]] = field(default_factory=dict)
    seeded: dict[str, SeededValues] = field(default_factory=dict)
    sized: dict[str, tuple[int | None, ...]] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def dynamic(self) -> set[str]:
        """The inputs whose first dimension counts samples."""
        of_files = {name for name, found in self.arranged.items() if found.role == "rows"}
        return of_files | {name for name, shape in self.sized.items() if shape and shape[0] is None}


def _sources(
    signature_inputs: Sequence[TensorSpec],
    *,
    files: Mapping[str, InputSource | Given],
    shapes: Mapping[str, tuple[int, ...]],
    batch: int,
    seed: int,
    ranges: Mapping[str, tuple[float, float]],
) -> _Sources:
    found = _Sources()
    narrowed = {spec.name: _narrow(spec, shapes.get(spec.name)) for spec in signature_inputs}
    for spec in signature_inputs:
        name = spec.name
        require_feedable(name, spec.dtype)
        source = files.get(name)
        if source is not None and not isinstance(source, Drawn):
            where = f"input {name!r}: {source.text}"
            values, found.origins[name] = read_source(source, name=name, shape=narrowed[name], dtype=spec.dtype)
            found.arranged[name] = arrange(values, shape=narrowed[name], where=where)
            found.file_shapes[name] = values.shape
            found.notes.extend(notes_on(name, values))
        else:
            found.seeded[name] = SeededValues(name=name, dtype=spec.dtype, seed=seed, ranges=ranges, drawn=source)
            found.sized[name] = _sized(name, narrowed[name], batch)
            found.origins[name] = found.seeded[name].origin
    return found


def _samples(
    names: Sequence[str], sources: _Sources, *, batch: int, batches: int, samples_per_call: int
) -> list[Mapping[str, npt.NDArray[np.generic]]]:
    """The calls: as many as the files make, or ``batches`` where these don't say."""
    calls = split(sources.arranged, samples_per_call)
    samples: list[Mapping[str, npt.NDArray[np.generic]]] = []
    chance = bool(sources.seeded) and all(found.role == "whole" for found in sources.arranged.values())
    number = batches if chance else calls.calls
    for call in range(number):
        rows = batch if calls.rows is None else calls.rows[call].stop - calls.rows[call].start
        for name, shape in sources.sized.items():
            _require_room(name, _with_rows(shape, rows), number, sources.seeded[name].dtype)
        values = {name: calls.take(found, call) for name, found in sources.arranged.items()}
        values |= {name: sources.seeded[name].draw(_with_rows(shape, rows)) for name, shape in sources.sized.items()}
        samples.append({name: values[name] for name in names})
    return samples


def with_first_values(inputs: Inputs, values: Mapping[str, npt.NDArray[np.generic]]) -> Inputs:
    """The calls with the model's state among what they are given, at the end: in each its first ``values``, by input name.

    Raises ``BadInputs`` for a dtype that can't be fed.
    """
    for name, value in values.items():
        require_feedable(name, dtype_name(value))
    return replace(
        inputs,
        samples=tuple({**call, **values} for call in inputs.samples),
        timed={**inputs.timed, **values},
        summaries=(
            *inputs.summaries,
            *(
                InputSummary(name=name, dtype=dtype_name(value), shape=value.shape, origin="the variable's first value")
                for name, value in values.items()
            ),
        ),
        notes=(*inputs.notes, *(note for name, value in values.items() for note in notes_on(name, value))),
    )


def _basis(names: Sequence[str], samples: Sequence[Mapping[str, npt.NDArray[np.generic]]], drawn: int) -> Basis:
    rows = sum(next((len(call[name]) for name in names if call[name].ndim), 1) for call in samples)
    values: Literal["real", "partly random", "random"] = (
        "random" if names and drawn == len(names) else "partly random" if drawn else "real"
    )
    return Basis(samples=rows, calls=len(samples), values=values)


def _require_known(names: Sequence[str], given: Iterable[str], what: str) -> None:
    unknown = [name for name in given if name not in names]
    if unknown:
        told = ", ".join(map(repr, unknown))
        known = f"Its inputs are {', '.join(map(repr, names))}." if names else "It has no inputs."
        raise BadInputs(
            f"the model has no input {told} to which a {what} is given",
            hint=known + "".join(did_you_mean(name, names) for name in unknown),
        )


def _narrow(spec: TensorSpec, given: tuple[int, ...] | None) -> Shape:
    """The signature's shape with the manifest's sizes in it."""
    if given is None:
        return spec.shape
    fits = spec.shape is None or (
        len(given) == len(spec.shape) and all(s is None or s == g for s, g in zip(spec.shape, given, strict=True))
    )
    if not fits or min(given, default=1) < 1:
        raise BadInputs(
            f"`shapes` makes input {spec.name!r} {list(given)}, the model wants {show_shape(spec.shape)}",
            hint="Give all dimensions, each at least 1; only those shown as ? are free.",
        )
    return given


def _sized(name: str, shape: Shape, batch: int) -> tuple[int | None, ...]:
    """A random input's shape, whose sizes must be known but for the first, which counts the samples."""
    if shape is not None and None not in shape[1:]:
        return shape
    told = show_shape(shape)
    # 224: the size of most image models, so that the example can be pasted and then thought about.
    shape = shape or (None, None, None, 3)
    example = [shape[0] or batch, *(size or (224 if len(shape) == 4 else 32) for size in shape[1:])]
    raise BadInputs(
        f"input {name!r} is {told}: random values need a size for each ?",
        hint=f"Set it: `shapes: {{{name}: {example}}}`, or give the input a file.",
    )


def _require_room(name: str, shape: tuple[int, ...], calls: int, dtype: np.dtype[np.generic]) -> None:
    """Before any value is made. Raises ``BadInputs``: all calls' together are more than a file's may be."""
    size = calls * prod(shape) * dtype.itemsize
    if size > MAX_ARRAY_BYTES:
        raise BadInputs(
            f"input {name!r} would be {plural(calls, 'call')} of {list(shape)}, {show_bytes(size)} in all; "
            f"at most {show_bytes(MAX_ARRAY_BYTES)} are made",
            hint="Make `batch`, `shapes` or `random: {batches: …}` smaller.",
        )


def _with_rows(shape: tuple[int | None, ...], rows: int) -> tuple[int, ...]:
    return tuple(rows if size is None else size for size in shape)


def _with_batch(
    call: Mapping[str, npt.NDArray[np.generic]], dynamic: set[str], batch: int
) -> Mapping[str, npt.NDArray[np.generic]]:
    """The first call with ``batch`` samples of it: cut, or begun again at the first when there are fewer."""
    for name in dynamic:
        _require_room(name, (batch, *call[name].shape[1:]), 1, call[name].dtype)
    return {
        name: values.take(np.arange(batch), axis=0, mode="wrap") if name in dynamic else values
        for name, values in call.items()
    }

"""A case on its way to the browser: built, saved, TensorFlow's numbers, and both of our artifacts."""

from __future__ import annotations

import re
import signal
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import places  # noqa: F401  (puts the survey's folder on the path)

# isort: split
import numpy as np
from case import Case
from layers_cases import randomized
from source import built, function_of, is_model, samples_of, saved

import tfjsci
from tfjsci.converter import convert, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import ModelError
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.layers.refused import NoLayersModel

SECONDS = 240
"""For one case. Nets of hundreds of layers take a minute, on a machine that does other things as well."""


@dataclass(frozen=True, kw_only=True)
class Made:
    """One artifact: ``given`` is by its input names; ``names`` are its outputs', where they aren't the reference's own.

    ``refused`` says why there is none, or what of it can't run on some backends.
    """

    folder: Path | None = None
    given: Mapping[str, Any] | None = None
    names: Sequence[str] | None = None
    refused: str = ""
    failed: str = ""
    not_on: Mapping[Backend, str] | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """``reference`` is by the SavedModel's output names. ``failed``: TensorFlow itself can't build, save or run it."""

    case: Case
    source: Path | None = None
    given: Mapping[str, Any] | None = None
    reference: Mapping[str, Any] | None = None
    random: bool = False
    failed: str = ""
    graph: Made = Made()
    layers: Made | None = None


def prepare(case: Case, folder: Path, *, with_layers: bool = True) -> Prepared:
    """Everything that one case may raise is told in what is returned."""
    stage = "build"
    try:
        with _in_time():
            made = built(case)
            if case.name.startswith("structural/") and is_model(made):
                randomized(made)
            stage = "save"
            source = _saved(case, made, folder)
            stage = "TensorFlow"
            given, reference, random = _reference(case, made, source)
    except Exception as error:  # noqa: BLE001  (one case's crash must not end the sweep)
        return Prepared(case=case, failed=f"{stage}: {_said(error)}")
    return Prepared(
        case=case,
        source=source,
        given=given,
        reference=reference,
        random=random,
        graph=_graph(source, given, folder / "graph"),
        layers=_layers(case, made, reference, folder / "layers") if with_layers and is_model(made) else None,
    )


def _saved(case: Case, made: Any, folder: Path) -> Path:
    """A SavedModel, which both converters read."""
    if is_model(made):
        made.export(folder / "model", verbose=False)
        return folder / "model"
    return saved(case, made, folder)


def _reference(case: Case, made: Any, source: Path) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """What goes in and what TensorFlow answers, by the signature's names, and whether it answers something else each time."""
    tf = tensorflow()
    samples = samples_of(case)
    function = tf.saved_model.load(str(source)).signatures["serving_default"]
    specs = function.structured_input_signature[1]
    wanted = [tensor.name for tensor in made.inputs] if is_model(made) else [f"x{i}" for i in range(len(samples))]
    arguments = [_as_argument(name) for name in wanted]
    names = arguments if set(arguments) == set(specs) else list(specs)
    given = dict(zip(names, samples, strict=True))

    def run() -> dict[str, Any]:
        tensors = {name: tf.constant(value, specs[name].dtype) for name, value in given.items()}
        return {name: np.asarray(value) for name, value in function(**tensors).items()}

    try:
        first, second = run(), run()
    except (tf.errors.InvalidArgumentError, tf.errors.UnimplementedError, tf.errors.InternalError):
        # the CPU lacks a kernel, as for convolutions with the channels first: XLA has it
        answer = tf.function(function_of(made), jit_compile=True, autograph=False)(*samples)
        flat = [np.asarray(value) for value in keras().tree.flatten(answer)]
        first = second = dict(zip(in_order(function.structured_outputs), flat, strict=True))
    return given, first, any(not _same(first[name], second[name]) for name in first)


def _as_argument(name: str) -> str:
    """As Python can call it, which is how TensorFlow lists it."""
    return re.sub(r"\W", "_", name)


def _same(a: Any, b: Any) -> bool:
    return bool(np.array_equal(a, b, equal_nan=a.dtype.kind in "fc"))


def in_order(names: Iterable[str]) -> list[str]:
    """``output_2`` before ``output_10``; names of a dictionary as they are sorted."""
    return sorted(
        names, key=lambda name: [int(part) if part.isdecimal() else part for part in re.split(r"(\d+)", name)]
    )


def _graph(source: Path, given: Mapping[str, Any], folder: Path) -> Made:
    try:
        with _in_time():
            converted = convert(source, backends=BACKENDS)
            write_variant(converted, folder)
    except ModelError as error:
        return Made(refused=_said(error))
    except Exception as error:  # noqa: BLE001  (a crash is this case's result)
        return Made(failed=f"conversion: {_said(error)}")
    not_on: dict[Backend, str] = {}
    for op in converted.check.unsupported:
        for backend in op.backends:
            not_on[backend] = "; ".join(filter(None, [not_on.get(backend), f"{op.op}: {op.reason}"]))
    named = {_as_argument(spec.name): spec.name for spec in converted.inputs}
    return Made(folder=folder, given={named.get(name, name): value for name, value in given.items()}, not_on=not_on)


def _layers(case: Case, made: Any, reference: Mapping[str, Any], folder: Path) -> Made:
    try:
        with _in_time():
            done = tfjsci.convert(made, folder, output_format="layers")
    except NoLayersModel as error:
        return Made(refused="; ".join(dict.fromkeys(each.reason for each in error.refusals))[:300])
    except ModelError as error:
        return Made(refused=_said(error))
    except Exception as error:  # noqa: BLE001
        return Made(failed=f"conversion: {_said(error)}")
    given = dict(zip([spec.name for spec in done.inputs], samples_of(case), strict=True))
    names = in_order(reference)
    if len(names) != len(done.outputs):
        return Made(failed=f"conversion: {len(done.outputs)} outputs, not {len(names)}")
    return Made(folder=folder, given=given, names=names)


@contextmanager
def _in_time() -> Iterator[None]:
    def late(*_: object) -> None:
        raise TimeoutError(f"not done within {SECONDS} s")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def _said(error: Exception) -> str:
    text = error.message if isinstance(error, ModelError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())[:300]

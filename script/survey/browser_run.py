"""Cases from their source to the browser and back: converted, run on each backend, held against TensorFlow.

Small ones run many to a page. What goes wrong there runs again in a page of its own, and only that counts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from case import Case
from merged import can_be_merged, merged, prefix
from source import built, function_of, samples_of, saved

from tfjsci.browser.protocol import Session
from tfjsci.compare.compare import compare_outputs
from tfjsci.compare.comparison import OutputComparison
from tfjsci.converter import Converted, convert, write_variant
from tfjsci.dtypes import GPU_BACKENDS, RUNTIME_DTYPE, Backend
from tfjsci.errors import BrowserMissing, ModelError, ReferenceFailed, RuntimeMissing, TfjsciError
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.reference import run_reference

STATUSES = ("right", "wrong", "refused", "failed")
"""Numbers agree on every backend; some don't; tfjsci says that it can't; something broke."""

ENOUGH_DB = 60.0
"""On cpu and wasm, which compute in float32: three digits, after the few hundred roundings of a deep net."""

ENOUGH_DB_ON_GPU = 40.0
"""GPUs have approximate divisions, roots and exponentials."""

ENOUGH_DB_IF_COARSE = 30.0
"""Against an original in bfloat16, of 8 bits, after a few roundings."""

ZERO = 1e-6
"""The largest difference from an output that is 0 everywhere, and so has no signal to set it against."""

_DEADLINE_SECONDS = 900.0
"""Two cores, shared by many: the cpu backend needs minutes for a net that a phone runs in 0.1 s."""

_NO_BROWSER = (BrowserMissing, RuntimeMissing)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What became of a case: ``detail`` is the reason, or the worst SQNR; ``backends`` has each one's own answer."""

    status: str
    detail: str
    backends: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class _Ready:
    """A converted case with what it is fed and what TensorFlow answered; ``answers`` are status and text by backend."""

    case: Case
    converted: Converted
    given: dict[str, Any]
    reference: dict[str, Any]
    answers: dict[str, tuple[str, str]] = field(default_factory=dict)


def run_cases(cases: Sequence[Case], session: Session, backends: Sequence[Backend], folder: Path) -> dict[str, Outcome]:
    """Everything that a case may raise is an outcome, but for a browser that isn't there."""
    outcomes: dict[str, Outcome] = {}
    ready: list[_Ready] = []
    for i, case in enumerate(cases):
        place = folder / f"case{i}"
        place.mkdir()
        found = _prepare(case, backends, place)
        if isinstance(found, Outcome):
            outcomes[case.name] = found
        else:
            ready.append(found)
    for backend in backends:
        free = [each for each in ready if backend not in each.answers]
        alone = [each for each in free if not can_be_merged(each.converted)]
        for group in ([each for each in free if each not in alone], *([each] for each in alone)):
            _run(group, session, backend, folder / "artifact")
    return outcomes | {each.case.name: _together({b: each.answers[b] for b in backends}) for each in ready}


def _prepare(case: Case, backends: Sequence[Backend], folder: Path) -> _Ready | Outcome:
    stage = "build"
    try:
        made = built(case)
        source = saved(case, made, folder)
        stage = "convert"
        converted = convert(source, backends=backends)
        stage = "reference"
        samples = samples_of(case)
        given = {spec.name: value for spec, value in zip(converted.inputs, samples, strict=True)}
        reference = _reference(converted, given, function_of(made), samples)
    except ModelError as error:
        if stage == "convert":
            return Outcome(status="refused", detail=_one_line(error.message))
        return Outcome(status="failed", detail=f"{stage}: {_one_line(error.message)}")
    except Exception as error:  # noqa: BLE001  (one case's crash must not end the survey)
        return Outcome(status="failed", detail=f"{stage}: {type(error).__name__}: {_one_line(error)}")
    refused = {
        backend: (
            "refused",
            "; ".join(f"{op.op} ({op.reason})" for op in converted.check.unsupported if backend in op.backends),
        )
        for backend in {backend for op in converted.check.unsupported for backend in op.backends}
    }
    return _Ready(case=case, converted=converted, given=given, reference=reference, answers=refused)


def _reference(
    converted: Converted, given: Mapping[str, Any], function: Callable[..., Any], samples: Sequence[Any]
) -> dict[str, Any]:
    """TensorFlow's answer; by XLA where the CPU lacks a kernel, as for convolutions with the channels first."""
    try:
        return run_reference(converted.loaded, [given])[0]
    except ReferenceFailed:
        answer = tensorflow().function(function, jit_compile=True, autograph=False)(*samples)
        return {
            spec.name: value.numpy()
            for spec, value in zip(converted.loaded.outputs, keras().tree.flatten(answer), strict=True)
        }


def _run(group: Sequence[_Ready], session: Session, backend: Backend, artifact: Path, *, again: bool = False) -> None:
    """Answers for all of the group. When a job of many breaks, its halves are tried."""
    if not group:
        return
    try:
        outputs = _predicted(group, session, backend, artifact)
    except _NO_BROWSER:
        raise
    except Exception as error:  # noqa: BLE001  (what can't be written or run is this case's result)
        if len(group) == 1:
            if not again:  # what broke before may have taken the browser's GPU process with it
                _run(group, session, backend, artifact, again=True)
                return
            text = error.message if isinstance(error, TfjsciError) else f"{type(error).__name__}: {error}"
            group[0].answers[backend] = "failed", _one_line(text)
            return
        half = len(group) // 2
        _run(group[:half], session, backend, artifact)
        _run(group[half:], session, backend, artifact)
        return
    for each, answered in zip(group, outputs, strict=True):
        enough = _enough(each.case, backend)
        answer = _judge(each.reference, answered, enough)
        if answer[0] == "right" or len(group) == 1:
            each.answers[backend] = answer
        else:
            _run([each], session, backend, artifact)


def _predicted(group: Sequence[_Ready], session: Session, backend: Backend, artifact: Path) -> list[dict[str, Any]]:
    """Each case's outputs, from one job."""
    write_variant(merged([each.converted for each in group]), artifact)
    many = len(group) > 1
    start = [prefix(i) if many else "" for i in range(len(group))]
    given = {start[i] + name: value for i, each in enumerate(group) for name, value in each.given.items()}
    (prediction,) = session.predict(artifact, backend, [given], deadline_seconds=_DEADLINE_SECONDS)
    return [
        {name.removeprefix(start[i]): value for name, value in prediction.outputs.items() if name.startswith(start[i])}
        for i in range(len(group))
    ]


def _enough(case: Case, backend: Backend) -> float:
    if case.coarse:
        return ENOUGH_DB_IF_COARSE
    return ENOUGH_DB_ON_GPU if backend in GPU_BACKENDS else ENOUGH_DB


def _judge(reference: Mapping[str, Any], answered: Mapping[str, Any], enough: float) -> tuple[str, str]:
    compared = compare_outputs([reference], [answered], topk=False)
    judged = [_judged(output, enough) for output in compared]
    wrong = [text for right, _, text in judged if not right]
    if wrong:
        return "wrong", "; ".join(wrong[:3])
    worst = min((db for _, db, _ in judged), default=math.inf)
    return "right", "exact" if math.isinf(worst) else f"{worst:.0f} dB"


def _judged(output: OutputComparison, enough: float) -> tuple[bool, float, str]:
    """Whether an output is right, its SQNR (infinite if exact), and what to say if it is wrong."""
    if output.problem:
        return False, -math.inf, f"{output.output}: {output.problem}"
    if output.exact:
        return True, math.inf, ""
    scale = output.max_relative if output.max_relative is not None else math.nan
    sqnr = -math.inf if output.sqnr_db is None else output.sqnr_db
    text = f"{output.output}: {sqnr:.1f} dB, largest difference {output.max_abs:.2g}, of the range {scale:.2g}"
    if RUNTIME_DTYPE[output.dtype] not in {"float32", "complex64"}:
        return False, sqnr, f"{text} ({output.dtype}: has to be exact)"
    if output.sqnr_db is None:
        return output.max_abs is not None and output.max_abs <= ZERO, math.inf, text
    return sqnr >= enough, sqnr, text


def _together(answers: Mapping[str, tuple[str, str]]) -> Outcome:
    """The worst of the backends' answers is the case's."""
    backends = {b: text if status == "right" else f"{status}: {text}" for b, (status, text) in answers.items()}
    for status in ("failed", "wrong", "refused"):
        found = {backend: text for backend, (each, text) in answers.items() if each == status}
        if found:
            texts = dict.fromkeys(found.values())
            detail = " | ".join(f"{', '.join(b for b, t in found.items() if t == text)}: {text}" for text in texts)
            return Outcome(status=status, detail=detail, backends=backends)
    measured = [text for _, text in answers.values() if text != "exact"]
    worst = min(measured, key=lambda text: float(text.split()[0]), default="exact")
    return Outcome(status="right", detail=worst, backends=backends)


def _one_line(error: object) -> str:
    return " ".join(str(error).split())[:400]

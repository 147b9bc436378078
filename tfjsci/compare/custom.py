"""A metric of the user's: a Python function beside the manifest, called with both sides of an output.

It is code that a manifest brings along, so whoever calls this has asked whether it may run (``require_allowed``).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from types import ModuleType

import numpy as np
import numpy.typing as npt

from tfjsci.compare.comparison import MetricValue, OutputComparison
from tfjsci.errors import CodeRefused, MetricFailed
from tfjsci.importing import importing_from
from tfjsci.manifest.resolved import MetricSpec
from tfjsci.nearest import did_you_mean
from tfjsci.quoted import quoted

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class CustomMetric:
    """A metric that was imported. ``spec`` is what the manifest says of it."""

    spec: MetricSpec
    function: Callable[[Array, Array], object]


def require_allowed(metrics: Sequence[MetricSpec], *, allow_code: bool) -> None:
    """Raises ``CodeRefused`` if there is any metric, and code of the manifest's isn't allowed by the command itself."""
    if metrics and not allow_code:
        listed = ", ".join(f"{each.name} ({each.text})" for each in metrics)
        raise CodeRefused(
            f"metrics of the manifest's are Python code, which isn't run without --allow-code: {listed}",
            hint="Read them, then run with --allow-code (of the action: allow-code: true).",
        )


def import_metric(spec: MetricSpec) -> CustomMetric:
    """Run the module's file and take the function out. Modules beside it can be imported while it runs.

    Raises ``MetricFailed``: there is no such file or function, or the module itself fails.
    """
    if not spec.path.is_file():
        raise MetricFailed(
            f"metric {spec.name!r}: there is no file {spec.path.name} for {spec.text}",
            hint="A module lies beside the manifest: metrics:iou is the function iou of metrics.py.",
        )
    module = _module(spec)
    function = getattr(module, spec.function, None)
    if not callable(function):
        names = [name for name, value in vars(module).items() if callable(value) and not name.startswith("_")]
        raise MetricFailed(
            f"metric {spec.name!r}: {spec.path.name} has no function {spec.function!r}",
            hint=f"It has {', '.join(names) or 'none'}.{did_you_mean(spec.function, names)}",
        )
    return CustomMetric(spec=spec, function=function)


def measured_by(
    metric: CustomMetric,
    outputs: Sequence[OutputComparison],
    reference: Sequence[Mapping[str, Array]],
    candidate: Sequence[Mapping[str, Array]],
) -> tuple[OutputComparison, ...]:
    """``outputs`` with this metric's value beside the others, where an output has numbers and the metric is for it.

    The function is called with the reference's and the candidate's array of an output, the calls put together along the
    first axis; it can't change them. Raises ``MetricFailed``: it throws, or what it returns is no finite number.
    """
    return tuple(
        replace(
            each,
            metrics=(
                *each.metrics,
                MetricValue(name=metric.spec.name, value=_value(metric, each.output, reference, candidate)),
            ),
        )
        if each.problem is None and metric.spec.output in (None, each.output)
        else each
        for each in outputs
    )


def _value(
    metric: CustomMetric,
    output: str,
    reference: Sequence[Mapping[str, Array]],
    candidate: Sequence[Mapping[str, Array]],
) -> float:
    where = f"metric {metric.spec.name!r} ({metric.spec.text}) of output {output!r}"
    sides = [_together([np.asarray(call[output]) for call in calls], where) for calls in (reference, candidate)]
    with _guarded(where):
        found = np.asarray(metric.function(*sides))
    if found.size != 1 or found.dtype.kind not in "fiu" or not np.isfinite(found).all():
        shown = repr(found.item()) if found.size == 1 else f"{found.dtype.name} {list(found.shape)}"
        raise MetricFailed(
            f"{where} gave {shown[:60]}, not a finite number", hint="Return one float for the whole output."
        )
    return float(found.item())


def _together(arrays: Sequence[Array], where: str) -> Array:
    if len(arrays) > 1 and (not arrays[0].ndim or len({each.shape[1:] for each in arrays}) > 1):
        raise MetricFailed(
            f"{where}: the calls' outputs have different shapes, and can't be put together",
            hint="Give all samples in one call (`compare: {samples_per_call: …}`), or give this metric another `output`.",
        )
    whole = arrays[0].view() if len(arrays) == 1 else np.concatenate(arrays)
    whole.flags.writeable = False
    return whole


@contextmanager
def _guarded(where: str) -> Iterator[None]:
    try:
        yield
    except (Exception, SystemExit) as error:
        raise MetricFailed(
            f"{where} failed: {type(error).__name__}: {quoted(error)}",
            hint="Its traceback is in the log. The function gets two arrays of one shape, which it can't change.",
        ) from error


def _module(spec: MetricSpec) -> ModuleType:
    found = importlib.util.spec_from_file_location(f"tfjsci_metric_{spec.path.stem}", spec.path)
    assert found is not None, "a .py file has a loader"
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    with _guarded(f"metric {spec.name!r}: importing {spec.path.name}"), importing_from(spec.path.parent):
        found.loader.exec_module(module)
    return module

"""Top-1 accuracy against labels: whose output they belong to, and how many are met."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tfjsci.errors import BadInputs
from tfjsci.inputs.labels import Labels
from tfjsci.nearest import did_you_mean

Array = npt.NDArray[np.generic]


@dataclass(frozen=True, kw_only=True)
class RightClasses:
    """The labels of one output, call by call: each as the output's shape without its classes, or as the whole of it."""

    output: str
    calls: tuple[npt.NDArray[np.int64], ...]

    @property
    def count(self) -> int:
        """How many labels there are."""
        return sum(each.size for each in self.calls)


def right_classes(labels: Labels, outputs: Sequence[Mapping[str, Array]]) -> RightClasses:
    """The labels laid beside the output that they belong to: floats ``[n, …, classes]``, or whole numbers ``[n, …]``.

    ``outputs`` are the original's, call by call. Raises ``BadInputs``: no output or several could have these labels, the one
    that is named can't, or a label is beyond its classes.
    """
    names = list(outputs[0])
    fitting = [name for name in names if _fits(labels, [np.asarray(call[name]) for call in outputs])]
    if labels.output is not None and labels.output not in names:
        raise BadInputs(
            f"labels: {labels.text} is for the output {labels.output!r}, which the model hasn't",
            hint=f"Its outputs are {', '.join(map(repr, names))}.{did_you_mean(labels.output, names)}",
        )
    chosen = labels.output if labels.output is not None else fitting[0] if len(fitting) == 1 else None
    if chosen is None and fitting:
        raise BadInputs(
            f"labels: {labels.text} could belong to {' or '.join(map(repr, fitting))}",
            hint="Name the output beside the file: `labels: {file: …, output: …}`.",
        )
    if chosen is None or chosen not in fitting:
        told = ", ".join(f"{name!r} {_told(outputs, name)}" for name in ([chosen] if chosen else names))
        raise BadInputs(
            f"labels: {labels.text} has labels {list(labels.values.shape)}, which fit no output: {told}",
            hint="A label for each sample, in the samples' order, and an output [samples, classes] of two or more classes. "
            "`samples:` beside the labels' file takes only the first ones, as beside an input's.",
        )
    arrays = [np.asarray(call[chosen]) for call in outputs]
    classes = arrays[0].shape[-1] if arrays[0].dtype.kind == "f" else None
    if classes is not None and int(labels.values.max()) >= classes:
        raise BadInputs(
            f"labels: {labels.text} holds {int(labels.values.max())}, but {chosen!r} has {classes} classes, counted from 0",
            hint="Count the labels from 0, in the order of the output's classes.",
        )
    flat, start, calls = labels.values.reshape(-1), 0, []
    for each in arrays:
        shape = each.shape[:-1] if classes is not None else each.shape
        stop = start + int(np.prod(shape))
        calls.append(flat[start:stop].reshape(shape))
        start = stop
    return RightClasses(output=chosen, calls=tuple(calls))


def accuracy(arrays: Sequence[Array], right: RightClasses) -> float:
    """The share of labels that the best class (of equals the first) is, or that a whole number equals."""
    met = 0
    for each, labels in zip(arrays, right.calls, strict=True):
        values = np.asarray(each)
        # NaN is the worst class, though argmax takes it for the best.
        chosen = np.argmax(np.where(np.isnan(values), -np.inf, values), axis=-1) if values.dtype.kind == "f" else values
        met += int((chosen == labels).sum())
    return met / right.count


def _fits(labels: Labels, arrays: Sequence[Array]) -> bool:
    kinds = {each.dtype.kind for each in arrays}
    if not kinds <= {"f"} and not kinds <= {"i", "u"}:
        return False
    classified = kinds == {"f"}
    if any(each.ndim < (2 if classified else 1) or (classified and each.shape[-1] < 2) for each in arrays):
        return False
    shapes = [each.shape[:-1] if classified else each.shape for each in arrays]
    samples = sum(shape[0] for shape in shapes)
    wanted = (samples, *shapes[0][1:])
    have = labels.values.shape
    return have == wanted or (have[-1] == 1 and have[:-1] == wanted)


def _told(outputs: Sequence[Mapping[str, Array]], name: str) -> str:
    first = np.asarray(outputs[0][name])
    rows = sum(len(call[name]) if np.ndim(call[name]) else 1 for call in outputs)
    return f"{first.dtype.name} {[rows, *first.shape[1:]]}"

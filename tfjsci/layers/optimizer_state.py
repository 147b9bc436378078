"""What Keras' optimizer keeps of the weights that it trains, in the order in which the runtime's optimizer takes it.

``tf.loadLayersModel`` hands the weights of the group ``optimizer`` to ``setWeights``: the steps done, then one kind of numbers
after the other, each for all weights in the order of ``model.trainableWeights``. Names aren't looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod
from typing import Any

import numpy as np

from tfjsci.graph.graph import Array
from tfjsci.layers.optimizers import Described, UnknownError, described
from tfjsci.layers.sketch import Reader, Sketch
from tfjsci.layers.source import KerasSource
from tfjsci.layers.stored import Reading, StoredWeight
from tfjsci.layers.trained import trained_in_keras, trained_in_runtime
from tfjsci.layers.training import optimizer_in
from tfjsci.quoted import quoted

STEPS = "iter"
_RATES = ("learning_rate", "current_learning_rate")


@dataclass(frozen=True, kw_only=True)
class OptimizerState:
    """``weights`` in the order in which the runtime's optimizer ``name`` takes them. Read one by one."""

    name: str
    weights: tuple[tuple[str, Reader], ...]
    size_bytes: int


class _LeftOutError(Exception):
    """Why the state can't be handed on."""


def optimizer_state(source: KerasSource, sketch: Sketch, *, compiled: bool) -> tuple[OptimizerState | None, str | None]:
    """The state for the layers model ``sketch``, or None and, where there is one in the file, why it is left out.

    ``compiled``: the runtime will make the optimizer; without one it has nobody to give the state to.
    """
    try:
        if not source.optimizer or not _count(source.optimizer[0]):
            return None, None  # compiled, and not trained
        if not compiled:
            raise _LeftOutError("so is how the model was compiled")
        return _state(source, described(optimizer_in(source.compiled)), sketch), None
    except (_LeftOutError, UnknownError) as error:
        return None, f"the optimizer's weights are left out: {error}"


def _state(source: KerasSource, told: Described, sketch: Sketch) -> OptimizerState:
    optimizer = told.optimizer
    steps, *numbers = source.optimizer
    trained = trained_in_keras(source.model)
    kinds = [kind for group in optimizer.stored_with(told.config) for kind in group]
    numbers = _without_rate(numbers, len(kinds) * len(trained))
    if optimizer.taken is None:
        raise _LeftOutError(f"TensorFlow.js' {optimizer.runtime} can't be given any")
    stored = _by_kind(numbers, trained, optimizer.stored_with(told.config), legacy=_is_legacy(steps))
    pairs = _runtimes(sketch, trained)
    turn = _turn(told)
    weights: list[tuple[str, Reader]] = [(STEPS, partial(_steps, steps, told.config))]
    for kind in optimizer.taken:
        for name, reading in pairs:
            kept = stored[kind].get(reading.weight.stored_at) if kind in stored else None
            weights.append((f"{name}/{kind}", partial(_numbers, reading, kept, turn)))
    size = 4 + 4 * len(optimizer.taken) * sum(prod(weight.shape) for weight in trained)
    return OptimizerState(name=optimizer.runtime, weights=tuple(weights), size_bytes=size)


def _without_rate(numbers: Sequence[StoredWeight], wanted: int) -> list[StoredWeight]:
    """Keras 3 keeps the learning rate after the steps, Keras 2 doesn't always."""
    first = numbers[0] if numbers else None
    if first is None or first.shape:
        return list(numbers)
    named_so = first.name is not None and first.name.rpartition("/")[2] in _RATES
    return list(numbers[1:]) if named_so or (first.name is None and len(numbers) == wanted + 1) else list(numbers)


def _is_legacy(steps: StoredWeight) -> bool:
    """Whether one of Keras 2's optimizers wrote it that kept all of one kind before the next."""
    return steps.name is not None and steps.name.rpartition("/")[2] == "iter"


def _by_kind(
    numbers: Sequence[StoredWeight],
    trained: Sequence[StoredWeight],
    groups: Sequence[Sequence[str]],
    *,
    legacy: bool,
) -> dict[str, dict[str, StoredWeight]]:
    """By kind and by the weight that they are of."""
    if legacy:
        groups = [[kind] for group in groups for kind in group]
    order = [(kind, weight) for group in groups for weight in trained for kind in group]
    if len(order) != len(numbers):
        each = len({kind for kind, _ in order})
        raise _LeftOutError(
            f"there are {len(numbers)} of them in the file, and {each} for each of {len(trained)} trained weights were expected"
        )
    out: dict[str, dict[str, StoredWeight]] = {}
    for (kind, weight), kept in zip(order, numbers, strict=True):
        if kept.shape != weight.shape:
            raise _LeftOutError(f"{kept.path} has the shape {list(kept.shape)}, and {weight.path} {list(weight.shape)}")
        out.setdefault(kind, {})[weight.stored_at] = kept
    return out


def _runtimes(sketch: Sketch, trained: Sequence[StoredWeight]) -> list[tuple[str, Reading]]:
    """The weights that the runtime trains, which must be those that Keras trains."""
    pairs = [(name, read) for name, read in trained_in_runtime(sketch)]
    readings = [(name, read) for name, read in pairs if isinstance(read, Reading)]
    theirs = sorted(read.weight.stored_at for _, read in readings)
    if len(readings) != len(pairs) or theirs != sorted(weight.stored_at for weight in trained):
        raise _LeftOutError("TensorFlow.js trains other weights than Keras did")
    return readings


def _turn(told: Described) -> Callable[[Array], Array]:
    """Keras' momentum has the learning rate in it, and the opposite sign."""
    if told.optimizer.runtime != "Momentum":
        return lambda value: value
    rate = float(told.config["learning_rate"])
    if not rate:
        raise _LeftOutError("its learning rate is 0, of which TensorFlow.js' momentum is a multiple")
    return lambda value: value * np.float32(-1 / rate)


def _steps(weight: StoredWeight, config: Mapping[str, Any]) -> Array:
    return np.asarray(_count(weight) // int(config.get("gradient_accumulation_steps") or 1), dtype=np.int32)


def _count(weight: StoredWeight) -> int:
    if weight.shape:
        raise _LeftOutError(f"{weight.path}, the first of them, isn't the number of steps that were done")
    try:
        return int(weight.read())
    except (OSError, ValueError, TypeError, RuntimeError, OverflowError) as error:
        raise _LeftOutError(f"{weight.path} can't be read: {quoted(error)}") from error


def _numbers(reading: Reading, kept: StoredWeight | None, turn: Callable[[Array], Array]) -> Array:
    """As float32; zeros where Keras keeps none, as RMSprop's momentum where that is 0."""
    if kept is None:
        return reading.turned(np.zeros(reading.weight.shape, np.float32))
    return reading.turned(turn(np.asarray(kept.read()).astype(np.float32)))

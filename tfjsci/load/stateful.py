"""State among the inputs and outputs: what the signature says of it, and the original with its variables set before each call."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from tfjsci.errors import ReferenceFailed
from tfjsci.graph.graph import Array, dtype_name, normal, unused_name
from tfjsci.load.loaded import Original, StateVariable
from tfjsci.load.traced import StateTensors
from tfjsci.signature import TensorSpec


def with_state(
    inputs: tuple[TensorSpec, ...], outputs: tuple[TensorSpec, ...], state: Sequence[StateTensors]
) -> tuple[tuple[TensorSpec, ...], tuple[TensorSpec, ...], tuple[StateVariable, ...]]:
    """The signature with an input and an output more for each variable, both called after it, and the variables."""
    taken = {spec.name for spec in (*inputs, *outputs)}
    before, after, variables = [], [], []
    for each in state:
        name = unused_name(normal(each.path), taken)
        taken.add(name)
        specs = [
            TensorSpec(name=name, tensor=f"{tensor}:0", dtype=dtype_name(each.initial), shape=each.initial.shape)
            for tensor in (each.before, each.after)
        ]
        before.append(specs[0])
        after.append(specs[1])
        variables.append(StateVariable(name=name, initial=each.initial))
    return (*inputs, *before), (*outputs, *after), tuple(variables)


class StatefulOriginal:
    """The original, given its variables' values before the call and giving back those after it; its own are as they were."""

    def __init__(self, original: Original, variables: Callable[[], Mapping[str, Any]]) -> None:
        """``variables`` finds the ``tf.Variable`` of each name, once the original has been loaded."""
        self._original = original
        self._variables = variables

    def __call__(self, arrays: Mapping[str, Array]) -> dict[str, Array]:
        """Arrays by the signature's input names -> arrays by its output names."""
        variables = self._variables()
        own = {name: variable.numpy() for name, variable in variables.items()}  # a model in memory goes on with them
        try:
            for name, variable in variables.items():
                variable.assign(arrays[name])
            answer = self._original({name: value for name, value in arrays.items() if name not in variables})
            return {**answer, **{name: np.asarray(variable.numpy()) for name, variable in variables.items()}}
        finally:
            for name, variable in variables.items():
                variable.assign(own[name])


def by_path(variables: Sequence[Any], paths: Mapping[str, str]) -> dict[str, Any]:
    """Each name's variable, found by its path in the original. Raises ``ReferenceFailed`` when it isn't told by that."""
    found = {}
    for name, path in paths.items():
        alike = [each for each in variables if each.name.removesuffix(":0") == path]
        if len(alike) != 1:
            raise ReferenceFailed(
                f"the variable {path} of the original can't be set: {len(alike)} variables have that name",
                hint="Give the model's variables names of their own.",
            )
        found[name] = alike[0]
    return found

"""Keras' optimizers as TensorFlow.js has them: arguments, and what each keeps of every weight that it trains.

Source: the optimizers of tfjs-core 4.22.0 (``fromConfig``, ``applyGradients``, ``setWeights``), which tells what it is given by
its place alone; ``build`` of Keras' optimizers (3, 2 and 2's legacy ones) for the order in a file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Kinds = tuple[str, ...]


class UnknownError(Exception):
    """TensorFlow.js hasn't what the message names."""


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """``arguments`` are by Keras' names of them.

    ``stored`` are the kinds of numbers that Keras keeps for each trained weight, as they lie in a file: those of one tuple take
    turns weight by weight, then come those of the next. A kind that is a key of ``only_with`` is there if that argument is set.
    ``taken`` are the kinds that the runtime takes, in its order, and by whose names it would save them; None: it takes none.
    """

    runtime: str
    arguments: Mapping[str, str]
    stored: tuple[Kinds, ...] = ()
    only_with: Mapping[str, str] = field(default_factory=dict)
    taken: Kinds | None = ()

    def stored_with(self, config: Mapping[str, Any]) -> tuple[Kinds, ...]:
        """The kinds in a file of Keras' optimizer of this ``config``; those that belong to any optimizer come first."""
        only_with = {"average": "use_ema", "gradient_accumulator": "gradient_accumulation_steps", **self.only_with}
        every = (("average",), ("gradient_accumulator",), *self.stored)
        kept = (
            tuple(kind for kind in kinds if kind not in only_with or config.get(only_with[kind])) for kinds in every
        )
        return tuple(kinds for kinds in kept if kinds)


_RATE = {"learning_rate": "learning_rate"}
_BETAS = {**_RATE, "beta_1": "beta1", "beta_2": "beta2", "epsilon": "epsilon"}

OPTIMIZERS: dict[str, Optimizer] = {
    "SGD": Optimizer(runtime="SGD", arguments=_RATE),
    "Momentum": Optimizer(
        runtime="Momentum",
        arguments={**_RATE, "momentum": "momentum", "nesterov": "use_nesterov"},
        stored=(("momentum",),),
        taken=("momentum",),
    ),
    "Adam": Optimizer(
        runtime="Adam",
        arguments=_BETAS,
        stored=(("m", "v"), ("vhat",)),
        only_with={"vhat": "amsgrad"},
        taken=("m", "v"),
    ),
    "Adamax": Optimizer(runtime="Adamax", arguments=_BETAS, stored=(("m", "v"),), taken=None),
    "Adagrad": Optimizer(
        runtime="Adagrad",
        arguments={**_RATE, "initial_accumulator_value": "initial_accumulator_value"},
        stored=(("accumulator",),),
        taken=("accumulator",),
    ),
    "Adadelta": Optimizer(
        runtime="Adadelta",
        arguments={**_RATE, "rho": "rho", "epsilon": "epsilon"},
        stored=(("accum_grad", "accum_var"),),
        taken=("accum_grad", "accum_var"),
    ),
    "RMSprop": Optimizer(
        runtime="RMSProp",
        arguments={**_RATE, "rho": "decay", "momentum": "momentum", "epsilon": "epsilon"},
        stored=(("rms",), ("momentum",)),
        only_with={"momentum": "momentum"},
        taken=("rms", "momentum"),
    ),
}
"""By Keras' class, but for ``Momentum``, which is Keras' SGD that has one."""

_LACKING = (
    "weight_decay", "clipnorm", "clipvalue", "global_clipnorm", "use_ema", "gradient_accumulation_steps", "amsgrad",
)  # fmt: skip
_ADAGRAD_EPSILON = 1e-7


@dataclass(frozen=True, kw_only=True)
class Described:
    """An optimizer with Keras' ``config`` of it."""

    optimizer: Optimizer
    config: Mapping[str, Any]

    @property
    def for_runtime(self) -> dict[str, Any]:
        """The ``optimizer_config`` of a layers model."""
        arguments = {
            runtime: self.config[key]
            for key, runtime in self.optimizer.arguments.items()
            if isinstance(self.config.get(key), int | float)
        }
        return {"class_name": self.optimizer.runtime, "config": arguments}

    @property
    def differences(self) -> tuple[str, ...]:
        """In what the runtime's goes another way than Keras'."""
        return tuple(self._differences())

    def _differences(self) -> Iterator[str]:
        if lacking := [key for key in _LACKING if self.config.get(key)]:
            yield f"TensorFlow.js trains on without {' and '.join(lacking)}, which its {self.optimizer.runtime} hasn't"
        epsilon = self.config.get("epsilon", _ADAGRAD_EPSILON)
        if self.optimizer.runtime == "Adagrad" and isinstance(epsilon, float) and abs(epsilon / 1e-7 - 1) > 1e-3:
            yield f"the epsilon of TensorFlow.js' Adagrad is always 1e-7, and this one's is {epsilon}"
        if self.optimizer.runtime == "Adadelta":
            yield (
                "TensorFlow.js' Adadelta divides by the mean of squared gradients as it was before a step, Keras' as it is "
                "after, so that training goes on otherwise"
            )


def described(value: Any) -> Described:
    """The optimizer that Keras' config, or its name alone, tells. Raises ``UnknownError``."""
    name, config = (value.get("class_name"), value.get("config", {})) if isinstance(value, Mapping) else (value, {})
    plain = str(name).rpartition(">")[2]
    found = next((known for known in OPTIMIZERS if known.lower() == plain.lower() and known != "Momentum"), None)
    if found is None or not isinstance(config, Mapping):
        raise UnknownError(f"optimizer {plain}")
    rate = config.get("learning_rate")
    if not isinstance(rate, int | float) or config.get("decay"):
        raise UnknownError("learning rate that changes by a schedule")
    if config.get("centered"):
        raise UnknownError(
            "RMSprop that is centered as Keras' is: it subtracts epsilon, and makes NaN of weights without a gradient"
        )
    if found == "SGD" and config.get("momentum"):
        found = "Momentum"
    return Described(optimizer=OPTIMIZERS[found], config=config)

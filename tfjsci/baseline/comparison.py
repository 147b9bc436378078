"""One model against its base, as the results hold it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tfjsci.baseline.change import TimeChange
from tfjsci.baseline.difference import VariantDifference
from tfjsci.baseline.numbers import NumbersChange


@dataclass(frozen=True, kw_only=True)
class BaseOrigin:
    """What it was held against. ``name``: the git ref, or the folder as it was given; ``commit`` of a ref, in full."""

    kind: Literal["ref", "folder"]
    name: str
    commit: str | None = None


@dataclass(frozen=True, kw_only=True)
class DroppedModels:
    """The ``names`` of the models that only the base has."""

    origin: BaseOrigin
    names: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class BaselineComparison:
    """One model against its base. ``unclear`` says why there is nothing to hold it against; then the rest is empty."""

    origin: BaseOrigin
    unclear: str | None = None
    variants: tuple[VariantDifference, ...] = ()
    times: tuple[TimeChange, ...] = ()
    numbers: tuple[NumbersChange, ...] = ()
    """Of variants that changed and were compared in this run."""
    notes: tuple[str, ...] = ()

    @property
    def new(self) -> bool:
        """Whether the base has nothing of the model."""
        return bool(self.variants) and all(each.base is None for each in self.variants)

    @property
    def changed(self) -> bool:
        """Whether any artifact is other than its base's. Times of equal artifacts don't count."""
        return any(not each.identical for each in self.variants)

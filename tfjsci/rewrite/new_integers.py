"""Whole numbers that a rule writes down: a shape, an order of dimensions, an axis."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tfjsci.graph.graph import Constant
from tfjsci.rewrite.rule import NewConst


def new_integers(values: int | Sequence[object]) -> NewConst:
    """One number, or a vector of them, as an int32 constant that is made of no weight."""
    return NewConst(name="", constant=Constant(value=np.array(values, np.int32)))

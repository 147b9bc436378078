"""What attributes, shapes and dtypes do to an op that a backend has by name: one table, by room.

The only part of the catalogue that is written by hand. tests/browser/test_op_conformance.py holds it against real
browsers: each restriction has a case that meets it and near misses that run.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions import axes, dtypes, fusion, layout, lists, text
from tfjsci.catalog.restrictions.restriction import Restriction

__all__ = ["RESTRICTIONS", "Restriction"]

RESTRICTIONS: tuple[Restriction, ...] = (
    *layout.RESTRICTIONS,
    *fusion.RESTRICTIONS,
    *axes.RESTRICTIONS,
    *dtypes.RESTRICTIONS,
    *text.RESTRICTIONS,
    *lists.RESTRICTIONS,
)

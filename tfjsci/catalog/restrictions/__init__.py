"""What attributes, shapes and dtypes do to an op that a backend has by name: one table, by room.

The only part of the catalogue that is written by hand. tests/browser/test_op_conformance.py holds it against real
browsers: each restriction has a case that meets it and near misses that run.
"""

from __future__ import annotations

from tfjsci.catalog.restrictions import (
    axes,
    complex_numbers,
    dtypes,
    fusion,
    images,
    layout,
    lists,
    matrices,
    picking,
    ranks,
    tables,
    text,
    webgpu_integers,
)
from tfjsci.catalog.restrictions.restriction import Restriction

__all__ = ["RESTRICTIONS", "RESTRICTIONS_OF", "RESTRICTIONS_OF_ANY", "Restriction"]

RESTRICTIONS: tuple[Restriction, ...] = (
    *layout.RESTRICTIONS,
    *fusion.RESTRICTIONS,
    *axes.RESTRICTIONS,
    *dtypes.RESTRICTIONS,
    *text.RESTRICTIONS,
    *tables.RESTRICTIONS,
    *lists.RESTRICTIONS,
    *images.RESTRICTIONS,
    *complex_numbers.RESTRICTIONS,
    *matrices.RESTRICTIONS,
    *webgpu_integers.RESTRICTIONS,
    *picking.RESTRICTIONS,
    *ranks.RESTRICTIONS,
)

RESTRICTIONS_OF_ANY: tuple[Restriction, ...] = tuple(each for each in RESTRICTIONS if each.ops is None)
"""Those that are about every op."""

RESTRICTIONS_OF: dict[str, tuple[Restriction, ...]] = {
    op: tuple(each for each in RESTRICTIONS if each.ops is None or op in each.ops)
    for op in sorted({op for each in RESTRICTIONS for op in each.ops or ()})
}
"""By op, in the table's order, those about every op among them: a large graph asks often."""

"""Two labelled tensors multiplied and summed over what they share: as one matrix product, with as little around it as possible.

    x[batch, rows, inner], y[batch, inner, columns]  ->  [batch, rows, columns]

Each of the four may be several labels or none. All ways to lay the two out are counted through: a Transpose costs most, a
Reshape next to nothing, the flags of the product (adj_x, adj_y) a trifle, and whatever is done to a constant nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from tfjsci.rewrite.build import Tensor, matmul, reduce
from tfjsci.rewrite.formulas.labelled import Axis, Group, Labelled, grouped, moves, released, reshape_cost, spreads

CONSTANT = 0.01
"""What moving a constant around costs: only so much that a way that needn't is taken."""

FLAG = 0.05
"""wasm's fast product knows no flags."""

CONSTANT_FIRST = 0.03
"""wasm prepares the second operand once and keeps it."""

STACKED = 0.3
"""A weight multiplied with a stack of matrices instead of one high one: no fusing with a bias, and slow on wasm."""


def multiplied(x: Labelled, y: Labelled, *, out: Sequence[str], stack: bool = True) -> Tensor:
    """Elementwise where nothing is summed or nothing else is left, else by a matrix product. ``out`` are labels, each once.

    ``stack`` lets one operand be spread over leading dimensions that only the other has.
    """
    shared = set(x.labels) & set(y.labels)
    if shared <= set(out):
        return _outer(x, y, out)
    if set(x.labels) == set(y.labels):
        return _inner(x, y, out)
    axes = joined(x, y)
    layouts = (layout for layout in _layouts(x, y, out) if stack or not layout.stacked)
    best = min(layouts, key=lambda layout: layout.cost(axes, out))
    return best.built(axes, out)


def joined(x: Labelled, y: Labelled) -> dict[str, Axis]:
    """The axes of the product, by label: what is in both may be 1 in one of them."""
    axes = {axis.label: axis for axis in x.axes}
    for axis in y.axes:
        other = axes.get(axis.label)
        axes[axis.label] = axis if other is None else _over(other, axis)
    return axes


def _over(one: Axis, other: Axis) -> Axis:
    if one.size == 1 or (one.size is None and other.size not in (None, 1)):
        return other
    if other.size == 1 or one.size is not None or not spreads(one.label):
        return one
    return Axis(label=one.label, size=None, sources=one.sources + other.sources)


def _outer(x: Labelled, y: Labelled, out: Sequence[str]) -> Tensor:
    """Nothing is summed: x and y side by side, spread over one another."""

    def beside(one: Labelled) -> Tensor:
        groups: list[Group] = [(label,) if label in one.labels else () for label in out]
        while groups and not groups[0]:
            groups.pop(0)  # leading ones come by themselves
        return grouped(one, groups)

    return beside(x) * beside(y)


def _inner(x: Labelled, y: Labelled, out: Sequence[str]) -> Tensor:
    """Both have the same labels: a product and a sum, without matrices of one row."""
    orders = [x.labels, y.labels]

    def cost(order: Sequence[str]) -> int:
        kept = [axis for axis in x.axes if axis.label in out]
        kept.sort(key=lambda axis: order.index(axis.label))
        return moves(x.axes, order) + moves(y.axes, order) + moves(kept, out)

    order = min(orders, key=cost)
    whole = grouped(x, [(label,) for label in order]) * grouped(y, [(label,) for label in order])
    summed = reduce("Sum", whole, [i for i, label in enumerate(order) if label not in out])
    axes = joined(x, y)
    return released(summed, [(axes[label],) for label in order if label in out], out)


@dataclass(frozen=True, kw_only=True)
class _Layout:
    """One way: ``stacked`` labels come before ``batch`` in x alone, and y is spread over them."""

    x: Labelled
    y: Labelled
    stacked: Group
    batch: Group
    rows: Group
    inner: Group
    columns: Group
    adjoint_x: bool
    adjoint_y: bool

    @property
    def x_groups(self) -> list[Group]:
        last = [self.inner, self.rows] if self.adjoint_x else [self.rows, self.inner]
        return [*((label,) for label in self.stacked + self.batch), *last]

    @property
    def y_groups(self) -> list[Group]:
        last = [self.columns, self.inner] if self.adjoint_y else [self.inner, self.columns]
        return [*((label,) for label in self.batch), *last]

    @property
    def result(self) -> list[Group]:
        return [*((label,) for label in self.stacked + self.batch), self.rows, self.columns]

    def cost(self, axes: dict[str, Axis], out: Sequence[str]) -> float:
        """In Transposes."""
        total = _cost(self.x, self.x_groups) + _cost(self.y, self.y_groups)
        groups = [[axes[label] for label in group] for group in self.result]
        flat = [axis for group in groups for axis in group]
        moved = moves(flat, out)
        total += moved
        if any(len(group) > 1 for group in groups) or (not moved and [axis.label for axis in flat] != list(out)):
            total += reshape_cost([[axes[label]] for label in out])
        elif any(not group for group in groups):
            total += reshape_cost([])
        total += FLAG * (self.adjoint_x + self.adjoint_y) + CONSTANT_FIRST * self.x.constant
        return total + STACKED * (bool(self.stacked) and not self.batch)

    def built(self, axes: dict[str, Axis], out: Sequence[str]) -> Tensor:
        """The nodes."""
        made = matmul(
            grouped(self.x, self.x_groups),
            grouped(self.y, self.y_groups),
            adjoint_x=self.adjoint_x,
            adjoint_y=self.adjoint_y,
        )
        return released(made, [[axes[label] for label in group] for group in self.result], out)


def _cost(x: Labelled, groups: Sequence[Group]) -> float:
    axes = {axis.label: axis for axis in x.axes}
    order = [label for group in groups for label in group]
    moved = moves(x.axes, order)
    reshaped = any(len(group) != 1 for group in groups) or (not moved and x.labels != tuple(order))
    merged = [[axes[label] for label in group] for group in groups if group]
    total = moved + (reshape_cost(merged) if reshaped else 0.0)
    return total * CONSTANT if x.constant else total


def _layouts(x: Labelled, y: Labelled, out: Sequence[str]) -> Iterator[_Layout]:
    for one, other in ((x, y), (y, x)):
        shared = set(one.labels) & set(other.labels)
        batch, inner = shared & set(out), shared - set(out)
        rows, columns = set(one.labels) - shared, set(other.labels) - shared
        ways = product(
            _orders(batch, one.labels, other.labels, out),
            _orders(inner, one.labels, other.labels),
            _orders(rows, one.labels, out),
            _orders(columns, other.labels, out),
            (False, True),
            (False, True),
        )
        for batch_order, inner_order, row_order, column_order, adjoint_x, adjoint_y in ways:
            for split in sorted({0, max(len(row_order) - 1, 0), _spread(row_order)}):
                yield _Layout(
                    x=one,
                    y=other,
                    stacked=row_order[:split],
                    batch=batch_order,
                    rows=row_order[split:],
                    inner=inner_order,
                    columns=column_order,
                    adjoint_x=adjoint_x,
                    adjoint_y=adjoint_y,
                )


def _orders(labels: set[str], *found: Sequence[str]) -> list[Group]:
    return list(dict.fromkeys(tuple(label for label in order if label in labels) for order in found))


def _spread(labels: Group) -> int:
    """How many of the first labels stand for an ellipsis: one operand had more dimensions there than the other."""
    return next((i for i, label in enumerate(labels) if not spreads(label)), len(labels))

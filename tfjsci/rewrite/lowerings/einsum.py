"""Einsum(x, y)  ->  a matrix product, or Mul and Sum, with Transpose and Reshape around it where they can't be avoided

Labels that only one input has and that aren't in the result are summed first; a label that an input has twice is its
diagonal; an ellipsis stands for dimensions that are spread over one another, as many as the inputs have beyond their letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from tfjsci.rewrite.build import Tensor, move, reduce, size, transpose
from tfjsci.rewrite.formulas.contract import multiplied
from tfjsci.rewrite.formulas.diagonals import on_diagonal, picked_diagonal
from tfjsci.rewrite.formulas.labelled import Axis, Labelled, grouped, released, spreads
from tfjsci.rewrite.lowering import Lowering, Subject
from tfjsci.rewrite.rule import Declined


def lower(node: Subject) -> Tensor | Declined:
    """Read the equation, then sum, multiply, and put in order."""
    given, arrow, made = node.text("equation").replace(" ", "").partition("->")
    terms = given.split(",")
    if not arrow or len(terms) != len(node.inputs) or len(terms) > 2:
        return Declined(reason=f"its equation isn't one of {len(node.inputs)} inputs and a result")
    if any(x.dtype.startswith("complex") for x in node.inputs):
        return Declined(reason="it is of complex numbers")
    operands = [_read(term, x) for term, x in zip(terms, node.inputs, strict=True)]
    spread = max(sum(spreads(label) for label in operand.labels) for operand in operands)
    out = _labels(made, spread)
    operands = [_alone_summed(_diagonal(x), out, operands[:i] + operands[i + 1 :]) for i, x in enumerate(operands)]
    once = tuple(dict.fromkeys(out))
    whole = multiplied(*_agreed(operands), out=once) if len(operands) == 2 else _arranged(operands[0], once)
    return whole if len(once) == len(out) else _inflated(whole, once, out)


def _labels(term: str, spread: int) -> list[str]:
    """Letters as they are; the dimensions of an ellipsis, counted from its end: .2, .1."""
    before, dots, after = term.partition("...")
    return [*before, *(f".{i}" for i in range(spread, 0, -1) if dots), *after]


def _read(term: str, x: Tensor) -> Labelled:
    letters = len(term.replace("...", ""))
    if "..." in term:
        labels = _labels(term, x.rank - letters)
    else:
        labels = _labels(term, 0)
        x = x if x.shape is not None else replace(x, shape=(None,) * letters)  # the equation tells how many
    axes = (Axis(label=label, size=x.sizes[i], sources=((x, i),)) for i, label in enumerate(labels))
    return Labelled(tensor=x, axes=tuple(axes), constant=x.value is not None)


def _agreed(operands: Sequence[Labelled]) -> tuple[Labelled, Labelled]:
    """What one input knows of a letter's size, the other knows, too."""
    known = {axis.label: axis.size for x in operands for axis in x.axes if axis.size is not None}
    x, y = (
        replace(x, axes=tuple(a if spreads(a.label) else replace(a, size=known.get(a.label)) for a in x.axes))
        for x in operands
    )
    return x, y


def _alone_summed(x: Labelled, out: Sequence[str], others: Sequence[Labelled]) -> Labelled:
    elsewhere = {label for other in others for label in other.labels}
    alone = [i for i, axis in enumerate(x.axes) if axis.label not in out and axis.label not in elsewhere]
    kept = tuple(axis for i, axis in enumerate(x.axes) if i not in alone)
    return replace(x, tensor=reduce("Sum", x.tensor, alone), axes=kept)


def _arranged(x: Labelled, order: Sequence[str]) -> Tensor:
    return released(x.tensor, [(axis,) for axis in x.axes], order)


def _diagonal(x: Labelled) -> Labelled:
    """Each label once: of two dimensions with the same one, the diagonal stays."""
    while twice := next((label for label, count in Counter(x.labels).items() if count > 1), None):
        first = x.labels.index(twice)
        second = x.labels.index(twice, first + 1)
        known = next((x.axes[i].size for i in (first, second) if x.axes[i].size is not None), None)
        numbered = tuple(replace(axis, label=str(i)) for i, axis in enumerate(x.axes))
        groups = [(str(i), str(second)) if i == first else (str(i),) for i in range(len(numbered)) if i != second]
        flat = grouped(Labelled(tensor=x.tensor, axes=numbered), groups)
        n = size(x.tensor, first) if known is None else known
        rest = tuple(axis for i, axis in enumerate(x.axes) if i != second)
        x = replace(x, tensor=picked_diagonal(flat, n, first), axes=rest)
    return x


def _inflated(x: Tensor, once: Sequence[str], out: Sequence[str]) -> Tensor:
    """A label that the result has twice: zeros beside that diagonal."""
    labels = [*once]
    wanted: list[str] = []
    for label in out:
        if label in wanted:
            twin = f"{label}{wanted.count(label)}{len(wanted)}"
            at = labels.index(label)
            x = on_diagonal(move(x, at, -1))
            labels = [*labels[:at], *labels[at + 1 :], label, twin]
            wanted.append(twin)
        else:
            wanted.append(label)
    return transpose(x, [labels.index(label) for label in wanted])


LOWERING = Lowering(
    name="einsum",
    ops=("Einsum",),
    equation="Einsum(x, y) → BatchMatMulV2, or Mul and Sum, with Transpose and Reshape where they can't be avoided",
    lower=lower,
    always="the runtime's own multiplies out all labels at once and sums: some hundred times the work of a matrix product",
)

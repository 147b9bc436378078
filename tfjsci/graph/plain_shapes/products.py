"""How large a product of matrices is."""

from __future__ import annotations

from tfjsci.graph.graph import Shape
from tfjsci.graph.plain_shapes.asked import Asked
from tfjsci.graph.plain_shapes.dims import merged, spread


def product(asked: Asked) -> Shape:
    """Of matrices that are multiplied, each as it is or transposed; BatchMatMulV2 spreads what is in front of them."""
    if len(asked.dims) != 2 or min(map(len, asked.dims)) < 2:
        return None
    a, b = asked.dims
    if asked.node.op == "MatMul":
        if len(a) != 2 or len(b) != 2:
            return None
        first, second = asked.node.attrs.get("transpose_a"), asked.node.attrs.get("transpose_b")
    else:
        first, second = asked.node.attrs.get("adj_x"), asked.node.attrs.get("adj_y")
    rows, inner = (a[-1], a[-2]) if first else (a[-2], a[-1])
    inner_too, columns = (b[-1], b[-2]) if second else (b[-2], b[-1])
    before = spread(a[:-2], b[:-2])
    if before is None or merged((inner,), (inner_too,)) is None:
        return None
    return (*before, rows, columns)


def summed(asked: Asked) -> Shape:
    """Of an Einsum whose equation names every dimension."""
    equation = asked.node.attrs.get("equation")
    if not isinstance(equation, bytes) or b"." in equation or b"->" not in equation:
        return None
    given, _, made = equation.decode().partition("->")
    sizes: dict[str, int | None] = {}
    labels = given.split(",")
    if [len(each) for each in labels] != [len(each) for each in asked.dims]:
        return None
    for label, size in zip("".join(labels), (n for dims in asked.dims for n in dims), strict=True):
        known = merged((sizes.get(label),), (size,))
        if known is None:
            return None
        (sizes[label],) = known
    return tuple(sizes[label] for label in made) if set(made) <= sizes.keys() else None

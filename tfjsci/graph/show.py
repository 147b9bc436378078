"""A graph as text, for messages and golden tests: one line a node, inputs before readers, the outputs last.

    x = Placeholder()
    y = Prelu(x, y/alpha)
    -> y

Constants are named where they are read; they get lines of their own only when asked for.
"""

from __future__ import annotations

from tfjsci.graph.graph import AttrValue, DType, FunctionName, Graph, Node, Shape, ShapeAttr, dtype_name


def show(graph: Graph, *, attrs: bool = False, constants: bool = False) -> str:
    """The graph, then each of its functions.

    ``attrs`` appends the attributes of each node, ``constants`` adds a line for each constant with its dtype and
    shape (and what it was made of). Text of the model stands in it as it is: escape it where it is rendered.
    """
    lines = [_line(graph, node, attrs=attrs) for node in graph.nodes if constants or node.op != "Const"]
    lines.append(f"-> {', '.join(graph.outputs)}")
    for name, body in graph.functions.items():
        lines += ["", f"{name}({', '.join(body.inputs)}):"]
        inner = show(body.graph, attrs=attrs, constants=constants)
        lines += [f"  {line}" if line else "" for line in inner.splitlines()]
    return "\n".join(lines)


def show_shape(shape: Shape) -> str:
    """``[?, 3]``; ``[...]`` when not even the rank is known."""
    return "[...]" if shape is None else f"[{', '.join('?' if size is None else str(size) for size in shape)}]"


def show_attr(value: AttrValue) -> str:
    """One attribute's value, as short as it can be told apart from others."""
    if isinstance(value, tuple):
        return f"[{', '.join(show_attr(item) for item in value)}]"
    if isinstance(value, bytes):
        return value.decode("utf-8", "backslashreplace")
    if isinstance(value, (DType, FunctionName)):
        return value.name
    if isinstance(value, ShapeAttr):
        return show_shape(value.shape)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _line(graph: Graph, node: Node, *, attrs: bool) -> str:
    if node.op == "Const":
        constant = graph.constants[node.name]
        made_of = f" from {', '.join(constant.sources)}" if constant.sources else ""
        return f"{node.name} = Const({dtype_name(constant.value)}{show_shape(constant.value.shape)}{made_of})"
    line = f"{node.name} = {node.op}({', '.join((*node.inputs, *(f'^{name}' for name in node.control)))})"
    if attrs and node.attrs:
        line += f" {{{', '.join(f'{key}={show_attr(value)}' for key, value in sorted(node.attrs.items()))}}}"
    return line

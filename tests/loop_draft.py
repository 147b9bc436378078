"""Graphs with loops and branches for tests, written down as the others are."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from graph_draft import Draft

from tfjsci.graph.graph import DType, FunctionBody, FunctionName, Graph, ShapeAttr, TensorType

Write = Callable[..., "str | Sequence[str]"]
"""A draft and the names of the arguments -> the tensors that are given back."""

SCALAR = ()


def function(name: str, arguments: Sequence[tuple[str, str]], write: Write) -> FunctionBody:
    """A function of ``arguments``: names and dtypes. All shapes are scalars'."""
    draft = Draft()
    for argument, dtype in arguments:
        draft.op("Placeholder", argument, dtype=DType(dtype), shape=ShapeAttr(SCALAR))
    results = write(draft, *(argument for argument, _ in arguments))
    graph = draft.graph(*([results] if isinstance(results, str) else results))
    return FunctionBody(name=name, inputs=tuple(argument for argument, _ in arguments), graph=scalars(graph))


def scalars(graph: Graph) -> Graph:
    """The graph with a type for each node's first output: a scalar of the dtype that it is declared with."""
    types = {}
    for node in graph.nodes:
        dtype = node.attrs.get("dtype", node.attrs.get("T", DType("float32")))
        if node.op.startswith("TensorList") and node.op != "TensorListGetItem":
            dtype = DType("variant")
        if node.op in {"Less", "Equal", "LogicalAnd"}:
            dtype = DType("bool")
        if isinstance(dtype, DType):
            types[node.name] = TensorType(dtype=dtype.name, shape=SCALAR)
    return replace(graph, types=types)


def loop(
    draft: Draft, given: Sequence[str], arguments: Sequence[tuple[str, str]], *, cond: Write, body: Write, **rest: Any
) -> dict[str, FunctionBody]:
    """A While named ``loop`` in the draft; its functions."""
    types = tuple(DType(dtype) for _, dtype in arguments)
    functions = [function("cond", arguments, cond), function("body", arguments, body)]
    attrs: dict[str, Any] = {"T": types, "output_shapes": tuple(ShapeAttr(SCALAR) for _ in types), **rest}
    draft.op("While", "loop", *given, cond=FunctionName("cond"), body=FunctionName("body"), **attrs)
    return {each.name: each for each in functions}


def branch(
    draft: Draft, given: Sequence[str], arguments: Sequence[tuple[str, str]], results: Sequence[str], **branches: Write
) -> dict[str, FunctionBody]:
    """An If named ``if`` in the draft, the condition first among ``given``; its functions ``then`` and ``else``."""
    functions = [function(name, arguments, write) for name, write in branches.items()]
    draft.op(
        "If",
        "if",
        *given,
        Tcond=DType("bool"),
        Tin=tuple(DType(dtype) for _, dtype in arguments),
        Tout=tuple(DType(dtype) for dtype in results),
        output_shapes=tuple(ShapeAttr(SCALAR) for _ in results),
        then_branch=FunctionName("then_"),
        else_branch=FunctionName("else_"),
    )
    return {each.name: each for each in functions}


def counter(draft: Draft, name: str, i: str, step: int = 1) -> str:
    """``i`` and a step more."""
    return draft.op("AddV2", name, i, draft.const(f"{name}/step", step, sources=()), T=DType("int32"))


def below(draft: Draft, i: str, limit: str | int, name: str = "less") -> str:
    """Whether ``i`` is less."""
    end = limit if isinstance(limit, str) else draft.const(f"{name}/limit", limit, sources=())
    return draft.op("Less", name, i, end, T=DType("int32"))

"""Cases of control flow and hash tables: these ops mean something only together, so each is the node ``op`` of a small graph.

What should come out is written beside each: it is the plain meaning of the op on a handful of numbers.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from tfjsci.graph.graph import (
    Array,
    AttrValue,
    Constant,
    DType,
    FunctionBody,
    FunctionName,
    Graph,
    Node,
    dtype_name,
)

from .case import FLOAT, INT, OpCase, boolean, i32, text, wave

_X = wave(3, 2)


def node(name: str, op: str, *inputs: str, **attrs: AttrValue) -> Node:
    return Node(name=name, op=op, inputs=inputs, attrs=attrs)


def graph(
    nodes: tuple[Node, ...], outputs: tuple[str, ...], constants: dict[str, Array], **more: FunctionBody
) -> Graph:
    consts = tuple(node(name, "Const") for name in constants)
    held = {name: Constant(value=value.copy()) for name, value in constants.items()}
    return Graph(nodes=(*consts, *nodes), outputs=outputs, constants=held, functions=more)


def chain(
    name: str, expected: Array | tuple[Array, ...], *nodes: Node, out: str | tuple[str, ...] = "op", **constants: Array
) -> OpCase:
    outputs = (out,) if isinstance(out, str) else out
    answers = expected if isinstance(expected, tuple) else (expected,)
    return OpCase(name=name, graph=graph(nodes, outputs, constants), expected=answers)


def body(
    name: str, inputs: tuple[str, ...], outputs: tuple[str, ...], *nodes: Node, dtype: DType = INT
) -> FunctionBody:
    placeholders = tuple(node(i, "Placeholder", dtype=dtype) for i in inputs)
    return FunctionBody(name=name, inputs=inputs, graph=Graph(nodes=(*placeholders, *nodes), outputs=outputs))


def _branch(op: str, pred: bool) -> OpCase:
    functions = {
        "yes": body("yes", ("a",), ("y",), node("y", "Relu", "a", T=FLOAT), dtype=FLOAT),
        "no": body("no", ("a",), ("y",), node("y", "Neg", "a", T=FLOAT), dtype=FLOAT),
    }
    chosen = node("op", op, "pred", "x", then_branch=FunctionName("yes"), else_branch=FunctionName("no"))
    whole = graph((chosen,), ("op",), {"pred": boolean(pred), "x": _X}, **functions)
    name = op if pred else f"{op}/else"
    return OpCase(name=name, graph=whole, expected=(np.maximum(_X, 0) if pred else np.negative(_X),))


def _loop(op: str) -> OpCase:
    """while n < limit: n += step."""
    variables = ("n", "limit", "step")
    functions = {
        "go": body("go", variables, ("y",), node("y", "Less", "n", "limit", T=INT)),
        "turn": body("turn", variables, ("y", "limit", "step"), node("y", "AddV2", "n", "step", T=INT)),
    }
    turned = node("op", op, *variables, cond=FunctionName("go"), body=FunctionName("turn"), T=(INT, INT, INT))
    whole = graph((turned,), ("op",), {"n": i32(0), "limit": i32(5), "step": i32(2)}, **functions)
    return OpCase(name=op, graph=whole, expected=(i32(6),))


def _old_loop(op: str) -> OpCase:
    """The same with TF1's ops; the one in question is called ``op``."""
    names = {n: "op" if n == op else n for n in ("Enter", "Merge", "LoopCond", "Switch", "Exit", "NextIteration")}
    frame: dict[str, Any] = {"T": INT, "frame_name": b"loop", "parallel_iterations": 10}
    nodes = (
        node(names["Enter"], "Enter", "n", is_constant=False, **frame),
        node("limit_in", "Enter", "limit", is_constant=True, **frame),
        node("step_in", "Enter", "step", is_constant=True, **frame),
        node(names["Merge"], "Merge", names["Enter"], names["NextIteration"], T=INT, N=2),
        node("less", "Less", names["Merge"], "limit_in", T=INT),
        node(names["LoopCond"], "LoopCond", "less"),
        node(names["Switch"], "Switch", names["Merge"], names["LoopCond"], T=INT),
        node(names["Exit"], "Exit", names["Switch"], T=INT),
        node("next", "AddV2", f"{names['Switch']}:1", "step_in", T=INT),
        node(names["NextIteration"], "NextIteration", "next", T=INT),
    )
    constants = {"n": i32(0), "limit": i32(5), "step": i32(2)}
    return OpCase(name=op, graph=graph(nodes, (names["Exit"],), constants), expected=(i32(6),))


CONTROL_FLOW: tuple[OpCase, ...] = (
    *(_branch(op, pred) for op in ("If", "StatelessIf") for pred in (True, False)),
    *(_loop(op) for op in ("While", "StatelessWhile")),
    *(_old_loop(op) for op in ("Enter", "Merge", "LoopCond", "Switch", "Exit", "NextIteration")),
)


def _table(op: str, version: str, dtype: DType, keys: Array, sought: Array) -> OpCase:
    """A table filled by the model's initializer with an import or an initialisation, then asked."""
    variant = "" if dtype == INT else "/strings"
    kinds: dict[str, Any] = {"key_dtype": dtype, "value_dtype": INT}
    types: dict[str, Any] = {"Tin": dtype, "Tout": INT}
    # The op in question may be in the initializer, where its name doesn't matter; the check looks at the main graph.
    handle = node("op" if op.startswith("HashTable") else "table", f"HashTable{version}", shared_name=b"t", **kinds)
    values = i32([10, 20, 30])
    filler = "LookupTableImport" if op.startswith("LookupTableImport") else "InitializeTable"
    initializer = graph(
        (handle, node("fill", f"{filler}{version}", handle.name, "keys", "values", **types)),
        ("fill",),
        {"keys": keys, "values": values},
    )
    if op.startswith("LookupTableSize"):
        answer, ask = i32(3), node("op", op, handle.name)
        constants: dict[str, Array] = {}
    else:
        name = "op" if op.startswith("LookupTableFind") else "found"
        answer, ask = (
            i32([30, -1, 10]),
            node(name, f"LookupTableFind{version}", handle.name, "sought", "default", **types),
        )
        constants = {"sought": sought, "default": i32(-1)}
    main = graph((handle, ask), (ask.name,), constants)
    return OpCase(name=f"{op}{variant}", graph=main, initializer=initializer, expected=(answer,))


def _found(name: str, keys: Array, sought: Array, answer: Array) -> OpCase:
    """A look-up, the table's contents known to whoever looks at the main graph."""
    op, dtype = name.partition("/")[0], DType(dtype_name(keys))
    version = "V2" if op.endswith("V2") else ""
    kinds: dict[str, Any] = {"key_dtype": dtype, "value_dtype": INT}
    types: dict[str, Any] = {"Tin": dtype, "Tout": INT}
    held = {"keys": keys, "values": i32([10, 20, 30])}
    handle = node("table", f"HashTable{version}", "keys", "values", **kinds)
    fill = node("fill", f"InitializeTable{version}", "table", "keys", "values", **types)
    ask = node("op", op, "table", "sought", "default", **types)
    return OpCase(
        name=name,
        graph=graph((handle, ask), ("op",), {**held, "sought": sought, "default": i32(-1)}),
        initializer=graph((handle, fill), ("fill",), held),
        expected=(answer,),
    )


_NUMBERS = (INT, i32([1, 2, 3]), i32([3, 7, 1]))
_WORDS = (DType("string"), text([b"a", b"b", b"c"]), text([b"c", b"z", b"a"]))

HASH_TABLE: tuple[OpCase, ...] = (
    *(
        _table(f"{op}{version}", version, *_NUMBERS)
        for version in ("", "V2")
        for op in ("HashTable", "LookupTableImport", "InitializeTable", "LookupTableFind", "LookupTableSize")
    ),
    _table("LookupTableFindV2", "V2", *_WORDS),
    _found("LookupTableFindV2/matrix", i32([1, 2, 3]), i32([[3], [7]]), i32([[30], [-1]])),
    _found("LookupTableFindV2/scalar", i32([1, 2, 3]), i32(3), i32(30)),
    _found("LookupTableFindV2/none", i32([1, 2, 3]), i32([]), i32([])),
    _found("LookupTableFind/matrix", i32([1, 2, 3]), i32([[3], [7]]), i32([[30], [-1]])),
    _found("LookupTableFindV2/bytes", text([b"\xff", b"\xfe", b"c"]), text([b"\xff"]), i32([10])),
)

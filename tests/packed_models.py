"""A small model with a weight of each scheme that needs the initializer, and a table, written without TensorFlow."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from graph_draft import Draft

from tfjsci.artifact.write import Written, write_artifact
from tfjsci.graph.graph import DType, FunctionBody, FunctionName, Graph, Node, ShapeAttr, TensorType
from tfjsci.graph.tables import FIND, TableContents, table_nodes
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.weight import QuantizedWeight
from tfjsci.signature import TensorSpec

SIZE = 32


def codes_of_each_scheme() -> dict[str, QuantizedWeight]:
    """Matrices [32, 32] by name: per channel, of a few groups; the names are their schemes'."""
    draw = np.random.default_rng(3)

    def matrix() -> Any:
        return draw.normal(0, 0.2, (SIZE, SIZE)).astype(np.float32)

    schemes = {name: Scheme(name=name) for name in ("uint8-per-channel", "uint16-per-channel", "int4", "int6")}  # type: ignore[arg-type]
    schemes["int4/groups"] = Scheme(name="int4", group=16)
    return {name: quantize_weight(matrix(), scheme, axes=(1,)) for name, scheme in schemes.items()}


def packed_model(folder: Path, *, table: bool = True) -> tuple[Graph, dict[str, QuantizedWeight], Written]:
    """Into ``folder``: ``x`` [n, 32] times each matrix, each product an output by the matrix' name.

    With a table, ``word`` -> ``found``: 0.5 for "a", 2 for "b", else -1.
    """
    codes = codes_of_each_scheme()
    draft = Draft()
    x = draft.input("x", (None, SIZE))
    products = [draft.matmul(f"times/{name}", x, draft.const(name, weight.values())) for name, weight in codes.items()]
    inputs = [TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, SIZE))]
    outputs = [
        TensorSpec(name=name, tensor=f"{product}:0", dtype="float32", shape=(None, SIZE))
        for name, product in zip(codes, products, strict=True)
    ]
    graph = draft.graph(*products)
    if table:
        inputs.append(TensorSpec(name="word", tensor="word:0", dtype="string", shape=(None,)))
        outputs.append(TensorSpec(name="found", tensor="found:0", dtype="float32", shape=(None,)))
        graph = _with_table(graph)
    written = write_artifact(graph, inputs=inputs, outputs=outputs, folder=folder, prepared=codes)
    return graph, codes, written


def _with_table(graph: Graph) -> Graph:
    contents = TableContents(keys=np.array([b"a", b"b"], object), values=np.float32([0.5, 2.0]), path="words")
    nodes, constants = table_nodes("words", contents, taken=graph)
    draft = Draft()
    draft.const("default", np.float32(-1.0))
    draft.op("Placeholder", "word", dtype=DType("string"), shape=ShapeAttr((None,)))
    kinds = {"Tin": DType("string"), "Tout": DType("float32")}
    find = Node(name="found", op=FIND, inputs=("words", "word", "default"), attrs=kinds)
    return Graph(
        nodes=(*graph.nodes, *draft.nodes, *nodes, find),
        outputs=(*graph.outputs, "found"),
        constants={**graph.constants, **constants, **draft.constants},
    )


def looping_model(folder: Path) -> dict[str, QuantizedWeight]:
    """:func:`looping_graph` from ``x`` to ``y`` with all its weights packed, into ``folder``."""
    graph = looping_graph()
    codes = {
        name: quantize_weight(graph.all_constants[name].value, Scheme(name="uint8-per-channel"), axes=(1,))
        for name in ("outside", "both", "inner", "kept")
    }
    inputs = [TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, SIZE))]
    outputs = [TensorSpec(name="y", tensor="last:0", dtype="float32", shape=(None, SIZE))]
    write_artifact(graph, inputs=inputs, outputs=outputs, folder=folder, prepared=codes)
    return codes


def looping_graph(**values: Any) -> Graph:
    """Three turns of ``y = branch(y) · both``, where ``branch`` is a product with ``inner`` in the first two, then with ``kept``;
    then ``y · both · outside``. All matrices are [32, 32]; ``values`` gives theirs by name.
    """
    draw = np.random.default_rng(5)

    def matrix(draft: Draft, name: str) -> str:
        value = values.get(name)
        return draft.const(name, np.linalg.qr(draw.normal(0, 1, (SIZE, SIZE)))[0] if value is None else value)

    def number(draft: Draft, name: str, value: int) -> str:
        return draft.const(name, np.int32(value), sources=())

    main = Draft()
    at = main.input("x", (None, SIZE))
    types = (DType("int32"), DType("float32"))
    shapes = (ShapeAttr(()), ShapeAttr((None, SIZE)))
    main.op(
        "StatelessWhile", "loop", number(main, "start", 0), at,
        T=types, output_shapes=shapes, cond=FunctionName("cond"), body=FunctionName("body"),
    )  # fmt: skip
    y = main.matmul("first", "loop:1", matrix(main, "both"))
    y = main.matmul("last", y, matrix(main, "outside"))
    values = {**values, "both": main.constants["both"].value}

    cond, body, then, other = Draft(), Draft(), Draft(), Draft()
    for draft in (cond, body):
        draft.op("Placeholder", "i", dtype=DType("int32"), shape=ShapeAttr(()))
        draft.input("y", (None, SIZE))
    cond.op("Less", "more", "i", number(cond, "turns", 3), T=DType("int32"))
    body.op("Less", "early", "i", number(body, "two", 2), T=DType("int32"))
    body.op(
        "StatelessIf", "branch", "early", "y",
        Tcond=DType("bool"), Tin=(DType("float32"),), Tout=(DType("float32"),), output_shapes=(ShapeAttr((None, SIZE)),),
        then_branch=FunctionName("then"), else_branch=FunctionName("else"),
    )  # fmt: skip
    body.matmul("next", "branch", matrix(body, "both"))
    body.op("AddV2", "i_next", "i", number(body, "one", 1), T=DType("int32"))
    for draft, name in ((then, "inner"), (other, "kept")):
        draft.matmul("product", draft.input("z", (None, SIZE)), matrix(draft, name))
    parts = {
        "cond": (cond, ("i", "y"), ("more",)),
        "body": (body, ("i", "y"), ("i_next", "next")),
        "then": (then, ("z",), ("product",)),
        "else": (other, ("z",), ("product",)),
    }
    functions = {
        name: FunctionBody(name=name, inputs=inputs, graph=draft.graph(*outputs, types=_types(draft)))
        for name, (draft, inputs, outputs) in parts.items()
    }
    return main.graph(y, functions=functions, types=_types(main))


def _types(draft: Draft) -> dict[str, TensorType]:
    matrices = {
        node.name: TensorType(dtype="float32", shape=(None, SIZE)) for node in draft.nodes if node.op != "Const"
    }
    whole = {name: TensorType(dtype="int32", shape=()) for name in ("i", "i_next", "loop") if name in matrices}
    flags = {name: TensorType(dtype="bool", shape=()) for name in ("more", "early") if name in matrices}
    more = {"loop:1": TensorType(dtype="float32", shape=(None, SIZE))} if "loop" in matrices else {}
    return {**matrices, **whole, **flags, **more}

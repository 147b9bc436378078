"""A product of each step's input with a weight is one product before the loop."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from graph_draft import Draft
from loop_draft import below, counter, loop

from tfjsci.graph.graph import DType, Graph, Shape, TensorType
from tfjsci.graph.show import show
from tfjsci.rewrite.control.hoist import with_products_hoisted

INT, FLOAT, LIST = "int32", "float32", "variant"
KERNEL = np.ones((3, 2))


def steps(shape: Shape, *, transposed: bool = False, written: bool = False, follow: bool = True) -> Graph:
    """For each step: the sum of ``x[i] · w + b`` and what was there before."""
    draft = Draft()
    x = draft.input("x", shape)
    element = draft.const("element", [-1, 3], sources=())
    items = draft.op("TensorListFromTensor", "list", x, element, element_dtype=DType(FLOAT))
    start = draft.input("start", (5, 2))

    def body(d: Draft, i: str, items: str, h: str) -> list[str]:
        size = d.const("size", [-1, 3], sources=())
        item = d.op("TensorListGetItem", "item", items, i, size, element_dtype=DType(FLOAT))
        product = d.matmul("product", item, d.const("w", KERNEL.T if transposed else KERNEL), transpose_b=transposed)
        added = d.bias_add("bias", product, d.const("b", [1.0, 2.0])) if follow else product
        total = d.typed("AddV2", "total", added, h)
        set_ = d.op("TensorListSetItem", "set", items, i, item, element_dtype=DType(FLOAT)) if written else items
        return [counter(d, "next", i), set_, total]

    functions = loop(
        draft,
        [draft.const("zero", 0, sources=()), items, start],
        [("i", INT), ("items", LIST), ("h", FLOAT)],
        cond=lambda d, i, items, h: below(d, i, 4),
        body=body,
    )
    inner = functions["body"].graph
    types = {name: TensorType(dtype=FLOAT, shape=(5, 2)) for name in ("product", "bias", "total", "h")}
    types |= {"item": TensorType(dtype=FLOAT, shape=(5, 3)), "size": TensorType(dtype=INT, shape=(2,))}
    functions["body"] = replace(functions["body"], graph=replace(inner, types={**inner.types, **types}))
    graph = draft.graph("loop:2", functions=functions)
    return replace(graph, types={"x": TensorType(dtype=FLOAT, shape=shape)})


def test_product_and_bias_are_taken_out_of_the_loop() -> None:
    after = with_products_hoisted(steps((4, 5, 3)))
    main = show(after).split("\n\n")[0]
    assert main == (
        "x = Placeholder()\n"
        "list = TensorListFromTensor(x, element)\n"
        "start = Placeholder()\n"
        "loop/reshape = Reshape(x, loop/rows)\n"
        "loop/product = MatMul(loop/reshape, loop/constant)\n"
        "loop/bias = BiasAdd(loop/product, loop/constant_1)\n"
        "loop/reshape_1 = Reshape(loop/bias, loop/steps)\n"
        "loop/list = TensorListFromTensor(loop/reshape_1, loop/element_shape)\n"
        "loop = While(zero, list, start, loop/list)\n"
        "-> loop:2"
    )
    assert after.constants["loop/steps"].value.tolist() == [4, 5, 2]
    body = after.functions["body"]
    assert body.inputs == ("i", "items", "h", "hoisted")
    assert after.functions["cond"].inputs == ("i", "items", "h", "hoisted")
    assert body.graph["total"].inputs == ("bias/item", "h")
    assert body.graph["bias/item"].inputs[:2] == ("hoisted", "i")
    assert "product" not in body.graph
    assert body.graph.outputs[3] == "hoisted"


def test_two_open_sizes_are_read_from_the_steps() -> None:
    after = with_products_hoisted(steps((None, None, 3)))
    ops = [node.op for node in after.nodes if node.op not in {"Const", "Placeholder"}]
    assert ops[-8:] == ["MatMul", "BiasAdd", "Shape", "Slice", "ConcatV2", "Reshape", "TensorListFromTensor", "While"]


def test_what_isnt_computed_of_the_steps_alone_stays() -> None:
    for graph in (
        steps((4, 5, 3), transposed=True),
        steps((4, 5, 3), written=True),
        steps(None),
    ):
        assert with_products_hoisted(graph) is graph


def test_a_product_without_a_bias_is_enough() -> None:
    after = with_products_hoisted(steps((4, 5, 3), follow=False))
    assert after.functions["body"].graph["total"].inputs == ("product/item", "h")

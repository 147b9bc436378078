from __future__ import annotations

from collections import Counter
from functools import partial

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.product_of_parts import RULES
from tfjsci.rewrite.share_constants import with_shared_constants
from tfjsci.rewrite.share_nodes import with_shared_nodes

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)

X = np.random.default_rng(1).normal(size=(2, 3, 4)).astype(np.float32)


def steps(
    *,
    shape: Shape = (None, 3, 4),
    axis: int = 1,
    kernels: tuple[int, ...] = (0, 0, 0),
    biases: tuple[int, ...] = (),
    transposed: bool = False,
    output: bool = False,
) -> Graph:
    """The parts of x, each multiplied with the kernel of its number, and the bias of its number added."""
    draft = Draft()
    parts = draft.typed("Unpack", "parts", draft.input("x", shape), axis=axis, num=3)
    kept = {i: draft.const(f"w{i}", weights(4, 4 if transposed else 5, seed=i)) for i in sorted(set(kernels))}
    added = {i: draft.const(f"b{i}", weights(4 if transposed else 5, seed=i)) for i in sorted(set(biases))}
    made = []
    for i, kernel in enumerate(kernels):
        y = draft.matmul(f"y{i}", f"{parts}:{i}", kept[kernel], transpose_b=transposed)
        made.append(draft.bias_add(f"z{i}", y, added[biases[i]]) if biases else y)
    last = [draft.typed("Tanh", f"out{i}", y) for i, y in enumerate(made)]
    return draft.graph(*last, *(["y1"] if output else []))


def tidied(graph: Graph) -> Graph:
    """With what each match made once, as the stage does it."""
    return with_shared_nodes(with_shared_constants(graph))


EXAMPLES = {
    "steps": steps(),
    "steps with a bias": steps(biases=(0, 0, 0)),
    "steps in front": steps(shape=(3, None, 4), axis=0),
    "a transposed weight": steps(transposed=True, axis=-2),
}


def test_one_product_of_all() -> None:
    before = steps(biases=(0, 0, 0))
    result = tidied(after(before))
    assert show(result) == (
        "x = Placeholder()\nz0/reshape = Reshape(x, z0/const)\nz0/matmul = MatMul(z0/reshape, w0)\n"
        "z0/biasadd = BiasAdd(z0/matmul, b0)\nz0/reshape_1 = Reshape(z0/biasadd, z0/const_1)\n"
        "z0/unpack = Unpack(z0/reshape_1)\nz0 = Identity(z0/unpack)\nz1 = Identity(z0/unpack:1)\n"
        "z2 = Identity(z0/unpack:2)\nout0 = Tanh(z0)\nout1 = Tanh(z1)\nout2 = Tanh(z2)\n-> out0, out1, out2"
    )
    assert result.constants["z0/const"].value.tolist() == [-1, 4]
    assert result.constants["z0/const_1"].value.tolist() == [-1, 3, 5]
    assert_same_numbers(before, result, x=X)


@pytest.mark.parametrize("name", EXAMPLES)
def test_same_numbers(name: str) -> None:
    before = EXAMPLES[name]
    result = tidied(after(before))
    assert Counter(node.op for node in result.nodes)["MatMul"] == 1
    assert_same_numbers(before, result, x=X.transpose(1, 0, 2) if name == "steps in front" else X)


class TestLeavesAlone:
    def test_another_weight_for_one(self) -> None:
        assert "not every part" in refused(steps(kernels=(0, 0, 1)))

    def test_a_part_that_is_not_multiplied(self) -> None:
        assert "not every part" in refused(steps(kernels=(0, 0)))

    def test_another_bias_for_one(self) -> None:
        assert "not every part" in refused(steps(biases=(0, 1, 0)))

    def test_a_product_without_its_bias_that_is_an_output(self) -> None:
        assert "not every part" in refused(steps(biases=(0, 0, 0), output=True))

    def test_columns(self) -> None:
        assert "columns" in refused(steps(shape=(None, 4, 3), axis=2))

    def test_several_examples_whose_parts_lie_apart(self) -> None:
        assert "2 examples lie apart" in refused(steps(shape=(2, 3, 4), axis=1))
        for shape, axis in (((1, 3, 4), 1), ((3, 2, 4), 0)):
            assert sum(node.op == "MatMul" for node in tidied(after(steps(shape=shape, axis=axis)))) == 1

    def test_more_than_one_open_size(self) -> None:
        assert "more than one size" in refused(steps(shape=(None, None, 4), axis=1))

    def test_a_vector_of_rows(self) -> None:
        draft = Draft()
        x = draft.input("x", (2, 4))
        w = draft.const("w", weights(4, 5))
        assert "part" in refused(draft.graph(*(draft.matmul(f"y{i}", x, w) for i in range(2))))

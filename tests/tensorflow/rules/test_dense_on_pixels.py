from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
from applying import applied, declined, inferred
from fused_reference import assert_same_numbers
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.rules.dense_on_pixels import RULE

INT = DType("int32")
H, W, C, D = 3, 2, 4, 5

after = partial(applied, RULE)
refused = partial(declined, RULE)


def dense(
    shape: Shape = (None, H, W, C),
    *,
    made: tuple[int, ...] = (-1, H, W, D),
    image_made_of_rows: bool = False,
    more_outputs: tuple[str, ...] = (),
    **flags: bool,
) -> Graph:
    draft = Draft()
    x = draft.input("x", (None, C) if image_made_of_rows else shape)

    def reshaped(name: str, y: str, *sizes: int) -> str:
        return draft.typed("Reshape", name, y, draft.const(f"{name}/shape", np.array(sizes, np.int32)), Tshape=INT)

    if image_made_of_rows:
        x = reshaped("image", x, -1, H, W, C)
    w = draft.const("w", weights(D, C) if flags.get("transpose_b") else weights(C, D))
    y = draft.matmul("product", reshaped("rows", x, -1, C), w, **flags)
    return inferred(draft.graph(reshaped("y", y, *made), *more_outputs))


EXAMPLES = {"a Dense of pixels": dense((2, H, W, C), made=(2, H, W, D))}


def test_a_dense_of_pixels_is_a_convolution() -> None:
    before = dense()
    result = after(before)
    assert show(result) == "x = Placeholder()\ny = Conv2D(x, w)\n-> y"
    assert result.constants["w"].value.shape == (1, 1, C, D)
    assert result.constants["w"].sources == ("w",)
    x = np.random.default_rng(0).normal(size=(2, H, W, C)).astype(np.float32)
    assert_same_numbers(before, result, x=x)


def test_the_rows_may_be_read_by_others() -> None:
    before = dense(more_outputs=("rows",))
    assert after(before)["y"].op == "Conv2D"


class TestLeavesAlone:
    def test_a_sequence(self) -> None:
        assert refused(dense((None, H, C), made=(-1, H, D))) == "what is multiplied isn't made of pixels"

    def test_a_volume(self) -> None:
        assert refused(dense((None, 2, H, W, C), made=(-1, 2, H, W, D))) == "what is multiplied isn't made of pixels"

    def test_an_image_of_another_size(self) -> None:
        assert refused(dense(made=(-1, W, H, D))) == "the result isn't an image of the same size"

    def test_rows_that_are_cut_anew(self) -> None:
        graph = dense((None, H, C, W))
        assert refused(graph) == "what is multiplied isn't made of pixels"

    def test_rows_from_the_beginning(self) -> None:
        draft = Draft()
        y = draft.matmul("product", draft.input("x", (None, C)), draft.const("w", weights(C, D)))
        shape = draft.const("shape", np.array((-1, H, W, D), np.int32))
        graph = inferred(draft.graph(draft.typed("Reshape", "y", y, shape, Tshape=INT)))
        assert refused(graph) == "what is multiplied isn't made of pixels"

    def test_an_image_that_was_rows(self) -> None:
        assert "it is reshaped, too" in refused(dense(image_made_of_rows=True))

    def test_a_transposed_kernel(self) -> None:
        assert refused(dense(transpose_b=True)) == "an operand is transposed"

    def test_a_product_that_others_read(self) -> None:
        assert refused(dense(more_outputs=("product",))) == ""

    def test_whole_numbers(self) -> None:
        graph = dense()
        whole = [
            replace(node, attrs={**node.attrs, "T": INT} if "T" in node.attrs else node.attrs) for node in graph.nodes
        ]
        assert refused(replace(graph, nodes=tuple(whole))) == "it isn't of floats"

from __future__ import annotations

from functools import partial
from itertools import permutations
from typing import Any

import numpy as np
import pytest
from applying import applied_all, declined_all
from fused_reference import outputs_of
from graph_draft import Draft, weights

from tfjsci.graph.graph import DType, Graph, Shape
from tfjsci.graph.show import show
from tfjsci.rewrite.engine import apply_rules
from tfjsci.rewrite.rules.layer_norm import RULES

after = partial(applied_all, RULES)
refused = partial(declined_all, RULES)
SHAPE = (2, 5, 6)


def norm(
    spelling: str = "keras",
    shape: Shape = SHAPE,
    axes: tuple[int, ...] = (-1,),
    *,
    scale: Any = "",
    offset: Any = "",
    keep_dims: bool = True,
    epsilon: Any = 1e-3,
    swapped: bool = False,
) -> Graph:
    """``scale`` and ``offset``: an array, None for none, by default one number a channel."""
    draft = Draft()
    sides = (lambda a, b: (b, a)) if swapped else (lambda a, b: (a, b))
    x = draft.input("x", shape)
    over = draft.const("axes", np.array(axes, np.int32))
    attrs = {"keep_dims": keep_dims, "Tidx": DType("int32")}
    mean = draft.typed("Mean", "mean", x, over, **attrs)
    squares = draft.typed("SquaredDifference", "squares", *sides(x, mean))
    variance = draft.typed("Mean", "variance", squares, over, **attrs)
    factor = draft.typed(
        "Rsqrt", "rsqrt", draft.typed("AddV2", "shifted", *sides(variance, draft.const("epsilon", epsilon)))
    )
    if scale is not None:
        gamma = draft.const("gamma", weights(6) if isinstance(scale, str) else scale)
        factor = draft.typed("Mul", "factor", *sides(factor, gamma))
    scaled = draft.typed("Mul", "scaled", *sides(x, factor))
    if spelling == "keras":
        shift = draft.typed("Mul", "mean_scaled", *sides(draft.typed("Neg", "negative", mean), factor))
    else:
        shift = draft.typed("Mul", "mean_scaled", *sides(mean, factor))
    if offset is None:
        last = ("AddV2", *sides(scaled, shift)) if spelling == "keras" else ("Sub", scaled, shift)
        return draft.graph(draft.typed(last[0], "y", *last[1:]))
    beta = draft.const("beta", weights(6, seed=1) if isinstance(offset, str) else offset)
    if spelling == "keras":
        total = draft.typed("AddV2", "shift", *sides(shift, beta))
    else:
        total = draft.typed("Sub", "shift", beta, shift)
    return draft.graph(draft.typed("AddV2", "y", *sides(scaled, total)))


def joined(order: tuple[int, ...], *, offset: bool = True, rest: bool = True) -> Graph:
    """Keras' norm and what is added to it, as TensorFlow's optimiser joins them."""
    draft = Draft()
    x, more = draft.input("x", SHAPE), draft.input("more", SHAPE)
    over, attrs = draft.const("axes", np.array([-1], np.int32)), {"keep_dims": True, "Tidx": DType("int32")}
    mean = draft.typed("Mean", "mean", x, over, **attrs)
    variance = draft.typed("Mean", "variance", draft.typed("SquaredDifference", "squares", x, mean), over, **attrs)
    inverse = draft.typed("Rsqrt", "rsqrt", draft.typed("AddV2", "shifted", variance, draft.const("epsilon", 1e-3)))
    factor = draft.typed("Mul", "factor", inverse, draft.const("gamma", weights(1, 1, 6)))
    shift = draft.typed("Mul", "mean_scaled", draft.typed("Neg", "negative", mean), factor)
    addends = [draft.typed("Mul", "scaled", x, factor), shift]
    addends += [draft.const("beta", weights(*SHAPE, seed=1))] if offset else []
    addends += [more] if rest else []
    return draft.graph(draft.typed("AddN", "y", *(addends[i] for i in order), N=len(addends)))


GROUPS: dict[str, Any] = {
    "shape": (2, 3, 3, 2, 3),
    "axes": (1, 2, 4),
    "scale": weights(1, 1, 1, 2, 3),
    "offset": weights(1, 1, 1, 2, 3, seed=1),
}
EXAMPLES = {
    "Keras": norm(),
    "Keras, the other way round": norm(swapped=True),
    "tf.nn": norm("tf"),
    "over two axes": norm(axes=(1, 2), scale=weights(1, 5, 6), offset=weights(1, 5, 6, seed=1)),
    "a picture": norm(shape=(1, 4, 4, 6), scale=weights(1, 1, 1, 6)),
    "groups": norm(**GROUPS),
    "joined with its offset": joined((1, 0, 2), rest=False),
    "joined by itself": joined((1, 0), offset=False, rest=False),
    "joined with a residual": joined((3, 0, 2, 1)),
    "joined with a residual, without an offset": joined((2, 0, 1), offset=False),
    **{
        f"{spelling}, {'scale' if scale is not None else 'offset' if offset is not None else 'neither'} alone": norm(
            spelling, scale=scale, offset=offset
        )
        for spelling in ("keras", "tf")
        for scale, offset in (("", None), (None, ""), (None, None))
    },
}


def given(graph: Graph, *, mean: float = 3.0) -> Any:
    shape = graph["x"].attrs["shape"].shape  # type: ignore[union-attr]
    assert shape is not None
    return np.random.default_rng(0).normal(mean, 2, [size or 2 for size in shape]).astype(np.float32)


@pytest.mark.parametrize("before", [norm(), norm(swapped=True), norm("tf")], ids=["keras", "swapped", "tf"])
def test_the_mean_is_subtracted_once(before: Graph) -> None:
    assert show(after(before)) == "\n".join(
        [
            "x = Placeholder()",
            "mean = Mean(x, axes)",
            "y/sub = Sub(x, mean)",
            "squares = Square(y/sub)",
            "variance = Mean(squares, axes)",
            "shifted = AddV2(variance, epsilon)",
            "rsqrt = Rsqrt(shifted)",
            "y/mul = Mul(y/sub, rsqrt)",
            "y/mul_1 = Mul(y/mul, gamma)",
            "y = AddV2(y/mul_1, beta)",
            "-> y",
        ]
    )


def test_of_groups_the_factor_is_made_first_as_it_is_smaller() -> None:
    assert show(after(norm(**GROUPS))).endswith(
        "factor = Mul(rsqrt, gamma)\ny/mul = Mul(y/sub, factor)\ny = AddV2(y/mul, beta)\n-> y"
    )


def in_float64(before: Graph, x: Any) -> Any:
    """What it should be: the spelling doesn't matter there."""
    axes = tuple(before.constants["axes"].value.tolist())
    wide = x.astype(np.float64)
    y = wide - wide.mean(axes, keepdims=True)
    y = y / np.sqrt((y**2).mean(axes, keepdims=True) + before.constants["epsilon"].value)
    for name, combine in (("gamma", np.multiply), ("beta", np.add)):
        if name in before.constants:
            y = combine(y, before.constants[name].value)
    return y


@pytest.mark.parametrize("mean", [0.0, 3.0, 1e3])
@pytest.mark.parametrize("before", EXAMPLES.values(), ids=EXAMPLES)
def test_no_number_is_worse_than_before(before: Graph, mean: float) -> None:
    x = given(before, mean=mean)
    wanted = in_float64(before, x)
    inputs = {"x": x, "more": np.zeros_like(x)} if "more" in before else {"x": x}
    (was,), (now,) = outputs_of(before, **inputs), outputs_of(after(before), **inputs)
    assert now.shape == was.shape
    worst_before, worst = (np.abs(y.astype(np.float64) - wanted).max() for y in (was, now))
    assert worst <= max(worst_before, 2e-6)


def test_a_large_mean_cancels_no_more() -> None:
    before = norm()
    x = given(before, mean=1e4)
    wanted = in_float64(before, x)
    was, now = (np.abs(outputs_of(graph, x=x)[0] - wanted).max() for graph in (before, after(before)))
    assert now < was / 2


@pytest.mark.parametrize("x", [0.0, 1e-30, 1e15])
def test_constant_rows(x: float) -> None:
    before = norm()
    found = outputs_of(after(before), x=np.full(SHAPE, x, np.float32))[0]
    np.testing.assert_allclose(found, np.broadcast_to(before.constants["beta"].value, SHAPE), rtol=1e-3)


def test_a_scale_of_more_dimensions() -> None:
    before = norm(scale=weights(2, 1, 1, 6))
    x = given(before)
    np.testing.assert_allclose(outputs_of(after(before), x=x)[0], outputs_of(before, x=x)[0], rtol=0, atol=5e-6)


def test_an_open_batch() -> None:
    before = norm(shape=(None, 5, 6))
    x = given(before)
    np.testing.assert_allclose(outputs_of(after(before), x=x)[0], outputs_of(before, x=x)[0], rtol=0, atol=5e-6)


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_a_residual_in_the_same_sum(order: tuple[int, ...]) -> None:
    before = joined(order)
    result = after(before)
    assert show(result).endswith("y/addv2 = AddV2(y/mul_1, beta)\ny = AddV2(y/addv2, more)\n-> y")
    x, more = given(before), np.random.default_rng(1).normal(size=SHAPE).astype(np.float32)
    np.testing.assert_allclose(
        outputs_of(result, x=x, more=more)[0], outputs_of(before, x=x, more=more)[0], rtol=0, atol=5e-6
    )


class TestLeavesAlone:
    def test_a_sum_of_more(self) -> None:
        draft = joined((0, 1, 2, 3))
        last = draft["y"]
        longer = type(last)(name="y", op="AddN", inputs=(*last.inputs, "x"), attrs={**last.attrs, "N": 5})
        nodes = [longer if node.name == "y" else node for node in draft]
        assert refused(Graph(nodes=tuple(nodes), outputs=("y",), constants=draft.constants)) == "there are more addends"

    def test_a_mean_without_its_dimension(self) -> None:
        graph = norm(shape=(6, 6), axes=(1,), keep_dims=False)
        assert refused(graph) == "the mean hasn't the dimensions of what it is subtracted from"

    @pytest.mark.parametrize("more", ["mean", "rsqrt", "factor", "negative", "shifted"])
    def test_statistics_that_somebody_else_reads(self, more: str) -> None:
        graph = norm()
        both = Graph(nodes=graph.nodes, outputs=(*graph.outputs, more), constants=graph.constants)
        assert refused(both) == ""

    def test_another_tensors_mean(self) -> None:
        graph = norm()
        nodes = [
            type(node)(name=node.name, op=node.op, inputs=("other", "axes"), attrs=node.attrs)
            if node.name == "mean"
            else node
            for node in graph
        ]
        other = type(nodes[0])(name="other", op="Placeholder", attrs=graph["x"].attrs)
        changed = Graph(nodes=(*nodes, other), outputs=graph.outputs, constants=graph.constants)
        assert refused(changed) == ""


def test_what_comes_of_it_is_left_alone() -> None:
    assert not apply_rules(after(norm()), RULES).applied

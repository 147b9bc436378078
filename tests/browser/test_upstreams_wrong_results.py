"""What the upstream converter (tensorflowjs 4.22.0) converts without complaint, and its runtime then gets wrong or throws at.

Each small graph is named after what goes wrong there; ours must give TensorFlow's numbers, in TensorFlow and on all backends.
The docstrings say which of its passes or kernels it is, and its issue where there is one. Upstream's passes are fold_batch_norms,
normalize_bias_add, fuse_depthwise, fuse_prelu and Grappler's remapper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conformance import Pages
from fused_reference import outputs_of
from graph_draft import Draft, weights
from lowering_cases import Example, difference, floats, ints, one_op, refused, rewritten
from many_graphs import Ready, mistakes, ready

from tfjsci.browser.session import BrowserSession
from tfjsci.converter import convert, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.graph import DType
from tfjsci.graph.tensorflow import tensorflow

INT = DType("int32")
CASES: list[Callable[[], Example]] = []


def wrong_upstream(case: Callable[[], Example]) -> Callable[[], Example]:
    """Puts it into the list of cases."""
    CASES.append(case)
    return case


def example(draft: Draft, *outputs: str, **shapes: tuple[int, ...]) -> Example:
    """The draft's graph, with numbers of these shapes for its inputs."""
    inputs = {name: floats(*shape, seed=len(name)) for name, shape in shapes.items()}
    return Example(graph=draft.graph(*outputs), inputs=inputs)


def image(draft: Draft, channels: int = 3) -> str:
    return draft.input("x", (2, 4, 4, channels))


def kernel(draft: Draft, name: str = "w", *shape: int) -> str:
    return draft.const(name, weights(*(shape or (3, 3, 3, 4))) / 4)


def norm(draft: Draft, name: str, x: str, channels: int = 4, **options: Any) -> str:
    parts = [
        draft.const(f"{name}/{part}", np.abs(weights(channels, seed=i)))
        for i, part in enumerate(("gamma", "beta", "mean", "variance"))
    ]
    return draft.norm(name, x, *parts, **options)


def prelu(draft: Draft, name: str, x: str, alpha: str) -> str:
    """Relu(x) + (-alpha) * Relu(-x): the spelling that upstream finds; alpha as Keras holds it."""
    negative = draft.typed("Neg", f"{name}/alpha", alpha)
    down = draft.typed(
        "Mul", f"{name}/down", negative, draft.typed("Relu", f"{name}/r", draft.typed("Neg", f"{name}/n", x))
    )
    return draft.typed("AddV2", name, draft.typed("Relu", f"{name}/up", x), down)


# --- fold_batch_norms


@wrong_upstream
def the_reader_of_a_convolution_beside_its_batch_norm_gets_scaled_weights() -> Example:
    """fold_batch_norms doesn't ask who else reads the convolution (issues 3483, 5691)."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    return example(draft, norm(draft, "bn", y), draft.typed("Relu", "other", y), x=(2, 4, 4, 3))


@wrong_upstream
def a_convolution_that_is_an_output_gets_scaled_weights() -> Example:
    """The same, where the convolution itself is an output."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    return example(draft, norm(draft, "bn", y), y, x=(2, 4, 4, 3))


@wrong_upstream
def a_kernel_of_two_convolutions_is_scaled_in_place() -> Example:
    """fold_batch_norms changes the constant, whoever else reads it, or crashes ("Non-existent input unknown")."""
    draft = Draft()
    w = kernel(draft)
    first = norm(draft, "bn", draft.conv("conv", image(draft), w))
    return example(draft, first, draft.conv("plain", "x", w, strides=2), x=(2, 4, 4, 3))


@wrong_upstream
def two_batch_norms_of_one_kernel_scale_it_twice() -> Example:
    """Both convolutions have a batch norm of their own: each needs a kernel of its own."""
    draft = Draft()
    w = kernel(draft)
    first = norm(draft, "bn", draft.conv("conv", image(draft), w))
    second = draft.norm("bn2", draft.conv("conv2", "x", w), "bn/beta", "bn/mean", "bn/gamma", "bn/variance")
    return example(draft, first, second, x=(2, 4, 4, 3))


@wrong_upstream
def a_batch_norm_in_training_mode_is_folded_with_statistics_that_it_ignores() -> Example:
    """fold_batch_norms doesn't read is_training; the runtime's own kernel gives NaN."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    draft.const("gamma", np.abs(weights(4)))
    draft.const("beta", weights(4))
    empty = [draft.const(name, np.zeros(0)) for name in ("mean", "variance")]
    bn = draft.norm("bn", y, "gamma", "beta", *empty, training=True, exponential_avg_factor=1.0)
    return replace(example(draft, bn, x=(2, 4, 4, 3)), tolerance=1e-4, gpu_tolerance=1e-3)


# --- normalize_bias_add, and the remapper behind it


@wrong_upstream
def a_residual_is_taken_for_a_bias() -> Example:
    """normalize_bias_add takes any addend; wasm: "FusedConv2D only supports rank-1 bias but got rank 4"."""
    draft = Draft()
    left = draft.conv("left", image(draft), kernel(draft))
    right = draft.conv("right", "x", kernel(draft, "v"))
    return example(draft, draft.typed("Relu", "y", draft.typed("AddV2", "sum", left, right)), x=(2, 4, 4, 3))


@wrong_upstream
def the_input_itself_is_taken_for_a_bias() -> Example:
    """A residual without a convolution on the other side."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft, "w", 3, 3, 3, 3))
    return example(draft, draft.typed("AddV2", "sum", y, "x"), x=(2, 4, 4, 3))


@wrong_upstream
def a_constant_for_each_place_is_taken_for_a_bias() -> Example:
    """Add of rank 4: [1, height, width, channels]."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    return example(draft, draft.typed("Relu", "y", draft.typed("AddV2", "sum", y, draft.const("c", weights(1, 4, 4, 4)))),
                   x=(2, 4, 4, 3))  # fmt: skip


@wrong_upstream
def a_single_number_is_taken_for_a_bias() -> Example:
    """wasm: "only supports rank-1 bias but got rank 0"."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    return example(
        draft, draft.typed("Relu", "y", draft.typed("AddV2", "sum", y, draft.const("c", 0.5))), x=(2, 4, 4, 3)
    )


@wrong_upstream
def a_constant_for_each_column_is_taken_for_one_for_each_channel() -> Example:
    """[width, 1] with as many columns as channels: the sizes fit, the axis doesn't."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    return example(draft, draft.typed("AddV2", "sum", y, draft.const("c", weights(4, 1))), x=(2, 4, 4, 3))


@wrong_upstream
def the_gates_of_a_cell_are_taken_for_a_bias() -> Example:
    """A product plus a product, as an LSTM adds them (issues 2263, 5219); wasm: "_FusedMatMul … rank 2"."""
    draft = Draft()
    x, h = draft.input("x", (2, 3)), draft.input("state", (2, 4))
    both = draft.typed("AddV2", "sum", draft.matmul("a", x, draft.const("w", weights(3, 4))),
                       draft.matmul("b", h, draft.const("u", weights(4, 4))))  # fmt: skip
    return example(draft, draft.typed("Sigmoid", "y", draft.bias_add("z", both, draft.const("c", weights(4)))),
                   x=(2, 3), state=(2, 4))  # fmt: skip


@wrong_upstream
def a_matrix_of_rows_is_taken_for_a_bias() -> Example:
    """A product plus a constant with a row for each example."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (4, 3)), draft.const("w", weights(3, 4)))
    return example(draft, draft.typed("AddV2", "sum", y, draft.const("c", weights(4, 1))), x=(4, 3))


@wrong_upstream
def a_constant_of_more_dimensions_lifts_a_product() -> Example:
    """[1, 1, channels] added to a matrix gives three dimensions, a bias doesn't."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (4, 3)), draft.const("w", weights(3, 4)))
    return example(draft, draft.typed("AddV2", "sum", y, draft.const("c", weights(1, 1, 4))), x=(4, 3))


@wrong_upstream
def channels_that_come_first_are_biased_along_the_width() -> Example:
    """normalize_bias_add doesn't read data_format. TensorFlow's CPU can't run it: expected is the image turned."""
    x, w, b = floats(2, 3, 4, 4), weights(3, 3, 3, 4) / 4, weights(4)
    last = Draft()
    y = last.conv("conv", last.input("x", (2, 4, 4, 3)), last.const("w", w))
    y = last.graph(last.typed("AddV2", "sum", y, last.const("c", b.reshape(4, 1))))  # along the width
    (wanted,) = outputs_of(y, x=np.ascontiguousarray(np.moveaxis(x, 1, -1)))
    draft = Draft()
    attrs = {"data_format": b"NCHW", "strides": (1, 1, 1, 1)}
    conv = draft.typed("Conv2D", "conv", draft.input("x", (2, 3, 4, 4)), draft.const("w", w), padding=b"SAME",
                       dilations=(1, 1, 1, 1), explicit_paddings=(), **attrs)  # fmt: skip
    graph = draft.graph(draft.typed("AddV2", "sum", conv, draft.const("c", b)))
    return Example(graph=graph, inputs={"x": x}, expected=(np.moveaxis(wanted, -1, 1),))


@wrong_upstream
def an_addition_that_another_reads_loses_what_was_fused_into_it() -> Example:
    """The sum before the activation is an output, too."""
    draft = Draft()
    y = draft.bias_add("sum", draft.conv("conv", image(draft), kernel(draft)), draft.const("b", weights(4)))
    return example(draft, draft.typed("Relu", "y", y), y, x=(2, 4, 4, 3))


# --- fuse_depthwise


@wrong_upstream
def the_reader_of_a_depthwise_convolution_beside_its_activation_gets_it_activated() -> Example:
    """fuse_depthwise doesn't ask who else reads it: upstream's second output is off by 6.6."""
    draft = Draft()
    y = draft.depthwise("dw", image(draft), kernel(draft, "w", 3, 3, 3, 1))
    return example(draft, draft.typed("Relu", "a", y), draft.typed("Mul", "twice", y, draft.const("two", 2.0)),
                   x=(2, 4, 4, 3))  # fmt: skip


@wrong_upstream
def a_depthwise_convolution_loses_the_slope_of_its_leaky_relu() -> Example:
    """The runtime's fused depthwise op doesn't read leakyrelu_alpha: NaN on cpu, 0 on wasm."""
    draft = Draft()
    y = draft.bias_add(
        "b", draft.depthwise("dw", image(draft), kernel(draft, "w", 3, 3, 3, 1)), draft.const("c", weights(3))
    )
    return example(draft, draft.typed("LeakyRelu", "y", y, alpha=0.3), x=(2, 4, 4, 3))


# --- fuse_prelu


@wrong_upstream
def an_alpha_of_two_prelus_is_negated_in_place() -> Example:
    """fuse_prelu changes the constant: whoever else reads it is off by 3.2."""
    draft = Draft()
    alpha = draft.const("alpha", np.abs(weights(3)))
    first = prelu(draft, "p", image(draft), alpha)
    return example(draft, first, prelu(draft, "q", draft.typed("Neg", "down", "x"), alpha), x=(2, 4, 4, 3))


@wrong_upstream
def an_alpha_that_is_also_a_scale_is_negated_in_place() -> Example:
    """The same, where the other reader isn't a PReLU."""
    draft = Draft()
    alpha = draft.const("alpha", np.abs(weights(3)))
    first = prelu(draft, "p", image(draft), alpha)
    return example(draft, first, draft.typed("Mul", "scaled", "x", alpha), x=(2, 4, 4, 3))


@wrong_upstream
def a_part_of_a_prelu_that_another_reads_is_gone() -> Example:
    """fuse_prelu doesn't ask who else reads the Relu in it."""
    draft = Draft()
    y = draft.conv("conv", image(draft), kernel(draft))
    draft.const("alpha", np.abs(weights(4)))
    return example(draft, prelu(draft, "p", draft.bias_add("z", y, draft.const("b", weights(4))), "alpha"), "p/up",
                   x=(2, 4, 4, 3))  # fmt: skip


@wrong_upstream
def a_prelu_with_another_slope_at_each_place_is_fused_into_a_product() -> Example:
    """Keras' PReLU has an alpha for each place: only one for each channel is what a fused kernel reads."""
    draft = Draft()
    y = draft.bias_add("z", draft.conv("conv", image(draft), kernel(draft)), draft.const("b", weights(4)))
    return example(draft, prelu(draft, "p", y, draft.const("alpha", np.abs(weights(4, 4, 4)))), x=(2, 4, 4, 3))


# --- Grappler's remapper


@wrong_upstream
def a_dense_layer_with_tanh_has_an_activation_that_no_kernel_knows() -> Example:
    """With oneDNN the remapper makes _FusedMatMul[BiasAdd, Tanh] of every Dense(activation="tanh") (issue 6522)."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (2, 3)), draft.const("w", weights(3, 4) / 2))
    return example(draft, draft.typed("Tanh", "y", draft.bias_add("z", y, draft.const("b", weights(4)))), x=(2, 3))


@wrong_upstream
def a_hard_swish_behind_a_convolution_has_an_activation_that_no_kernel_knows() -> Example:
    """With oneDNN: _FusedConv2D[BiasAdd, _FusedHardSwish], as in MobileNetV3."""
    draft = Draft()
    y = draft.bias_add("z", draft.conv("conv", image(draft), kernel(draft)), draft.const("b", weights(4)))
    six = draft.typed("Relu6", "r", draft.typed("AddV2", "a", y, draft.const("three", 3.0)))
    sixth = draft.typed("Mul", "s", six, draft.const("sixth", 1 / 6))
    return example(draft, draft.typed("Mul", "y", y, sixth), x=(2, 4, 4, 3))


@wrong_upstream
def a_product_without_a_bias_takes_its_activations_slope_for_one() -> Example:
    """The runtime reads the first extra argument of _FusedMatMul as a bias, whatever fused_ops say."""
    draft = Draft()
    y = draft.matmul("linear", draft.input("x", (2, 3)), draft.const("w", weights(3, 4)))
    return example(draft, prelu(draft, "p", y, draft.const("alpha", np.abs(weights(4)))), x=(2, 3))


# --- the runtime's kernels, which upstream's check knows by name only


def causal(draft: Draft, *counts: int) -> str:
    numbers = [draft.const(f"n{i}", np.array(n, np.int32)) for i, n in enumerate(counts)]
    return draft.typed("MatrixBandPart", "y", draft.input("x", (2, 4, 4)), *numbers, Tindex=INT)


@wrong_upstream
def a_causal_mask_lets_everything_through() -> Example:
    """The runtime reads num_upper of MatrixBandPart from num_lower's input."""
    draft = Draft()
    return example(draft, causal(draft, -1, 0), x=(2, 4, 4))


@wrong_upstream
def an_upper_triangle_is_the_diagonal_only() -> Example:
    """MatrixBandPart, the other way round."""
    draft = Draft()
    return example(draft, causal(draft, 0, -1), x=(2, 4, 4))


@wrong_upstream
def a_cumulative_sum_along_the_last_axis_is_empty() -> Example:
    """Cumsum doesn't count a negative axis from the end; on wasm it leaves the memory."""
    return one_op("Cumsum", floats(2, 3, 4), np.int32(-1), constant=[1])


@wrong_upstream
def one_hot_numbers_along_the_first_axis_are_turned() -> Example:
    """OneHot ignores its axis."""
    values = np.float32(1), np.float32(0)
    return one_op("OneHot", ints(3, low=0, high=4), np.int32(4), *values, constant=[1, 2, 3], axis=0)


@wrong_upstream
def one_hot_numbers_of_floats_are_all_but_zero_on_wasm() -> Example:
    """wasm writes integers where floats are wanted: 1.4e-45."""
    values = np.float32(1), np.float32(0)
    return one_op("OneHot", ints(3, low=0, high=4), np.int32(4), *values, constant=[1, 2, 3], axis=-1)


@wrong_upstream
def a_condition_for_each_row_selects_columns() -> Example:
    """Select with a vector on a square matrix."""
    return one_op("Select", np.array([True, False, True]), floats(3, 3), floats(3, 3, seed=1))


@wrong_upstream
def the_dilations_of_a_transposed_convolution_are_ignored() -> Example:
    """Conv2DBackpropInput; TensorFlow's CPU has none either: expected is a kernel with zeros in it."""
    x, w = floats(2, 4, 4, 3), floats(2, 2, 2, 3)
    spread = np.zeros((3, 3, 2, 3), np.float32)
    spread[::2, ::2] = w
    sizes = np.array([2, 4, 4, 2], np.int32)
    plain = {"strides": (1, 1, 1, 1), "padding": "SAME"}
    wanted = one_op("Conv2DBackpropInput", sizes, spread, x, **plain).reference()
    return one_op("Conv2DBackpropInput", sizes, w, x, constant=[0, 1], dilations=(1, 2, 2, 1), expected=wanted, **plain)


@wrong_upstream
def a_dilated_convolution_with_strides_throws() -> Example:
    """ "Either strides or dilations must be 1"."""
    attrs = {"strides": (1, 2, 2, 1), "dilations": (1, 2, 2, 1), "padding": "SAME"}
    return one_op("Conv2D", floats(2, 7, 7, 3), floats(3, 3, 3, 4), constant=[1], **attrs)


@wrong_upstream
def a_convolution_in_groups_throws() -> Example:
    """TensorFlow's CPU has no groups: expected is each by itself."""
    x, w = floats(2, 4, 4, 4), floats(3, 3, 2, 6)
    attrs = {"strides": (1, 1, 1, 1), "padding": "SAME"}
    parts = [
        one_op("Conv2D", x[..., 2 * i : 2 * i + 2], w[..., 3 * i : 3 * i + 3], **attrs).reference()[0] for i in (0, 1)
    ]
    return one_op("Conv2D", x, w, constant=[1], expected=[np.concatenate(parts, -1)], **attrs)


@wrong_upstream
def a_pool_with_explicit_padding_throws() -> Example:
    """MaxPool: "Unknown padding parameter: explicit"."""
    attrs = {"ksize": (1, 3, 3, 1), "strides": (1, 2, 2, 1), "padding": "EXPLICIT"}
    return one_op("MaxPool", floats(2, 5, 5, 3, low=-5, high=-1), explicit_paddings=(0, 0, 1, 1, 0, 1, 0, 0), **attrs)


@wrong_upstream
def a_pool_with_channels_first_pools_them() -> Example:
    """data_format isn't read; expected is the image turned."""
    x = floats(2, 3, 4, 4)
    last = one_op(
        "MaxPool",
        np.ascontiguousarray(np.moveaxis(x, 1, -1)),
        ksize=(1, 2, 2, 1),
        strides=(1, 2, 2, 1),
        padding="VALID",
    )
    wanted = np.moveaxis(last.reference()[0], -1, 1)
    return one_op(
        "MaxPool", x, ksize=(1, 1, 2, 2), strides=(1, 1, 2, 2), padding="VALID", data_format="NCHW", expected=[wanted]
    )


@wrong_upstream
def values_clipped_by_tensors_are_clipped_by_their_first_number() -> Example:
    """ClipByValue with a bound for each value."""
    return one_op("ClipByValue", floats(2, 3), floats(2, 3, high=0), floats(2, 3, low=0))


@wrong_upstream
def a_truncating_remainder_of_integers_is_floored() -> Example:
    """Mod: -7 mod 3 is -1 in C and here, upstream 2."""
    return one_op("TruncateMod", np.array([-7, 7, -8, 8], np.int32), np.array([3, -3, 3, 3], np.int32), constant=[1])


@wrong_upstream
def a_truncating_quotient_of_integers_is_floored() -> Example:
    """Div of integers: -7 / 2 is -3, upstream -4."""
    return one_op("TruncateDiv", np.array([-7, 7, -8, 8], np.int32), np.array([2, -2, 3, 3], np.int32), constant=[1])


@wrong_upstream
def a_mean_of_integers_is_a_float() -> Example:
    """Mean gives float32 whatever it is given."""
    return one_op("Mean", ints(3, 4), np.int32([1]), constant=[1], keep_dims=False)


@wrong_upstream
def a_cast_to_bytes_neither_wraps_nor_stops() -> Example:
    """Cast to uint8: 300 stays 300, TensorFlow says 44."""
    return one_op("Cast", np.array([300, 7, 255, 256], np.int32), DstT="uint8", Truncate=False)


@wrong_upstream
def an_einsum_with_an_ellipsis_throws() -> Example:
    """The runtime's own Einsum knows letters only."""
    return one_op("Einsum", floats(2, 3, 4), floats(4, 5), constant=[1], equation="...i,ij->...j", N=2)


@wrong_upstream
def the_labels_of_an_einsum_lose_their_case() -> Example:
    """Text attributes are lower-cased: B and b become one label."""
    return one_op("Einsum", floats(2, 3), floats(3, 4), constant=[1], equation="bB,Bd->bd", N=2)


@wrong_upstream
def integers_are_multiplied_on_wasm() -> Example:
    """MatMul of int32 throws there."""
    return one_op("MatMul", ints(2, 3), ints(3, 4), constant=[1])


@cache
def prepared(case: Callable[[], Example]) -> Ready:
    return ready(case.__name__, case())


@pytest.fixture(scope="module")
def pages() -> Iterator[Pages]:
    opened = Pages()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def wrong(pages: Pages, request: pytest.FixtureRequest) -> Callable[[Callable[[], Example], Backend], list[str]]:
    """What is wrong with a case on a backend; those of one backend that this session asks for share a page."""
    asked = {item.callspec.params.get("case") for item in request.session.items if hasattr(item, "callspec")}
    chosen = [case for case in CASES if case in asked]
    found: dict[Backend, dict[int, list[str]]] = {}

    def of(case: Callable[[], Example], backend: Backend) -> list[str]:
        if backend not in found:
            found[backend] = mistakes(pages, backend, [prepared(each) for each in chosen])
        return found[backend].get(id(prepared(case)), [])

    return of


def name_of(case: Callable[[], Example]) -> str:
    return case.__name__


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_ours_is_right_in_tensorflow(case: Callable[[], Example]) -> None:
    example = case()
    assert refused(example) == ""
    after = rewritten(example).graph
    for got, want in zip(outputs_of(after, **example.inputs), example.reference(), strict=True):
        assert difference(got, want, example.tolerance, example.scale) is None


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_ours_is_right_in_the_browser(
    wrong: Callable[[Callable[[], Example], Backend], list[str]], case: Callable[[], Example], backend: Backend
) -> None:
    assert wrong(case, backend) == []


def test_outputs_of_one_shape_are_swapped(tmp_path: Path, browser_session: BrowserSession) -> None:
    """Upstream finds an output's name by its dtype and shape: of equal ones the order is anything (issues 8204, 5808)."""
    tf = tensorflow()
    module = tf.Module()
    module.w = tf.Variable(weights(3, 3), dtype=tf.float32)

    @tf.function(input_signature=[tf.TensorSpec((2, 3), name="b"), tf.TensorSpec((2, 3), name="a")])
    def serve(b: Any, a: Any) -> Any:
        return {"zeta": a @ module.w, "alpha": a - b, "mid": tf.nn.relu(b), "again": a - b}

    tf.saved_model.save(module, str(tmp_path / "m"), signatures=serve)
    model = convert(tmp_path / "m", backends=["wasm"])
    write_variant(model, tmp_path / "artifact")
    given = {"a": floats(2, 3), "b": floats(2, 3, seed=1)}
    (prediction,) = browser_session.predict(tmp_path / "artifact", "wasm", [given], deadline_seconds=60)
    wanted = {
        "zeta": given["a"] @ module.w.numpy(),
        "alpha": given["a"] - given["b"],
        "mid": np.maximum(given["b"], 0),
        "again": given["a"] - given["b"],
    }
    assert set(prediction.outputs) == set(wanted)
    for name, value in wanted.items():
        np.testing.assert_allclose(prediction.outputs[name], value, rtol=1e-5, atol=1e-6, err_msg=name)

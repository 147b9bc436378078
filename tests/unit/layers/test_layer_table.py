"""What becomes of each layer, and the near miss that doesn't."""

from __future__ import annotations

from typing import Any

import pytest
from keras_configs import called, functional, layer, mapped, one, operation, sequential, source, tensor

from tfjsci.layers.table import TABLE


def test_a_dense_layer_is_itself_without_what_only_keras_knows() -> None:
    made = one("Dense", (7,), units=3, activation="relu", use_bias=True, quantization_config=None, kernel_initializer={
        "module": "keras.initializers", "class_name": "LecunNormal", "config": {"seed": 3}, "registered_name": None,
    })  # fmt: skip
    assert made.json["config"]["layers"][1] == {
        "class_name": "Dense",
        "config": {
            "name": "it",
            "units": 3,
            "kernel_initializer": {"class_name": "LeCunNormal", "config": {}},
            "bias_initializer": {"class_name": "Zeros", "config": {}},
            "use_bias": True,
            "activation": "relu",
        },
    }
    assert list(made.weights) == ["it/kernel", "it/bias"]


def test_a_quantized_dense_layer_is_refused() -> None:
    made = one(
        "Dense", (7,), units=3, dtype={"class_name": "QuantizedDTypePolicy", "config": {"name": "int8_from_float32"}}
    )
    assert made.refused == ["it (Dense): its weights are quantized (dtype policy int8_from_float32)"]


def test_mixed_precision_is_computed_in_float32() -> None:
    assert one(
        "Dense", (7,), units=3, dtype={"class_name": "DTypePolicy", "config": {"name": "mixed_float16"}}
    ).chain == ["Dense"]


def test_hard_sigmoid_is_the_runtimes_own_in_keras_2_and_made_of_layers_in_keras_3() -> None:
    old, new = (one("Dense", (7,), dialect=dialect, units=3, activation="hard_sigmoid") for dialect in (2, 3))
    assert (old.chain, old.config("Dense")["activation"]) == (["Dense"], "hard_sigmoid")
    assert (new.chain, new.config("Dense")["activation"]) == (["Dense", "Rescaling", "ReLU"], "linear")


@pytest.mark.parametrize("name", ["exponential", "sparsemax", "glu", "hard_shrink", "squareplus"])
def test_a_function_that_nothing_computes_is_refused(name: str) -> None:
    assert one("Activation", (7,), activation=name).refused == [
        f"it (Activation): TensorFlow.js has no activation {name}"
    ]


def test_silu_is_spelled_swish() -> None:
    assert one("Activation", (7,), activation="silu").config("Activation")["activation"] == "swish"


@pytest.mark.parametrize(
    ("config", "chain"),
    [
        ({}, ["ReLU"]),
        ({"max_value": 6.0, "negative_slope": 0.0, "threshold": 0.0}, ["ReLU"]),
        ({"negative_slope": 0.2}, ["LeakyReLU"]),
    ],
)
def test_relu(config: dict[str, Any], chain: list[str]) -> None:
    assert one("ReLU", (7,), **config).chain == chain


@pytest.mark.parametrize("config", [{"threshold": 1.0}, {"negative_slope": 0.2, "max_value": 6.0}])
def test_a_relu_that_the_runtime_would_compute_otherwise_is_refused(config: dict[str, Any]) -> None:
    assert len(one("ReLU", (7,), **config).refused) == 1


def test_the_slope_of_a_leaky_relu_is_alpha_whatever_keras_calls_it() -> None:
    assert one("LeakyReLU", (7,), negative_slope=0.1).config("LeakyReLU")["alpha"] == 0.1
    assert one("LeakyReLU", (7,), dialect=2, alpha=0.2).config("LeakyReLU")["alpha"] == 0.2
    numpy_number = {"class_name": "__numpy__", "config": {"value": 0.25, "dtype": "float32"}}
    assert one("LeakyReLU", (7,), negative_slope=numpy_number).config("LeakyReLU")["alpha"] == 0.25


def test_an_elu_of_another_alpha_is_made_of_layers() -> None:
    assert one("ELU", (7,), alpha=1.0).chain == ["ELU"]
    assert "ELU" not in one("ELU", (7,), alpha=0.5).chain


def test_a_causal_convolution_is_padded_in_front_alone() -> None:
    made = one("Conv1D", (9, 4), filters=2, kernel_size=[3], dilation_rate=[2], padding="causal")
    assert made.chain == ["Reshape", "ZeroPadding2D", "Reshape", "Conv1D"]
    assert made.config("ZeroPadding2D")["padding"] == [[4, 0], [0, 0]]
    assert made.config("Conv1D")["padding"] == "valid"


def test_a_causal_convolution_of_unknown_length_is_refused() -> None:
    (refused,) = one("Conv1D", (None, 4), filters=2, kernel_size=[3], padding="causal").refused
    assert "known" in refused


def test_groups_of_one_channel_are_a_depthwise_convolution_and_others_are_refused() -> None:
    depthwise = one("Conv2D", (5, 5, 4), filters=8, kernel_size=[3, 3], groups=4, shapes={"kernel": (3, 3, 1, 8)})
    assert depthwise.chain == ["DepthwiseConv2D"]
    assert depthwise.weights["it/depthwise_kernel"] == (3, 3, 4, 2)
    pairs = one("Conv2D", (5, 5, 4), filters=8, kernel_size=[3, 3], groups=2, shapes={"kernel": (3, 3, 2, 8)})
    assert pairs.refused == ["it (Conv2D): it has 2 groups, TensorFlow.js' convolutions have one"]


@pytest.mark.parametrize(
    "class_name", ["Conv2D", "MaxPooling2D", "GlobalAveragePooling2D", "UpSampling2D", "DepthwiseConv2D"]
)
def test_channels_first_is_refused(class_name: str) -> None:
    config = {"filters": 2, "kernel_size": [3, 3], "data_format": "channels_first"}
    assert one(class_name, (4, 5, 5), **config).refused == [f"it ({class_name}): its data_format is channels_first"]


def test_a_dilated_depthwise_convolution_is_refused_and_a_dilated_plain_one_is_not() -> None:
    dilated = {"kernel_size": [3, 3], "dilation_rate": [2, 2]}
    assert len(one("DepthwiseConv2D", (9, 9, 3), **dilated).refused) == 1
    assert one("Conv2D", (9, 9, 3), filters=2, **dilated).chain == ["Conv2D"]


def test_the_kernel_of_a_depthwise_convolution_is_renamed() -> None:
    assert list(one("DepthwiseConv2D", (9, 9, 3), kernel_size=[3, 3]).weights) == ["it/depthwise_kernel", "it/bias"]


def test_output_padding_is_refused() -> None:
    config = {"filters": 2, "kernel_size": [3, 3], "strides": [2, 2]}
    assert one("Conv2DTranspose", (5, 5, 3), output_padding=None, **config).chain == ["Conv2DTranspose"]
    assert len(one("Conv2DTranspose", (5, 5, 3), output_padding=[1, 1], **config).refused) == 1


def test_bilinear_upsampling_is_refused_and_nearest_is_not() -> None:
    assert one("UpSampling2D", (4, 5, 3), size=[2, 3], interpolation="nearest").chain == ["UpSampling2D"]
    assert len(one("UpSampling2D", (4, 5, 3), size=[2, 3], interpolation="bilinear").refused) == 1


def test_keepdims_is_a_reshape() -> None:
    assert one("GlobalAveragePooling2D", (4, 5, 3), keepdims=False).chain == ["GlobalAveragePooling2D"]
    kept = one("GlobalAveragePooling2D", (4, 5, 3), keepdims=True)
    assert kept.chain == ["GlobalAveragePooling2D", "Reshape"]
    assert kept.config("Reshape")["target_shape"] == [1, 1, 3]


def test_minus_one_is_resolved() -> None:
    assert one("Reshape", (4, 6), target_shape=[-1, 8]).config("Reshape")["target_shape"] == [3, 8]


def test_an_unknown_size_stays_minus_one_and_a_dense_layer_behind_it_is_refused() -> None:
    reshape, dense = layer("Reshape", "turn", target_shape=[2, -1]), layer("Dense", "last", units=2)
    assert mapped(sequential((None, 6), reshape)).config("Reshape")["target_shape"] == [2, -1]
    assert len(mapped(sequential((None, 6), reshape, dense)).refused) == 1


def test_flatten_of_a_vector_does_nothing() -> None:
    assert one("Flatten", (7,)).chain == ["Activation"]
    assert one("Flatten", (7, 2)).chain == ["Flatten"]


def test_flatten_of_single_numbers_makes_a_column_of_them() -> None:
    made = mapped(sequential((1,), layer("Reshape", "number", target_shape=[]), layer("Flatten", "flat")))
    assert made.chain == ["Reshape", "Reshape"]
    assert [each["config"]["target_shape"] for each in made.json["config"]["layers"][1:]] == [[], [1]]


def test_softmax_over_another_axis_is_turned_last_and_back() -> None:
    assert one("Softmax", (4, 5, 3), axis=-1).chain == ["Activation"]
    assert one("Softmax", (4, 5, 3), axis=3).chain == ["Activation"]
    assert one("Softmax", (4, 5, 3), axis=1).chain == ["Permute", "Activation", "Permute"]


def test_batch_normalization_over_another_axis_is_turned_last_and_back() -> None:
    assert one("BatchNormalization", (4, 5, 3), axis=[3]).chain == ["BatchNormalization"]
    turned = one("BatchNormalization", (4, 5, 3), axis=1)
    assert turned.chain == ["Permute", "BatchNormalization", "Permute"]
    assert turned.config("BatchNormalization")["axis"] == -1


def test_batch_normalization_of_volumes_is_reshaped() -> None:
    made = one("BatchNormalization", (4, 5, 6, 3), axis=-1)
    assert made.chain == ["Reshape", "BatchNormalization", "Reshape"]


def test_batch_normalization_without_scale_has_no_gamma() -> None:
    assert list(one("BatchNormalization", (3,), scale=False).weights) == [
        "it/beta",
        "it/moving_mean",
        "it/moving_variance",
    ]


def test_normalization_over_the_last_axis_is_a_batch_normalization_and_over_others_refused() -> None:
    made = one("Normalization", (3,), axis=[-1], mean=[1.0, 2.0, 3.0], variance=[1.0, 0.0, 4.0])
    assert (made.chain, made.config("BatchNormalization")["epsilon"]) == (["BatchNormalization"], 0.0)
    assert (
        one("Normalization", (4, 5, 3), axis=[3], mean=[[[[1.0, 2.0, 3.0]]]], variance=[[[[1.0, 1.0, 1.0]]]]).refused
        == []
    )
    assert len(one("Normalization", (4, 5, 3), axis=[2], mean=[1.0], variance=[2.0]).refused) == 1
    assert len(one("Normalization", (3,), axis=None, mean=1.0, variance=2.0).refused) == 1


def test_a_gru_that_resets_after_is_refused_whether_it_is_said_or_not() -> None:
    assert one("GRU", (5, 3), units=2, reset_after=False).chain == ["GRU"]
    for config in ({"reset_after": True}, {}):
        (refused,) = one("GRU", (5, 3), units=2, **config).refused
        assert "reset_after" in refused
    assert one("GRU", (5, 3), dialect=2, units=2).chain == ["GRU"]


def test_a_stateful_layer_is_refused() -> None:
    assert len(one("LSTM", (5, 3), units=2, stateful=True).refused) == 1


def test_a_function_inside_of_a_recurrent_layer_cannot_be_made_of_layers() -> None:
    (refused,) = one("LSTM", (5, 3), units=2, activation="leaky_relu").refused
    assert refused == "it (LSTM): TensorFlow.js has no activation leaky_relu inside of a recurrent layer"


def _both(**backward: Any) -> dict[str, Any]:
    config = {"units": 2, "activation": "tanh", "recurrent_activation": "sigmoid", "go_backwards": False}
    there = layer("LSTM", "forward_lstm_1", **config)
    back = layer("LSTM", "backward_lstm_1", **{**config, "go_backwards": True, **backward})
    return layer("Bidirectional", "both", layer=there, backward_layer=back, merge_mode="concat")


def test_bidirectional_names_its_directions_after_the_inner_layer() -> None:
    made = mapped(sequential((5, 3), _both()))
    assert list(made.weights)[::3] == ["both/forward_lstm_1/kernel", "both/backward_lstm_1/kernel"]
    assert made.config("Bidirectional")["layer"]["config"]["name"] == "lstm_1"
    assert "backward_layer" not in made.config("Bidirectional")


@pytest.mark.parametrize("backward", [{"units": 3}, {"activation": "relu"}, {"go_backwards": False}])
def test_a_backward_layer_of_another_kind_is_refused(backward: dict[str, Any]) -> None:
    assert len(mapped(sequential((5, 3), _both(**backward))).refused) == 1


def test_time_distributed_wraps_a_layer_or_a_model() -> None:
    plain = one("TimeDistributed", (5, 3), layer=layer("Dense", "d", units=2))
    assert plain.config("TimeDistributed")["layer"]["class_name"] == "Dense"
    assert list(plain.weights) == ["it/kernel", "it/bias"]
    several = one("TimeDistributed", (5, 3), layer=layer("Dense", "d", units=2, activation="leaky_relu"))
    assert several.config("TimeDistributed")["layer"]["class_name"] == "Functional"
    assert list(several.weights) == ["d/kernel", "d/bias"]


def _two(item: dict[str, Any], first: Any, second: Any) -> Any:
    args = item.pop("args", [[tensor("a"), tensor("b")]])
    layers = [source(first, "a"), source(second, "b"), called(item, args)]
    return mapped(functional(layers, [["a", 0, 0], ["b", 0, 0]], [item["name"], 0, 0]))


def test_concatenate_counts_its_axis_from_the_front() -> None:
    made = _two(layer("Concatenate", "c", axis=-2), (4, 3), (2, 3))
    assert made.config("Concatenate")["axis"] == 1


def test_subtract_is_an_addition() -> None:
    assert _two(layer("Subtract", "s"), (4,), (4,)).chain == ["Rescaling", "Add"]


def test_dot_over_the_batch_or_of_other_ranks_is_refused() -> None:
    assert _two(layer("Dot", "d", axes=1, normalize=False), (4,), (4,)).config("Dot")["axes"] == [1, 1]
    assert len(_two(layer("Dot", "d", axes=1, normalize=True), (4,), (4,)).refused) == 1
    assert len(_two(layer("Dot", "d", axes=[2, 1], normalize=False), (3, 4), (4,)).refused) == 1


def test_an_operation_with_a_number_is_a_rescaling_and_with_a_tensor_a_merge() -> None:
    x, y = tensor("a"), tensor("b")
    assert _two({**operation("Add"), "args": [x, y]}, (4,), (4,)).chain == ["Add"]
    rescaled = _two({**operation("Subtract"), "args": [3.0, x]}, (4,), (4,))
    assert {key: rescaled.config("Rescaling")[key] for key in ("scale", "offset")} == {"scale": -1.0, "offset": 3.0}


def test_an_operation_between_ranks_or_unknown_is_refused() -> None:
    x, y = tensor("a"), tensor("b")
    assert len(_two({**operation("Add"), "args": [x, y]}, (4,), (5, 4)).refused) == 1
    assert len(_two({**operation("GetItem"), "args": [x, 0]}, (4,), (4,)).refused) == 1
    assert len(_two({**operation("Divide"), "args": [1.0, x]}, (4,), (4,)).refused) == 1


def test_all_refusals_are_told_not_the_first() -> None:
    made = mapped(
        sequential((8, 8, 3), layer("MyLayer", "mine"), layer("Conv2D", "c", filters=1, kernel_size=[1, 1], groups=3))
    )
    assert [line.partition(" ")[0] for line in made.refused] == ["mine", "c"]


def test_a_config_that_keras_would_not_write_is_a_refusal_and_no_crash() -> None:
    (refused,) = one("Conv2D", (8, 8, 3), filters="many").refused
    assert refused.startswith("it (Conv2D): its config can't be read")


def test_the_default_of_a_layer_in_training_alone_is_overridden_when_keras_predicts() -> None:
    layers = [source((4, 4, 3)), called(layer("RandomBrightness", "b"), ([tensor("x")], {"training": True}))]
    assert mapped(functional(layers, ["x", 0, 0], ["b", 0, 0])).chain == ["Activation"]


def test_layers_in_training_alone_do_nothing_and_say_so() -> None:
    made = one("RandomFlip", (4, 4, 3))
    assert made.chain == ["Activation"]
    assert "does nothing at inference" in made.notes[0]


@pytest.mark.parametrize("class_name", ["MultiHeadAttention", "Lambda", "Resizing", "RandomCrop", "GroupNormalization"])
def test_what_is_not_in_the_table_is_refused(class_name: str) -> None:
    assert class_name not in TABLE
    assert one(class_name, (4, 4, 3)).refused == [f"it ({class_name}): TensorFlow.js has no such layer"]


def test_a_call_in_training_mode_is_refused() -> None:
    layers = [source((4,)), called(layer("Dropout", "d", rate=0.5), ([tensor("x")], {"training": True}))]
    made = mapped(functional(layers, ["x", 0, 0], ["d", 0, 0]))
    assert made.refused == ["d (Dropout): it is called with training=True"]
    layers = [source((4,)), called(layer("Dropout", "d", rate=0.5), ([tensor("x")], {"training": False}))]
    assert mapped(functional(layers, ["x", 0, 0], ["d", 0, 0])).chain == ["Dropout"]


def test_same_padding_that_skips_values_is_valid() -> None:
    def padding(size: int, kernel: list[int], strides: list[int]) -> tuple[list[str], str]:
        made = one("Conv2D", (size, size, 3), filters=2, kernel_size=kernel, strides=strides, padding="same")
        return made.chain, made.config("Conv2D")["padding"]

    assert padding(8, [3, 3], [2, 2]) == (["Conv2D"], "same")
    assert padding(8, [1, 1], [2, 2]) == (["Conv2D"], "valid")
    assert padding(8, [2, 2], [3, 3]) == (["Conv2D"], "same")
    assert padding(9, [2, 2], [3, 3]) == (["Conv2D"], "valid")
    assert padding(8, [1, 3], [2, 1]) == (["ZeroPadding2D", "Conv2D"], "valid")


def test_same_padding_that_may_skip_values_of_an_unknown_shape_is_refused() -> None:
    config = {"filters": 2, "padding": "same"}
    assert one("Conv2D", (None, None, 3), kernel_size=[3, 3], strides=[2, 2], **config).chain == ["Conv2D"]
    assert len(one("Conv2D", (None, None, 3), kernel_size=[2, 2], strides=[3, 3], **config).refused) == 1


@pytest.mark.parametrize("class_name", ["AveragePooling3D", "MaxPooling3D", "Conv3D"])
def test_same_padding_that_skips_values_of_a_volume_is_refused(class_name: str) -> None:
    def refused(size: list[int], strides: list[int]) -> int:
        window = {"pool_size": size} if "Pooling" in class_name else {"kernel_size": size, "filters": 2}
        return len(one(class_name, (4, 6, 5, 3), strides=strides, padding="same", **window).refused)

    assert refused([2, 3, 3], [1, 2, 3]) == 0
    assert refused([1, 1, 1], [2, 3, 3]) == 1


def test_what_one_backend_computes_wrongly_is_refused_for_it_alone() -> None:
    volume = sequential((3, 4, 5, 2), layer("Conv3DTranspose", "up", filters=2, kernel_size=[2, 2, 2]))
    shared = sequential((4, 5, 2), layer("PReLU", "p", shared_axes=[2]))
    backwards = sequential((3, 4, 5, 2), layer("ConvLSTM2D", "b", filters=2, kernel_size=[2, 2], go_backwards=True))
    for config in (volume, shared):
        assert len(mapped(config).refused) == 1
        assert mapped(config, backends=["webgl", "cpu"]).refused == []
    assert len(mapped(backwards).refused) == 1
    assert mapped(backwards, backends=["wasm", "cpu"]).refused == []
    assert one("PReLU", (4, 5, 2), shared_axes=[1, 2]).chain == ["PReLU"]


def test_the_maximum_of_volumes_is_one_of_images() -> None:
    made = one("MaxPooling3D", (4, 6, 5, 3), pool_size=[2, 3, 2], strides=None)
    assert made.chain == ["Reshape", "MaxPooling2D", "Reshape", "MaxPooling2D", "Reshape"]
    assert made.json["config"]["layers"][-1]["config"]["target_shape"] == [2, 2, 2, 3]


def _in_keras_2(function: str, *node: Any) -> Any:
    op = {
        "class_name": "TFOpLambda",
        "config": {"name": "op", "trainable": True, "dtype": "float32", "function": function},
    }
    layers = [source((4,), "a"), source((4,), "b"), {**op, "name": "op", "inbound_nodes": [list(node)]}]
    return mapped(functional(layers, [["a", 0, 0], ["b", 0, 0]], [["op", 0, 0]]), dialect=2)


def test_operations_of_keras_2_with_tensors_and_numbers_on_either_side() -> None:
    assert _in_keras_2("math.add", "a", 0, 0, {"y": ["b", 0, 0], "name": None}).chain == ["Add"]
    x_minus_3 = _in_keras_2("math.subtract", "a", 0, 0, {"y": 3.0, "name": None})
    three_minus_x = _in_keras_2("math.subtract", "_CONSTANT_VALUE", -1, 3.0, {"y": ["a", 0, 0], "name": None})
    scales = [
        (made.config("Rescaling")["scale"], made.config("Rescaling")["offset"]) for made in (x_minus_3, three_minus_x)
    ]
    assert scales == [(1.0, -3.0), (-1.0, 3.0)]


def test_another_function_of_keras_2_is_refused_by_its_name() -> None:
    (refused,) = _in_keras_2("io.read_file", "a", 0, 0, {"name": None}).refused
    assert refused == "op (tf.io.read_file): TensorFlow.js' layers have no such operation"

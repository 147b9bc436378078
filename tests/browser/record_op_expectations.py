"""Runs every case of op_cases in TensorFlow and writes what came out to op_expectations.json.

    python tests/browser/record_op_expectations.py

Of the cases that were made mechanically, those that TensorFlow refuses are left out, and count for nothing.

Most cases run as the op itself. Ops that TensorFlow's own eager runtime doesn't have (fused ones, the converter's
own Prelu) or has only for GPUs (NCHW) are composed of ops that it does have, below. A case's digest is kept beside its
expectation, so a case changed without recording again is noticed by a test. The file names the TensorFlow it was made with.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"  # plain float32 arithmetic, the same on every x86 machine
import tensorflow as tf
from tensorflow.python.framework import op_def_library, op_def_registry

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[2]))

from op_cases import CANDIDATES, WRITTEN, OpCase

from tfjsci.graph.graph import AttrValue, DType, ShapeAttr

OUT = Path(__file__).with_name("op_expectations.json")

_ACTIVATIONS: dict[str, Callable[[Any], Any]] = {
    "Relu": tf.nn.relu,
    "Relu6": tf.nn.relu6,
    "Elu": tf.nn.elu,
    "Sigmoid": tf.nn.sigmoid,
    "Tanh": tf.nn.tanh,
    "_FusedHardSwish": lambda x: x * tf.nn.relu6(x + 3.0) / 6.0,
}


def _to_nhwc(x: Any) -> Any:
    return tf.transpose(x, [0, *range(2, x.shape.rank), 1])


def _to_nchw(x: Any) -> Any:
    return tf.transpose(x, [0, x.shape.rank - 1, *range(1, x.shape.rank - 1)])


def _channels_first(attrs: dict[str, Any]) -> bool:
    return str(attrs.get("data_format", "")).startswith("NC")


def _nhwc_attrs(attrs: dict[str, Any]) -> dict[str, Any]:
    """The attributes of the channels-last op that computes the same."""
    moved = {k: [v[0], *v[2:], v[1]] for k, v in attrs.items() if k in ("strides", "ksize", "dilations") and len(v) > 2}
    if pads := attrs.get("explicit_paddings"):
        moved["explicit_paddings"] = [*pads[:2], *pads[4:], *pads[2:4]]
    return {**attrs, **moved, "data_format": {"NCHW": "NHWC", "NCDHW": "NDHWC"}[attrs["data_format"]]}


def _convolve(x: Any, kernel: Any, attrs: dict[str, Any], *, depthwise: bool = False) -> Any:
    keep = ("strides", "dilations", "padding", "explicit_paddings", "data_format")
    chosen = {k: v for k, v in attrs.items() if k in keep}
    if _channels_first(attrs):
        return _to_nchw(_convolve(_to_nhwc(x), kernel, _nhwc_attrs(attrs), depthwise=depthwise))
    if depthwise:
        if chosen["dilations"][1] > 1:  # not on TensorFlow's CPU: one channel at a time
            parts = [_convolve(x[..., c : c + 1], kernel[:, :, c : c + 1, :], attrs) for c in range(kernel.shape[2])]
            return tf.concat(parts, -1)
        return tf.raw_ops.DepthwiseConv2dNative(input=x, filter=kernel, **chosen)
    return tf.raw_ops.Conv2D(input=x, filter=kernel, **chosen)


def _finish(y: Any, arguments: list[Any], attrs: dict[str, Any]) -> Any:
    ops = list(attrs["fused_ops"])
    if ops == ["FusedBatchNorm"]:
        scale, offset, mean, variance = arguments
        return (y - mean) * tf.math.rsqrt(variance + attrs["epsilon"]) * scale + offset
    if ops[:1] == ["BiasAdd"]:
        bias = arguments.pop(0)
        y = y + (tf.reshape(bias, [1, -1, 1, 1]) if _channels_first(attrs) else bias)
        ops.pop(0)
    for op in ops:
        if op == "NoOp":
            continue
        if op == "Prelu":
            y = _prelu(y, arguments.pop(0))
        elif op == "LeakyRelu":
            y = tf.nn.leaky_relu(y, attrs.get("leakyrelu_alpha", 0.2))
        else:
            y = _ACTIVATIONS[op](y)
    return y


def _prelu(x: Any, alpha: Any) -> Any:
    return tf.nn.relu(x) - alpha * tf.nn.relu(-x)


def _fused_conv(inputs: list[Any], attrs: dict[str, Any], *, depthwise: bool = False) -> Any:
    return _finish(_convolve(inputs[0], inputs[1], attrs, depthwise=depthwise), inputs[2:], attrs)


def _fused_matmul(inputs: list[Any], attrs: dict[str, Any]) -> Any:
    return _finish(tf.matmul(inputs[0], inputs[1], attrs["transpose_a"], attrs["transpose_b"]), inputs[2:], attrs)


def _transposed_conv(inputs: list[Any], attrs: dict[str, Any]) -> Any:
    """Through a gradient: TensorFlow's CPU kernel has no dilations and no NCHW."""
    sizes, kernel, gradient = inputs
    if _channels_first(attrs):
        n, c, h, w = sizes.numpy()
        return _to_nchw(_transposed_conv([tf.constant([n, h, w, c]), kernel, _to_nhwc(gradient)], _nhwc_attrs(attrs)))
    x = tf.zeros(sizes)
    with tf.GradientTape() as tape:
        tape.watch(x)
        if attrs["dilations"][1] > 1:
            d = attrs["dilations"][1]
            size = (kernel.shape[0] - 1) * d + 1
            spread = np.zeros((size, size, *kernel.shape[2:]), np.float32)
            spread[::d, ::d] = kernel
            y = _convolve(x, tf.constant(spread), {**attrs, "dilations": [1, 1, 1, 1]})
        else:
            y = _convolve(x, kernel, attrs)
        total = tf.reduce_sum(y * gradient)
    return tape.gradient(total, x)


def _pool(op: str) -> Callable[[list[Any], dict[str, Any]], Any]:
    def run(inputs: list[Any], attrs: dict[str, Any]) -> Any:
        if _channels_first(attrs):
            return _to_nchw(_raw(op, [_to_nhwc(inputs[0])], _nhwc_attrs(attrs)))
        return _raw(op, inputs, attrs)

    return run


def _batch_norm(op: str) -> Callable[[list[Any], dict[str, Any]], Any]:
    def run(inputs: list[Any], attrs: dict[str, Any]) -> Any:
        if _channels_first(attrs):
            return _to_nchw(_batch_norm(op)([_to_nhwc(inputs[0]), *inputs[1:]], {**attrs, "data_format": "NHWC"}))
        return _raw(op, inputs, attrs)[0]

    return run


def _depth_to_space(inputs: list[Any], attrs: dict[str, Any]) -> Any:
    if _channels_first(attrs):
        return _to_nchw(_raw("DepthToSpace", [_to_nhwc(inputs[0])], {**attrs, "data_format": "NHWC"}))
    return _raw("DepthToSpace", inputs, attrs)


def _conv3d(inputs: list[Any], attrs: dict[str, Any]) -> Any:
    if _channels_first(attrs):
        return _to_nchw(_conv3d([_to_nhwc(inputs[0]), inputs[1]], _nhwc_attrs(attrs)))
    groups = inputs[0].shape[-1] // inputs[1].shape[-2]
    if groups > 1:  # not on TensorFlow's CPU: one group at a time
        pairs = zip(tf.split(inputs[0], groups, -1), tf.split(inputs[1], groups, -1), strict=True)
        return tf.concat([_conv3d([x, w], attrs) for x, w in pairs], -1)
    if (d := attrs["dilations"][1]) > 1:  # not on TensorFlow's CPU: the kernel with zeros between
        spread = np.zeros([(n - 1) * d + 1 for n in inputs[1].shape[:3]] + list(inputs[1].shape[3:]), np.float32)
        spread[::d, ::d, ::d] = inputs[1]
        inputs, attrs = [inputs[0], tf.constant(spread)], {**attrs, "dilations": [1] * 5}
    return _raw("Conv3D", inputs, attrs)


def _mod(inputs: list[Any], _attrs: dict[str, Any]) -> Any:
    return tf.constant(np.fmod(inputs[0].numpy(), inputs[1].numpy()))  # C's %, which is what the op Mod means


COMPOSED: dict[str, Callable[[list[Any], dict[str, Any]], Any]] = {
    "Mod": _mod,
    "Prelu": lambda i, a: _prelu(i[0], i[1]),
    "Conv1D": lambda i, a: tf.nn.conv1d(i[0], i[1], a["stride"], a["padding"], dilations=a["dilation"]),
    "Conv2D": lambda i, a: _convolve(i[0], i[1], a),
    "_FusedConv2D": _fused_conv,
    "DepthwiseConv2d": lambda i, a: _convolve(i[0], i[1], a, depthwise=True),
    "DepthwiseConv2dNative": lambda i, a: _convolve(i[0], i[1], a, depthwise=True),
    "FusedDepthwiseConv2dNative": lambda i, a: _fused_conv(i, a, depthwise=True),
    "_FusedMatMul": _fused_matmul,
    "Conv2DBackpropInput": _transposed_conv,
    "Conv3D": _conv3d,
    **{op: _pool(op) for op in ("AvgPool", "MaxPool", "AvgPool3D", "MaxPool3D")},
    **{op: _batch_norm(op) for op in ("FusedBatchNorm", "FusedBatchNormV2", "FusedBatchNormV3")},
    "DepthToSpace": _depth_to_space,
    "LowerBound": lambda i, a: tf.searchsorted(i[0], i[1], side="left"),
    "UpperBound": lambda i, a: tf.searchsorted(i[0], i[1], side="right"),
    "Ones": lambda i, a: tf.ones(i[0]),
    "Zeros": lambda i, a: tf.zeros(i[0]),
    "Print": lambda i, a: i[0],
    "PlaceholderWithDefault": lambda i, a: i[0],
    "FakeQuantWithMinMaxVars": lambda i, a: tf.quantization.fake_quant_with_min_max_vars(
        *i, num_bits=a["num_bits"], narrow_range=a["narrow_range"]
    ),
    "SparseToDense": lambda i, a: tf.raw_ops.SparseToDense(
        sparse_indices=i[0], output_shape=i[1], sparse_values=i[2], default_value=i[3]
    ),
}


def _raw(op: str, inputs: list[Any], attrs: dict[str, Any]) -> Any:
    """The op by its OpDef: inputs bound by position, lists by their number attribute."""
    definition = op_def_registry.get(op)
    rest, bound = list(inputs), {}
    for arg in definition.input_arg:
        if arg.number_attr or arg.type_list_attr:
            count = len(rest) - (len(definition.input_arg) - len(bound) - 1)
            bound[arg.name], rest = rest[:count], rest[count:]
        else:
            bound[arg.name] = rest.pop(0)
    assert not rest, f"{op} takes {len(bound)} inputs"
    inferred = {key for arg in definition.input_arg for key in (arg.type_attr, arg.number_attr, arg.type_list_attr)}
    chosen = {}
    for attr in definition.attr:
        if attr.name in attrs and attr.name not in inferred:
            chosen[attr.name] = attrs[attr.name]
        elif attr.HasField("default_value") and attr.name not in inferred:
            chosen[attr.name] = _default(attr.default_value)
    # tf.raw_ops renames arguments of older ops; the library below takes the names of the OpDef.
    return tf.function(lambda: op_def_library.apply_op(op, **bound, **chosen))()


def _default(value: Any) -> Any:
    kind = value.WhichOneof("value")
    if kind == "list":
        return [item for _, items in value.list.ListFields() for item in items]
    made = getattr(value, kind)
    return tf.as_dtype(made) if kind == "type" else tf.TensorShape(made) if kind == "shape" else made


def _plain(value: AttrValue) -> Any:
    match value:
        case bytes():
            return value.decode()
        case DType():
            return tf.as_dtype(value.name)
        case ShapeAttr():
            return value.shape
        case tuple():
            return [_plain(item) for item in value]
    return value


def _input(case: OpCase, index: int) -> Any:
    value = case.inputs[index]
    known = case.graph.type_of(case.node.inputs[index])
    assert known is not None
    return tf.constant(value, dtype=tf.as_dtype(known.dtype), shape=value.shape)


def _plain_numbers(array: Any) -> list[Any]:
    """A float32 with the digits that it has, not with those of the double that is nearest: half the file."""
    flat = array.ravel()
    return [float(str(value)) for value in flat] if array.dtype == np.float32 else flat.tolist()


def _listed(tensor: Any) -> dict[str, Any]:
    array = tensor.numpy()
    if tensor.dtype == tf.string:
        values: list[Any] = [word.decode() for word in np.ravel(np.asarray(array, dtype=object)).tolist()]
    elif tensor.dtype.is_complex:
        values = _plain_numbers(np.stack([array.real, array.imag], -1))
    else:
        values = _plain_numbers(array if tensor.dtype != tf.bfloat16 else array.astype(np.float32))
    return {"dtype": tensor.dtype.name, "shape": list(tensor.shape), "values": values}


def expectation(case: OpCase) -> dict[str, Any]:
    """What the case says itself, or what TensorFlow makes of it."""
    if case.expected is not None:
        return {"digest": case.digest(), "outputs": [_listed(tf.convert_to_tensor(value)) for value in case.expected]}
    inputs = [_input(case, i) for i in range(len(case.inputs))]
    attrs = {key: _plain(value) for key, value in case.node.attrs.items()}
    run = COMPOSED.get(case.op)
    made = run(inputs, attrs) if run else _raw(case.op, inputs, attrs)
    outputs = list(made) if isinstance(made, (list, tuple)) else [made]
    listed = [_listed(tf.convert_to_tensor(t)) for t in outputs[: len(case.graph.outputs)]]
    if case.random:
        listed = [{**o, "values": None} for o in listed]
    return {"digest": case.digest(), "outputs": listed}


def main() -> None:
    tf.config.experimental.enable_op_determinism()
    made, failed = {}, []
    candidates = {case.name for case in CANDIDATES}
    for case in (*WRITTEN, *CANDIDATES):
        try:
            made[case.name] = expectation(case)
        except Exception as error:  # noqa: BLE001, PERF203  (all that TensorFlow refuses are listed, then the script fails)
            if case.name not in candidates:
                failed.append(f"{case.name}: {type(error).__name__}: {str(error)[:300]}")
    if failed:
        raise SystemExit("TensorFlow has no answer for\n" + "\n".join(failed))
    lines = ",\n".join(f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in sorted(made.items()))
    OUT.write_text(f'{{\n "tensorflow": "{tf.__version__}",\n "cases": {{\n{lines}\n}}}}\n')
    print(f"{len(made)} cases in {OUT.name}, {len(WRITTEN) + len(CANDIDATES) - len(made)} candidates refused")


if __name__ == "__main__":
    main()

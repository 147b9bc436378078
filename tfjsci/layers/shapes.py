"""The shapes that TensorFlow.js' layers give, batch first; None where a size, or all of it, isn't known.

Source: ``computeOutputShape`` of tfjs-layers 4.22.0, class by class.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

Shape = tuple[int | None, ...] | None
Config = Mapping[str, Any]


def output_shapes(class_name: str, config: Config, inputs: Sequence[Shape]) -> list[Shape]:
    """One shape for each output of a layer that is called on ``inputs``."""
    rule = _RULES.get(class_name)
    if rule is None:
        return [inputs[0]]
    if any(shape is None for shape in inputs):
        return [None] * _count(class_name, config)
    return rule(config, [shape for shape in inputs if shape is not None])


Known = tuple[int | None, ...]
Rule = Callable[[Config, list[Known]], list[Shape]]


def _count(class_name: str, config: Config) -> int:
    if class_name not in RECURRENT or not config.get("return_state"):
        return 1
    return {"LSTM": 3, "ConvLSTM2D": 3}.get(class_name, 2)


def _times(a: int | None, b: int) -> int | None:
    return None if a is None else a * b


def pair(value: Any, rank: int) -> list[int]:
    """A number for each of ``rank`` dimensions."""
    return [int(item) for item in value] if isinstance(value, list | tuple) else [int(value)] * rank


def _conv_length(size: int | None, kernel: int, padding: str, stride: int, dilation: int = 1) -> int | None:
    if size is None:
        return None
    reach = 1 + (kernel - 1) * dilation
    return -(-(size if padding == "same" else size - reach + 1) // stride)


def _conv(rank: int) -> Rule:
    def rule(config: Config, inputs: list[Known]) -> list[Shape]:
        (shape,) = inputs
        kernel, strides = pair(config["kernel_size"], rank), pair(config.get("strides", 1), rank)
        dilation = pair(config.get("dilation_rate", 1), rank)
        space = [
            _conv_length(shape[1 + i], kernel[i], config.get("padding", "valid"), strides[i], dilation[i])
            for i in range(rank)
        ]
        channels = shape[-1]
        out = config["filters"] if "filters" in config else _times(channels, config.get("depth_multiplier") or 1)
        return [(shape[0], *space, out)]

    return rule


def _deconv(rank: int) -> Rule:
    def rule(config: Config, inputs: list[Known]) -> list[Shape]:
        (shape,) = inputs
        kernel, strides = pair(config["kernel_size"], rank), pair(config.get("strides", 1), rank)
        space = []
        for i in range(rank):
            size = _times(shape[1 + i], strides[i])
            if size is not None and config.get("padding") == "valid":
                size += max(kernel[i] - strides[i], 0)
            space.append(size)
        return [(shape[0], *space, config["filters"])]

    return rule


def _pool(rank: int) -> Rule:
    def rule(config: Config, inputs: list[Known]) -> list[Shape]:
        (shape,) = inputs
        size = pair(config["pool_size"], rank)
        strides = pair(config.get("strides") or size, rank)
        space = [_conv_length(shape[1 + i], size[i], config.get("padding", "valid"), strides[i]) for i in range(rank)]
        return [(shape[0], *space, shape[-1])]

    return rule


def _global_pool(config: Config, inputs: list[Known]) -> list[Shape]:
    first = config.get("data_format") == "channels_first"
    return [(inputs[0][0], inputs[0][1 if first else -1])]


def _dense(config: Config, inputs: list[Known]) -> list[Shape]:
    return [(*inputs[0][:-1], config["units"])]


def _flatten(_: Config, inputs: list[Known]) -> list[Shape]:
    sizes = [size for size in inputs[0][1:] if size is not None]
    return [(inputs[0][0], math.prod(sizes) if len(sizes) == len(inputs[0]) - 1 else None)]


def _reshape(config: Config, inputs: list[Known]) -> list[Shape]:
    return [(inputs[0][0], *(None if size in (None, -1) else size for size in config["target_shape"]))]


def _permute(config: Config, inputs: list[Known]) -> list[Shape]:
    return [(inputs[0][0], *(inputs[0][axis] for axis in config["dims"]))]


def _repeat(config: Config, inputs: list[Known]) -> list[Shape]:
    return [(inputs[0][0], config["n"], inputs[0][1])]


def _embedding(config: Config, inputs: list[Known]) -> list[Shape]:
    return [(*inputs[0], config["output_dim"])]


def _upsampling(config: Config, inputs: list[Known]) -> list[Shape]:
    size = pair(config["size"], 2)
    return [(inputs[0][0], _times(inputs[0][1], size[0]), _times(inputs[0][2], size[1]), inputs[0][3])]


def _padding(sign: int, key: str) -> Rule:
    def rule(config: Config, inputs: list[Known]) -> list[Shape]:
        (shape,) = inputs
        space = [
            None if size is None else size + sign * sum(ends)
            for size, ends in zip(shape[1:3], config[key], strict=True)
        ]
        return [(shape[0], *space, shape[3])]

    return rule


def broadcast(shapes: Sequence[Known]) -> Shape:
    """Of a merging layer: inputs of a lower rank get dimensions of 1 after the batch."""
    rank = max(len(shape) for shape in shapes)
    out: list[int | None] = []
    for sizes in zip(*((s[0], *[1] * (rank - len(s)), *s[1:]) for s in shapes), strict=True):
        wide = [size for size in sizes if size != 1]
        out.append(None if None in wide else wide[0] if wide else 1)
    return tuple(out)


def _merge(_: Config, inputs: list[Known]) -> list[Shape]:
    return [broadcast(inputs)]


def _concatenate(config: Config, inputs: list[Known]) -> list[Shape]:
    axis = config["axis"] % len(inputs[0])
    sizes = [shape[axis] for shape in inputs]
    known = [size for size in sizes if size is not None]
    joined = sum(known) if len(known) == len(sizes) else None
    return [(*inputs[0][:axis], joined, *inputs[0][axis + 1 :])]


def _dot(config: Config, inputs: list[Known]) -> list[Shape]:
    a, b = ([*shape] for shape in inputs)
    axes = pair(config["axes"], 2)
    del a[axes[0] % len(a)]
    del b[axes[1] % len(b)]
    out = [*a, *b[1:]]
    return [tuple(out if len(out) > 1 else [*out, 1])]


RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "RNN", "ConvLSTM2D"})


def _states(config: Config) -> list[int]:
    cell = config.get("cell")
    if cell is None:
        return [config["units"]]
    cells = cell["config"]["cells"] if cell["class_name"] == "StackedRNNCells" else [cell]
    return [int(each["config"]["units"]) for each in cells][::-1]


def _rnn(states: int) -> Rule:
    def rule(config: Config, inputs: list[Known]) -> list[Shape]:
        shape, units = inputs[0], _states(config)
        out: Shape = (shape[0], *shape[1:2], units[0]) if config.get("return_sequences") else (shape[0], units[0])
        if not config.get("return_state"):
            return [out]
        if "cell" in config:
            return [out]  # refused where the cells' states are asked for
        return [out, *[(shape[0], units[0])] * states]

    return rule


def _conv_lstm(config: Config, inputs: list[Known]) -> list[Shape]:
    shape = inputs[0]
    (frame,) = _conv(2)({**config}, [(shape[0], *shape[2:])])
    assert frame is not None
    out: Shape = (shape[0], shape[1], *frame[1:]) if config.get("return_sequences") else frame
    return [out, frame, frame] if config.get("return_state") else [out]


def _bidirectional(config: Config, inputs: list[Known]) -> list[Shape]:
    inner = config["layer"]
    out, *states = output_shapes(inner["class_name"], inner["config"], inputs[:1])
    mode = config.get("merge_mode")
    if mode == "concat" and out is not None:
        out = (*out[:-1], _times(out[-1], 2))
    return [out, *([out] if mode is None else []), *states, *states]


_MERGING = ("Add", "Multiply", "Average", "Maximum", "Minimum")

_RULES: dict[str, Rule] = {
    "Dense": _dense,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Permute": _permute,
    "RepeatVector": _repeat,
    "Embedding": _embedding,
    "Conv1D": _conv(1),
    "Conv2D": _conv(2),
    "Conv3D": _conv(3),
    "SeparableConv2D": _conv(2),
    "DepthwiseConv2D": _conv(2),
    "Conv2DTranspose": _deconv(2),
    "Conv3DTranspose": _deconv(3),
    **{f"{kind}Pooling{rank}D": _pool(rank) for kind in ("Max", "Average") for rank in (1, 2, 3)},
    **{f"Global{kind}Pooling{rank}D": _global_pool for kind in ("Max", "Average") for rank in (1, 2)},
    "UpSampling2D": _upsampling,
    "ZeroPadding2D": _padding(1, "padding"),
    "Cropping2D": _padding(-1, "cropping"),
    **dict.fromkeys(_MERGING, _merge),
    "Concatenate": _concatenate,
    "Dot": _dot,
    "SimpleRNN": _rnn(1),
    "GRU": _rnn(1),
    "LSTM": _rnn(2),
    "RNN": _rnn(1),
    "ConvLSTM2D": _conv_lstm,
    "Bidirectional": _bidirectional,
}
"""Layers that aren't listed give the shape that they are given."""

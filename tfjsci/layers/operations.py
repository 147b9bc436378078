"""Keras' operations (``x + 1``, ``keras.ops.relu(x)``), as far as layers compute them. Keras 3 writes them among the layers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tfjsci.layers.activation_layers import over_last_axis
from tfjsci.layers.activations import MADE_OF, SAME, elu, leaky_relu
from tfjsci.layers.core_layers import resolved
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.site import Site, known_shape
from tfjsci.layers.sketch import Symbol

Operation = Callable[[Site, Sequence[Any]], Symbol]
"""The operation's site and its arguments: symbols, numbers, and lists of them."""


@dataclass(frozen=True, kw_only=True)
class OpRow:
    """One operation: what computes it, and what of it."""

    map: Operation
    becomes: str


def _number(value: Any) -> float | None:
    return None if isinstance(value, bool) or not isinstance(value, int | float) else float(value)


def _rescaled(site: Site, x: Symbol, scale: float, offset: float) -> Symbol:
    return site.sketch.helper("Rescaling", site.layer.name, scale=scale, offset=offset).one(x)


def _merged(site: Site, class_name: str, a: Symbol, b: Symbol) -> Symbol:
    if a.rank is None or a.rank != b.rank:
        raise RefusedError("it broadcasts between different ranks")
    return site.sketch.helper(class_name, site.layer.name).one(a, b)


def _affine(of_number: Callable[[float, bool], tuple[float, float]], class_name: str | None) -> Operation:
    """``of_number(c, first)``: scale and offset of ``x op c``, or of ``c op x`` where the number stands first."""

    def operation(site: Site, args: Sequence[Any]) -> Symbol:
        if len(args) != 2:
            raise RefusedError(f"it is called with {len(args)} arguments")
        a, b = args
        if isinstance(a, Symbol) and isinstance(b, Symbol):
            if class_name is None:
                raise RefusedError("TensorFlow.js has no layer for it")
            if site.layer.class_name == "Subtract":
                b = site.helper("Rescaling", scale=-1.0, offset=0.0).one(b)
            return _merged(site, class_name, a, b)
        first = not isinstance(a, Symbol)
        x, c = (b, _number(a)) if first else (a, _number(b))
        if c is None or not isinstance(x, Symbol):
            raise RefusedError("one of its arguments is a constant that isn't a number")
        return _rescaled(site, x, *of_number(c, first))

    return operation


def _divided(c: float, first: bool) -> tuple[float, float]:
    if first or c == 0:
        raise RefusedError("it divides by a tensor, or by 0")
    return 1 / c, 0.0


def _bound(class_name: str) -> Operation:
    def operation(site: Site, args: Sequence[Any]) -> Symbol:
        symbols = [item for item in args if isinstance(item, Symbol)]
        if len(symbols) == 2:
            return _merged(site, class_name, *symbols)
        if class_name == "Maximum" and len(args) == 2 and 0.0 in (_number(args[0]), _number(args[1])):
            return site.sketch.helper("ReLU", site.layer.name).one(symbols[0])
        raise RefusedError("one of its arguments is a constant")

    return operation


def _x(args: Sequence[Any]) -> Symbol:
    if len(args) < 1 or not isinstance(args[0], Symbol) or any(isinstance(item, Symbol) for item in args[1:]):
        raise RefusedError("it isn't called on one tensor")
    return args[0]


def _function(name: str) -> Operation:
    def operation(site: Site, args: Sequence[Any]) -> Symbol:
        x = _x(args)
        if name == "gelu" and site.get("approximate", True):
            raise RefusedError("it is the approximate gelu, TensorFlow.js has the exact one")
        if name in ("celu", "elu") and (alpha := float(site.get("alpha", 1.0))) != 1.0:
            if name == "celu":
                raise RefusedError(f"its alpha is {alpha}")
            return elu(site.helper, x, alpha)
        if name == "leaky_relu":
            return leaky_relu(site.helper, x, float(site.get("negative_slope", 0.2)))
        if name in MADE_OF:
            return MADE_OF[name][0](site.helper, x)
        if name in ("softmax", "log_softmax"):
            return over_last_axis(site, x, int(site.get("axis", -1)), lambda y: _activated(site, y, name))
        return _activated(site, x, name)

    return operation


def _activated(site: Site, x: Symbol, name: str) -> Symbol:
    return site.sketch.helper("Activation", site.layer.name, activation=SAME[name]).one(x)


def _negative(site: Site, args: Sequence[Any]) -> Symbol:
    return _rescaled(site, _x(args), -1.0, 0.0)


def _square(site: Site, args: Sequence[Any]) -> Symbol:
    x = _x(args)
    return site.sketch.helper("Multiply", site.layer.name).one(x, x)


def _identity(site: Site, args: Sequence[Any]) -> Symbol:
    return site.sketch.helper("Activation", site.layer.name, activation="linear").one(_x(args))


def _concatenate(site: Site, args: Sequence[Any]) -> Symbol:
    if not args or not isinstance(args[0], list) or not all(isinstance(item, Symbol) for item in args[0]):
        raise RefusedError("it isn't called on a list of tensors")
    symbols, axis = args[0], int(site.get("axis", -1))
    if symbols[0].rank is None or axis % symbols[0].rank == 0 or len(symbols) < 2:
        raise RefusedError("it is over the batch, or of one tensor")
    return site.sketch.helper("Concatenate", site.layer.name, axis=axis % symbols[0].rank).one(*symbols)


def _to_shape(site: Site, x: Symbol, shape: Sequence[int | None]) -> Symbol:
    return site.sketch.helper("Reshape", site.layer.name, target_shape=list(shape)).one(x)


def _reshape(site: Site, args: Sequence[Any]) -> Symbol:
    x, wanted = _x(args), site.get("newshape", site.get("target_shape"))
    if not isinstance(wanted, list) or not wanted or wanted[0] not in (-1, None) or -1 in wanted[1:]:
        raise RefusedError("it doesn't keep the batch as it is")
    shape = known_shape(x, "Reshape")
    target = resolved(x, wanted[1:])
    product = 1
    for size in target:
        product *= size
    total = 1
    for known in shape[1:]:
        total *= known or 1
    if product != total:
        raise RefusedError("it doesn't keep the batch as it is")
    return _to_shape(site, x, target)


def _transpose(site: Site, args: Sequence[Any]) -> Symbol:
    x, axes = _x(args), site.config.get("axes")
    if not isinstance(axes, list) or not axes or axes[0] != 0:
        raise RefusedError("it moves the batch")
    return site.sketch.helper("Permute", site.layer.name, dims=[int(axis) for axis in axes[1:]]).one(x)


def _expand(site: Site, args: Sequence[Any]) -> Symbol:
    x = _x(args)
    shape, axis = known_shape(x, "ExpandDims"), site.get("axis")
    axis = axis[0] if isinstance(axis, list) and len(axis) == 1 else axis
    if not isinstance(axis, int) or axis % (len(shape) + 1) == 0:
        raise RefusedError("it adds dimensions before the batch, or several")
    place = axis % (len(shape) + 1)
    return _to_shape(site, x, [*shape[1:place], 1, *shape[place:]])


def _squeeze(site: Site, args: Sequence[Any]) -> Symbol:
    x = _x(args)
    shape, axis = known_shape(x, "Squeeze"), site.get("axis")
    axes = axis if isinstance(axis, list) else [axis]
    places = {each % len(shape) for each in axes if isinstance(each, int)}
    if not places or 0 in places:
        raise RefusedError("it takes away the batch, or all dimensions of 1")
    return _to_shape(site, x, [size for i, size in enumerate(shape) if i not in places and i])


def _reduced(kind: str) -> Operation:
    def operation(site: Site, args: Sequence[Any]) -> Symbol:
        x, axis = _x(args), site.get("axis")
        if x.rank not in (3, 4) or axis is None:
            raise RefusedError("TensorFlow.js' layers reduce the space of images and sequences alone")
        axes = sorted(each % x.rank for each in (axis if isinstance(axis, list) else [axis]))
        if axes != list(range(1, x.rank - 1)):
            raise RefusedError(f"it is over the axes {axes}, not over the space of an image or sequence")
        out = site.helper(f"Global{kind}Pooling{x.rank - 2}D").one(x)
        channels = None if out.shape is None else out.shape[-1]
        if not site.get("keepdims", False):
            return out
        if channels is None:
            raise RefusedError("it keeps dimensions, and the number of channels isn't known")
        return _to_shape(site, out, [*[1] * (x.rank - 2), channels])

    return operation


def _row(operation: Operation, becomes: str) -> OpRow:
    return OpRow(map=operation, becomes=becomes)


_FUNCTIONS: Mapping[str, str] = {
    "Celu": "celu",
    "Elu": "elu",
    "Gelu": "gelu",
    "HardSigmoid": "hard_sigmoid",
    "HardSilu": "hard_silu",
    "HardSwish": "hard_silu",
    "HardTanh": "hard_tanh",
    "LeakyRelu": "leaky_relu",
    "LogSigmoid": "log_sigmoid",
    "LogSoftmax": "log_softmax",
    "Relu": "relu",
    "Relu6": "relu6",
    "Selu": "selu",
    "Sigmoid": "sigmoid",
    "Silu": "silu",
    "Softmax": "softmax",
    "Softplus": "softplus",
    "Softsign": "softsign",
    "Tanh": "tanh",
    "TanhShrink": "tanh_shrink",
}

OPERATIONS: dict[str, OpRow] = {
    "Add": _row(_affine(lambda c, _: (1.0, c), "Add"), "Add, or Rescaling with a number"),
    "Subtract": _row(
        _affine(lambda c, first: (-1.0, c) if first else (1.0, -c), "Add"), "Rescaling, Add; or Rescaling with a number"
    ),
    "Multiply": _row(_affine(lambda c, _: (c, 0.0), "Multiply"), "Multiply, or Rescaling with a number"),
    "Divide": _row(_affine(_divided, None), "Rescaling, where the divisor is a number"),
    "TrueDivide": _row(_affine(_divided, None), "Rescaling, where the divisor is a number"),
    "Maximum": _row(_bound("Maximum"), "Maximum; ReLU with 0"),
    "Minimum": _row(_bound("Minimum"), "Minimum"),
    "Negative": _row(_negative, "Rescaling"),
    "Square": _row(_square, "Multiply"),
    "Identity": _row(_identity, "Activation"),
    "Concatenate": _row(_concatenate, "Concatenate"),
    "Reshape": _row(_reshape, "Reshape, where the batch stays"),
    "Transpose": _row(_transpose, "Permute, where the batch stays"),
    "ExpandDims": _row(_expand, "Reshape"),
    "Squeeze": _row(_squeeze, "Reshape"),
    "Mean": _row(_reduced("Average"), "GlobalAveragePooling1D/2D over all of the space"),
    "Max": _row(_reduced("Max"), "GlobalMaxPooling1D/2D over all of the space"),
    **{
        name: _row(_function(function), "Activation or the layers it is made of")
        for name, function in _FUNCTIONS.items()
    },
}
"""By Keras' class name. An operation that isn't listed is refused."""

"""Functions that work value by value, on one tensor or on two."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case
from feeds import Feed, between, given, normal, odd, whole, yes_or_no
from op_case import op

_PLAIN = normal(3, 4)
_SMALL = between(-0.95, 0.95, 3, 4)
_POSITIVE = between(0.1, 5.0, 3, 4)
_INT = whole(-9, 9, 3, 4)
_COUNT = whole(0, 9, 3, 4)
_HALVES = given([[-2.5, -1.5, -0.5, 0.5], [1.5, 2.5, -0.3, 0.7]])

UNARY: dict[str, tuple[Feed, ...]] = {
    "abs": (_PLAIN, _INT),
    "absolute": (_PLAIN,),
    "angle": (_PLAIN,),
    "arccos": (_SMALL,),
    "arccosh": (between(1.1, 5.0, 3, 4),),
    "arcsin": (_SMALL,),
    "arcsinh": (_PLAIN,),
    "arctan": (_PLAIN,),
    "arctanh": (_SMALL,),
    "bitwise_invert": (_INT,),
    "bitwise_not": (_INT,),
    "cbrt": (_PLAIN,),
    "ceil": (_HALVES, _INT),
    "celu": (_PLAIN,),
    "conj": (_PLAIN,),
    "conjugate": (_PLAIN,),
    "copy": (_PLAIN,),
    "cos": (_PLAIN, _INT),
    "cosh": (_PLAIN,),
    "deg2rad": (between(-180, 180, 3, 4), _INT),
    "elu": (_PLAIN,),
    "empty_like": (_PLAIN,),
    "erf": (_PLAIN,),
    "erfc": (_PLAIN,),
    "erfinv": (_SMALL,),
    "exp": (_PLAIN, _INT),
    "exp2": (_PLAIN, _INT),
    "expm1": (_PLAIN,),
    "fabs": (_PLAIN, _INT),
    "floor": (_HALVES, _INT),
    "gelu": (_PLAIN,),
    "hard_shrink": (_PLAIN,),
    "hard_sigmoid": (normal(3, 4),),
    "hard_silu": (_PLAIN,),
    "hard_swish": (_PLAIN,),
    "hard_tanh": (_PLAIN,),
    "i0": (_PLAIN,),
    "imag": (_PLAIN,),
    "isfinite": (odd(6, 7), _INT),
    "isinf": (odd(6, 7), _INT),
    "isnan": (odd(6, 7), _INT),
    "isneginf": (odd(6, 7),),
    "isposinf": (odd(6, 7),),
    "isreal": (_PLAIN,),
    "leaky_relu": (_PLAIN,),
    "log": (_POSITIVE, whole(1, 9, 3, 4)),
    "log10": (_POSITIVE, whole(1, 9, 3, 4)),
    "log1p": (_POSITIVE,),
    "log2": (_POSITIVE,),
    "log_sigmoid": (_PLAIN,),
    "logical_not": (yes_or_no(3, 4), _INT),
    "nan_to_num": (odd(6, 7), _INT),
    "negative": (_PLAIN, _INT),
    "ones_like": (_PLAIN, _INT),
    "rad2deg": (_PLAIN, _INT),
    "real": (_PLAIN,),
    "reciprocal": (_POSITIVE,),
    "relu": (_PLAIN, _INT),
    "relu6": (between(-9, 9, 3, 4),),
    "round": (_HALVES, _INT),
    "rsqrt": (_POSITIVE,),
    "selu": (_PLAIN,),
    "sigmoid": (_PLAIN,),
    "sign": (_HALVES, _INT),
    "signbit": (_PLAIN, _INT),
    "silu": (_PLAIN,),
    "sin": (_PLAIN,),
    "sinc": (_PLAIN,),
    "sinh": (_PLAIN,),
    "soft_shrink": (_PLAIN,),
    "softplus": (_PLAIN,),
    "softsign": (_PLAIN,),
    "sparse_plus": (_PLAIN,),
    "sparse_sigmoid": (_PLAIN,),
    "sqrt": (_POSITIVE, _COUNT),
    "square": (_PLAIN, _INT, yes_or_no(3, 4)),
    "squareplus": (_PLAIN,),
    "stop_gradient": (_PLAIN,),
    "swish": (_PLAIN,),
    "tan": (_SMALL,),
    "tanh": (_PLAIN,),
    "tanh_shrink": (_PLAIN,),
    "trunc": (_HALVES, _INT),
    "zeros_like": (_PLAIN, _INT),
}
"""Functions of one tensor: a case for each of these."""

_OTHER = normal(4)
_INTS = (_INT, whole(1, 9, 4))
_FLOATS = (_PLAIN, _OTHER)
_BOTH = (_FLOATS, _INTS)
_EQUALS = (whole(0, 3, 3, 4, dtype="float32"), whole(0, 3, 4, dtype="float32"))
_BITS = (whole(0, 200, 3, 4), whole(0, 200, 4))
_SHIFTS = (whole(0, 200, 3, 4), whole(0, 5, 4))
_MIXED = (_PLAIN, whole(-9, 9, 4))
_TRUTHS = (yes_or_no(3, 4), yes_or_no(4))

BINARY: dict[str, tuple[tuple[Feed, Feed], ...]] = {
    "add": (*_BOTH, _MIXED),
    "arctan2": (_FLOATS, _INTS),
    "bitwise_and": (_BITS,),
    "bitwise_left_shift": (_SHIFTS,),
    "bitwise_or": (_BITS,),
    "bitwise_right_shift": (_SHIFTS,),
    "bitwise_xor": (_BITS,),
    "divide": (*_BOTH, _MIXED),
    "divide_no_nan": ((_PLAIN, given([0.0, 1.0, -2.0, 0.0])), (_INT, whole(0, 3, 4))),
    "equal": (_EQUALS, _INTS, _TRUTHS),
    "floor_divide": _BOTH,
    "fmax": (*_BOTH, (odd(3, 4), odd(4))),
    "fmin": (*_BOTH, (odd(3, 4), odd(4))),
    "fmod": _BOTH,
    "gcd": (_INTS,),
    "greater": (_EQUALS, _INTS),
    "greater_equal": (_EQUALS, _INTS),
    "heaviside": (_EQUALS,),
    "hypot": (*_BOTH,),
    "isclose": (_EQUALS, _INTS),
    "allclose": (_EQUALS,),
    "lcm": (_INTS,),
    "ldexp": (_MIXED,),
    "left_shift": (_SHIFTS,),
    "less": (_EQUALS, _INTS),
    "less_equal": (_EQUALS, _INTS),
    "logaddexp": (_FLOATS,),
    "logaddexp2": (_FLOATS,),
    "logical_and": (_TRUTHS, _INTS),
    "logical_or": (_TRUTHS,),
    "logical_xor": (_TRUTHS,),
    "maximum": (*_BOTH, _MIXED),
    "minimum": _BOTH,
    "mod": _BOTH,
    "multiply": (*_BOTH, _MIXED),
    "nextafter": (_FLOATS,),
    "not_equal": (_EQUALS, _INTS),
    "power": ((_POSITIVE, _OTHER), (whole(1, 5, 3, 4), whole(0, 4, 4)), (_PLAIN, whole(0, 4, 4))),
    "right_shift": (_SHIFTS,),
    "subtract": _BOTH,
    "true_divide": _BOTH,
}
"""Functions of two tensors that are broadcast: a case for each of these pairs."""


def _tables() -> Iterator[Case]:
    for name, feeds in UNARY.items():
        for feed in feeds:
            yield from op(name, feed, case="" if feed is feeds[0] else feed.dtype)
    for name, pairs in BINARY.items():
        for i, (a, b) in enumerate(pairs):
            dtype = a.dtype if a.dtype == b.dtype else f"{a.dtype}_{b.dtype}"
            numbered = any(pair[0].dtype == a.dtype and pair[1].dtype == b.dtype for pair in pairs[:i])
            yield from op(name, a, b, case="" if i == 0 else "odd" if numbered else dtype)


def _others() -> Iterator[Case]:
    yield from op("cast", _PLAIN, dtype="int32")
    yield from op("cast", _INT, dtype="float32", case="int32_float32")
    yield from op("cast", _INT, dtype="bool", case="int32_bool")
    yield from op("cast", yes_or_no(3, 4), dtype="float32", case="bool_float32")
    yield from op("cast", _PLAIN, dtype="float16", case="float16")
    yield from op("cast", _INT, dtype="int64", case="int64")
    yield from op("cast", between(0, 255, 3, 4), dtype="uint8", case="uint8")
    yield from op("saturate_cast", between(-300, 300, 3, 4), dtype="uint8")
    yield from op("saturate_cast", between(-300, 300, 3, 4), dtype="int8", case="int8")
    yield from op("clip", _PLAIN, x_min=-0.5, x_max=0.7)
    yield from op("clip", _INT, x_min=-3, x_max=4, case="int32")
    yield from op("gelu", _PLAIN, approximate=False, case="exact")
    yield from op("round", _PLAIN, decimals=2, case="decimals")
    yield from op("threshold", _PLAIN, threshold=0.2, default_value=-1.0)
    yield from op("full_like", _PLAIN, fill_value=3.0)
    yield from op("where", yes_or_no(3, 4), _PLAIN, normal(4))
    yield from op("where", yes_or_no(3, 1), _INT, whole(0, 9, 4), case="int32")
    yield from op("where", yes_or_no(3, 4), case="condition_alone")
    yield from op("select", yes_or_no(3, 4), yes_or_no(3, 4), _PLAIN, normal(3, 4), call=_select)
    yield from op("view", _PLAIN, dtype="int32")
    yield from op("view_as_complex", normal(3, 4, 2), call=lambda o, x: o.view_as_real(o.view_as_complex(x) * 2))
    yield from op("view_as_real", normal(3, 4, 2), call=lambda o, x: o.view_as_real(o.conj(o.view_as_complex(x))))
    yield from op("polar", _POSITIVE, _PLAIN, call=lambda o, r, a: o.view_as_real(o.polar(r, a)))
    yield from op("real", normal(3, 4, 2), call=lambda o, x: o.real(o.view_as_complex(x)), case="complex")
    yield from op("imag", normal(3, 4, 2), call=lambda o, x: o.imag(o.view_as_complex(x)), case="complex")
    yield from op("abs", normal(3, 4, 2), call=lambda o, x: o.abs(o.view_as_complex(x)), case="complex")
    yield from op("angle", normal(3, 4, 2), call=lambda o, x: o.angle(o.view_as_complex(x)), case="complex")
    yield from op("multiply", normal(3, 4, 2), call=_complex_square, case="complex")


def _select(ops: object, first: object, second: object, x: object, y: object) -> object:
    return ops.select([first, second], [x, y], default=2.0)  # type: ignore[attr-defined]


def _complex_square(ops: object, x: object) -> object:
    z = ops.view_as_complex(x)  # type: ignore[attr-defined]
    return ops.view_as_real(ops.multiply(z, z))  # type: ignore[attr-defined]


ELEMENTWISE: tuple[Case, ...] = (*_tables(), *_others())

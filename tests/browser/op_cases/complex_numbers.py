"""Cases about complex numbers: the few ops that take them, and what becomes of a tensor's two parts."""

from __future__ import annotations

import numpy as np

from tfjsci.graph.graph import Array, AttrValue, Constant, DType, Graph, Node, dtype_name

from .case import FLOAT, INT, OpCase, c64, case, f32, i32

_C64 = DType("complex64")


def _real_of(name: str, expected: Array, *inputs: Array, **attrs: AttrValue) -> OpCase:
    """The op, and Real behind it: the whole tensor's shape may be right where its parts' isn't."""
    names = tuple(f"input{i}" for i in range(len(inputs)))
    nodes = [
        *(Node(name=n, op="Const", attrs={"dtype": DType(dtype_name(v))}) for n, v in zip(names, inputs, strict=True)),
        Node(name="op", op=name.partition("/")[0], inputs=names, attrs=attrs),
        Node(name="real", op="Real", inputs=("op",), attrs={"T": _C64, "Tout": FLOAT}),
    ]
    constants = {n: Constant(value=v.copy()) for n, v in zip(names, inputs, strict=True)}
    return OpCase(
        name=name, graph=Graph(nodes=tuple(nodes), outputs=("real",), constants=constants), expected=(expected,)
    )


_IMPULSE = np.zeros((2, 3, 4), np.float32)
_IMPULSE[..., 0] = 1
"""Its transform is 1 everywhere."""
_PLANE = c64(2, 3)

COMPLEX: tuple[OpCase, ...] = (
    case("AddV2/complex", c64(2, 3), c64(2, 3, seed=3), T=_C64),
    case("AddV2/complex-spread", c64(2, 3), c64(3, seed=3), T=_C64),
    case("Mul/complex", c64(2, 3), c64(2, 3, seed=3), T=_C64),
    case("Transpose/complex", c64(2, 3), i32([1, 0]), T=_C64, Tperm=INT),
    case("Neg/complex", c64(2, 3), T=_C64),
    case("MatMul/complex", c64(2, 3), c64(3, 2, seed=3), T=_C64, transpose_a=False, transpose_b=False),
    case("Slice/complex", c64(2, 3), i32([0, 1]), i32([2, 2]), T=_C64, Index=INT),
    case("Mean/complex", c64(2, 3), i32([1]), T=_C64, Tidx=INT, keep_dims=False),
    case("Pack/complex", c64(2, 3), c64(2, 3, seed=3), T=_C64, N=2, axis=0),
    case("Cast/to-complex", f32([1.0, 2.0]), SrcT=FLOAT, DstT=_C64, Truncate=False),
    _real_of("Reshape/complex-parts", _PLANE.real.reshape(3, 2).copy(), _PLANE, i32([3, 2]), T=_C64, Tshape=INT),
    _real_of("FFT/rank-3", np.ones((2, 3, 4), np.float32), _IMPULSE.astype(np.complex64), Tcomplex=_C64),
    _real_of("RFFT/rank-3", np.ones((2, 3, 3), np.float32), _IMPULSE, i32([4]), Treal=FLOAT, Tcomplex=_C64),
    case("IRFFT/vector", c64(5), i32([8]), Treal=FLOAT, Tcomplex=_C64),
)

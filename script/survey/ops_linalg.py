"""Products, decompositions, and transforms of signals."""

from __future__ import annotations

from collections.abc import Iterator

from case import Case
from feeds import definite, normal, whole
from op_case import op

_SQUARE = definite(3, 4, 4)


def _products() -> Iterator[Case]:
    a, b = normal(3, 4), normal(4, 5)
    yield from op("matmul", a, b, opened=False)
    yield from op("matmul", a.open(0), b, case="open")
    yield from op("matmul", normal(2, 3, 4), normal(2, 4, 5), case="batch", opened=True)
    yield from op("matmul", normal(2, 3, 4), b, case="broadcast", opened=False)
    yield from op("matmul", normal(2, 3, 4), normal(4), case="vector")
    yield from op("matmul", whole(-9, 9, 3, 4), whole(-9, 9, 4, 5), case="int32")
    yield from op("dot", a, b)
    yield from op("dot", normal(2, 3, 4), normal(4), case="vector")
    yield from op("inner", normal(4), normal(4))
    yield from op("outer", normal(4), normal(5))
    yield from op("vdot", a, normal(3, 4))
    yield from op("tensordot", normal(3, 4, 5), normal(4, 5, 6), axes=2)
    yield from op("tensordot", normal(3, 4, 5), normal(5, 3, 6), axes=([0, 2], [1, 0]), case="axes")
    yield from op("cross", normal(4, 3), normal(4, 3))
    yield from op("correlate", normal(7), normal(3))
    yield from op("correlate", normal(7), normal(3), mode="same", case="same")
    yield from op("corrcoef", normal(3, 8))
    yield from op("cdist", normal(3, 4), normal(5, 4))
    for name, subscripts, *shapes in (
        ("matrix", "ab,bc->ac", (3, 4), (4, 5)),
        ("batch", "bij,bjk->bik", (2, 3, 4), (2, 4, 5)),
        ("attention", "bqhd,bkhd->bhqk", (2, 4, 3, 6), (2, 5, 3, 6)),
        ("heads", "abc,cde->abde", (2, 4, 6), (6, 3, 5)),
        ("trace", "aa->", (4, 4)),
        ("transpose", "abc->cab", (3, 4, 5)),
        ("three", "ab,bc,cd->ad", (3, 4), (4, 5), (5, 2)),
        ("ellipsis", "...ab,bc->...ac", (2, 3, 4), (4, 5)),
        ("outer", "a,b->ab", (3,), (4,)),
        ("sum", "ab->b", (3, 4)),
    ):
        feeds = [normal(*shape) for shape in shapes]
        yield from op("einsum", *feeds, call=lambda o, *x, s=subscripts: o.einsum(s, *x), case=name)


def _decomposed() -> Iterator[Case]:
    general = normal(3, 4, 4)
    for name in ("cholesky", "cholesky_inverse", "det", "inv", "logdet", "slogdet", "eigh"):
        yield from op(name, _SQUARE)
    yield from op("cholesky", _SQUARE, upper=True, case="upper")
    yield from op("det", general, case="general")
    yield from op("inv", general, case="general")
    yield from op("eig", normal(4, 4), call=lambda o, x: [o.abs(part) for part in o.eig(x)])
    yield from op("lu_factor", normal(4, 4))
    yield from op("qr", normal(5, 3))
    yield from op("qr", normal(5, 3), mode="complete", case="complete")
    yield from op("svd", normal(5, 3))
    yield from op("svd", normal(5, 3), compute_uv=False, case="values")
    yield from op("solve", _SQUARE, normal(3, 4, 2))
    yield from op("solve", definite(4, 4), normal(4), case="vector")
    yield from op("solve_triangular", _SQUARE, normal(3, 4, 2), call=_lower_solve)
    yield from op("lstsq", normal(6, 3), normal(6, 2))
    yield from op("matrix_rank", normal(5, 3))
    yield from op("pinv", normal(5, 3))
    yield from op("norm", normal(3, 4))
    for variant, order in (("one", 1), ("two", 2), ("infinite", float("inf")), ("three", 3)):
        yield from op("norm", normal(3, 4), ord=order, axis=1, case=variant)
    for variant, order in (("nuclear", "nuc"), ("frobenius", "fro"), ("spectral", 2)):
        yield from op("norm", normal(3, 4), ord=order, axis=(0, 1), case=variant)
    yield from op("norm", normal(3, 4, 5), axis=-1, keepdims=True, case="kept", opened=True)
    yield from op("jvp", normal(3, 4), normal(3, 4), call=lambda o, x, t: o.jvp(o.tanh, (x,), (t,)))


def _lower_solve(ops: object, a: object, b: object) -> object:
    return ops.solve_triangular(ops.cholesky(a), b, lower=True)  # type: ignore[attr-defined]


def _transformed() -> Iterator[Case]:
    real, imaginary = normal(3, 8), normal(3, 8)
    grids = (normal(2, 4, 8), normal(2, 4, 8))
    yield from op("fft", real, imaginary, call=lambda o, *x: o.fft(x))
    yield from op("fft2", *grids, call=lambda o, *x: o.fft2(x))
    yield from op("ifft2", *grids, call=lambda o, *x: o.ifft2(x))
    yield from op("rfft", normal(3, 10), opened=True)
    yield from op("rfft", normal(3, 10), fft_length=16, case="longer")
    yield from op("irfft", normal(3, 9), normal(3, 9), call=lambda o, *x: o.irfft(x))
    yield from op("irfft", normal(3, 9), normal(3, 9), call=lambda o, *x: o.irfft(x, fft_length=12), case="shorter")
    window = {"sequence_length": 16, "sequence_stride": 8, "fft_length": 16}
    yield from op("stft", normal(2, 64), **window)
    yield from op("stft", normal(2, 64), **window, window=None, center=False, case="plain")
    yield from op("istft", normal(2, 9, 9), normal(2, 9, 9), call=lambda o, *x: o.istft(x, 16, 8, 16))
    yield from op("extract_sequences", normal(2, 20), sequence_length=6, sequence_stride=4, opened=True)


LINALG: tuple[Case, ...] = (*_products(), *_decomposed(), *_transformed())

"""Fourier transforms as products of matrices that are known beforehand: for wasm, and for lengths that the runtime ignores.

A transform of n = p·q numbers takes two small products (the steps of Cooley and Tukey) instead of one with n × n cosines:
X[k1 + p·k2] = Σ_j2 w_q^(j2·k2) · w_n^(j2·k1) · Σ_j1 w_p^(j1·k1) · x[q·j1 + j2]. The factors w_n between the steps need each
sum four times, with weights and signs of their own; the first matrix makes the four, and the second adds them up. The way back
from half a spectrum to real numbers is the same transposed. Angles are reduced to whole numbers below n first, so they are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from tfjsci.rewrite.build import (
    Dim,
    Tensor,
    UnknownShapeError,
    along,
    concat,
    const,
    dims,
    matmul,
    pad,
    reshape,
    stack,
    transpose,
    unstack,
)
from tfjsci.rewrite.formulas.complex_parts import Parts

Matrix = npt.NDArray[np.float32]

DIRECT = 1 << 14
"""Numbers of the matrix up to which one product beats two steps with what is between them."""

LARGEST = 1 << 20
"""Numbers (4 MiB) of a transform's constants: more isn't put into a model."""


@dataclass(frozen=True, kw_only=True)
class Transform:
    """Of ``n`` numbers, of which ``kept`` results are wanted. ``sign`` is that of the exponent: -1, or 1 backwards."""

    n: int
    kept: int
    sign: int
    inputs: int
    """1 if they are real, 2 for a real and an imaginary part."""

    @cached_property
    def factors(self) -> tuple[int, int] | None:
        """p and q, or None where one product is better."""
        p = max(f for f in range(1, int(self.n**0.5) + 1) if self.n % f == 0)
        if self.direct_size <= DIRECT or self._size(p, self.n // p) >= self.direct_size:
            return None
        return p, self.n // p

    @property
    def direct_size(self) -> int:
        """Numbers in the matrix of one product."""
        return self.inputs * self.n * 2 * self.kept

    @property
    def size(self) -> int:
        """Numbers that it adds to the model."""
        return self.direct_size if self.factors is None else self._size(*self.factors)

    def _size(self, p: int, q: int) -> int:
        return 4 * p * p * self.inputs + 4 * p * q + 4 * q * 2 * self.columns(p)

    def columns(self, p: int) -> int:
        """Values of k2 that are needed."""
        return -(-self.kept // p)

    def matrix(self) -> Matrix:
        """[inputs · n, 2 · kept]: one product for real and imaginary part."""
        cosine, sine = _turns(np.outer(np.arange(self.n), np.arange(self.kept)), self.n, self.sign)
        rows = [np.hstack([cosine, sine]), np.hstack([-sine, cosine])][: self.inputs]
        return np.vstack(rows).astype(np.float32)

    def steps(self, p: int, q: int) -> tuple[Matrix, Matrix, Matrix]:
        """[inputs · p, 4p], then weights [q, 4, p], then [4q, 2 · columns]."""
        cosine, sine = _turns(np.outer(np.arange(p), np.arange(p)), p, self.sign)
        real, imag = [cosine, -sine], [sine, cosine]
        first = np.vstack([np.hstack([real[i], imag[i], -imag[i], real[i]]) for i in range(self.inputs)])
        cosine, sine = _turns(np.outer(np.arange(q), np.arange(p)), self.n, self.sign)
        between = np.stack([cosine, cosine, sine, sine], axis=1)
        cosine, sine = _turns(np.outer(np.arange(q), np.arange(self.columns(p))), q, self.sign)
        to_real, to_imag = np.hstack([cosine, sine]), np.hstack([-sine, cosine])
        second = np.vstack([to_real, to_imag, to_real, to_imag])
        return first.astype(np.float32), between.astype(np.float32), second.astype(np.float32)


def transformed(x: Parts, *, kept: int, inverse: bool = False) -> Parts:
    """Along the last dimension, whose size is known; the first ``kept`` of the results."""
    n = _length(x.real)
    plan = Transform(n=n, kept=kept, sign=1 if inverse else -1, inputs=1 if x.imag is None else 2)
    around = dims(x.real)[:-1]
    scale = np.float32(1 / n if inverse else 1)
    if plan.factors is None:
        parts = [x.real] if x.imag is None else [x.real, x.imag]
        rows = _rows(concat(parts, -1))
        matrix = plan.matrix() * scale
        made: Sequence[Tensor] = [
            matmul(rows, const(np.ascontiguousarray(half))) for half in np.split(matrix, 2, axis=1)
        ]
    else:
        made = _in_steps(x, plan, *plan.factors, scale)
    return Parts(real=reshape(made[0], [*around, kept]), imag=reshape(made[1], [*around, kept]))


def real_of_half(x: Parts, n: int) -> Tensor:
    """The ``n`` real numbers whose first ``n // 2 + 1`` results are ``x``, along the last dimension."""
    kept = n // 2 + 1
    plan = Transform(n=n, kept=kept, sign=-1, inputs=1)
    weights = np.full(kept, 2 / n)
    weights[0] = 1 / n
    if n % 2 == 0:
        weights[-1] = 1 / n
    around = dims(x.real)[:-1]
    if plan.factors is None:
        matrix = plan.matrix().T * np.tile(weights, 2)[:, None]
        made = matmul(_rows(concat([x.real, x.made_imag], -1)), const(matrix.astype(np.float32)))
    else:
        made = _back_in_steps(x, plan, *plan.factors, weights.astype(np.float32))
    return reshape(made, [*around, n])


def _in_steps(x: Parts, plan: Transform, p: int, q: int, scale: np.float32) -> Sequence[Tensor]:
    first, between, second = plan.steps(p, q)
    columns = plan.columns(p)
    if x.imag is None:
        numbers = transpose(reshape(x.real, [-1, p, q]), (0, 2, 1))
    else:
        numbers = reshape(stack([_rows(x.real), _rows(x.imag)], 1), [-1, 2, p, q])
        numbers = transpose(numbers, (0, 3, 1, 2))
    sums = reshape(matmul(reshape(numbers, [-1, plan.inputs * p]), const(first)), [-1, q, 4, p])
    turned = transpose(sums * const(between), (0, 3, 2, 1))
    made = matmul(reshape(turned, [-1, 4 * q]), const(second * scale))
    ordered = transpose(reshape(made, [-1, p, 2, columns]), (2, 0, 3, 1))
    halves = unstack(reshape(ordered, [2, -1, columns * p]), 0)
    return [half if columns * p == plan.kept else along(half, -1, 0, plan.kept) for half in halves]


def _back_in_steps(x: Parts, plan: Transform, p: int, q: int, weights: Matrix) -> Tensor:
    first, between, second = plan.steps(p, q)
    columns = plan.columns(p)
    halves = stack([_rows(x.real), _rows(x.made_imag)], 0) * const(weights)
    missing = columns * p - plan.kept
    if missing:
        halves = pad(halves, [(0, 0), (0, 0), (0, missing)])
    numbers = transpose(reshape(halves, [2, -1, columns, p]), (1, 3, 0, 2))
    sums = matmul(reshape(numbers, [-1, 2 * columns]), const(np.ascontiguousarray(second.T)))
    turned = transpose(reshape(sums, [-1, p, 4, q]), (0, 3, 2, 1)) * const(between)
    made = matmul(reshape(turned, [-1, 4 * p]), const(np.ascontiguousarray(first.T)))
    return transpose(reshape(made, [-1, q, p]), (0, 2, 1))


def _turns(steps: npt.NDArray[np.int64], n: int, sign: int) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """Cosine and sine of so many n-ths of a turn."""
    angle = 2 * np.pi / n * (steps % n)
    return np.cos(angle), sign * np.sin(angle)


def _rows(x: Tensor) -> Tensor:
    """[rows, numbers]: wasm multiplies two matrices quickly, a batch of them slowly."""
    wanted: list[Dim] = [-1, _length(x)]
    return x if x.rank == 2 else reshape(x, wanted)


def _length(x: Tensor) -> int:
    n = x.sizes[-1]
    if n is None:
        raise UnknownShapeError("how many numbers are to be transformed isn't known before the model runs")
    return n

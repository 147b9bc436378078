"""How much each pair of a weight's rows weighs in the error of its output: Σ xᵀx over all that it is multiplied with.

For a product x·w the squared error of (w + d) is dᵀ(Σ xᵀx)d: the second derivative of the layer's error, up to a factor.
Source: LeCun, Denker and Solla, "Optimal Brain Damage" (1990); Hassibi and Stork, "Optimal Brain Surgeon" (1993).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.calibrate.readings import Reading
from tfjsci.graph.graph import Array

Wide = npt.NDArray[np.float64]


class Hessian:
    """The sum over all calls; ``matrix`` and ``cross`` are float64 [blocks, K, K], ``positions`` counts the rows
    in them (a sum made elsewhere is one).

    ``matrix`` is Σ xᵀx of the activations x that the layer is fed with; ``cross`` Σ xᵀo, where o is what it was fed with
    before anything was quantised.
    """

    def __init__(self, blocks: int, size: int) -> None:
        self.matrix: Wide = np.zeros((blocks, size, size))
        self.cross: Wide = np.zeros((blocks, size, size))
        self.positions = 0

    def add(self, reading: Reading, activation: Array, original: Array) -> None:
        """One call's activation, and what it was. The products of a block are float32, their sums are float64."""
        for rows, before in zip(reading.rows(activation), reading.rows(original), strict=True):
            across = rows.transpose(0, 2, 1)
            self.matrix += across @ rows
            self.cross += across @ before
            self.positions += rows.shape[1]

    def add_sum(self, squares: Array) -> None:
        """One call's Σ xᵀx, summed up elsewhere; nothing is known of what x was before."""
        wide = squares.astype(np.float64)
        self.matrix += wide
        self.cross += wide
        self.positions += 1

    @property
    def usable(self) -> bool:
        """Whether anything went in, and all of it was finite."""
        return self.positions > 0 and bool(np.isfinite(self.matrix).all() and np.isfinite(self.cross).all())


def hessian_bytes(blocks: int, size: int) -> int:
    """What both matrices take."""
    return 2 * 8 * blocks * size * size

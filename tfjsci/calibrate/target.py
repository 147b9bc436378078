"""The weight that makes up for what the layers before it have lost: w + (XᵀX + λ)⁻¹ Xᵀ(O − X) w.

X is what the layer is fed with once the layers before it are quantised, O what it was fed with; that weight times X is as near
to O·w as it can be. It, not w, is what is rounded then.
Source: the least squares of Li et al., "GPTAQ: Efficient Finetuning-Free Quantization for Asymmetric Calibration" (2025).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.calibrate.hessian import Hessian

Wide = npt.NDArray[np.float64]

DAMPING = 0.01
"""λ as a share of the mean of XᵀX's diagonal: GPTQ's. Without it few samples would move weights that none of them meets."""


def made_up_for(rows: Wide, hessian: Hessian, *, damping: float = DAMPING) -> Wide:
    """The weight's rows [blocks, K, outputs] (:func:`tfjsci.calibrate.layout.rows_of`), moved; what is never met stays."""
    size = rows.shape[1]
    diagonals = np.einsum("bkk->bk", hessian.matrix)
    added = damping * diagonals.mean(axis=1)
    damped = hessian.matrix + np.where(added > 0, added, 1.0)[:, None, None] * np.eye(size)
    moved: Wide = rows + np.linalg.solve(damped, (hessian.cross - hessian.matrix) @ rows)
    return moved

"""Rounding that hands each error on: what rounding one input's weights loses is made up for by those not yet rounded.

Of a layer y = xW the squared error of y, over the inputs x that it was seen with, is a quadratic form of W's error whose matrix
is H = Σ xxᵀ. Rounding one row of W after the other, the best that the rows left can do about an error is known in closed form,
by the Cholesky factor of H's inverse.

Source: Frantar, Ashkboos, Hoefler and Alistarh, *GPTQ: accurate post-training quantization for generative pre-trained
transformers* (2022), with rows in the order of their weight in H, and with blocks, so that most of the work is matrix products.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tfjsci.quantize.weight import Codes

Wide = npt.NDArray[np.float64]

DAMPING = 0.01
"""Of H's mean diagonal, added to it: GPTQ's own. Inputs that hardly vary would be handed errors without end."""

BLOCK = 128
"""Rows after which what they hand on is added up."""


def round_with_feedback(
    rows: npt.NDArray[np.floating],
    hessian: Wide,
    *,
    scale: npt.NDArray[np.floating],
    offset: npt.NDArray[np.floating],
    steps: int,
    damping: float = DAMPING,
) -> Codes:
    """The codes of ``rows`` ([inputs, outputs], finite), of its shape; uint8, or uint16 where ``steps`` is above 255.

    ``hessian`` [inputs, inputs] is Σ xxᵀ of what the layer is fed with, in any scale. ``scale`` and ``offset`` broadcast to
    ``rows``; a code stands for ``code * scale + offset`` and is at most ``steps``. An input that is always 0 is rounded to the
    nearest. Raises ``ValueError`` when the shapes don't fit, or the matrix isn't finite.
    """
    size = len(rows)
    if hessian.shape != (size, size):
        raise ValueError(f"{size} inputs need a Hessian of [{size}, {size}], not {list(hessian.shape)}")
    if not np.isfinite(hessian).all():
        raise ValueError("the Hessian has NaN or infinity")
    diagonal = np.diagonal(hessian)
    order = np.argsort(
        -diagonal, kind="stable"
    )  # first those whose errors cost most, while the others can make up for them
    factor = _factor(hessian[np.ix_(order, order)], damping)
    left = np.asarray(rows, np.float64)[order]
    scales, offsets = (np.broadcast_to(np.asarray(each, np.float64), rows.shape)[order] for each in (scale, offset))
    codes = np.empty(rows.shape)
    for start in range(0, size, BLOCK):
        stop = min(start + BLOCK, size)
        errors = np.empty((stop - start, rows.shape[1]))
        for i in range(start, stop):
            code = np.clip(np.rint((left[i] - offsets[i]) / scales[i]), 0, steps)
            errors[i - start] = (left[i] - (code * scales[i] + offsets[i])) / factor[i, i]
            left[i + 1 : stop] -= np.outer(factor[i, i + 1 : stop], errors[i - start])
            codes[order[i]] = code
        left[stop:] -= factor[start:stop, stop:].T @ errors
    return codes.astype(np.uint8 if steps < 256 else np.uint16)


def _factor(hessian: Wide, damping: float) -> Wide:
    """The upper triangular U with UᵀU = H⁻¹, H damped.

    H = RRᵀ with R upper triangular is Cholesky's from the far corner on, and U is R's inverse: H itself needn't be inverted.
    """
    mean = float(np.trace(hessian)) / max(len(hessian), 1)
    damped = hessian + np.eye(len(hessian)) * (damping * mean if mean > 0 else 1.0)
    dead = np.diagonal(hessian) <= 0  # nothing is known of these: they neither give nor take
    damped[dead, :] = damped[:, dead] = 0
    damped[dead, dead] = 1
    root = np.linalg.cholesky(damped[::-1, ::-1])[::-1, ::-1]
    return np.triu(np.linalg.solve(root, np.eye(len(hessian))))

"""Codes of four and six bits within bytes, in planes: what the initializer graph takes apart with a few ops on whole tensors.

Planes, not turns: the first half of the codes are the low halves of the bytes, the second half the high ones, so that nothing
is interleaved, which on a GPU would cost more than the arithmetic.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]


def pack(codes: Bytes, bits: int) -> Bytes:
    """Codes [n] of ``bits`` bits -> bytes: ceil(n / 2) of four bits, 3 ceil(n / 4) of six. Zeros fill the last ones up."""
    return _pack_4(codes) if bits == 4 else _pack_6(codes)


def _pack_4(codes: Bytes) -> Bytes:
    low, high = _parts(codes, 2)
    return np.asarray(low | (high << 4), np.uint8)


def _pack_6(codes: Bytes) -> Bytes:
    """Four quarters in three planes: the last quarter's bits are the upper two of each plane, its lowest first."""
    *first, last = _parts(codes, 4)
    return np.concatenate([part | ((last >> (2 * place) & 3) << 6) for place, part in enumerate(first)])


def _parts(codes: Bytes, parts: int) -> list[Bytes]:
    each = -(-codes.size // parts)
    filled = np.zeros(parts * each, np.uint8)
    filled[: codes.size] = codes
    return list(filled.reshape(parts, each))

"""A convolution is a product of its windows and its kernel: held against sums written out."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

from tfjsci.calibrate.patches import Windows, patches

IMAGES = np.random.default_rng(0).normal(size=(3, 7, 6, 2)).astype(np.float32)

CASES = {
    "valid": (Windows(size=(3, 2)), (0, 0)),
    "same": (Windows(size=(3, 3), padding="SAME"), (1, 1)),
    "same, an even kernel": (Windows(size=(2, 2), padding="SAME"), (0, 0)),
    # 7 rows by 2 are 4 positions, which reach over 9 rows; 6 columns by 2 are 3, which reach over 7: the odd zero is at the end
    "same, strided": (Windows(size=(3, 3), strides=(2, 2), padding="SAME"), (1, 0)),
    "dilated": (Windows(size=(2, 3), dilations=(3, 2)), (0, 0)),
    "explicit": (Windows(size=(3, 3), strides=(1, 2), padding=((2, 0), (0, 3))), (2, 0)),
}


@pytest.mark.parametrize("case", CASES)
def test_each_window_is_what_the_kernel_meets(case: str) -> None:
    windows, (top, left) = CASES[case]
    kernel = np.random.default_rng(1).normal(size=(*windows.size, 2, 5)).astype(np.float32)
    rows = np.concatenate(list(patches(IMAGES, windows)))
    found = rows.reshape(len(rows), -1) @ kernel.reshape(-1, 5)
    assert found == pytest.approx(_convolved(IMAGES, kernel, windows, top, left).reshape(-1, 5), abs=1e-4)


def test_blocks_of_any_size_are_the_same_windows() -> None:
    windows = Windows(size=(3, 3), padding="SAME")
    whole = list(patches(IMAGES, windows))
    parts = list(patches(IMAGES, windows, most_bytes=1))
    assert len(whole) == 1
    assert len(parts) == len(IMAGES)
    assert np.array_equal(np.concatenate(parts), whole[0])


def test_a_kernel_larger_than_the_image_meets_nothing() -> None:
    assert list(patches(IMAGES, Windows(size=(8, 2)))) == []
    assert len(list(patches(IMAGES, Windows(size=(7, 2))))) == 1


def _convolved(images: np.ndarray, kernel: np.ndarray, windows: Windows, top: int, left: int) -> np.ndarray:
    """[n, rows, columns, out]: position by position, tap by tap; what is outside of the image counts as zero."""
    height, width = images.shape[1:3]
    (above, below), (before, behind) = windows.added(height, width)
    assert (above, before) == (top, left)
    reach = [(size - 1) * dilation + 1 for size, dilation in zip(windows.size, windows.dilations, strict=True)]
    rows = (height + above + below - reach[0]) // windows.strides[0] + 1
    columns = (width + before + behind - reach[1]) // windows.strides[1] + 1
    if windows.padding == "SAME":
        assert (rows, columns) == (-(-height // windows.strides[0]), -(-width // windows.strides[1]))
    out = np.zeros((len(images), rows, columns, kernel.shape[3]))
    for row, column in itertools.product(range(rows), range(columns)):
        for i, j in itertools.product(range(windows.size[0]), range(windows.size[1])):
            y = row * windows.strides[0] + i * windows.dilations[0] - top
            x = column * windows.strides[1] + j * windows.dilations[1] - left
            if 0 <= y < height and 0 <= x < width:
                out[:, row, column] += images[:, y, x] @ kernel[i, j]
    return out

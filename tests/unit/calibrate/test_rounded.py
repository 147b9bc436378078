"""Which of several scales a weight, or each of its channels, gets."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tfjsci.calibrate.hessian import Hessian
from tfjsci.calibrate.readings import Reading
from tfjsci.calibrate.rounded import rounded
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.weight import QuantizedWeight

RNG = np.random.default_rng(0)
VALUE = RNG.normal(size=(24, 8)).astype(np.float32)


@pytest.fixture(scope="module")
def hessian() -> Hessian:
    inputs = RNG.normal(size=(200, 24)).astype(np.float32)
    found = Hessian(1, 24)
    found.add(Reading(activation="x", layout="in-out"), inputs, inputs)
    return found


def coarser(weight: QuantizedWeight, by: float, channels: slice) -> QuantizedWeight:
    """The same with longer steps in some channels."""
    assert weight.scale is not None
    assert weight.offset is not None
    scale, offset = weight.scale.copy(), weight.offset.copy()
    scale[..., channels] *= by
    offset[..., channels] *= by
    return replace(weight, scale=scale, offset=offset)


def test_a_channel_has_the_other_scale_where_it_loses_much_less(hessian: Hessian) -> None:
    fine = quantize_weight(VALUE, Scheme(name="int4", ranges="min-max"), axes=(1,))
    coarse = coarser(fine, 4, slice(3))
    found = rounded(VALUE, [coarse, fine], hessian, "in-out")
    assert np.array_equal(found.scale, fine.scale)
    assert np.array_equal(found.codes, rounded(VALUE, [fine], hessian, "in-out").codes)


def test_the_first_is_kept_where_another_is_a_little_better(hessian: Hessian) -> None:
    fine = quantize_weight(VALUE, Scheme(name="int4", ranges="min-max"), axes=(1,))
    slightly = coarser(fine, 1.125, slice(3))
    assert np.array_equal(rounded(VALUE, [slightly, fine], hessian, "in-out").scale, slightly.scale)


def test_a_scale_of_all_is_taken_or_left_as_one(hessian: Hessian) -> None:
    fine = quantize_weight(VALUE, Scheme(name="uint8", ranges="min-max"), axes=())
    coarse = coarser(fine, 4, slice(None))
    assert np.array_equal(rounded(VALUE, [coarse, fine], hessian, "in-out").scale, fine.scale)
    assert np.array_equal(rounded(VALUE, [fine, coarse], hessian, "in-out").scale, fine.scale)


def test_groups_and_depthwise_channels_are_chosen_alike() -> None:
    kernel = RNG.normal(size=(3, 3, 4, 2)).astype(np.float32)
    inputs = RNG.normal(size=(4, 50, 9)).astype(np.float32)
    found = Hessian(4, 9)
    found.matrix += inputs.transpose(0, 2, 1) @ inputs
    found.cross += found.matrix
    found.positions = 50
    fine = quantize_weight(kernel, Scheme(name="int4", ranges="min-max"), axes=(2, 3))
    assert np.array_equal(rounded(kernel, [coarser(fine, 4, slice(1)), fine], found, "depthwise").scale, fine.scale)
    wide = RNG.normal(size=(64, 3)).astype(np.float32)
    hessian = Hessian(1, 64)
    hessian.add(
        Reading(activation="x", layout="in-out"), inputs.reshape(-1, 9)[:, :1].repeat(64, 1), np.zeros((200, 64))
    )
    grouped = quantize_weight(wide, Scheme(name="int4", ranges="min-max", group=16), axes=(1,))
    assert grouped.scale is not None
    assert grouped.scale.size == 12
    assert rounded(wide, [grouped, grouped], hessian, "in-out", make_up=False).grouped == grouped.grouped

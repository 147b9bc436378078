"""A weight's bytes are those that are written, and its values those that come of them."""

from __future__ import annotations

import brotli
import numpy as np
import pytest

from tfjsci.graph.graph import Constant, DType, Graph, Node
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.stored import LADDER, Stored, schemes_for

FLOAT = {"T": DType("float32")}
VALUE = np.random.default_rng(0).normal(size=(64, 48)).astype(np.float32)


def graph() -> Graph:
    return Graph(
        nodes=(
            Node(name="x", op="Placeholder", attrs={"dtype": DType("float32")}),
            Node(name="kernel", op="Const", attrs={"dtype": DType("float32")}),
            Node(name="y", op="MatMul", inputs=("x", "kernel"), attrs={**FLOAT, "transpose_b": False}),
        ),
        outputs=("y",),
        constants={"kernel": Constant(value=VALUE.copy())},
    )


@pytest.mark.parametrize(
    ("scheme", "bits", "step"),
    [
        (None, 32, 0.0),
        (Scheme(name="float16"), 16, 2.0**-9),  # of what lies between 2 and 4
        (Scheme(name="uint16"), 16, 8 / 65535),  # the values span 7
        (Scheme(name="uint8"), 8, 8 / 255),
    ],
)
def test_plain_schemes_have_their_bits_and_no_more_error_than_even_steps(
    scheme: Scheme | None, bits: int, step: float
) -> None:
    data, values = Stored(graph())("kernel", scheme)
    assert len(data) * 8 == VALUE.size * bits
    assert values.dtype == np.float32
    assert np.sqrt(np.square(values - VALUE).mean()) <= step / 12**0.5  # evenly spread over half a step to each side


def test_a_packed_scheme_has_its_codes_and_its_scales() -> None:
    data, values = Stored(graph())("kernel", Scheme(name="int4"))
    channels = VALUE.shape[1]
    assert VALUE.size // 2 <= len(data) <= VALUE.size // 2 + 8 * channels + 32
    assert 10 * np.log10(np.vdot(VALUE, VALUE) / np.vdot(values - VALUE, values - VALUE)) > 15


def test_fewer_levels_are_fewer_bytes_when_compressed_a_third_of_a_bit_each_step() -> None:
    store = Stored(graph())
    found = [store("kernel", Scheme(name="uint8", levels=levels, ranges="min-max")) for levels in (256, *LADDER)]
    sizes = [len(brotli.compress(data, quality=11)) for data, _ in found]
    errors = [float(np.square(values - VALUE).sum()) for _, values in found]
    assert sizes == sorted(sizes, reverse=True)
    assert errors == sorted(errors)
    assert sizes[9] < 0.65 * sizes[0]  # 32 levels: 5 bits at most, 4 by entropy
    assert all(len(np.unique(values)) <= levels for (_, values), levels in zip(found, (256, *LADDER), strict=True))


def test_packed_schemes_are_tried_only_where_they_are_allowed_and_possible() -> None:
    plain = schemes_for(graph(), ["kernel"], allow_initializer=False)
    assert not any(scheme.needs_initializer for scheme in plain)
    packed = schemes_for(graph(), ["kernel"], allow_initializer=True)
    assert {scheme.name for scheme in packed if scheme.needs_initializer} == {"uint8-per-channel", "int6", "int4"}
    output = Graph(nodes=graph().nodes, outputs=("y", "kernel"), constants=graph().constants)
    assert schemes_for(output, ["kernel"], allow_initializer=True) == plain

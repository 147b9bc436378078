from __future__ import annotations

import numpy as np
import pytest
from complex_cases import complex_op, complexes, in_parts
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import FEW, Example, assert_right_in_tensorflow, floats, lowered_by, one_op, refused

from tfjsci.graph.graph import DType, Graph, Node


def transform(op: str, *around: int, n: int, seed: int = 0, **options: object) -> Example:
    """n is the length of the real numbers, or of all the complex ones."""
    match op:
        case "RFFT":
            return in_parts(one_op(op, floats(*around, n, seed=seed), np.int32([n]), constant=[1], **options))
        case "IRFFT":
            half = complexes(*around, n // 2 + 1, seed=seed)
            return complex_op(op, half, np.int32([n]), constant=[1], Treal="float32", **options)
    return complex_op(op, complexes(*around, n, seed=seed), **options)


OPS = ("FFT", "IFFT", "RFFT", "IRFFT")
EXAMPLES = st.builds(
    lambda op, around, n, seed: transform(op, *around, n=n, seed=seed),
    st.sampled_from(OPS),
    st.lists(st.integers(1, 3), max_size=2),
    st.one_of(st.integers(1, 40), st.sampled_from([64, 100, 105, 128, 180, 256, 320])),
    st.integers(0, 99),
)


def of_real_numbers(n: int) -> Example:
    """FFT(Cast(x)): half the work."""
    x = floats(2, n)
    f, c = DType("float32"), DType("complex64")
    nodes = (
        *(node for node in one_op("Cast", x, SrcT="float32", DstT="complex64").graph),
        Node(name="fft", op="FFT", inputs=("op",), attrs={"Tcomplex": c}),
        Node(name="real", op="Real", inputs=("fft",), attrs={"T": c, "Tout": f}),
    )
    return Example(graph=Graph(nodes=nodes, outputs=("real",)), inputs={"input0": x}, text="FFT(Cast(x))")


CORNERS = (
    *(transform(op, 2, n=n) for op in OPS for n in (1024,)),
    transform("IRFFT", 2, n=9),  # which no backend can
    transform("RFFT", n=2),
    transform("FFT", n=1),
    transform("RFFT", 3, 2, n=400, unknown={0: [0, 1]}),
    transform("IFFT", 3, 2, n=400, unknown={0: [0, 1]}),
    of_real_numbers(240),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_product_with_cosines_and_sines(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_matrices")


@pytest.mark.parametrize("example", CORNERS, ids=repr)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "fourier_matrices")


def test_leaves_alone_what_works() -> None:
    example = one_op("FFT", complexes(2, 8), backends=("webgl", "webgpu", "cpu"))
    assert lowered_by(example) == []


def test_declines_what_would_be_too_large_or_is_unknown() -> None:
    assert "no kernel FFT" in refused(transform("FFT", n=1031))
    assert "no kernel FFT" in refused(transform("FFT", 2, n=8, unknown={0: [1]}))


def test_long_transforms_are_small() -> None:
    from tfjsci.rewrite.formulas.fourier import Transform

    assert Transform(n=1024, kept=513, sign=-1, inputs=1).size < 15_000
    assert Transform(n=16384, kept=8193, sign=-1, inputs=1).size < 250_000

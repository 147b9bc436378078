"""Quantising 100 M weights beside numpy's own min, max, multiply, round and cast: how much longer, and in how much memory.

They take turns, and medians are compared. The memory is what Python's allocations reach above the weights, codes among them, when
the weights are 25 matrices whose codes are handed on one by one, as the writer does; and beside the codes for one matrix of all.
"""

from __future__ import annotations

import statistics
import time
import tracemalloc
from collections.abc import Callable
from functools import partial

import numpy as np
import numpy.typing as npt
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from tfjsci.dtypes import SchemeName
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Ranges, Rounding, Scheme

SIDE, MATRICES = 2000, 25
ROUNDS = 3
MEMORY = 64e6
WAYS: dict[str, tuple[Ranges, Rounding, float]] = {
    "min-max, nearest": ("min-max", "nearest", 3.0),
    "min-max, balanced": ("min-max", "balanced", 25.0),
    "least-error, balanced": ("least-error", "balanced", 25.0),
}
"""How many times numpy's own time is claimed of each."""
SCHEMES: tuple[SchemeName, ...] = ("uint8", "uint8-per-channel", "int4")
Weights = npt.NDArray[np.float32]


@pytest.fixture(scope="module")
def weights() -> Weights:
    """100 M, normally distributed, each column with a spread of its own: [matrices, in, out]."""
    rng = np.random.default_rng(0)
    value = rng.standard_normal((MATRICES, SIDE, SIDE), dtype=np.float32)
    value *= rng.uniform(0.2, 2.0, (MATRICES, 1, SIDE)).astype(np.float32)
    return value


def numpys_own(value: Weights) -> None:
    """What quantising can't do without, in five passes."""
    low, high = value.min(), value.max()
    steps = value * np.float32(127 / max(-low, high))
    steps = np.rint(steps)
    steps.astype(np.int8)


def each(work: Callable[[Weights], None], weights: Weights) -> None:
    for matrix in weights:
        work(matrix)


def quantized(value: Weights, scheme: Scheme) -> None:
    for matrix in value:
        quantize_weight(matrix, scheme, axes=(1,))


def seconds(work: Callable[[], None]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


@pytest.mark.parametrize("name", SCHEMES)
def test_time_beside_numpys_own(benchmark: BenchmarkFixture, weights: Weights, name: SchemeName) -> None:
    taken: dict[str, list[float]] = {"numpy": [], **{way: [] for way in WAYS}}

    def turn() -> None:
        taken["numpy"].append(seconds(partial(each, numpys_own, weights)))
        for way, (ranges, rounding, _) in WAYS.items():
            scheme = Scheme(name=name, ranges=ranges, rounding=rounding)
            taken[way].append(seconds(partial(quantized, weights, scheme)))

    benchmark.pedantic(turn, rounds=ROUNDS, iterations=1)
    medians = {what: statistics.median(times) for what, times in taken.items()}
    ratios = {way: medians[way] / medians["numpy"] for way in WAYS}
    benchmark.extra_info.update({"seconds": medians, "ratios": ratios})
    print(f"\n{name}: {medians}, {ratios}")
    for way, ratio in ratios.items():
        assert ratio <= WAYS[way][2], way


@pytest.mark.parametrize("name", SCHEMES)
@pytest.mark.parametrize("way", WAYS)
def test_memory_above_the_weights(weights: Weights, name: SchemeName, way: str) -> None:
    ranges, rounding, _ = WAYS[way]
    scheme = Scheme(name=name, ranges=ranges, rounding=rounding)
    peaks = {
        "matrix by matrix": peak(lambda: quantized(weights, scheme)),
        "all in one, beside its codes": peak(lambda: quantized(weights.reshape(1, -1, SIDE), scheme)) - weights.size,
    }
    print(f"\n{name}, {way}: " + ", ".join(f"{what}: {size / 1e6:.1f} MB" for what, size in peaks.items()))
    assert max(peaks.values()) <= MEMORY


def peak(work: Callable[[], None]) -> int:
    """Bytes that are allocated at once, at most."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

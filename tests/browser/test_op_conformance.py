"""The catalogue's answer for each op, against what real browsers do: does it run, and to the numbers of TensorFlow?

The cases are in op_cases, TensorFlow's answers to them in op_expectations.json (record_op_expectations.py makes it). By
default a fixed sample runs; ``script/test --all`` runs every case. After each case that the check refuses an addition is
computed: some of wasm's kernels write out of bounds and spoil what runs after them in the page, so that the rest gets
another page; and where a page hangs for it, each of its cases gets its own.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from conformance import Pages
from op_cases import CASES, OpCase

from tfjsci.catalog.catalog import load_catalog
from tfjsci.catalog.check import check_ops
from tfjsci.dtypes import BACKENDS, RUNTIME_DTYPE, Backend
from tfjsci.errors import BrowserJobFailed

HERE = Path(__file__).parent
EXPECTATIONS: dict[str, Any] = json.loads((HERE / "op_expectations.json").read_text(encoding="utf-8"))["cases"]

SAMPLE = (
    "AddV2", "AddV2/rank-7", "AvgPool/nchw", "BatchMatMulV2/int32", "BitwiseAnd", "Cast/int-bool", "Complex",
    "Conv2D", "Conv2D/grouped", "Conv2D/nchw", "Conv2D/strided-dilated", "Cumsum/negative", "DepthwiseConv2dNative/nchw",
    "Einsum", "Einsum/mixed-case", "FusedBatchNormV3", "FusedDepthwiseConv2dNative/leakyrelu", "GatherV2/batch",
    "LookupTableFindV2", "MatrixBandPart/lower", "Mean", "OneHot/float", "Pad/rank-5", "ResizeBilinear", "StringSplit",
    "TensorListStack", "Unique", "Where", "While", "_FusedConv2D/bias-map", "_FusedConv2D/tanh", "_FusedMatMul/prelu",
)  # fmt: skip
"""Every kind of answer: runs everywhere, lacks a kernel, throws, is silently wrong, on each backend."""

RIGHT_BY_LUCK = frozenset(
    {
        # values that happen not to go beyond 8 bits
        "Add/dtype-uint8", "Div/dtype-uint8", "Mod/dtype-uint8",
        # the wrong shape of the parts shows only when they are used further
        "ExpandDims/dtype-complex64", "Reshape/dtype-complex64", "Squeeze/dtype-complex64", "RFFT/rank-1",
        # a list of complex numbers that is never read
        "TensorListLength/dtype-complex64", "TensorListResize/dtype-complex64", "TensorArraySizeV3/dtype-complex64",
        "TensorListReserve/dtype-complex64", "EmptyTensorList/dtype-complex64", "TensorArrayWriteV3/dtype-complex64",
        # what is beyond these values' bits, or below them, doesn't show
        "ClipByValue/dtype-uint8", "Dilation2D/dtype-int32", "Dilation2D/dtype-int64", "Dilation2D/dtype-uint8",
        # no place is scattered to twice
        "ScatterNd/dtype-bool",
        # what is freed behind it is a constant here, which stays
        "TopKV2/one-number",
        # the GPU computes it here, which otherwise leaves it to the CPU
        "Prod/negative", "Prod/rank-5",
        # what is repeated is a constant here, which is still on the CPU
        *(f"{op}/rank-{rank}" for op in ("BroadcastTo", "Tile") for rank in (5, 6, 7)),
        # cpu's own answer for nothing is false
        "Any/nothing",
        # what is written past their end meets nothing here
        "Select/dtype-bool", "SelectV2/dtype-bool", "MatrixBandPart/dtype-bool",
        # the dimension too many has size 1
        *(
            f"{op}/rank-7-spread"
            for op in (
                "FloorDiv", "Maximum", "Minimum", "Pow", "FloorMod", "Atan2", "Equal", "NotEqual", "Greater", "GreaterEqual",
                "Less", "LessEqual", "LogicalAnd", "LogicalOr",
            )
        ),
        # right at this size and wrong at others, which have cases of their own
        "All/rank-3-first", "All/rank-4-first", "All/rank-6-first", "Any/rank-3-first",
        "PadV2/rank-5", "StridedSlice/rank-7-plain", "Einsum/dtype-int32",
        "Einsum/dtype-int64",
    }
)  # fmt: skip
"""Examples that the check refuses for what may happen, and that come out right all the same on some backend."""

WITNESS = "AddV2"
"""The case that is run after another to see whether the page still computes."""

AT_ONCE, AT_ONCE_SECONDS = 25, 10
"""Refused cases of one page, and how long they may take together: a second or two, where none makes the page hang. Those of a
page that is late run again, each in its own."""

RELATIVE, ABSOLUTE = 1e-3, 1e-4
"""float32 sums in another order, and the GPUs' own exp and tanh; a wrong axis or sign is off by far more."""


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the browser did: ``threw`` and ``differs`` are both None when it was right."""

    threw: str | None = None
    differs: str | None = None


def seen(result: dict[str, Any], expected: dict[str, Any]) -> Seen:
    if "threw" in result:
        return Seen(threw=result["threw"])
    pairs = zip(result["outputs"], expected["outputs"], strict=True)
    differences = [f"output {i}: {text}" for i, (got, want) in enumerate(pairs) if (text := difference(got, want))]
    return Seen(differs="; ".join(differences) or None)


def difference(got: dict[str, Any], want: dict[str, Any]) -> str | None:
    wanted_dtype = RUNTIME_DTYPE[want["dtype"]]
    if got["dtype"] != wanted_dtype:
        return f"dtype {got['dtype']}, not {wanted_dtype}"
    if got["shape"] != want["shape"]:
        return f"shape {got['shape']}, not {want['shape']}"
    if want["values"] is None:  # random numbers
        return None
    if wanted_dtype == "string":
        return None if got["values"] == want["values"] else f"{got['values']}, not {want['values']}"
    ours = np.array([float(value) for value in got["values"]])
    theirs = np.array([float(value) for value in want["values"]])
    if ours.shape == theirs.shape and np.allclose(ours, theirs, rtol=RELATIVE, atol=ABSOLUTE, equal_nan=True):
        return None
    return f"{ours[:6]}, not {theirs[:6]}"


def run_all(pages: Pages, backend: Backend, cases: Sequence[OpCase]) -> dict[str, Seen]:
    refused = [case for case in cases if check_ops(case.graph, [backend]).unsupported]
    names = {case.name for case in refused}
    together = [case for case in cases if case.name not in names]
    results = pages.run(backend, together)["results"] if together else []
    while refused:
        done = _until_spoiled(pages, backend, refused[:AT_ONCE])
        results += done
        refused = refused[len(done) :]
    return {result["name"]: seen(result, EXPECTATIONS[result["name"]]) for result in results}


def _until_spoiled(pages: Pages, backend: Backend, cases: Sequence[OpCase]) -> list[dict[str, Any]]:
    """The results of one page, up to the first case after which the page can't add any more."""
    witness = next(case for case in CASES if case.name == WITNESS)
    with_witness = [each for case in cases for each in (case, witness)]
    try:
        results = pages.run(backend, with_witness, deadline_seconds=AT_ONCE_SECONDS)["results"]
    except BrowserJobFailed:
        return [pages.run(backend, [case])["results"][0] for case in cases]
    kept = []
    for result, after in zip(results[::2], results[1::2], strict=True):
        kept.append(result)
        if seen(after, EXPECTATIONS[WITNESS]) != Seen():
            break
    return kept


def disagreement(case: OpCase, backend: Backend, did: Seen) -> str | None:
    """How the check's answer and the browser's differ, if they do."""
    found = check_ops(case.graph, [backend]).unsupported
    if not found:
        return None if did == Seen() else f"{case.name}: the check lets it pass, the browser: {did}"
    agrees = {
        "throws": did.threw is not None,
        "silently wrong": did.differs is not None,
        "throws or silently wrong": did != Seen(),
    }
    reasons = [entry.reason for entry in found]
    if did == Seen() and case.name in RIGHT_BY_LUCK:
        return None
    if any(agrees.get(reason.partition(":")[0], did.threw is not None) for reason in reasons):
        return None
    return f"{case.name}: the check says {reasons}, the browser: {did}"


def disagreements(pages: Pages, backend: Backend, cases: Sequence[OpCase]) -> list[str]:
    did = run_all(pages, backend, cases)
    assert sorted(did) == sorted(case.name for case in cases)
    return [text for case in cases if (text := disagreement(case, backend, did[case.name]))]


@pytest.mark.parametrize("backend", BACKENDS)
def test_check_agrees_with_the_browser_on_a_sample(pages: Pages, backend: Backend) -> None:
    sample = [case for case in CASES if case.name in SAMPLE]
    assert len(sample) == len(SAMPLE)
    assert disagreements(pages, backend, sample) == []


@pytest.mark.slow
@pytest.mark.parametrize("backend", BACKENDS)
def test_check_agrees_with_the_browser_on_every_case(pages: Pages, backend: Backend) -> None:
    assert disagreements(pages, backend, CASES) == []


@pytest.mark.parametrize("backend", BACKENDS)
def test_catalog_lists_the_kernels_that_the_browser_has(pages: Pages, backend: Backend) -> None:
    assert sorted(pages.run(backend, [])["kernels"]) == sorted(load_catalog().kernels[backend])


def test_a_wrong_claim_would_be_seen() -> None:
    # The comparison itself, on a case of each kind: an answer of the other kind is a disagreement.
    cases = {case.name: case for case in CASES}
    assert disagreement(cases["AddV2"], "cpu", Seen()) is None
    assert disagreement(cases["AddV2"], "cpu", Seen(differs="1, not 2")) is not None
    assert disagreement(cases["AddV2"], "cpu", Seen(threw="no")) is not None
    assert disagreement(cases["Conv2D/grouped"], "cpu", Seen(threw="no")) is None
    assert disagreement(cases["Conv2D/grouped"], "cpu", Seen()) is not None
    assert disagreement(cases["OneHot/first-axis"], "cpu", Seen(threw="no")) is not None

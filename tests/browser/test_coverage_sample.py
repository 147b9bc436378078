"""A sample of the coverage sweep: cases of all kinds, converted as a graph model, right in the real runtime.

The whole sweep is ``python -m benchmarks.coverage``.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.coverage.cases import all_cases
from benchmarks.coverage.judged import Verdict, judge
from benchmarks.coverage.pages import Answer, Pages, Task
from benchmarks.coverage.prepared import Prepared, prepare
from tfjsci.dtypes import Backend

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

EVERYWHERE = (
    "structural/two_towers",
    "structural/inputs_of_one_shape",
    "structural/handed_through",
    "layers/Conv2D/same",
    "layers/MultiHeadAttention/masked",
    "layers/LSTM/loop/masked_sequences",
    "structural/any_size_of_image",
    "structural/empty",
    "layers/Conv3D/depthwise_by_groups",
    "layers/GroupQueryAttention/self",
    "zoo/segmenter_any_size",
)
"""On all four backends."""

ON_WASM = (
    "structural/image_and_words",
    "structural/nested_deeply",
    "structural/lookups",
    "structural/dtypes",
    "structural/float64",
    "structural/loop_collatz",
    "structural/loop_in_a_branch",
    "layers/BatchNormalization",
    "layers/Bidirectional/loop/GRU_concat",
    "layers/Conv1D/causal",
    "layers/Conv3D/same",
    "layers/DepthwiseConv2D/same",
    "layers/Dot",
    "layers/EinsumDense/heads",
    "layers/GroupNormalization",
    "layers/MaxPooling2D/same",
    "layers/Normalization",
    "layers/PReLU",
    "layers/Resizing/bicubic",
    "layers/SeparableConv2D/same",
    "layers/StringLookup/multi_hot",
    "ops/argmax",
    "ops/cond",
    "ops/cumsum",
    "ops/einsum/batch",
    "ops/image.resize/bilinear",
    "ops/inv",
    "ops/one_hot",
    "ops/scatter",
    "ops/sort",
    "ops/top_k",
    "zoo/u_net",
    "zoo/tf_nms",
)
"""On wasm alone."""


@dataclass
class Sample:
    """What every case gave; asked for one case at a time."""

    prepared: dict[str, Prepared]
    answers: dict[tuple[str, Backend], Answer]

    def verdict(self, name: str, backend: Backend) -> Verdict:
        case = self.prepared[name]
        assert not case.failed
        assert not case.graph.refused
        assert not case.graph.failed
        answer = self.answers[name, backend]
        return judge(case.reference or {}, answer, backend, names=None, random=case.random, coarse=False)


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    cases = {case.name: case for case in all_cases()}
    prepared = {
        name: prepare(cases[name], tmp_path_factory.mktemp("case"), with_layers=False)
        for name in (*EVERYWHERE, *ON_WASM)
    }
    answers: dict[tuple[str, Backend], Answer] = {}
    with Pages() as pages:
        backends: tuple[Backend, ...] = ("wasm", "cpu", "webgl", "webgpu")
        for backend in backends:
            names = [n for n in prepared if (n in EVERYWHERE or backend == "wasm") and prepared[n].graph.folder]
            tasks = [Task(model=_folder(prepared[name]), inputs=prepared[name].given or {}) for name in names]
            for name, answer in zip(names, pages.run(backend, tasks), strict=True):
                answers[name, backend] = answer
    return Sample(prepared=prepared, answers=answers)


def _folder(prepared: Prepared) -> Path:
    assert prepared.graph.folder is not None
    return prepared.graph.folder


@pytest.mark.parametrize("name", [*EVERYWHERE, *ON_WASM])
def test_a_case_is_right_on_wasm(sample: Sample, name: str) -> None:
    assert sample.verdict(name, "wasm").status == "right", sample.verdict(name, "wasm")


@pytest.mark.parametrize("name", EVERYWHERE)
@pytest.mark.parametrize("backend", ["cpu", "webgl", "webgpu"])
def test_a_case_is_right_on_the_other_backends(sample: Sample, name: str, backend: Backend) -> None:
    assert sample.verdict(name, backend).status == "right", sample.verdict(name, backend)


def test_a_wrong_number_is_seen(sample: Sample) -> None:
    """The near miss: one value of one output, off by a hundredth of its size."""
    name = "structural/inputs_of_one_shape"
    case, answer = sample.prepared[name], sample.answers[name, "wasm"]
    outputs = {key: value.copy() for key, value in (answer.outputs or {}).items()}
    first = next(iter(outputs.values()))
    first.reshape(-1)[abs(first).argmax()] *= 1.01
    off = judge(case.reference or {}, Answer(outputs=outputs), "wasm", names=None, random=False, coarse=False)
    assert off.status == "wrong"

"""The line with a browser, a converter and an original that are all made here: a stage for tests to break things on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from numpy_evaluator import evaluate_in_numpy, infer_in_numpy

from tfjsci import pipeline
from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write import Written, write_artifact
from tfjsci.browser.protocol import BackendEnvironment, BackendProbe, CustomScript, MemoryUse, Prediction, Timing
from tfjsci.catalog.catalog import Catalog
from tfjsci.catalog.check import OpCheck, UnsupportedOp
from tfjsci.converter import Converted
from tfjsci.dtypes import Backend
from tfjsci.errors import (
    TfjsciError,
)
from tfjsci.graph.graph import Constant, DType, Graph, Node
from tfjsci.load.loaded import LoadedGraph
from tfjsci.manifest.parse import load_manifest
from tfjsci.pipeline import World, run_manifest
from tfjsci.plan import make_plan
from tfjsci.progress import Step
from tfjsci.quantize.weight import QuantizedWeight
from tfjsci.results.run_result import ModelResult, RunResult
from tfjsci.rewrite.stage import Means, RewrittenGraph
from tfjsci.sessions import Sessions
from tfjsci.signature import TensorSpec

Array = npt.NDArray[np.generic]
KERNEL = np.arange(96, dtype=np.float32).reshape(12, 8)

MANIFEST = """
version: 1
defaults: {backends: [wasm, cpu], benchmark: {warmup: 1, runs: 2}}
models:
  - {name: a, source: a.keras, quantize: [float16]}
  - {name: b, source: b.keras}
"""


def graph(kernel: Array = KERNEL) -> Graph:
    float32 = {"dtype": DType("float32")}
    return Graph(
        nodes=(
            Node(name="x", op="Placeholder", attrs=float32),
            Node(name="kernel", op="Const", attrs=float32),
            Node(name="y", op="MatMul", inputs=("x", "kernel"), attrs={"T": DType("float32")}),
        ),
        outputs=("y",),
        constants={"kernel": Constant(value=kernel.copy(), sources=("dense/kernel",))},
    )


def product(arrays: Mapping[str, Array]) -> dict[str, Array]:
    return {"y": np.asarray(arrays["x"], np.float32) @ KERNEL}


def converted(
    unsupported: tuple[UnsupportedOp, ...] = (),
    original: Callable[..., dict[str, Array]] = product,
    rewritten: Graph | None = None,
) -> Converted:
    inputs = (TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, 12)),)
    outputs = (TensorSpec(name="y", tensor="y:0", dtype="float32", shape=(None, 8)),)
    loaded = LoadedGraph(
        graph=graph(), inputs=inputs, outputs=outputs, format="keras", signature=None, original=original
    )
    return Converted(
        loaded=loaded,
        means=Means(evaluate=evaluate_in_numpy, infer=infer_in_numpy),
        rewritten=RewrittenGraph(graph=rewritten or graph(), applied={}, refusals=()),
        inputs=inputs,
        outputs=outputs,
        check=OpCheck(ops={"MatMul": 1}, unsupported=unsupported),
        notes=("a note of the converter",),
    )


def environment(backend: Backend) -> BackendEnvironment:
    return BackendEnvironment(
        backend=backend, browser="Chromium 1", tfjs="4.22.0", renderer="JavaScript", software=False, cores=2, flags={}
    )


@dataclass
class FakeSession:
    """Answers as the original does; ``broken`` says which job raises what."""

    broken: dict[tuple[str, str, Backend], BaseException] = field(default_factory=dict)
    asked: list[tuple[str, str, Backend]] = field(default_factory=list)
    ran: list[tuple[str, tuple[CustomScript, ...]]] = field(default_factory=list)
    release: dict[str, Any] | BaseException = field(default_factory=dict)
    described: int = 0
    closed: int = 0

    def _ask(self, job: str, model: Path, backend: Backend, scripts: Sequence[CustomScript]) -> None:
        assert (model / "model.json").is_file()
        what = (job, f"{model.parent.name}/{model.name}", backend)
        self.asked.append(what)
        self.ran += [(job, tuple(scripts))] if scripts else []
        if what in self.broken:
            raise self.broken[what]

    def probe(self, backend: Backend) -> BackendProbe:
        raise AssertionError("a run doesn't probe")

    def describe_release(self) -> dict[str, Any]:
        self.described += 1
        if isinstance(self.release, BaseException):
            raise self.release
        return self.release

    def predict(
        self,
        model: Path,
        backend: Backend,
        inputs: Sequence[Mapping[str, Array]],
        *,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> list[Prediction]:
        self._ask("predict", model, backend, scripts)
        return [Prediction(outputs=product(each), environment=environment(backend)) for each in inputs]

    def time(
        self,
        model: Path,
        backend: Backend,
        inputs: Mapping[str, Array],
        *,
        warmup: int,
        runs: int,
        deadline_seconds: float,
        scripts: Sequence[CustomScript] = (),
    ) -> Timing:
        self._ask("time", model, backend, scripts)
        memory = MemoryUse(tensors=3, bytes=400)
        return Timing(
            load_ms=1.0,
            first_inference_ms=2.0,
            warmup_ms=(1.0,) * warmup,
            steady_ms=(1.0,) * runs,
            memory_before=memory,
            memory_after=memory,
            environment=environment(backend),
        )

    def intermediates(self, *args: object, **kwargs: object) -> Prediction:
        raise AssertionError("nothing is off, so no culprit is looked for")

    def race(self, *args: object, **kwargs: object) -> list[Timing]:
        raise AssertionError("a run doesn't race")

    def close(self) -> None:
        self.closed += 1


@dataclass
class Watched:
    """A display that writes down what it is told."""

    total: int = 0
    steps: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    ended: int = 0

    def begin(self, steps: int) -> None:
        self.total += steps

    @contextmanager
    def step(self, model: str, what: str) -> Iterator[Step]:
        self.steps.append(f"{model}: {what}")
        step = Step()
        try:
            yield step
        except BaseException:
            self.failed.append(f"{model}: {what}: {step.detail}")
            raise

    def skip(self, steps: int) -> None:
        self.total -= steps

    def end(self) -> None:
        self.ended += 1


@dataclass
class Stage:
    """Everything a run needs, and what each part of it does."""

    folder: Path
    session: FakeSession = field(default_factory=FakeSession)
    watched: Watched = field(default_factory=Watched)
    models: dict[str, Converted | BaseException] = field(default_factory=dict)
    catalogs: list[Catalog] = field(default_factory=list)
    without: list[tuple[str, ...]] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    make_fails: TfjsciError | None = None

    def run(
        self,
        manifest: str = MANIFEST,
        *,
        models: Sequence[str] = (),
        only: Sequence[str] = (),
        **options: Any,
    ) -> RunResult:
        path = self.folder / "tfjsci.yml"
        path.write_text(manifest)
        plan = make_plan(load_manifest(path), output=self.folder / "out", models=models, only=only, **options)

        def make(tfjs: str) -> FakeSession:
            self.made.append(tfjs)
            if self.make_fails:
                raise self.make_fails
            return self.session

        times = iter(datetime(2026, 1, 1, 0, 0, second, tzinfo=timezone.utc) for second in range(60))
        with Sessions(make) as sessions:
            world = World(sessions=sessions, progress=self.watched, now=lambda: next(times))
            return run_manifest(plan, world, manifest_name="tfjsci.yml")


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    made = Stage(folder=tmp_path)

    def convert(source: Path, *, catalog: Catalog, without_rules: Sequence[str], **kwargs: object) -> Converted:
        made.catalogs.append(catalog)
        made.without.append(tuple(without_rules))
        answer = made.models.get(source.stem, converted())
        if isinstance(answer, BaseException):
            raise answer
        return answer

    def write_variant(
        model: Converted,
        folder: Path,
        *,
        quantization: Quantization | None = None,
        prepared: Mapping[str, QuantizedWeight] | None = None,
        shard_bytes: int,
    ) -> Written:
        failure = made.models.get(f"write {folder.parent.name}/{folder.name}")
        if isinstance(failure, BaseException):
            raise failure
        return write_artifact(
            model.graph,
            inputs=model.inputs,
            outputs=model.outputs,
            folder=folder,
            quantization=quantization,
            prepared=prepared,
            shard_bytes=shard_bytes,
        )

    def run_reference(loaded: LoadedGraph, samples: Sequence[Mapping[str, Array]]) -> list[dict[str, Array]]:
        return [dict(loaded.original(sample)) for sample in samples]

    # The three that need TensorFlow; the rest of the line is the real thing.
    monkeypatch.setattr(pipeline, "convert", convert)
    monkeypatch.setattr(pipeline, "write_variant", write_variant)
    monkeypatch.setattr(pipeline, "run_reference", run_reference)
    return made


def failures(model: ModelResult) -> list[tuple[str, str, str | None, str | None]]:
    return [(f.stage, f.code, f.variant, f.backend) for f in model.failures]

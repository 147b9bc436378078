"""``quantize: auto`` on the line: searched, written, held against float in the browser, and stepped back from there."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from numpy_evaluator import evaluate_in_numpy
from pipeline_stage import FakeSession, Stage, converted, failures, graph, stage  # noqa: F401

from tfjsci import pipeline
from tfjsci.browser.protocol import Prediction
from tfjsci.graph.graph import Array, Constant, Graph, Node
from tfjsci.manifest.parse import load_manifest
from tfjsci.search import auto
from tfjsci.search.variants import Variants

KERNEL = np.random.default_rng(0).normal(size=(12, 8)).astype(np.float32)
MANIFEST = """
version: 1
defaults: {backends: [wasm, cpu], benchmark: off}
models:
  - {name: a, source: a.keras, quantize: [{auto: {sqnr_db: 25}}]}
"""


def in_numpy(made: Graph) -> Callable[[Mapping[str, Array]], list[Array]]:
    def run(given: Mapping[str, Array]) -> list[Array]:
        held = {node.name for node in made.nodes if node.op == "Placeholder"}
        nodes = tuple(
            Node(name=n.name, op="Const", attrs={"dtype": n.attrs["dtype"]}) if n.name in held else n
            for n in made.nodes
        )
        fed = {name: Constant(value=value) for name, value in given.items() if name in held}
        return evaluate_in_numpy(
            Graph(nodes=nodes, outputs=made.outputs, constants={**made.constants, **fed}), made.outputs
        )

    return run


@dataclass
class Honest(FakeSession):
    """Answers with the weights that are written; the first ``noisy`` answers of auto are off by a tenth."""

    noisy: int = 0

    def predict(
        self, model: Path, backend: Any, inputs: Sequence[Mapping[str, Array]], **options: Any
    ) -> list[Prediction]:
        (answer,) = super().predict(model, backend, inputs, **options)
        y = np.asarray(inputs[0]["x"], np.float32) @ weights(model)
        if model.name == "auto" and self.noisy:
            self.noisy -= 1
            y = y * np.float32(1.1)
        return [Prediction(outputs={"y": y}, environment=answer.environment)]


def weights(model: Path) -> Any:
    document = json.loads((model / "model.json").read_text())
    (entry,) = document["weightsManifest"][0]["weights"]
    data = (model / document["weightsManifest"][0]["paths"][0]).read_bytes()
    quantization = entry.get("quantization")
    if quantization is None:
        return np.frombuffer(data, "<f4").reshape(12, 8)
    codes = np.frombuffer(data, {"uint8": "u1", "uint16": "<u2", "float16": "<f2"}[quantization["dtype"]])
    values = codes * quantization.get("scale", 1.0) + quantization.get("min", 0.0)
    return values.astype(np.float32).reshape(12, 8)


@pytest.fixture
def searching(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> Stage:  # noqa: F811
    def original(arrays: Mapping[str, Array]) -> dict[str, Array]:
        return {"y": np.asarray(arrays["x"], np.float32) @ KERNEL}

    made = converted(original=original, rewritten=graph(KERNEL))
    stage.models["a"] = replace(made, loaded=replace(made.loaded, graph=graph(KERNEL)))
    stage.session = Honest()
    monkeypatch.setattr(auto, "Variants", partial(Variants, run=in_numpy))
    return stage


def test_it_is_smaller_than_uint8_meets_its_threshold_and_says_how_to_have_it_again(searching: Stage) -> None:
    run = searching.run(MANIFEST)
    (model,) = run.models
    assert (model.outcome, failures(model)) == ("pass", [])
    (found,) = model.searches
    assert (found.variant, found.limits, found.steps_back, found.stopped) == ("auto", {"sqnr_db": 25.0}, 0, None)
    assert found.points[found.chosen].met
    judged = [each for each in model.judgements if each.variant == "auto" and each.gate == "sqnr_db"]
    assert {(each.backend, each.outcome, each.limit, each.key) for each in judged} == {
        ("wasm", "pass", 25.0, "quantize[0].auto.sqnr_db"),
        ("cpu", "pass", 25.0, "quantize[0].auto.sqnr_db"),
    }
    again = yaml.safe_load(MANIFEST)
    again["models"][0]["quantize"] = yaml.safe_load(found.entry)
    path = searching.folder / "again.yml"
    path.write_text(yaml.safe_dump(again))
    assert load_manifest(path).models[0].quantize[0].mixed
    pasted = searching.run(path.read_text()).models[0]
    digests = {artifact.sha256 for each in (model, pasted) for artifact in each.artifacts if artifact.variant == "auto"}
    assert len(digests) == 1


def test_what_was_searched_on_chance_alone_is_told(searching: Stage) -> None:
    told = f"auto: {pipeline.SEARCHED_ON_RANDOM}"
    assert told in searching.run(MANIFEST).models[0].notes
    np.save(searching.folder / "x.npy", np.random.default_rng(1).normal(size=(4, 12)).astype(np.float32))
    real = MANIFEST.replace("source: a.keras,", "source: a.keras, inputs: {x: x.npy},")
    assert told not in searching.run(real).models[0].notes


def test_its_steps_are_shown_and_counted(searching: Stage) -> None:
    searching.run(MANIFEST)
    assert [step for step in searching.watched.steps if "auto" in step] == [
        "a: auto: each weight in each scheme",
        "a: auto: run weights alone in TensorFlow",
        "a: auto: run combinations in TensorFlow",
        "a: quantize auto",
        "a: quantize auto on wasm",
        "a: quantize auto on cpu",
        "a: compare auto on wasm",
        "a: compare auto on cpu",
    ]
    assert searching.watched.total == len(searching.watched.steps)


def test_what_the_browser_misses_is_searched_with_less_noise(searching: Stage) -> None:
    searching.session.noisy = 1  # type: ignore[attr-defined]
    (model,) = searching.run(MANIFEST).models
    (found,) = model.searches
    assert model.outcome == "pass"
    assert found.steps_back == 1
    assert found.points[found.chosen].value > 25.1  # type: ignore[operator]
    assert [each.variant for each in model.artifacts] == ["float", "auto"]
    assert "a: auto: a step back" in searching.watched.steps
    assert searching.watched.total == len(searching.watched.steps)


def test_a_browser_that_never_agrees_ends_it_and_fails_the_model_with_its_numbers(searching: Stage) -> None:
    searching.session.noisy = 1000  # type: ignore[attr-defined]
    (model,) = searching.run(MANIFEST).models
    assert model.outcome == "fail"
    assert sum(step == "a: auto: a step back" for step in searching.watched.steps) <= 3
    assert {each.outcome for each in model.judgements if each.variant == "auto" and each.gate == "sqnr_db"} == {"fail"}


def test_thresholds_that_cant_be_met_are_a_failure_that_shows_the_nearest_miss(searching: Stage) -> None:
    manifest = MANIFEST.replace("sqnr_db: 25", "sqnr_db: 250").replace("[{auto", "[float16, {auto")
    (model,) = searching.run(manifest).models
    assert failures(model) == [("quantize", "search-failed", "auto", None)]
    assert "The nearest, kernel as uint16: SQNR of output 'y' is" in model.failures[0].message
    assert [each.variant for each in model.artifacts] == ["float", "float16"]
    assert not (searching.folder / "out/models/a/auto").exists()


def test_without_the_comparison_no_browser_is_asked(searching: Stage) -> None:
    (model,) = searching.run(MANIFEST, only=["quantize"]).models
    assert failures(model) == []
    assert [each.variant for each in model.artifacts] == ["float", "auto"]
    assert searching.session.asked == []
    assert searching.watched.total == len(searching.watched.steps)


def test_top1_of_random_inputs_is_refused(searching: Stage) -> None:
    (model,) = searching.run(MANIFEST.replace("sqnr_db: 25", "top1: 1.0")).models
    assert "no output has a number for top1" in model.failures[0].message
    assert model.failures[0].hint is not None
    assert "real samples" in model.failures[0].hint


def test_the_same_model_gives_the_same_artifact(searching: Stage) -> None:
    first, second = (searching.run(MANIFEST).models[0] for _ in range(2))
    assert first.searches == second.searches
    assert first.artifacts[1].sha256 == second.artifacts[1].sha256


def test_what_the_search_ran_is_not_run_again_to_be_compared(searching: Stage) -> None:
    def ran() -> list[str]:
        return [f"{model} on {backend}" for job, model, backend in searching.session.asked if job == "predict"]

    (model,) = searching.run(MANIFEST.replace("[{auto", "[float16, {auto")).models
    searched = ["a/float on wasm", "a/auto on wasm", "a/float on cpu", "a/auto on cpu"]
    assert ran() == [*searched, "a/float16 on wasm", "a/float16 on cpu"]
    assert [(each.variant, each.environment.backend) for each in model.comparisons] == [
        (variant, backend) for backend in ("wasm", "cpu") for variant in ("float", "float16", "auto")
    ]
    searching.session.asked.clear()
    searching.session.noisy = 1  # type: ignore[attr-defined]
    searching.run(MANIFEST)
    assert ran() == [*searched, "a/auto on wasm", "a/auto on cpu"], "what is written anew is run anew"

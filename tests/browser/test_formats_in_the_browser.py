"""Each format that isn't Keras', in the real runtime on all four backends: TensorFlow's own numbers for the same model.

Frozen graphs, SavedModels of TensorFlow 1, and modules of TensorFlow Hub: a folder, an archive, and an address, which a server
of ours answers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hub_server import Answer, packed, serving
from session_models import (
    CONTROL_FLOW_SAMPLES,
    FIRST_CONTROL_FLOW,
    first_control_flow_model,
    given,
    two_headed,
    write_frozen,
    write_hub_module,
    write_saved_model,
)

import tfjsci
from tfjsci.browser.session import BrowserSession
from tfjsci.converter import Converted, convert, require_supported, write_variant
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.load.load import LoadOptions
from tfjsci.source import Source, parse_source

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 1e-5, "wasm": 1e-5, "webgl": 1e-4, "webgpu": 1e-4}
"""Relative to the largest number: the GPU's exp is coarser."""


def frozen(folder: Path, _: str) -> tuple[Source, LoadOptions]:
    with two_headed() as model:
        file = write_frozen(model, folder / "m.pb")
    return file, LoadOptions(output_nodes=("scores", "parts:1"))


def first_saved_model(folder: Path, _: str) -> tuple[Source, LoadOptions]:
    with two_headed(partitions=3) as model:
        return write_saved_model(model, folder / "m", more=[["train"]]), LoadOptions()


def first_hub_module(folder: Path, _: str) -> tuple[Source, LoadOptions]:
    with two_headed() as model:
        return write_hub_module(model, folder / "m", training=True), LoadOptions()


def archive(folder: Path, _: str) -> tuple[Source, LoadOptions]:
    with two_headed(resource=True) as model:
        (folder / "m.tar.gz").write_bytes(packed(write_hub_module(model, folder / "m")))
    return folder / "m.tar.gz", LoadOptions()


def address(_: Path, url: str) -> tuple[Source, LoadOptions]:
    return parse_source(f"{url}/module/1"), LoadOptions()


def module_of_tensorflow_2(folder: Path) -> Path:
    """The same signature, in TensorFlow 2's way."""
    tf = tensorflow()
    module = tf.Module()
    rng = np.random.default_rng(5)
    module.kernel = tf.Variable(rng.normal(size=(3, 2, 3, 8)).astype(np.float32))
    module.table = tf.Variable(rng.normal(size=(11, 6)).astype(np.float32))

    def run(image: Any, words: Any) -> Any:
        x = tf.nn.relu(tf.nn.conv2d(image, module.kernel, [1, 2, 1, 1], "SAME"))
        heat = tf.reduce_sum(x, -1)
        meant = tf.reduce_mean(tf.gather(module.table, words), 1)
        return {"scores": tf.nn.softmax(meant * tf.reduce_mean(heat)), "lower": heat[:, 2:]}

    specs = [tf.TensorSpec([None, 7, 5, 3], name="image"), tf.TensorSpec([None, 4], "int32", name="words")]
    module.run = tf.function(run, input_signature=specs)
    tf.saved_model.save(module, str(folder), signatures=module.run)
    return folder


def control_flow(name: str) -> Callable[[Path, str], tuple[Source, LoadOptions]]:
    def of(folder: Path, _: str) -> tuple[Source, LoadOptions]:
        with first_control_flow_model(name) as model:
            return write_frozen(model, folder / "m.pb"), LoadOptions(output_nodes=tuple(model.output_nodes))

    return of


FORMATS: dict[str, Callable[[Path, str], tuple[Source, LoadOptions]]] = {
    "frozen": frozen,
    "saved_model": first_saved_model,
    "hub, the first format": first_hub_module,
    "hub, an archive": archive,
    "hub, an address": address,
}
CONTROL_FLOW = {name: control_flow(name) for name in FIRST_CONTROL_FLOW}


def each(names: Iterable[str], *everywhere: str) -> list[Any]:
    """The names with all backends, or for those that come down to the same graphs with cpu alone; the rest is slow."""
    return [
        pytest.param(name, backend, marks=() if name in everywhere or backend == "cpu" else pytest.mark.slow)
        for name in names
        for backend in BACKENDS
    ]


Artifact = Callable[[str], tuple[Path, Converted]]


@pytest.fixture(scope="module")
def artifact(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Artifact]:
    made: dict[str, tuple[Path, Converted]] = {}
    cache = tmp_path_factory.mktemp("cache")
    served = packed(module_of_tensorflow_2(tmp_path_factory.mktemp("served") / "m"))
    with serving({"/module/1": Answer(body=served)}) as server, pytest.MonkeyPatch.context() as patch:
        patch.setenv("TFJSCI_CACHE", str(cache))

        def of(name: str) -> tuple[Path, Converted]:
            if name not in made:
                folder = tmp_path_factory.mktemp("model")
                source, options = {**FORMATS, **CONTROL_FLOW}[name](folder, server.url)
                model = convert(source, backends=BACKENDS, options=options)
                require_supported(model.check)
                write_variant(model, folder / "artifact")
                made[name] = folder / "artifact", model
            return made[name]

        yield of


@pytest.mark.parametrize(("name", "backend"), each(FORMATS, "frozen", "saved_model", "hub, an archive"))
def test_the_runtime_gives_tensorflows_numbers(
    browser_session: BrowserSession, artifact: Artifact, name: str, backend: Backend
) -> None:
    folder, model = artifact(name)
    assert model.loaded.format == name.partition(",")[0]
    held_against_tensorflow(browser_session, folder, model, [given(rows=3), given(rows=1, seed=1)], backend)


@pytest.mark.parametrize(("name", "backend"), each(FIRST_CONTROL_FLOW, "loops"))
def test_loops_and_branches_of_tensorflow_1(
    browser_session: BrowserSession, artifact: Artifact, name: str, backend: Backend
) -> None:
    folder, model = artifact(name)
    held_against_tensorflow(browser_session, folder, model, CONTROL_FLOW_SAMPLES[name], backend)


def held_against_tensorflow(
    session: BrowserSession, folder: Path, model: Converted, samples: Sequence[Any], backend: Backend
) -> None:
    predictions = session.predict(folder, backend, samples, deadline_seconds=60)
    for prediction, sample in zip(predictions, samples, strict=True):
        original = model.loaded.original(sample)
        assert list(prediction.outputs) == [spec.name for spec in model.outputs]
        assert sorted(prediction.outputs) == sorted(original)
        for output, wanted in original.items():
            ours = prediction.outputs[output]
            assert ours.shape == wanted.shape, output
            spread = max(float(np.abs(wanted).max()), 1.0)
            np.testing.assert_allclose(ours, wanted, atol=CLOSE[backend] * spread, rtol=0, err_msg=output)


def test_a_manifest_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The whole line, with what the manifest says of each format; the verification in TensorFlow among it."""
    with two_headed() as model:
        write_frozen(model, tmp_path / "m.pb")
        served = packed(write_hub_module(model, tmp_path / "hub", training=True))
    monkeypatch.setenv("TFJSCI_CACHE", str(tmp_path / "cache"))
    with serving({"/module/1": Answer(body=served)}) as server:
        (tmp_path / "tfjsci.yml").write_text(
            f"""\
version: 1
defaults: {{backends: [wasm], benchmark: off, random: {{ranges: {{int32: [0, 11]}}}}}}
models:
  - {{name: frozen, source: m.pb, input_nodes: [words, image], output_nodes: [scores, "parts:1"]}}
  - {{name: hub, source: "{server.url}/module/1", format: hub, tags: [train]}}
  - {{name: missing, source: "{server.url}/module/2"}}
""",
            "utf-8",
        )
        result = tfjsci.run(tmp_path / "tfjsci.yml", output=tmp_path / "out")
    assert [(model.format, model.outcome) for model in result.models] == [
        ("frozen", "pass"),
        ("hub", "pass"),
        (None, "fail"),
    ]
    assert [model.verification.status for model in result.models[:2] if model.verification] == ["same"] * 2
    assert [failure.code for failure in result.models[2].failures] == ["download-failed"]
    assert [summary.name for summary in result.models[0].inputs] == ["words", "image"]

"""tfjsci convert of TensorFlow.js models: what the command says, and what it leaves behind."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from end_to_end.command import call, tree
from tfjs_graphs import fused
from web_models import layer, saved, sequential, small

from tfjsci.layers.web import read_web_model
from tfjsci.report.surroundings import ORIGINALS
from tfjsci.results.store import read_results


def test_a_layers_model_in_other_bytes_without_tensorflow(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = saved(tmp_path / "a", *small())
    options = ("--output-format", "layers", "--quantize", "float16", "--include", "*Dense1/kernel")
    done = call(capfd, "convert", source, tmp_path / "b", *options).in_peace()
    assert done.code == 0
    assert "a (tfjs_layers_model): 2 layers" in done.out
    assert "layers model, 1 shard" in done.out
    entries = json.loads(tree(tmp_path / "b")["model.json"])["weightsManifest"][0]["weights"]
    assert [each["name"] for each in entries if "quantization" in each] == ["dense_Dense1/kernel"]
    assert read_web_model(tmp_path / "b").config == read_web_model(source).config


def test_back_to_a_keras_file(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = saved(tmp_path / "a", *small())
    done = call(capfd, "convert", source, tmp_path / "b.keras", "--output-format", "keras").in_peace()
    assert done.code == 0
    assert f"{tmp_path / 'b.keras'}: keras, " in done.out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b.keras"]
    again = call(capfd, "convert", tmp_path / "b.keras", tmp_path / "c", "--output-format", "layers").in_peace()
    assert again.code == 0
    assert list(read_web_model(tmp_path / "c").weights) == list(small()[1])


def test_what_has_no_way_back_is_named_and_nothing_is_left(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    up = layer("UpSampling2D", "up", size=[2, 2], interpolation="bilinear", batch_input_shape=[None, 4, 3, 1])
    source = saved(tmp_path / "a", sequential(up), {})
    for output, to in (("b.h5", "h5"), ("b", "saved_model"), ("b", "graph")):
        done = call(capfd, "convert", source, tmp_path / output, "--output-format", to).in_peace()
        assert done.code == 1
        assert "a has no exact way back to Keras: up (UpSampling2D): its interpolation is bilinear" in done.err
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_what_the_output_cannot_be(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    source = saved(tmp_path / "a", *small())
    assert call(capfd, "convert", source, tmp_path / "b", "--output-format", "keras").code == 2
    assert call(capfd, "convert", source, source, "--output-format", "saved_model").code == 2
    assert call(capfd, "convert", source, tmp_path / "b.h5", "--output-format", "h5", "--quantize", "uint8").code == 2
    for part in (("--signature", "serve"), ("--tags", "serve"), ("--input-node", "x")):
        done = call(capfd, "convert", source, tmp_path / "b.h5", "--output-format", "h5", *part)
        assert (done.code, f"{part[0]} chooses in a model of the format" in done.err) == (2, True)
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_run_says_what_the_original_of_each_was(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    fused(tmp_path / "web")
    saved(tmp_path / "layers", *small())
    (tmp_path / "tfjsci.yml").write_text(
        "version: 1\n"
        "defaults: {backends: [wasm], benchmark: off, quantize: [{scheme: float16, include: ['*kernel']}]}\n"
        "models: [{name: graph, source: web}, {name: layers, source: layers}]\n"
    )
    done = call(capfd, "run", tmp_path / "tfjsci.yml", "--output", tmp_path / "out")
    assert done.code == 0
    graph, layers = read_results(tmp_path / "out" / "results.json").models
    assert (graph.format, graph.outcome, layers.format, layers.outcome) == (
        "tfjs_graph_model", "pass", "tfjs_layers_model", "pass"
    )  # fmt: skip
    pairs = {each.kind: each for each in graph.comparisons}
    assert {each.output for each in pairs["conversion"].outputs} == {"sum", "sloped"}
    assert any(not each.exact for each in pairs["quantized"].outputs), "nothing was quantised"
    assert [each.outputs[0].output for each in layers.comparisons] == ["dense_Dense2"] * 2
    report = (tmp_path / "out" / "report.md").read_text()
    for model in (graph, layers):
        assert f"- the original of `{model.name}`: {ORIGINALS[model.format or '']}\n" in report

"""Planted culprits, found: a kernel that is wrong on one backend, a weight that was damaged, a weight with an outlier.

Beside each its near miss: the other backends, the sound artifact, the weights that are quantised well.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from packed_models import SIZE, looping_graph

import tfjsci
from tfjsci.artifact.write import write_artifact
from tfjsci.browser.session import BrowserSession
from tfjsci.cli import main
from tfjsci.cli.compared import model_lines
from tfjsci.dtypes import BACKENDS
from tfjsci.graph.tensorflow import tensorflow
from tfjsci.results.run_result import ModelResult
from tfjsci.signature import TensorSpec

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

MANIFEST = """
version: 1
models:
  - name: net
    source: saved
    backends: [cpu]
    quantize: [uint8]
    benchmark: off
    random: {ranges: {float32: [-1, 1]}}
"""


@dataclass(frozen=True, kw_only=True)
class Net:
    """The original, the folders that a run made of it, and what the run found."""

    saved: Path
    whole: Path
    uint8: Path
    result: ModelResult


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Net:
    """Two heads. In one values are gathered in batches, which wasm mixes up, and the model is made for cpu. In the other a weight
    has an outlier, which meets a feature that is always 0.
    """
    tf = tensorflow()
    draw = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("culprits")
    module = tf.Module()
    bias = draw.normal(size=16).astype(np.float32)
    bias[0] = -100.0
    outlier = draw.normal(size=(16, 32)).astype(np.float32)
    outlier[0, 0] = 1000.0
    for name, value in {
        "first": draw.normal(size=(8, 16)), "bias": bias, "shift": draw.normal(size=2), "out": outlier,
    }.items():  # fmt: skip
        setattr(module, name, tf.Variable(np.asarray(value, np.float32), name=name))

    def run(x: Any) -> Any:
        hidden = tf.nn.relu(tf.matmul(x, module.first) + module.bias, name="hidden")
        picked = tf.gather(tf.tanh(hidden), [[1, 4], [2, 5], [7, 3]], axis=1, batch_dims=1, name="picked")
        return {
            "chosen": tf.sigmoid(3.0 * picked + module.shift),
            "scores": tf.matmul(hidden, module.out, name="scores"),
        }

    module.run = tf.function(run, input_signature=[tf.TensorSpec([3, 8], tf.float32, name="x")], autograph=False)
    tf.saved_model.save(module, str(folder / "saved"), signatures=module.run)
    (folder / "tfjsci.yml").write_text(MANIFEST)
    made = tfjsci.run(folder / "tfjsci.yml", output=folder / "out")
    models = folder / "out" / "models" / "net"
    return Net(saved=folder / "saved", whole=models / "float", uint8=models / "uint8", result=made.models[0])


def test_a_run_names_the_weight_with_the_outlier(net: Net) -> None:
    assert net.result.outcome == "fail"
    assert net.result.failures == ()
    (found,) = net.result.localizations  # the float artifact is right, and isn't looked into
    assert (found.variant, found.backend, found.found) == ("uint8", "cpu", "node")
    assert "scores" in (found.node or "")
    ranking = found.ranking
    assert ranking is not None
    assert [each.name for each in ranking.weights if (each.gain_db or 0) > 10] == list(ranking.exclude) == ["out"]
    assert ranking.meets
    assert ranking.more_bytes == 16 * 32 * 3
    assert {each.name for each in ranking.weights} == {"first", "out"}


def test_a_kernel_that_is_wrong_on_one_backend_is_named_there_alone(net: Net, browser_session: BrowserSession) -> None:
    compared = tfjsci.compare_models(
        net.saved, net.whole, backends=BACKENDS, limits={"sqnr_db": 50.0}, localize=True, session=browser_session
    )
    found = {pair.backend: pair.localization for pair in compared.pairs if pair.localization is not None}
    assert {backend: each.found for backend, each in found.items()} == {
        "webgl": "nothing", "webgpu": "nothing", "wasm": "node", "cpu": "nothing",
    }  # fmt: skip
    assert {pair.backend for pair in compared.pairs if pair.missed} == {"wasm"}
    wasm = found["wasm"]
    assert (wasm.op, wasm.weight) == ("GatherV2", None)
    assert wasm.reference.endswith("in TensorFlow")
    assert wasm.alone is not None
    assert (wasm.alone.sqnr_db or 99) < 30
    assert wasm.path[-1].op == "Sigmoid"
    assert json.loads(json.dumps(compared.as_data(), allow_nan=False))["missed"] is True
    told = "\n".join(model_lines(compared, all_rows=False))
    assert f"GatherV2 {wasm.node}" in told
    assert "✗ wasm, output chosen: SQNR" in told


def damaged(whole: Path, folder: Path) -> Path:
    """A copy in whose shard one number of the weight ``first`` is another."""
    shutil.copytree(whole, folder)
    entries = json.loads((folder / "model.json").read_text())["weightsManifest"][0]["weights"]
    start = 0
    for entry in entries:
        if entry["name"] == "first":
            break
        start += 4 * int(np.prod(entry["shape"], dtype=int))
    (shard,) = folder.glob("*.bin")
    data = bytearray(shard.read_bytes())
    data[start + 20 : start + 24] = np.float32(7.0).tobytes()
    shard.write_bytes(data)
    return folder


def test_a_damaged_weight_is_named(net: Net, tmp_path: Path, browser_session: BrowserSession) -> None:
    folder = damaged(net.whole, tmp_path / "damaged")
    compared = tfjsci.compare_models(net.saved, folder, backends=["cpu"], localize=True, session=browser_session)
    assert compared.missed
    found = compared.pairs[0].localization
    assert found is not None
    assert (found.found, found.weight) == ("weight", "first")
    assert found.candidate.endswith("in TensorFlow")  # the backend isn't to blame, and that was seen first
    # Artifact against artifact, in the browser alone: the same node.
    other = tfjsci.compare_models(net.whole, folder, backends=["cpu"], localize=True, session=browser_session)
    again = other.pairs[0].localization
    assert again is not None
    assert (again.found, again.node) == ("node", found.node)


def looping(folder: Path, **values: Any) -> Path:
    """Three turns of a loop, in the last of which ``kept`` is read in place of ``inner``: see :func:`looping_graph`."""
    x, y = (TensorSpec(name=name, tensor=f"{tensor}:0", dtype="float32", shape=(None, SIZE))
            for name, tensor in (("x", "x"), ("y", "last")))  # fmt: skip
    write_artifact(looping_graph(**values), inputs=[x], outputs=[y], folder=folder)
    return folder


def test_inside_of_a_loop_the_turn_and_the_node_are_named_on_all_backends(
    tmp_path: Path, browser_session: BrowserSession
) -> None:
    whole = looping(tmp_path / "whole")
    other = np.linalg.qr(np.random.default_rng(9).normal(size=(SIZE, SIZE)))[0]
    for weight, turn in (("inner", 1), ("kept", 3)):
        folder = looping(tmp_path / weight, **{weight: other})
        compared = tfjsci.compare_models(whole, folder, backends=BACKENDS, localize=True, session=browser_session)
        assert {pair.backend for pair in compared.pairs} == set(BACKENDS)
        for pair in compared.pairs:
            found = pair.localization
            assert found is not None
            assert (found.found, found.node) == ("node", "loop"), (pair.backend, found.reason)
            assert found.inside is not None, (pair.backend, found.reason)
            assert (found.inside.turn, found.inside.node, found.inside.op) == (turn, "branch", "StatelessIf")
            assert f"inside of it, in turn {turn}, StatelessIf branch is the first" in found.reason
        told = "\n".join(model_lines(compared, all_rows=False))
        assert "↳ →  branch" in told


def test_variants_are_compared_like_models(net: Net, browser_session: BrowserSession) -> None:
    compared = tfjsci.compare_models(net.whole, net.uint8, backends=["cpu"], session=browser_session)
    held = {each.output: each for each in compared.pairs[0].held}
    assert {name: each.missed for name, each in held.items()} == {"chosen": False, "scores": True}
    assert {(each.limit, each.default) for each in held.values()} == {(20, True)}  # what uint8 is held to


def test_weights_are_ranked_against_the_original_too_where_all_is_within_limits(
    net: Net, browser_session: BrowserSession
) -> None:
    """Who asks for it wants to know what costs most, whether a limit is missed or not."""
    for one, limit in ((net.saved, -60.0), (net.whole, -60.0)):
        found = tfjsci.compare_models(
            one, net.uint8, backends=["cpu"], limits={"sqnr_db": limit}, localize=True, session=browser_session
        ).pairs[0]
        assert not found.missed
        assert found.localization is not None
        assert found.localization.ranking is not None
        assert found.localization.ranking.weights[0].name == "out"
        assert found.localization.ranking.exclude == ()  # nothing need be left out for that limit


def test_the_command_runs_two_originals_without_a_browser(net: Net, tmp_path: Path) -> None:
    np.savez(tmp_path / "x.npz", x=np.linspace(-1, 1, 24, dtype=np.float32).reshape(3, 8))
    values = ["--inputs", str(tmp_path / "x.npz")]
    result = CliRunner().invoke(main, ["compare", str(net.saved), str(net.saved), *values, "--localize"])
    assert result.exit_code == 0, result.output
    assert "✓ the same" in result.stdout
    assert "nodes that were compared agree" in result.stdout
    wrong = CliRunner().invoke(main, ["compare", str(net.saved), str(net.saved), *values, "--input-shape", "y=1"])
    assert wrong.exit_code == 1

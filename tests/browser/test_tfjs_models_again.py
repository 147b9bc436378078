"""TF.js models as sources, in the real runtime: what was read and written again predicts what the source does there."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tfjs_graphs import fused, fused_by_hand, looked_up, looping, looping_in_pieces
from tfjs_made import Made, make_all

from tfjsci import api
from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend

pytestmark = [pytest.mark.tensorflow, pytest.mark.browser]

CLOSE = {"cpu": 2e-5, "wasm": 2e-5, "webgl": 5e-4, "webgpu": 5e-4}
"""Of the largest value: sums in another order; on a GPU also its own exp, tanh and the like."""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    return make_all(tmp_path_factory.mktemp("made"))


def predicted(session: BrowserSession, folder: Path, backend: Backend, inputs: dict[str, Any]) -> dict[str, Any]:
    (prediction,) = session.predict(folder, backend, [inputs], deadline_seconds=120)
    return prediction.outputs


def assert_close(found: Any, wanted: Any, close: float) -> None:
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=0, atol=close * max(1.0, float(np.abs(wanted).max())))


class TestGraphModels:
    def test_fused_ops_in_fewer_bytes_on_every_backend(self, browser_session: BrowserSession, tmp_path: Path) -> None:
        source, weights = fused(tmp_path / "source")
        draw = np.random.default_rng(11)
        inputs: dict[str, Any] = {
            "row": draw.normal(size=(2, 3)).astype(np.float32),
            "image": draw.normal(size=(2, 7, 5, 2)).astype(np.float32),
        }
        wanted = fused_by_hand(weights, inputs["image"], inputs["row"])
        api.convert(source, tmp_path / "same")
        api.convert(source, tmp_path / "half", quantize="float16", include=["*kernel"], shard_bytes=60)
        assert len(list((tmp_path / "half").glob("*.bin"))) > 1
        first = predicted(browser_session, source, "cpu", inputs)
        for name, value in wanted.items():
            assert_close(first[name], value, CLOSE["cpu"])  # what upstream's spelling means, as the runtime has it
        same = predicted(browser_session, tmp_path / "same", "wasm", inputs)
        for name, value in wanted.items():
            assert_close(same[name], value, CLOSE["wasm"])
        for backend in BACKENDS:
            half = predicted(browser_session, tmp_path / "half", backend, inputs)
            assert list(half) == ["sum", "sloped"]
            for name, value in wanted.items():
                assert_close(half[name], value, 5e-3)  # of float16's 2⁻¹¹, over a few layers
        assert np.abs(half["sum"] - wanted["sum"]).max() > 1e-5, "nothing was quantised"

    def test_loops_and_tables(self, browser_session: BrowserSession, tmp_path: Path) -> None:
        x = np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 4.0]], np.float32)
        words = np.array([b"blue", b"pink", b"red"], object)
        looping(tmp_path / "loop")
        looping_in_pieces(tmp_path / "pieces")
        looked_up(tmp_path / "table")
        both = {"x": x, "up": np.array(True)}
        for name, inputs in (("loop", {"x": x}), ("pieces", both), ("table", {"words": words})):
            api.convert(tmp_path / name, tmp_path / f"{name}_again")
            wanted = predicted(browser_session, tmp_path / name, "cpu", inputs)
            for backend in ("cpu", "wasm"):
                found = predicted(browser_session, tmp_path / f"{name}_again", backend, inputs)  # type: ignore[arg-type]
                assert list(found) == list(wanted)
                for key, value in wanted.items():
                    assert_close(found[key], value, 1e-6)
        assert wanted["numbers"].tolist() == [2.5, -1.0, 0.5]


class TestLayersModels:
    @pytest.mark.parametrize(
        "name", ["sequential", "functional", "recurrent", pytest.param("hardGates", marks=pytest.mark.slow)]
    )
    def test_written_again_and_as_a_graph(
        self, browser_session: BrowserSession, made: dict[str, Made], tmp_path: Path, name: str
    ) -> None:
        case = made[name]
        api.convert(case.folder, tmp_path / "layers", output_format="layers", shard_bytes=1024)
        api.convert(case.folder, tmp_path / "graph")
        runs: list[tuple[str, Backend]] = [("layers", "cpu"), ("graph", "cpu"), ("graph", "wasm")]
        for folder, backend in runs:
            found = predicted(browser_session, tmp_path / folder, backend, case.inputs)
            for value, wanted in zip(found.values(), case.outputs, strict=True):
                assert_close(value, wanted, CLOSE[backend])

    def test_in_fewer_bytes(self, browser_session: BrowserSession, made: dict[str, Made], tmp_path: Path) -> None:
        case = made["sequential"]
        api.convert(case.folder, tmp_path / "small", output_format="layers", quantize="uint16", include=["*kernel"])
        found = predicted(browser_session, tmp_path / "small", "wasm", case.inputs)
        for value, wanted in zip(found.values(), case.outputs, strict=True):
            assert_close(value, wanted, 2e-3)
        assert any(
            np.abs(value - wanted).max() > 1e-6 for value, wanted in zip(found.values(), case.outputs, strict=True)
        )

    def test_there_and_back_again(self, browser_session: BrowserSession, made: dict[str, Made], tmp_path: Path) -> None:
        case = made["functional"]
        api.convert(case.folder, tmp_path / "model.keras", output_format="keras")
        api.convert(tmp_path / "model.keras", tmp_path / "layers", output_format="layers")
        found = predicted(browser_session, tmp_path / "layers", "wasm", case.inputs)
        assert list(found) == ["second", "first", "third"]
        for value, wanted in zip(found.values(), case.outputs, strict=True):
            assert_close(value, wanted, CLOSE["wasm"])

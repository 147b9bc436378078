"""A real Chromium on all four backends: right numbers, timings that make sense, and refusals before anything runs."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import numpy as np
import pytest
from tiny_models import KERNEL, complex_pair, counting_loop, dense, echo, handing_through, many_weights, several_dtypes

from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, GPU_BACKENDS, Backend
from tfjsci.errors import BackendUnavailable, BadInputs, BrowserJobFailed, BrowserMissing

IMAGES = np.array([[1, 0], [0.5, 2]], dtype=np.float32)
SECONDS = 60

each_backend = pytest.mark.parametrize("backend", BACKENDS)


@each_backend
def test_a_backend_runs_and_says_on_what(browser_session: BrowserSession, backend: Backend) -> None:
    probe = browser_session.probe(backend)
    assert probe.failure is None
    environment = probe.environment
    assert environment is not None
    assert (environment.backend, environment.tfjs) == (backend, "4.22.0")
    assert environment.cores >= 1
    assert environment.browser.split()[-1].count(".") == 3
    if backend in GPU_BACKENDS:
        assert environment.flags
    else:
        assert environment.renderer.startswith("wasm threaded-simd ×" if backend == "wasm" else "JavaScript")
        assert not environment.software


@each_backend
def test_predictions_are_right_and_named_by_the_signature(
    browser_session: BrowserSession, backend: Backend, tmp_path: Path
) -> None:
    first, second = browser_session.predict(
        dense(tmp_path / "m"),
        backend,
        [{"images": IMAGES}, {"images": IMAGES.astype(np.float64)[:1] * 10}],
        deadline_seconds=SECONDS,
    )
    assert list(first.outputs) == ["scores"]
    np.testing.assert_array_equal(first.outputs["scores"], IMAGES @ KERNEL)
    np.testing.assert_array_equal(second.outputs["scores"], IMAGES[:1] @ KERNEL * 10)
    assert first.environment.backend == backend


@each_backend
def test_dtypes_and_the_signatures_order_survive(
    browser_session: BrowserSession, backend: Backend, tmp_path: Path
) -> None:
    inputs = {"limit": np.array([5, 2, 3]), "whole": np.array([1, 2, 300], dtype=np.uint16)}
    (only,) = browser_session.predict(several_dtypes(tmp_path / "m"), backend, [inputs], deadline_seconds=SECONDS)
    assert list(only.outputs) == ["less", "sum"]
    assert only.outputs["less"].dtype == np.bool_
    assert only.outputs["sum"].dtype == np.int32
    np.testing.assert_array_equal(only.outputs["less"], [True, False, False])
    np.testing.assert_array_equal(only.outputs["sum"], [6, 4, 303])


@each_backend
def test_control_flow_is_run_the_slower_way(browser_session: BrowserSession, backend: Backend, tmp_path: Path) -> None:
    model = counting_loop(tmp_path / "m", endless=False)
    (only,) = browser_session.predict(model, backend, [{"start": np.array(2)}], deadline_seconds=SECONDS)
    assert only.outputs["count"] == 5
    assert only.environment.flags["EXECUTION"] == "executeAsync"


@each_backend
def test_what_a_model_hands_through_is_not_freed_under_it(
    browser_session: BrowserSession, backend: Backend, tmp_path: Path
) -> None:
    model = handing_through(tmp_path / "m")
    sets = [{"x": np.array([number, -number], dtype=np.float32)} for number in (1, 2, 3)]
    predictions = browser_session.predict(model, backend, sets, deadline_seconds=SECONDS)
    for given, prediction in zip(sets, predictions, strict=True):
        np.testing.assert_array_equal(prediction.outputs["same"], given["x"])
        np.testing.assert_array_equal(prediction.outputs["constant"], [7, 8])
    timing = browser_session.race([model], backend, sets[0], warmup=1, runs=3, deadline_seconds=SECONDS)[0]
    assert timing.memory_after == timing.memory_before


def test_strings_and_complex_numbers_go_both_ways(browser_session: BrowserSession, tmp_path: Path) -> None:
    (said,) = browser_session.predict(
        echo(tmp_path / "echo"), "cpu", [{"words": np.array(["ü", "<b>"])}], deadline_seconds=SECONDS
    )
    assert said.outputs["said"].tolist() == ["ü", "<b>"]
    parts = {"real": np.array([1, 2], np.float32), "imaginary": np.array([3, -4], np.float32)}
    (pair,) = browser_session.predict(complex_pair(tmp_path / "pair"), "cpu", [parts], deadline_seconds=SECONDS)
    np.testing.assert_array_equal(pair.outputs["z"], np.array([1 + 3j, 2 - 4j], np.complex64))


def test_more_shards_than_the_browser_opens_connections(browser_session: BrowserSession, tmp_path: Path) -> None:
    model = many_weights(tmp_path / "m", shards=16, megabytes=16)
    (only,) = browser_session.predict(model, "wasm", [{"shift": np.array([1.0])}], deadline_seconds=SECONDS)
    weights = np.arange(4_000_000) % 7 - 3
    assert only.outputs["total"] == [weights.sum() + 1]


@each_backend
def test_timings_are_counted_and_plausible(browser_session: BrowserSession, backend: Backend, tmp_path: Path) -> None:
    timing = browser_session.time(
        dense(tmp_path / "m"), backend, {"images": IMAGES}, warmup=2, runs=5, deadline_seconds=SECONDS
    )
    assert (len(timing.warmup_ms), len(timing.steady_ms)) == (2, 5)
    assert 0 < timing.load_ms < 10_000
    assert 0 < min(timing.steady_ms) < timing.first_inference_ms
    assert timing.memory_after == timing.memory_before
    assert timing.memory_before.tensors == 2  # the kernel and the input
    assert timing.environment.backend == backend


def test_a_race_gives_each_its_own_samples(browser_session: BrowserSession, tmp_path: Path) -> None:
    light, heavy = dense(tmp_path / "light"), many_weights(tmp_path / "heavy", shards=2, megabytes=8)
    with pytest.raises(BadInputs, match=r'takes inputs \["shift"\], but was given \["images"\]'):
        browser_session.race([light, heavy], "cpu", {"images": IMAGES}, warmup=0, runs=1, deadline_seconds=SECONDS)
    lighter = many_weights(tmp_path / "lighter", shards=1, megabytes=1)
    first, second = browser_session.race(
        [heavy, lighter], "cpu", {"shift": np.array([1.0])}, warmup=1, runs=6, deadline_seconds=SECONDS
    )
    assert len(first.steady_ms) == len(second.steady_ms) == 6
    assert min(first.steady_ms) > min(second.steady_ms)  # eight times the work


@pytest.mark.parametrize("given", [{"image": IMAGES}, {}, {"images": IMAGES, "more": IMAGES}])
def test_wrong_input_names_are_told_with_the_right_ones(
    browser_session: BrowserSession, given: dict[str, np.ndarray], tmp_path: Path
) -> None:
    with pytest.raises(BadInputs, match=r'predict digits on cpu: the model takes inputs \["images"\], but was given'):
        browser_session.predict(dense(tmp_path / "digits"), "cpu", [given], deadline_seconds=SECONDS)


def test_a_page_that_throws_costs_that_job_alone(browser_session: BrowserSession, tmp_path: Path) -> None:
    model = dense(tmp_path / "m")
    text = (model / "model.json").read_text()
    (model / "model.json").write_text(text.replace('"MatMul"', '"NoSuchOp"'))
    with pytest.raises(BrowserJobFailed, match=r"predict m on cpu: the model can't be run: .*NoSuchOp"):
        browser_session.predict(model, "cpu", [{"images": IMAGES}], deadline_seconds=SECONDS)
    (model / "model.json").write_text(text)
    (only,) = browser_session.predict(model, "cpu", [{"images": IMAGES}], deadline_seconds=SECONDS)
    np.testing.assert_array_equal(only.outputs["scores"], IMAGES @ KERNEL)


def test_a_missing_shard_is_a_model_that_cannot_be_loaded(browser_session: BrowserSession, tmp_path: Path) -> None:
    model = dense(tmp_path / "m")
    (model / "group1-shard1of1.bin").unlink()
    with pytest.raises(BrowserJobFailed, match=r"predict m on cpu: the model can't be loaded: "):
        browser_session.predict(model, "cpu", [{"images": IMAGES}], deadline_seconds=SECONDS)


def test_a_session_works_under_a_running_event_loop(browser_session: BrowserSession) -> None:
    async def notebook_cell() -> str | None:
        return browser_session.probe("cpu").failure

    assert asyncio.run(notebook_cell()) is None


def test_a_backend_that_cannot_run_is_never_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TFJSCI_BROWSER_FLAGS", "--use-gl=disabled")
    model = dense(tmp_path / "m")
    with BrowserSession() as session:
        for backend in ("webgl", "webgpu"):
            failure = session.probe(backend).failure
            assert failure is not None
            assert failure.startswith(f"{backend} does not run in this browser: ")
            with pytest.raises(BackendUnavailable):
                session.predict(model, backend, [{"images": IMAGES}], deadline_seconds=SECONDS)
        (only,) = session.predict(model, "wasm", [{"images": IMAGES}], deadline_seconds=SECONDS)
        np.testing.assert_array_equal(only.outputs["scores"], IMAGES @ KERNEL)


def test_a_browser_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "chromium"
    broken.write_text(
        "#!/bin/sh\n[ \"$1\" = --version ] && echo Chromium 1.2.3.4 && exit\necho 'libnss3.so: no such file' >&2\nexit 127\n"
    )
    broken.chmod(0o755)
    monkeypatch.setenv("TFJSCI_BROWSER", str(broken))
    with (
        BrowserSession() as session,
        pytest.raises(
            BrowserMissing, match=r"chromium \(Chromium 1\.2\.3\.4, from TFJSCI_BROWSER\) does not start: .*libnss3"
        ),
    ):
        session.probe("cpu")


def test_a_long_path_of_the_temporary_folder_is_no_obstacle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("TMPDIR", str(long))
    monkeypatch.setattr(tempfile, "tempdir", str(long))
    with BrowserSession() as session:
        assert session.probe("cpu").failure is None
    assert [path.name for path in long.iterdir() if path.name != "node-compile-cache"] == []

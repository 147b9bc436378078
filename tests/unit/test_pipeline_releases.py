"""Browsers for a run: one session for each release, and what a release says that it runs."""

from __future__ import annotations

from pathlib import Path

import pytest
from pipeline_stage import FakeSession, Stage, failures

from tfjsci.catalog.catalog import load_catalog
from tfjsci.errors import (
    BackendUnavailable,
    BrowserJobFailed,
    BrowserMissing,
    RuntimeMissing,
    TfjsciError,
)
from tfjsci.sessions import Sessions

# --- sessions --------------------------------------------------------------------------------------------------------


def test_one_session_per_release_and_all_are_ended_even_if_one_cannot_be(tmp_path: Path) -> None:
    made: dict[str, FakeSession] = {}

    class Stubborn(FakeSession):
        def close(self) -> None:
            super().close()
            raise RuntimeError("it won't go")

    def make(tfjs: str) -> FakeSession:
        made[tfjs] = Stubborn() if tfjs == "4.0.0" else FakeSession()
        return made[tfjs]

    sessions = Sessions(make)
    first = sessions.get("4.0.0", "cpu")
    assert sessions.get("4.0.0", "wasm") is first
    assert sessions.get("4.22.0", "cpu") is not first
    with pytest.raises(RuntimeError, match="won't go"):
        sessions.close()
    assert [session.closed for session in made.values()] == [1, 1]
    sessions.close()
    assert [session.closed for session in made.values()] == [1, 1]


def test_a_release_that_is_missing_leaves_the_other_alone() -> None:
    def make(tfjs: str) -> FakeSession:
        if tfjs == "1.0.0":
            raise RuntimeMissing("no such release")
        return FakeSession()

    sessions = Sessions(make)
    for _ in range(2):
        with pytest.raises(RuntimeMissing, match="no such release"):
            sessions.get("1.0.0", "cpu")
    assert sessions.get("4.22.0", "cpu")
    sessions.remember("4.22.0", "wasm", BackendUnavailable("no wasm"))
    assert sessions.get("4.22.0", "cpu")
    with pytest.raises(BackendUnavailable, match="no wasm"):
        sessions.get("4.22.0", "wasm")
    assert [error.message for error in sessions.failures] == ["no such release", "no wasm"]


# --- what the release runs -------------------------------------------------------------------------------------------

RELEASE = {
    "versions": {"tfjs": "4.6.0", "tfjs-core": "4.6.0"},
    "kernels": {backend: ["Relu"] for backend in ("webgl", "webgpu", "wasm", "cpu")},
    "ops": {"Relu": {"category": "basic_math", "kernels": ["Relu"]}},
}
OTHER_RELEASE = "version: 1\ndefaults: {tfjs: 4.6.0, backends: [wasm], benchmark: off}\nmodels:\n"
OTHER_RELEASE += "  - {name: a, source: a.keras}\n  - {name: b, source: b.keras}\n"


def test_the_release_of_the_package_is_asked_nothing(stage: Stage) -> None:
    stage.run(only=["convert"])
    assert stage.catalogs == [load_catalog()] * 2
    assert (stage.made, stage.session.described) == ([], 0)


def test_another_release_is_asked_once_what_it_runs(stage: Stage) -> None:
    stage.session.release = RELEASE
    assert stage.run(OTHER_RELEASE).exit_code == 0
    assert [catalog.version for catalog in stage.catalogs] == ["4.6.0", "4.6.0"]
    assert [list(catalog.ops) for catalog in stage.catalogs] == [["Relu"], ["Relu"]]
    assert (stage.made, stage.session.described) == (["4.6.0"], 1)


@pytest.mark.parametrize(
    ("error", "asked", "code", "exit_code"),
    [
        (BrowserMissing("no browser"), 1, "browser-missing", 3),
        (BrowserJobFailed("the page hung"), 2, "browser-job-failed", 1),
    ],
)
def test_a_release_that_cannot_be_asked_fails_its_models(
    stage: Stage, error: TfjsciError, asked: int, code: str, exit_code: int
) -> None:
    stage.session.release = error
    result = stage.run(OTHER_RELEASE)
    assert [failures(model) for model in result.models] == [[("convert", code, None, None)]] * 2
    assert stage.session.described == asked, "what the machine lacks is not looked for again"
    assert result.exit_code == exit_code


def test_a_release_that_is_not_installed_fails_its_models(stage: Stage) -> None:
    stage.make_fails = RuntimeMissing("TensorFlow.js 4.6.0 is not here")
    result = stage.run(OTHER_RELEASE)
    assert [failures(model) for model in result.models] == [[("convert", "runtime-missing", None, None)]] * 2
    assert (stage.made, result.exit_code) == (["4.6.0"], 3)

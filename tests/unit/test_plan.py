"""What a run will do, and the folder that it writes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.errors import OutputUnwritable, UsageError
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import Manifest
from tfjsci.plan import STAGE_NAMES, StageName, make_plan, prepare_output, steps_of


@pytest.fixture
def manifest(tmp_path: Path) -> Manifest:
    (tmp_path / "tfjsci.yml").write_text(
        """
version: 1
models:
  - {name: small, source: a.keras, backends: [wasm]}
  - {name: large, source: b.keras, backends: [webgl, wasm], quantize: [float16, uint8], benchmark: {warmup: 1, runs: 2}}
"""
    )
    return load_manifest(tmp_path / "tfjsci.yml")


def test_all_models_and_stages_unless_narrowed(manifest: Manifest) -> None:
    plan = make_plan(manifest, output=Path("out"))
    assert [spec.name for spec in plan.models] == ["small", "large"]
    assert plan.stages == STAGE_NAMES
    assert not plan.allow_code


def test_models_keep_the_manifests_order(manifest: Manifest) -> None:
    plan = make_plan(manifest, output=Path("out"), models=["large", "small", "large"])
    assert [spec.name for spec in plan.models] == ["small", "large"]
    assert [spec.name for spec in make_plan(manifest, output=Path("out"), models=["large"]).models] == ["large"]


def test_convert_is_always_done_and_stages_keep_their_order(manifest: Manifest) -> None:
    assert make_plan(manifest, output=Path("out"), only=["compare", "check"]).stages == ("convert", "check", "compare")
    assert make_plan(manifest, output=Path("out"), only=["convert"]).stages == ("convert",)


def test_a_slip_of_the_pen_is_answered(manifest: Manifest) -> None:
    with pytest.raises(UsageError, match=r"no model 'larg'\. Did you mean .large.") as refused:
        make_plan(manifest, output=Path("out"), models=["larg"])
    assert refused.value.hint == "Its models: small, large."
    with pytest.raises(UsageError, match=r"no model 'zzz'\.\n"):
        make_plan(manifest, output=Path("out"), models=["zzz"])
    with pytest.raises(UsageError, match=r"no stage 'benchmarks'\. Did you mean .benchmark."):
        make_plan(manifest, output=Path("out"), only=["benchmarks"])


@pytest.mark.parametrize(
    ("model", "stages", "steps"),
    [
        # convert and write
        ("small", ("convert",), 2),
        # + check + inputs + reference + compare on one backend
        ("small", ("convert", "check", "compare"), 6),
        # convert, check, 3 variants, inputs, reference, 3 × 2 comparisons, 3 × 2 benchmarks
        ("large", STAGE_NAMES, 1 + 1 + 3 + 1 + 1 + 6 + 6),
        # convert, float alone, inputs, benchmark on two backends
        ("large", ("convert", "benchmark"), 2 + 1 + 2),
    ],
)
def test_steps_are_counted(manifest: Manifest, model: str, stages: tuple[StageName, ...], steps: int) -> None:
    (spec,) = [spec for spec in manifest.models if spec.name == model]
    assert steps_of(spec, stages) == steps


def test_the_output_folder_is_made_with_an_empty_log(tmp_path: Path) -> None:
    prepare_output(tmp_path / "a" / "b", log="log")
    (tmp_path / "a" / "b" / "log").write_text("of the last run")
    prepare_output(tmp_path / "a" / "b", log="log")
    assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["log"]
    assert (tmp_path / "a" / "b" / "log").read_text() == ""


@pytest.mark.parametrize("place", ["file", "file/below", "folder-in-place-of-the-log", "x" * 300, "nul\0byte"])
def test_an_output_that_cannot_be_written(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder-in-place-of-the-log" / "log").mkdir(parents=True)
    with pytest.raises(OutputUnwritable, match="can't be written") as refused:
        prepare_output(tmp_path / place, log="log")
    assert refused.value.exit_code == 3
    assert "--output" in str(refused.value.hint)


def test_a_read_only_file_system() -> None:
    with pytest.raises(OutputUnwritable):
        prepare_output(Path("/proc/tfjsci-output"), log="log")

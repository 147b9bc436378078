"""What a run will do, and the folder that it writes to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.api.runs import prepare
from tfjsci.errors import ManifestError, OutputUnwritable, UsageError
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import Manifest
from tfjsci.plan import STAGE_NAMES, StageName, make_plan, prepare_output, runs_in_browser, steps_of


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
    assert make_plan(manifest, output=Path("out"), models=["large"]).known == ("small", "large")


def test_convert_is_always_done_and_stages_keep_their_order(manifest: Manifest) -> None:
    assert make_plan(manifest, output=Path("out"), only=["compare", "check"]).stages == ("convert", "check", "compare")
    assert make_plan(manifest, output=Path("out"), only=["convert"]).stages == ("convert",)


@pytest.mark.parametrize(
    ("stages", "run"),
    [
        (("convert", "check", "quantize"), (False, False)),
        (("convert", "compare"), (True, True)),
        (("convert", "benchmark"), (True, False)),
    ],
)
def test_a_model_is_run_to_be_compared_or_timed(
    tmp_path: Path, stages: tuple[StageName, ...], run: tuple[bool, bool]
) -> None:
    models = "[{name: timed, source: a.keras}, {name: untimed, source: a.keras, benchmark: off}]"
    (tmp_path / "tfjsci.yml").write_text(f"version: 1\nmodels: {models}\n")
    timed, untimed = load_manifest(tmp_path / "tfjsci.yml").models
    assert (runs_in_browser(timed, stages), runs_in_browser(untimed, stages)) == run


def test_it_is_verified_unless_somebody_says_otherwise(manifest: Manifest) -> None:
    assert "verify" in make_plan(manifest, output=Path("out")).stages
    assert make_plan(manifest, output=Path("out"), verify=False).stages == tuple(
        stage for stage in STAGE_NAMES if stage != "verify"
    )
    assert "verify" not in make_plan(manifest, output=Path("out"), only=["compare"]).stages


def test_rules_to_leave_out_are_looked_up(tmp_path: Path, manifest: Manifest) -> None:
    (spec, _) = make_plan(manifest, output=Path("out"), without_rules=["fuse_bias", "erfc"]).models
    assert spec.without_rules == ("fuse_bias", "erfc")
    with pytest.raises(UsageError, match=r"no rule or lowering 'fuse_bais' to leave out\. Did you mean .fuse_bias."):
        make_plan(manifest, output=Path("out"), without_rules=["fuse_bais"])
    path = tmp_path / "rules.yml"
    path.write_text("version: 1\nmodels:\n  - name: a\n    source: a.h5\n    without_rules: [erfc, xylophone]\n")
    with pytest.raises(ManifestError) as refused:
        make_plan(load_manifest(path), output=Path("out"))
    assert refused.value.message == (
        f"{path}:5: models[0].without_rules[1]: there is no rule or lowering 'xylophone' to leave out."
    )


def test_input_shapes_are_added_to_every_models_shapes_and_pinned(tmp_path: Path) -> None:
    path = tmp_path / "tfjsci.yml"
    path.write_text(
        "version: 1\nmodels:\n  - {name: a, source: a.h5, shapes: {x: [1, 4], y: [1, 2]}}\n"
        "  - {name: b, source: b.h5, batch: 3, pin_shapes: true}\n"
    )
    manifest = load_manifest(path)
    assert [spec.pinned_shapes for spec in manifest.models] == [{}, {}]
    assert [spec.pinned_batch for spec in manifest.models] == [None, 3]
    first, second = make_plan(manifest, output=Path("out"), input_shapes={"x": (1, 8)}).models
    assert first.shapes == first.pinned_shapes == {"x": (1, 8), "y": (1, 2)}
    assert (second.pinned_shapes, second.pinned_batch) == ({"x": (1, 8)}, 3)


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
        # convert, check, 3 variants, inputs, verify, reference, 3 × 2 comparisons, 3 × 2 benchmarks
        ("large", STAGE_NAMES, 1 + 1 + 3 + 1 + 1 + 1 + 6 + 6),
        # convert, float alone, inputs, verify
        ("large", ("convert", "verify"), 2 + 2),
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


def test_what_an_older_run_found_out_is_gone_before_the_new_one_begins(tmp_path: Path) -> None:
    for name in ("results.json", "report.md", "notes.md"):
        (tmp_path / name).write_text("of the last run")
    prepare_output(tmp_path, log="log", stale=("results.json", "report.md", "never.there"))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "notes.md"]


def test_what_cannot_be_removed_is_named(tmp_path: Path) -> None:
    (tmp_path / "results.json" / "in-the-way").mkdir(parents=True)
    with pytest.raises(OutputUnwritable, match=r"results\.json, of a run before, can't be removed"):
        prepare_output(tmp_path, log="log", stale=("results.json",))


def test_a_run_that_is_prepared_has_no_results_and_one_that_cant_be_meant_leaves_those_that_are_there(
    tmp_path: Path, manifest: Manifest
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    for name in ("results.json", "report.md"):
        (out / name).write_text("of the last run")
    with pytest.raises(UsageError):
        prepare(manifest.path, out, models=["zzz"], only=(), allow_code=False)
    assert len(list(out.iterdir())) == 2
    prepare(manifest.path, out, models=(), only=(), allow_code=False)
    assert [path.name for path in out.iterdir()] == ["tfjsci.log"]


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

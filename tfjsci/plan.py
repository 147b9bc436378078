"""What a run will do: which models, which stages, into which folder; and how many steps that is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from tfjsci.baseline.source import BaseSource, choose_base
from tfjsci.errors import ManifestProblem, OutputUnwritable, UsageError
from tfjsci.manifest.problem import manifest_error
from tfjsci.manifest.resolved import Manifest, ModelSpec
from tfjsci.nearest import did_you_mean

StageName = Literal["convert", "check", "quantize", "verify", "compare", "benchmark"]
STAGE_NAMES: tuple[StageName, ...] = get_args(StageName)


@dataclass(frozen=True, kw_only=True)
class RunPlan:
    """``stages`` always has convert; ``allow_code`` comes from the command line alone.

    ``localize``: whether to look for culprits, whatever the manifest says; None: as it says. ``known`` are the names of all
    the manifest's models, those that weren't chosen among them.
    """

    models: tuple[ModelSpec, ...]
    known: tuple[str, ...]
    stages: tuple[StageName, ...]
    output: Path
    allow_code: bool = False
    baseline: BaseSource | None = None
    localize: bool | None = None

    def localizes(self, spec: ModelSpec) -> bool:
        """Whether the culprit is looked for where a pair of this model misses a limit."""
        return spec.compare.localize if self.localize is None else self.localize


def make_plan(
    manifest: Manifest,
    *,
    output: Path,
    models: Sequence[str] = (),
    only: Sequence[str] = (),
    verify: bool = True,
    without_rules: Sequence[str] = (),
    allow_code: bool = False,
    baseline: Path | None = None,
    baseline_ref: str | None = None,
    input_shapes: Mapping[str, tuple[int, ...]] | None = None,
    localize: bool | None = None,
) -> RunPlan:
    """Choose models by name and stages; convert is always done, everything else builds on it.

    Without ``verify`` that stage isn't done. ``without_rules`` are left out of every model's rewriting, beside those that
    the manifest names; ``input_shapes`` are added to every model's ``shapes``, which are pinned then. ``baseline`` (an
    earlier run's folder) or ``baseline_ref`` (a commit) win over the manifest's. Raises ``UsageError`` for a name that
    isn't there, and for what can't be a base.
    """
    known = {spec.name: spec for spec in manifest.models}
    for name in models:
        if name not in known:
            raise UsageError(
                f"the manifest has no model {name!r}.{did_you_mean(name, known)}",
                hint=f"Its models: {', '.join(known)}.",
            )
    for stage in only:
        if stage not in STAGE_NAMES:
            raise UsageError(
                f"--only: there is no stage {stage!r}.{did_you_mean(stage, STAGE_NAMES)}",
                hint=f"Stages: {', '.join(STAGE_NAMES)}.",
            )
    chosen = tuple(s for s in STAGE_NAMES if s in {"convert", *only}) if only else STAGE_NAMES
    if not verify:
        chosen = tuple(stage for stage in chosen if stage != "verify")
    require_rules(manifest)
    if without_rules:
        from tfjsci.rewrite.left_out import left_out  # late: it knows every lowering

        left_out(without_rules)
    wanted = tuple(
        replace(spec, without_rules=tuple(dict.fromkeys((*spec.without_rules, *without_rules))))
        for spec in manifest.models
        if not models or spec.name in models
    )
    if input_shapes:
        wanted = tuple(replace(spec, shapes={**spec.shapes, **input_shapes}, pin_shapes=True) for spec in wanted)
    base = choose_base(manifest, folder=baseline, ref=baseline_ref)
    if baseline is not None and baseline.resolve() == output.resolve():
        raise UsageError(
            "--baseline is the output folder of this run, whose artifacts would be replaced before they are compared",
            hint="Give this run another folder with --output.",
        )
    return RunPlan(
        models=wanted,
        known=tuple(known),
        stages=chosen,
        output=output,
        allow_code=allow_code,
        baseline=base,
        localize=localize,
    )


def require_rules(manifest: Manifest) -> None:
    """Raise ``ManifestError`` with each rule that a model leaves out and that there isn't."""
    if not any(spec.without_rules for spec in manifest.models):
        return
    from tfjsci.rewrite.left_out import unknown_rule  # late: it knows every lowering

    problems = [
        ManifestProblem(
            line=spec.key_lines.get(f"without_rules[{n}]", spec.line),
            path=f"models[{position}].without_rules[{n}]",
            message=problem,
        )
        for position, spec in enumerate(manifest.models)
        for n, name in enumerate(spec.without_rules)
        if (problem := unknown_rule(name))
    ]
    if problems:
        raise manifest_error(manifest.path, problems)


def runs_in_browser(spec: ModelSpec, stages: Sequence[StageName]) -> bool:
    """Whether a model is run in a browser, or only converted, checked and verified."""
    return "compare" in stages or _benchmarks(spec, stages)


def calibrates(spec: ModelSpec, stages: Sequence[StageName]) -> bool:
    """Whether a variant is made by running the model: with its activations, or by a search."""
    return "quantize" in stages and any(each.calibrate is not None or each.auto is not None for each in spec.quantize)


def needs_inputs(spec: ModelSpec, stages: Sequence[StageName]) -> bool:
    """Whether a model is run at all, be it in TensorFlow alone."""
    return "verify" in stages or runs_in_browser(spec, stages) or calibrates(spec, stages)


def steps_of(spec: ModelSpec, stages: Sequence[StageName]) -> int:
    """How many lines of progress a model takes if all goes well."""
    variants = 1 + (len(spec.quantize) if "quantize" in stages else 0)
    in_browser = variants * len(spec.backends)
    benchmarks = _benchmarks(spec, stages)
    searched = sum(each.auto is not None for each in spec.quantize) if "quantize" in stages else 0
    steps = searched * (3 + (len(spec.backends) if "compare" in stages else 0))
    steps += 1 + ("check" in stages) + variants  # convert, check, one writing a variant
    steps += needs_inputs(spec, stages) + ("verify" in stages)
    steps += (1 + in_browser) if "compare" in stages else 0  # the reference, and each variant
    return steps + (in_browser if benchmarks else 0)


def baseline_steps_of(spec: ModelSpec, stages: Sequence[StageName]) -> int:
    """How many lines of progress holding a model against its base takes at most: its model, and the races."""
    variants = 1 + (len(spec.quantize) if "quantize" in stages else 0)
    return 1 + (variants * len(spec.backends) if _benchmarks(spec, stages) else 0)


def _benchmarks(spec: ModelSpec, stages: Sequence[StageName]) -> bool:
    return "benchmark" in stages and spec.benchmark is not None


def prepare_output(folder: Path, *, log: str, stale: Sequence[str] = ()) -> None:
    """Make the output folder with an empty ``log`` in it, so that it is seen to be writable. Raises ``OutputUnwritable``.

    The files ``stale`` are removed: of a run that is broken off, an older one's must not pass for its own.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / log).write_bytes(b"")
    except (OSError, ValueError) as error:  # ValueError: a NUL in the path
        raise OutputUnwritable(
            f"the output folder {folder} can't be written: {getattr(error, 'strerror', None) or error}",
            hint="Choose another folder with --output.",
        ) from error
    for name in stale:
        _remove(folder / name)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError as error:
        raise OutputUnwritable(
            f"{file}, of a run before, can't be removed: {error.strerror or error}",
            hint="Remove it, or choose another folder with --output.",
        ) from error

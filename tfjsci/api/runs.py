"""A manifest's models, from Python: all that ``tfjsci run`` does."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from pathlib import Path

from tfjsci.manifest.parse import load_manifest
from tfjsci.plan import RunPlan, make_plan, prepare_output
from tfjsci.progress import Progress, Silent
from tfjsci.results.run_result import RunResult

RESULTS = "results.json"
REPORT = "report.md"
LOG = "tfjsci.log"


def run(
    manifest: str | Path = "tfjsci.yml",
    *,
    output: str | Path,
    models: Sequence[str] = (),
    only: Sequence[str] = (),
    verify: bool = True,
    without_rules: Sequence[str] = (),
    allow_code: bool = False,
    baseline: str | Path | None = None,
    baseline_ref: str | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    localize: bool | None = None,
) -> RunResult:
    """Run a manifest as ``tfjsci run`` does, silently; write the artifacts, ``results.json`` and ``report.md`` to ``output``.

    ``models`` and ``only`` narrow the run; without ``verify`` the rewritten graphs aren't held against the original ones in
    TensorFlow; ``without_rules`` names rewriting rules and lowerings to leave out; ``allow_code`` lets code in a model file
    run, scripts of ``custom_ops``, and ``custom_objects`` and metrics of the manifest's own; ``baseline`` (the output folder
    of an earlier run) or ``baseline_ref`` (a commit) is held against it; ``input_shapes`` are added to each model's
    ``shapes``, which are pinned then (``pin_shapes``); ``localize`` looks for culprits where limits are missed, or doesn't,
    whatever the manifest says.
    Models that fail are in the result (``outcome``, ``exit_code``), not raised. Raises ``UsageError`` (the manifest, a name)
    and ``OutputUnwritable``.
    """
    plan = prepare(
        Path(manifest),
        Path(output),
        models=models,
        only=only,
        verify=verify,
        without_rules=without_rules,
        allow_code=allow_code,
        baseline=None if baseline is None else Path(baseline),
        baseline_ref=baseline_ref,
        input_shapes={name: tuple(shape) for name, shape in (input_shapes or {}).items()},
        localize=localize,
    )
    return run_with_progress(plan, manifest_name=str(manifest), progress=Silent())


def prepare(
    manifest: Path,
    output: Path,
    *,
    models: Sequence[str],
    only: Sequence[str],
    verify: bool = True,
    without_rules: Sequence[str] = (),
    allow_code: bool,
    baseline: Path | None = None,
    baseline_ref: str | None = None,
    input_shapes: Mapping[str, tuple[int, ...]] | None = None,
    localize: bool | None = None,
) -> RunPlan:
    """Read the manifest, choose what to run, and make the output folder. Raises ``UsageError``, ``OutputUnwritable``."""
    # absolute: the paths in results.json are told from the folder that it lies in
    plan = make_plan(
        load_manifest(manifest),
        output=output.absolute(),
        models=models,
        only=only,
        verify=verify,
        without_rules=without_rules,
        allow_code=allow_code,
        baseline=baseline,
        baseline_ref=baseline_ref,
        input_shapes=input_shapes,
        localize=localize,
    )
    prepare_output(plan.output, log=LOG, stale=(RESULTS, REPORT))
    return plan


def run_with_progress(plan: RunPlan, *, manifest_name: str, progress: Progress) -> RunResult:
    """``run``, told of its steps: what the command calls."""
    from tfjsci.browser.session import BrowserSession
    from tfjsci.pipeline import World, run_manifest
    from tfjsci.report.markdown import render_markdown
    from tfjsci.results.atomic import write_whole
    from tfjsci.results.store import write_results
    from tfjsci.sessions import Sessions

    log_file = plan.output / LOG
    handler = logging.FileHandler(log_file, encoding="utf-8")
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logger = logging.getLogger("tfjsci")
    logger.addHandler(handler)
    try:
        with Sessions(lambda tfjs: BrowserSession(tfjs_version=tfjs, log_file=log_file)) as sessions:
            result = run_manifest(plan, World(sessions=sessions, progress=progress), manifest_name=manifest_name)
    finally:
        logger.removeHandler(handler)
        handler.close()
    write_results(result, plan.output / RESULTS)
    write_whole(plan.output / REPORT, render_markdown(result))
    return result

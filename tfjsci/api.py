"""From Python: the same line as the command's, with the same errors and the same results object."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.manifest.parse import load_manifest
from tfjsci.plan import RunPlan, make_plan, prepare_output
from tfjsci.progress import Progress, Silent
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import read_results as load_results

if TYPE_CHECKING:
    from tfjsci.converter import Converted

__all__ = ["convert", "load_manifest", "load_results", "run"]

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
) -> RunResult:
    """Run a manifest as ``tfjsci run`` does, silently; write the artifacts, ``results.json`` and ``report.md`` to ``output``.

    ``models`` and ``only`` narrow the run; without ``verify`` the rewritten graphs aren't held against the original ones in
    TensorFlow; ``without_rules`` names rewriting rules and lowerings to leave out; ``allow_code`` lets code in a model file
    run; ``baseline`` (the output folder of an earlier run) or ``baseline_ref`` (a commit) is held against it. Models that
    fail are in the result (``outcome``, ``exit_code``), not raised. Raises ``UsageError`` (the manifest, a name) and
    ``OutputUnwritable``.
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
    )
    prepare_output(plan.output, log=LOG)
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


def convert(
    source: str | Path,
    output: str | Path,
    *,
    format: str = "auto",  # noqa: A002
    signature: str | None = None,
    backends: Sequence[Backend] = BACKENDS,
    quantize: str | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    shard_bytes: int | None = None,
    keep_debug_ops: bool = False,
    without_rules: Sequence[str] = (),
    allow_code: bool = False,
    told: Callable[[Converted], None] | None = None,
) -> Path:
    """Convert one model and write ``model.json`` and its shards into the folder ``output``, whole or not at all.

    Ops that one of ``backends`` can't run are lowered, and refused where that can't be; ``quantize`` is float16, uint16 or
    uint8; ``keep_debug_ops`` leaves Print and CheckNumerics in; ``without_rules`` names rewriting rules and lowerings to leave
    out; ``told`` is called with what was converted, once it is written. Returns ``output``, absolute.
    Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`, ``UnsupportedOps`` among them, ``OutputUnwritable``, and
    ``UsageError`` for a rule that there isn't, and when ``output`` holds anything but a converted model, for that would be
    lost.
    """
    from tfjsci.artifact.place import require_replaceable
    from tfjsci.artifact.quantize import Quantization
    from tfjsci.artifact.write import SHARD_BYTES
    from tfjsci.converter import convert as convert_model
    from tfjsci.converter import require_supported, write_variant
    from tfjsci.load.load import LoadOptions

    source, output = Path(source), Path(output).absolute()
    require_replaceable(output)
    options = LoadOptions(signature=signature, allow_code=allow_code)
    converted = convert_model(
        source,
        backends=backends,
        format=format,
        options=options,
        keep_debug_ops=keep_debug_ops,
        without_rules=without_rules,
    )
    require_supported(converted.check)
    wanted = None
    if quantize is not None:
        wanted = Quantization(dtype=quantize, include=tuple(include), exclude=tuple(exclude))  # type: ignore[arg-type]
    write_variant(
        converted, output, quantization=wanted, shard_bytes=SHARD_BYTES if shard_bytes is None else shard_bytes
    )
    if told is not None:
        told(converted)
    return output

"""From Python: the same line as the command's, with the same errors and the same results object."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError
from tfjsci.manifest.parse import load_manifest
from tfjsci.plan import RunPlan, make_plan, prepare_output
from tfjsci.progress import Progress, Silent
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import read_results as load_results

if TYPE_CHECKING:
    from tfjsci.artifact.quantize import Quantization
    from tfjsci.converter import Converted

OutputFormat = Literal["graph", "layers", "auto"]
"""What is made: a graph model, a layers model, or the latter where it can be."""

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
    input_shapes: Mapping[str, Sequence[int]] | None = None,
) -> RunResult:
    """Run a manifest as ``tfjsci run`` does, silently; write the artifacts, ``results.json`` and ``report.md`` to ``output``.

    ``models`` and ``only`` narrow the run; without ``verify`` the rewritten graphs aren't held against the original ones in
    TensorFlow; ``without_rules`` names rewriting rules and lowerings to leave out; ``allow_code`` lets code in a model file
    run; ``baseline`` (the output folder of an earlier run) or ``baseline_ref`` (a commit) is held against it;
    ``input_shapes`` are added to each model's ``shapes``, which are pinned then (``pin_shapes``). Models that fail are in
    the result (``outcome``, ``exit_code``), not raised. Raises ``UsageError`` (the manifest, a name) and
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
        input_shapes={name: tuple(shape) for name, shape in (input_shapes or {}).items()},
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
    unroll_loops: int = 1,
    allow_code: bool = False,
    output_format: OutputFormat = "graph",
    architecture: str | Path | None = None,
    input_shapes: Mapping[str, Sequence[int | None]] | None = None,
    told: Callable[[Converted], None] | None = None,
    noted: Callable[[str], None] | None = None,
) -> Path:
    """Convert one model and write ``model.json`` and its shards into the folder ``output``, whole or not at all.

    ``output_format``: a ``graph`` model, a ``layers`` model (of a Keras file, without TensorFlow; what its layers can't
    compute as Keras does is refused), or ``auto``: a layers model where that can be, else a graph model. ``architecture`` is
    the model's JSON (``model.to_json()``) where a file holds weights alone; ``noted`` is called with what was left out of a
    layers model, and why there is none. What follows is about graph models.

    Ops that one of ``backends`` can't run are lowered, and refused where that can't be; ``quantize`` is float16, uint16 or
    uint8; ``keep_debug_ops`` leaves Print and CheckNumerics in; ``without_rules`` names rewriting rules and lowerings to leave
    out; loops that turn at most ``unroll_loops`` times, where that is known before, are unrolled: such a model needs no
    ``executeAsync``. ``input_shapes`` are sizes, by input name, that the artifact's inputs are to have and no
    others (None: whatever the model has there). ``told`` is called with what was converted, once it is written. Returns
    ``output``, absolute.
    Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`, ``UnsupportedOps`` and ``BadInputs`` among them,
    ``OutputUnwritable``, and ``UsageError`` for a rule that there isn't, for ``input_shapes`` of a layers model, and when
    ``output`` holds anything but a converted model, for that would be lost.
    """
    from tfjsci.artifact.place import require_replaceable
    from tfjsci.artifact.quantize import Quantization
    from tfjsci.artifact.write import SHARD_BYTES

    source, output = Path(source), Path(output).absolute()
    require_replaceable(output)
    wanted = None
    if quantize is not None:
        wanted = Quantization(dtype=quantize, include=tuple(include), exclude=tuple(exclude))  # type: ignore[arg-type]
    shards = SHARD_BYTES if shard_bytes is None else shard_bytes
    shapes = {name: tuple(shape) for name, shape in (input_shapes or {}).items()}
    if shapes and output_format == "layers":
        raise UsageError(
            "the inputs of a layers model can't be pinned", hint="Make a graph model, or leave the input shapes out."
        )
    if architecture is not None and output_format == "graph":
        raise UsageError("a graph model isn't made of weights and an architecture", hint='Give output_format="layers".')
    if (output_format != "graph" and not shapes) and _write_layers(
        source, output, architecture, backends, wanted, shards, required=output_format == "layers", noted=noted
    ):
        return output
    from tfjsci.converter import convert as convert_model
    from tfjsci.converter import require_supported, write_variant
    from tfjsci.load.load import LoadOptions

    options = LoadOptions(signature=signature, allow_code=allow_code, input_shapes=shapes)
    converted = convert_model(
        source,
        backends=backends,
        format=format,
        options=options,
        keep_debug_ops=keep_debug_ops,
        without_rules=without_rules,
        unroll_loops=unroll_loops,
    )
    require_supported(converted.check)
    write_variant(converted, output, quantization=wanted, shard_bytes=shards)
    if told is not None:
        told(converted)
    return output


def _write_layers(
    source: Path,
    output: Path,
    architecture: str | Path | None,
    backends: Sequence[Backend],
    quantization: Quantization | None,
    shard_bytes: int,
    *,
    required: bool,
    noted: Callable[[str], None] | None,
) -> bool:
    """Write a layers model; unless it is required, False where that can't be, with the reason noted."""
    from tfjsci.artifact.write_layers import write_layers_model
    from tfjsci.layers.layers_model import layers_model
    from tfjsci.layers.refused import NoLayersModel
    from tfjsci.layers.source import is_keras_source

    note = noted or (lambda _: None)
    if not required and source.exists() and not is_keras_source(source):
        note(f"a graph model, as {source.name} isn't a Keras file")
        return False
    try:
        model_json = None if architecture is None else Path(architecture)
        with layers_model(source, architecture=model_json, backends=backends) as model:
            write_layers_model(model, folder=output, quantization=quantization, shard_bytes=shard_bytes)
    except NoLayersModel as error:
        if required or architecture is not None:
            raise
        note(f"a graph model, as {error.message}")
        return False
    for text in model.notes:
        note(text)
    return True

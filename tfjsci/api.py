"""From Python: the same line as the command's, with the same errors and the same results object."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError
from tfjsci.manifest.parse import load_manifest
from tfjsci.plan import RunPlan, make_plan, prepare_output
from tfjsci.progress import Progress, Silent
from tfjsci.results.run_result import RunResult
from tfjsci.results.store import read_results as load_results

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.browser_model import BrowserModel, Kind
    from tfjsci.conversion.conversion import Conversion
    from tfjsci.conversion.wanted import OutputFormat
    from tfjsci.converter import Converted
    from tfjsci.inspection.inspection import Inspection
    from tfjsci.versus.compared import ModelsCompared, RunsCompared

__all__ = [
    "compare_models",
    "compare_results",
    "convert",
    "convert_signatures",
    "inspect",
    "load_graph_model",
    "load_layers_model",
    "load_manifest",
    "load_results",
    "run",
]

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
    run, scripts of ``custom_ops``, and metrics of the manifest's own; ``baseline`` (the output folder of an earlier run) or
    ``baseline_ref`` (a commit) is held against it; ``input_shapes`` are added to each model's ``shapes``, which are pinned
    then (``pin_shapes``); ``localize`` looks for culprits where limits are missed, or doesn't, whatever the manifest says.
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
    source: str | Path | object,
    output: str | Path,
    *,
    input_format: str | None = None,
    output_format: OutputFormat = "graph",
    signature: str | None = None,
    tags: Sequence[str] | None = None,
    backends: Sequence[Backend] = BACKENDS,
    quantize: str | Mapping[str, Sequence[str]] | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    calibrate: Mapping[str, Any] | None = None,
    auto: Mapping[str, Any] | None = None,
    auto_inputs: Mapping[str, Any] | None = None,
    shard_bytes: int | None = None,
    split_by_layer: bool = False,
    keep_debug_ops: bool = False,
    skip_op_check: bool = False,
    without_rules: Sequence[str] = (),
    unroll_loops: int = 1,
    state_as_io: bool = False,
    allow_code: bool = False,
    architecture: str | Path | None = None,
    input_shapes: Mapping[str, Sequence[int | None]] | None = None,
    input_nodes: Sequence[str] = (),
    output_nodes: Sequence[str] = (),
    structured_outputs: bool = False,
    metadata: Mapping[str, Any] | None = None,
    verify: bool | Sequence[Backend] = False,
    verify_inputs: Mapping[str, Any] | None = None,
    seed: int = 0,
    told: Callable[[Converted], None] | None = None,
) -> Conversion:
    """Convert one model and write ``model.json`` and its shards into the folder ``output``, whole or not at all.

    ``source`` is a path, or in Python a ``keras.Model``, a concrete function, a ``tf.function`` with an
    ``input_signature`` or a ``tf.Module``. ``input_format`` is found by looking unless it is given. ``output_format``: a
    ``graph`` model, a ``layers`` model (of a Keras file, without TensorFlow; what its layers can't compute as Keras does is
    refused), or ``auto``: a layers model where that can be, else a graph model; of a TF.js model also a ``saved_model`` (a
    folder), a ``frozen`` graph (a ``.pb``), and of a layers model a Keras file (``keras``, ``h5``). ``architecture`` is the
    model's JSON (``model.to_json()``) where a file holds weights alone.

    ``quantize`` is a scheme of ``tfjsci.dtypes.SCHEME_NAMES``, for the weights that ``include`` and ``exclude`` (patterns) say;
    or patterns by scheme, for several: ``{"uint8": ["*kernel*"], "float16": ["*"]}``, where ``*`` alone is the rest.
    ``calibrate`` (arrays of samples by input name) chooses the codes with the model's own activations. ``auto`` in place of
    ``quantize`` searches for a scheme for each weight, so that the download is smallest: thresholds as in a manifest's ``auto``
    (``{"sqnr_db": 25}``), held in TensorFlow on ``auto_inputs`` (arrays of samples by input name). ``metadata`` is
    JSON that the page finds as ``model.metadata`` (``userDefinedMetadata``). ``structured_outputs``: JavaScript's ``predict``
    gives the outputs by name.

    About graph models alone: ops that one of ``backends`` can't run are lowered, and refused where that can't be, unless
    ``skip_op_check`` (they are noted then); ``keep_debug_ops`` leaves Print and CheckNumerics in; ``without_rules`` names
    rewriting rules and lowerings to leave out; loops that turn at most ``unroll_loops`` times, where that is known before, are
    unrolled: such a model needs no ``executeAsync``. With ``state_as_io`` a variable that inference reads and writes is an
    input and an output, both called after it; its first value is in the metadata, under ``state``. ``input_shapes`` are sizes,
    by input name, that the artifact's inputs are to have and no others (None: whatever the model has there). ``signature`` and
    ``tags`` choose in a SavedModel, ``input_nodes`` and ``output_nodes`` in a frozen graph.
    ``split_by_layer``: each layer of a layers model has files of its own.

    ``verify``: before it takes its place, the result runs in a real browser on ``backends`` (or those given) and must give
    the original's numbers, for ``verify_inputs`` (arrays by input name) or random ones made from ``seed``.

    Returns what was made, which is a path as well. ``told`` is called with what was converted, once it is written. Many
    models may be converted in one process: nothing of one is kept for the next.
    Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`, ``UnsupportedOps``, ``BadInputs`` and ``NumbersDiffer`` among them,
    ``OutputUnwritable``, ``EnvironmentFailed`` when there is no browser to verify in, and ``UsageError`` for a rule that there
    isn't, for ``input_shapes`` of a layers model, and when ``output`` holds anything but a converted model, which would be lost.
    """
    from tfjsci.conversion.asked import given_of, wanted_of
    from tfjsci.conversion.convert import convert as convert_one

    with _browser() as session:
        return convert_one(
            given_of(source),
            Path(output).absolute(),
            wanted_of(
                input_format=input_format,
                output_format=output_format,
                signature=signature,
                tags=tags,
                backends=backends,
                quantize=quantize,
                include=include,
                exclude=exclude,
                calibrate=calibrate,
                auto=auto,
                auto_inputs=auto_inputs,
                shard_bytes=shard_bytes,
                split_by_layer=split_by_layer,
                keep_debug_ops=keep_debug_ops,
                skip_op_check=skip_op_check,
                without_rules=without_rules,
                unroll_loops=unroll_loops,
                state_as_io=state_as_io,
                allow_code=allow_code,
                architecture=architecture,
                input_shapes=input_shapes,
                input_nodes=input_nodes,
                output_nodes=output_nodes,
                structured_outputs=structured_outputs,
                metadata=metadata,
                verify=verify,
                verify_inputs=verify_inputs,
                seed=seed,
            ),
            session=session,
            told=told or (lambda _: None),
        )


def convert_signatures(
    source: str | Path | object,
    output: str | Path,
    *,
    signatures: Sequence[str],
    told: Callable[[Converted], None] | None = None,
    **options: Any,
) -> dict[str, Conversion]:
    """Convert several signatures of one model, each to a graph model in a folder of its own below ``output``: all, or none.

    ``options`` are those of :func:`convert`, but for ``signature``. A folder is named as its signature, with ``_`` for what
    can't be in a file's name. Raises what :func:`convert` raises.
    """
    from tfjsci.conversion.asked import given_of, wanted_of
    from tfjsci.conversion.convert import convert_signatures as convert_all

    if options.get("output_format", "graph") != "graph":
        raise UsageError("signatures are those of graph models", hint='Leave output_format out, or say "graph".')
    with _browser() as session:
        return convert_all(
            given_of(source),
            Path(output).absolute(),
            signatures,
            wanted_of(**options),
            session=session,
            told=told or (lambda _: None),
        )


@contextmanager
def _browser() -> Iterator[Callable[[], Session]]:
    """Hands out one browser, started when it is first asked for, and ends it."""
    with ExitStack() as stack:
        started: list[Session] = []

        def session() -> Session:
            if not started:
                from tfjsci.browser.session import BrowserSession

                started.append(stack.enter_context(BrowserSession()))
            return started[0]

        yield session


def compare_models(
    a: str | os.PathLike[str],
    b: str | os.PathLike[str],
    *,
    backends: Sequence[Backend] = BACKENDS,
    inputs: str | Path | None = None,
    input_shapes: Mapping[str, Sequence[int]] | None = None,
    seed: int = 0,
    limits: Mapping[str, float] | None = None,
    localize: bool = False,
    signature: str | None = None,
    allow_code: bool = False,
    deadline_seconds: float = 120.0,
    session: Session | None = None,
    told: Callable[[str], None] | None = None,
) -> ModelsCompared:
    """Run two models on the same inputs and hold ``b``'s outputs against ``a``'s, as ``tfjsci compare`` does.

    Each is an original of any format that is read, which TensorFlow runs, or the folder of a TensorFlow.js model, which a
    browser runs on each of ``backends``. ``inputs`` is an ``.npz`` with an array for each input of ``a`` (or an ``.npy`` of its
    only one); without it they are random, from ``seed``, of ``input_shapes`` where the model leaves sizes open. ``limits`` are
    by metric, as in ``{"sqnr_db": 60}``; without any the SQNR is held to the built-in limit. ``localize`` finds the node where
    they come apart. A ``session`` that is handed in is shared, and stays open; ``told`` hears what is being done.

    A miss is in what is returned (``missed``), not raised. Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`, ``BadInputs``
    among them, ``UsageError`` for a metric that there isn't, and ``EnvironmentFailed`` without a browser.
    """
    from tfjsci.load.load import LoadOptions
    from tfjsci.versus.member import look
    from tfjsci.versus.models import Asked, compare_two_models

    asked = Asked(
        backends=tuple(backends),
        inputs=None if inputs is None else Path(inputs),
        shapes={name: tuple(shape) for name, shape in (input_shapes or {}).items()},
        seed=seed,
        limits=dict(limits or {}),
        localize=localize,
        options=LoadOptions(signature=signature, allow_code=allow_code),
        deadline_seconds=deadline_seconds,
    )
    with _browser() as started:
        return compare_two_models(
            look(os.fspath(a)),
            look(os.fspath(b)),
            asked,
            session=started if session is None else lambda: session,
            told=told or (lambda _: None),
        )


def compare_results(a: str | os.PathLike[str], b: str | os.PathLike[str]) -> RunsCompared:
    """The numbers of two runs side by side: each is a ``results.json`` or the folder that it lies in. Raises ``UsageError``."""
    from tfjsci.versus.member import look
    from tfjsci.versus.runs import compare_runs

    members = [look(os.fspath(each)) for each in (a, b)]
    for member in members:
        if member.kind != "results":
            raise UsageError(
                f"{member.name} isn't the results of a run", hint="Give two of them: results.json, or its folder."
            )
    one, other = members
    return compare_runs(load_results(one.path), load_results(other.path), names=(one.name, other.name))


def inspect(path: str | os.PathLike[str], *, input_format: str | None = None) -> Inspection:
    """What a model file says of itself: signatures, ops, layers, weights; nothing of it is run.

    ``path`` is that of any format that is read or written here. Raises ``MissingModel``, ``UnknownFormat``, ``CorruptModel``
    and other ``ModelError`` kinds.
    """
    from tfjsci.inspection.look import look
    from tfjsci.source import parse_source

    return look(parse_source(path if isinstance(path, str) else Path(path)), input_format or "auto")


def load_graph_model(
    path: str | os.PathLike[str],
    backend: Backend = "webgl",
    *,
    session: Session | None = None,
    deadline_seconds: float = 120.0,
) -> BrowserModel:
    """Load a graph model to run it in a real browser on ``backend``.

        with tfjsci.load_graph_model("web/model", backend="wasm") as model:
            scores = model.predict(images)["scores"]

    ``path`` is the folder with model.json, or that file. The browser starts with the first prediction, each of which has
    ``deadline_seconds``; a ``session`` that is handed in is shared, and stays open.
    Raises ``MissingModel``, ``CorruptModel``, ``UsageError`` for a layers model, and ``RuntimeMissing``.
    """
    return _loaded(path, "graph-model", backend, session, deadline_seconds)


def load_layers_model(
    path: str | os.PathLike[str],
    backend: Backend = "webgl",
    *,
    session: Session | None = None,
    deadline_seconds: float = 120.0,
) -> BrowserModel:
    """Load a layers model to run it in a real browser on ``backend``: as :func:`load_graph_model`."""
    return _loaded(path, "layers-model", backend, session, deadline_seconds)


def _loaded(
    path: str | os.PathLike[str], kind: Kind, backend: Backend, session: Session | None, deadline_seconds: float
) -> BrowserModel:
    from tfjsci.browser.session import BrowserSession
    from tfjsci.browser_model import BrowserModel

    if backend not in BACKENDS:
        raise UsageError(f"{backend!r} is not one of {', '.join(BACKENDS)}", hint="Choose one of these backends.")
    used = session or BrowserSession()
    try:
        return BrowserModel(
            Path(path),
            kind=kind,
            backend=backend,
            session=used,
            owns_session=session is None,
            deadline_seconds=deadline_seconds,
        )
    except BaseException:
        if session is None:
            used.close()
        raise

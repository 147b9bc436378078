"""From a source to artifacts: load, rewrite, check, and write one folder per variant. The ``convert`` of every caller."""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tfjsci.artifact.artifact import Artifact
from tfjsci.artifact.codes import packing_notes
from tfjsci.artifact.download import measure_download
from tfjsci.artifact.quantize import (
    SMALL_ELEMENTS,
    Quantizations,
    each_of,
    names_of,
    quantized_weights,
    require_matched,
    selection_notes,
)
from tfjsci.artifact.small_weights import settled, small_notes
from tfjsci.artifact.state import state_metadata
from tfjsci.artifact.write import SHARD_BYTES, Written, write_artifact
from tfjsci.catalog.catalog import Catalog
from tfjsci.catalog.check import OpCheck, check_ops, problems_of
from tfjsci.catalog.exactness import beyond_float32, inexact
from tfjsci.catalog.hints import advice_for, fewer_backends
from tfjsci.dtypes import Backend
from tfjsci.errors import ConversionFailed, UnsupportedOps
from tfjsci.graph.calls import roles
from tfjsci.graph.graph import Graph, indexed
from tfjsci.graph.graphdef import infer_types, written_with
from tfjsci.graph.remembered_types import RememberedTypes
from tfjsci.graph.tables import is_table, tables_in
from tfjsci.listed import listed, plural
from tfjsci.load.load import LoadOptions, load
from tfjsci.load.loaded import LoadedGraph
from tfjsci.quantize.weight import PreparedWeight
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.left_out import left_out
from tfjsci.rewrite.pipeline import rewrite_with
from tfjsci.rewrite.stage import Means, RewrittenGraph
from tfjsci.rewrite.told import told
from tfjsci.signature import TensorSpec
from tfjsci.source import Source

_NOT_COMPUTING = frozenset({"Const", "Placeholder"})


@dataclass(frozen=True, kw_only=True)
class Converted:
    """A model as a TensorFlow.js graph in memory, ready to be written; ``check`` says what of it can't run.

    ``means`` are those that ``rewritten`` was made with: whoever verifies it does it again with some of them changed.
    """

    loaded: LoadedGraph
    means: Means
    rewritten: RewrittenGraph
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    check: OpCheck
    notes: tuple[str, ...]

    @property
    def graph(self) -> Graph:
        """The graph that is written."""
        return self.rewritten.graph

    @property
    def computing_nodes(self) -> int:
        """Nodes other than Const and Placeholder."""
        return computing_nodes_of(self.graph)


def computing_nodes_of(graph: Graph) -> int:
    """Nodes other than Const and Placeholder, those of functions among them."""
    return sum(node.op not in _NOT_COMPUTING for _, part in graph.walk() for node in part.nodes)


def ops_of(graph: Graph) -> dict[str, int]:
    """How many nodes each op has, by its name, those of functions among them."""
    return dict(sorted(Counter(node.op for _, part in graph.walk() for node in part.nodes).items()))


def convert(
    source: Source | LoadedGraph,
    *,
    backends: Sequence[Backend],
    format: str = "auto",  # noqa: A002
    options: LoadOptions | None = None,
    catalog: Catalog | None = None,
    keep_debug_ops: bool = False,
    without_rules: Collection[str] = (),
    unroll_loops: int | None = None,
) -> Converted:
    """Load ``source``, rewrite its graph and hold it against what ``backends`` can run. Nothing is written.

    What is loaded already is taken as it is: ``format`` and ``options`` tell of files.

    ``catalog``: what the release runs, and custom ops; by default the release's that the package was made with. Ops for
    debugging (Print, CheckNumerics) are taken out unless ``keep_debug_ops``; ``without_rules`` names rules and lowerings to
    leave out; loops that turn at most ``unroll_loops`` times, where that is known before, are unrolled (None: those that make at
    most 2,000 nodes).
    Raises the ``ModelError`` kinds of :mod:`tfjsci.errors`, and ``UsageError`` for a rule that there isn't; unsupported ops
    are in ``check``, not raised.
    """
    means = Means(
        evaluate=evaluate_in_tensorflow,
        infer=RememberedTypes(infer_types),
        problems=partial(problems_of, backends=backends, catalog=catalog),
        catalog=catalog,
        keep_debug_ops=keep_debug_ops,
        without=left_out(without_rules),
        unroll_loops=unroll_loops,
        backends=tuple(backends),
    )
    with _without_collections():
        return _convert(source, backends, format, options or LoadOptions(), means)


def _convert(
    source: Source | LoadedGraph,
    backends: Sequence[Backend],
    kind: str,
    options: LoadOptions,
    means: Means,
) -> Converted:
    loaded = source if isinstance(source, LoadedGraph) else load(source, format=kind, options=options)
    rewritten = rewrite_with(loaded.graph, means)
    graph = rewritten.graph
    _refuse_functions(graph)
    _refuse_tables_in_functions(graph)
    outputs = tuple(_in_graph(spec, tensor, graph) for spec, tensor in zip(loaded.outputs, graph.outputs, strict=True))
    check = told(check_ops(graph, backends, means.catalog), graph, rewritten.lowered, means.without, means.catalog)
    if not check.unsupported:
        _refuse_leftover_handles(graph, loaded)
    return Converted(
        loaded=loaded,
        means=means,
        rewritten=rewritten,
        inputs=loaded.inputs,
        outputs=outputs,
        check=check,
        notes=(
            *loaded.notes,
            *_notes(loaded),
            *_no_state_note(loaded, options),
            *beyond_float32(loaded.graph),
            *inexact(graph, backends),
            *_left_out_note(means),
        ),
    )


@contextmanager
def _without_collections() -> Iterator[None]:
    """No cyclic garbage collection meanwhile: each walks all that TensorFlow's import made, for 0.1 s, and finds nothing."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _in_graph(spec: TensorSpec, tensor: str, graph: Graph) -> TensorSpec:
    """The output under its tensor's new name, with the shape as inferred where the signature leaves it open."""
    known = graph.type_of(tensor)
    shape = known.shape if known and known.shape is not None else spec.shape
    return TensorSpec(name=spec.name, tensor=indexed(tensor), dtype=spec.dtype, shape=shape)


def require_supported(check: OpCheck, backends: Sequence[Backend] = ()) -> None:
    """Raise ``UnsupportedOps`` that names all of them, if there are any, and which of ``backends`` are left."""
    if not check.unsupported:
        return
    ops = "; ".join(f"{op.op} ×{op.count} on {', '.join(op.backends)} ({op.reason})" for op in check.unsupported)
    hints = list(dict.fromkeys(op.hint for op in check.unsupported))
    if able := check.fewer(backends):
        hints.append(fewer_backends(able))
    raise UnsupportedOps(f"ops that can't run in TensorFlow.js: {ops}", hint="\n  ".join(hints))


def write_variant(
    converted: Converted,
    folder: Path,
    *,
    quantization: Quantizations = None,
    prepared: Mapping[str, PreparedWeight] | None = None,
    shard_bytes: int = SHARD_BYTES,
    metadata: Mapping[str, Any] | None = None,
) -> Written:
    """Write one variant. Raises ``UsageError`` for patterns that match nothing, ``ConversionFailed`` when nothing would be
    quantised, ``OutputUnwritable``.

    ``prepared`` are codes of some of the weights that ``quantization`` takes, made with more knowledge than the weight alone.
    ``metadata`` is JSON for the page, as ``userDefinedMetadata``, beside what a TF.js model had there, and where state that
    is an input and an output is told.
    """
    wanted = each_of(quantization)
    require_matched(names_of(converted.graph.all_constants), wanted)
    if wanted and not quantized_weights(converted.graph.all_constants, quantization):
        raise ConversionFailed(
            f"{', '.join(each.scheme.name for each in wanted)} would quantise no weight of this model",
            hint="Weights are named after their variables: "
            f"include: and exclude: are held against names like {', '.join(_some_weights(converted.graph))}. "
            f"Without include:, those of two dimensions and {SMALL_ELEMENTS} values or more are taken; where there are none, "
            "leave this scheme out for this model.",
        )
    return write_artifact(
        converted.graph,
        inputs=converted.inputs,
        outputs=converted.outputs,
        folder=folder,
        quantization=quantization,
        prepared=prepared,
        shard_bytes=shard_bytes,
        generated_by=written_with(),
        metadata={
            **converted.loaded.metadata,
            **state_metadata({each.name: each.initial for each in converted.loaded.state}),
            **(metadata or {}),
        },
    )


def quantization_notes(converted: Converted, quantization: Quantizations) -> tuple[str, ...]:
    """What the reader should know of a variant: what it asks of the page, and the weights that can't be stored as asked."""
    constants = converted.graph.all_constants
    found = settled(constants.items(), quantization)
    return (
        *packing_notes(converted.graph, found),
        *small_notes(found),
        *selection_notes(constants.items(), found),
    )


def describe(converted: Converted, written: Written, variant: str) -> Artifact:
    """The written variant with its sizes as a visitor would download it."""
    graph = converted.graph
    return Artifact(
        variant=variant,
        path=written.folder,
        inputs=converted.inputs,
        outputs=converted.outputs,
        nodes=converted.computing_nodes,
        ops=ops_of(graph),
        parameters=written.parameters,
        weights=written.weights,
        shards=written.files[1:],
        download=measure_download(written.folder, written.files),
        sha256=written.sha256,
    )


def _some_weights(graph: Graph) -> list[str]:
    return [name for name, constant in graph.all_constants.items() if constant.sources][:4]


_CALLS = "Loops (while_loop) and branches (cond, case) are converted; for others, call the function plainly."


def _advice_for_call(op: str) -> str | None:
    """What is to be done about such a call where it is of a kind of its own (of a TPU's)."""
    return None if op in ("PartitionedCall", "StatefulPartitionedCall") else advice_for(op)


def _refuse_functions(graph: Graph) -> None:
    """Calls that couldn't be inlined, of functions that aren't there: what they run isn't in the graph, so it would be lost."""
    left = [
        (f"{prefix}/{node.name}" if prefix else node.name, node)
        for prefix, part in graph.walk()
        for node in part.nodes
        if any(name not in graph.functions for name in roles(node).values())
    ]
    if left:
        named = listed(
            (f"{node.op} {name} (layer {', '.join(node.origin) or 'unknown'})" for name, node in left), 5, between="; "
        )
        raise ConversionFailed(
            f"the graph has {plural(len(left), 'call of a function', 'calls of functions')} that can't be taken in: {named}",
            hint=next((advice for _, node in left if (advice := _advice_for_call(node.op))), _CALLS),
        )


def _refuse_tables_in_functions(graph: Graph) -> None:
    """The runtime's functions don't know the model's tables; those of numbers have become ops by now."""
    left = [f"{node.name} in {name}" for name, body in graph.functions.items() for node in tables_in(body.graph)]
    if left:
        raise ConversionFailed(
            f"a loop or branch looks texts up, which the runtime can't do there: {', '.join(left[:5])}",
            hint="Look them up before the loop, all at once.",
        )


def _refuse_leftover_handles(graph: Graph, loaded: LoadedGraph) -> None:
    """A handle that is still there (a lookup table, a variable that is assigned) has nothing behind it in the browser."""
    inputs = {spec.tensor.partition(":")[0] for spec in loaded.inputs}
    left = [
        node
        for node in graph.nodes
        if graph.readers.get(node.name)
        and not is_table(node)
        and (
            (node.op == "Placeholder" and node.name not in inputs)
            or ((known := graph.type_of(node.name)) is not None and known.dtype == "resource")
        )
    ]
    if left:
        readers = sorted({f"{r.op} {r.name}" for node in left for r in graph.readers[node.name]})
        raise ConversionFailed(
            f"the graph uses {plural(len(left), 'resource that is no plain weight', 'resources that are no plain weights')}, "
            f"read by: {listed(readers, 5)}",
            hint="Look-up tables are converted where the model holds what is in them; state, queues and datasets aren't.",
        )


def _no_state_note(loaded: LoadedGraph, options: LoadOptions) -> Iterator[str]:
    if options.state_as_io and not loaded.state:
        yield "no output depends on a variable that inference changes: state_as_io (--state-as-io) has made no input of one"


def _notes(loaded: LoadedGraph) -> tuple[str, ...]:
    notes = [
        f"the variable {each.name} is an input and an output: hand what comes out in again (its first value is in the metadata)"
        for each in loaded.state
    ]
    for kind, specs in (("input", loaded.inputs), ("output", loaded.outputs)):
        notes += [
            f"the {kind} {spec.name} is {spec.dtype} in the original and int32 in the browser: values beyond ±2³¹ don't fit"
            for spec in specs
            if spec.dtype in ("int64", "uint32", "uint64")
        ]
    used = {node.name for node in loaded.graph.nodes if loaded.graph.readers.get(node.name)}
    notes += [
        f"the input {spec.name} is not used by any output"
        for spec in loaded.inputs
        if spec.tensor.partition(":")[0] not in used
    ]
    return tuple(notes)


def _left_out_note(means: Means) -> tuple[str, ...]:
    return (f"left out of the rewriting, as asked: {', '.join(sorted(means.without))}",) if means.without else ()

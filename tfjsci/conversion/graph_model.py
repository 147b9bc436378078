"""A graph model: the source rewritten for TensorFlow.js, written, and run where that is asked for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjsci.conversion.coding import coding_of
from tfjsci.conversion.conversion import Conversion
from tfjsci.conversion.given import Given
from tfjsci.conversion.proven import place_for, runs_of
from tfjsci.conversion.wanted import Wanted

if TYPE_CHECKING:
    from tfjsci.browser.protocol import Session
    from tfjsci.converter import Converted


def graph_of(given: Given, wanted: Wanted) -> Converted:
    """The model as a graph for TensorFlow.js, in memory. Raises ``UnsupportedOps`` unless the check is to be skipped."""
    from tfjsci.converter import convert as convert_model
    from tfjsci.converter import require_supported

    source = given.load(wanted.options) if given.load is not None else given.path
    assert source is not None
    converted = convert_model(
        source,
        backends=wanted.backends,
        format=wanted.input_format,
        options=wanted.options,
        keep_debug_ops=wanted.keep_debug_ops,
        without_rules=wanted.without_rules,
        unroll_loops=wanted.unroll_loops,
    )
    if not wanted.skip_op_check:
        require_supported(converted.check, wanted.backends)
    return converted


def write_graph(
    given: Given,
    converted: Converted,
    output: Path,
    wanted: Wanted,
    *,
    session: Callable[[], Session],
    notes: Sequence[str] = (),
) -> Conversion:
    """Write the graph model, and run it before it takes its place where ``wanted`` says so."""
    from tfjsci.converter import computing_nodes_of, ops_of, quantization_notes, write_variant

    coding = coding_of(converted, wanted)
    wanted = replace(wanted, quantizations=coding.quantizations)
    metadata: dict[str, Any] = dict(wanted.metadata)
    if wanted.structured_outputs:
        metadata["structuredOutputKeys"] = [spec.name for spec in converted.outputs]
    with place_for(output, wanted) as folder:
        written = write_variant(
            converted,
            folder,
            quantization=coding.quantizations,
            prepared=coding.prepared,
            shard_bytes=wanted.shard_bytes,
            metadata=metadata or None,
        )
        coding_notes = coding.told(folder, written)
        runs, values_notes = runs_of(
            folder, lambda: converted.loaded, converted.inputs, converted.outputs, wanted=wanted, session=session
        )
    return Conversion(
        path=output,
        source=given.name,
        input_format=converted.loaded.format,
        output_format="graph",
        signature=converted.loaded.signature,
        inputs=converted.inputs,
        outputs=converted.outputs,
        nodes_before=computing_nodes_of(converted.loaded.graph),
        nodes=converted.computing_nodes,
        ops=ops_of(converted.graph),
        rules=dict(converted.rewritten.applied),
        lowerings=dict(Counter(each.by for each in converted.rewritten.lowered)),
        parameters=written.parameters,
        weights=written.weights,
        files=written.files,
        size_bytes=written.raw_bytes,
        notes=(
            *notes,
            *converted.notes,
            *quantization_notes(converted, coding.quantizations),
            *coding_notes,
            *values_notes,
            *_unsupported_notes(converted),
        ),
        runs=runs,
        quantize_entry=coding.searched.entry if coding.searched else None,
    )


def _unsupported_notes(converted: Converted) -> Iterator[str]:
    for op in converted.check.unsupported:
        yield f"{op.op} ×{op.count} can't run on {', '.join(op.backends)}: {op.reason}"

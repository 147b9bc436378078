"""One model to a folder, from Python: what ``tfjsci convert`` does."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tfjsci.api.one_browser import one_browser
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import UsageError

if TYPE_CHECKING:
    from tfjsci.conversion.conversion import Conversion
    from tfjsci.conversion.wanted import OutputFormat
    from tfjsci.converter import Converted


def convert(
    source: str | Path | object,
    output: str | Path,
    *,
    input_format: str | None = None,
    output_format: OutputFormat = "graph",
    signature: str | None = None,
    tags: Sequence[str] | None = None,
    backends: Sequence[Backend] = BACKENDS,
    quantize: str | Mapping[str, Any] | None = None,
    include: Sequence[str] = (),
    exclude: Sequence[str] = (),
    calibrate: Mapping[str, Any] | None = None,
    auto: Mapping[str, Any] | None = None,
    auto_inputs: Mapping[str, Any] | None = None,
    shard_bytes: int | None = None,
    split_by_layer: bool = False,
    optimizer: bool = True,
    keep_debug_ops: bool = False,
    skip_op_check: bool = False,
    without_rules: Sequence[str] = (),
    unroll_loops: int | None = None,
    state_as_io: bool = False,
    allow_code: bool = False,
    architecture: str | Path | None = None,
    custom_objects: Mapping[str, Any] | None = None,
    input_shapes: Mapping[str, Sequence[int | None]] | None = None,
    input_nodes: Sequence[str] = (),
    output_nodes: Sequence[str] = (),
    structured_outputs: bool = False,
    metadata: Mapping[str, Any] | None = None,
    verify: bool | Sequence[Backend] = False,
    verify_inputs: Mapping[str, Any] | None = None,
    seed: int = 0,
    say: Callable[[str], None] | None = None,
    told: Callable[[Converted], None] | None = None,
) -> Conversion:
    """Convert one model and write ``model.json`` and its shards into the folder ``output``, whole or not at all.

    ``source`` is a path, or in Python a ``keras.Model``, a concrete function, a ``tf.function`` with an
    ``input_signature`` or a ``tf.Module``. ``input_format`` is found by looking unless it is given. ``output_format``: a
    ``graph`` model, a ``layers`` model (of a Keras file, without TensorFlow; what its layers can't compute as Keras does is
    refused), or ``auto``: a layers model where that can be, else a graph model; of a TF.js model also a ``saved_model`` (a
    folder), a ``frozen`` graph (a ``.pb``), and of a layers model a Keras file (``keras``, ``h5``). ``architecture`` is the
    model's JSON (``model.to_json()``) where a file holds weights alone. ``custom_objects`` are classes and functions by name
    that a Keras file needs and Keras hasn't got; they, and code inside of the file, run with ``allow_code`` alone.

    ``quantize`` is a scheme of ``tfjsci.dtypes.SCHEME_NAMES``, for the weights that ``include`` and ``exclude`` (patterns) say;
    or patterns by scheme, for several: ``{"uint8": ["*kernel*"], "float16": ["*"]}``, where ``*`` alone is the rest; or an entry
    of a manifest's ``quantize``, with the scheme's options: ``{"scheme": "int4", "group": 32}``, ``{"mixed": [...]}``.
    ``calibrate`` (arrays of samples by input name) chooses the codes with the model's own activations. ``auto`` in place of
    ``quantize`` searches for a scheme for each weight, so that the download is smallest: thresholds as in a manifest's ``auto``
    (``{"sqnr_db": 25}``), held in TensorFlow on ``auto_inputs`` (arrays of samples by input name); it may take minutes, and
    ``say`` hears what it is at. ``metadata`` is
    JSON that the page finds as ``model.metadata`` (``userDefinedMetadata``). ``structured_outputs``: JavaScript's ``predict``
    gives the outputs by name.

    About graph models alone: ops that one of ``backends`` can't run are lowered, and refused where that can't be, unless
    ``skip_op_check`` (they are noted then); ``keep_debug_ops`` leaves Print and CheckNumerics in; ``without_rules`` names
    rewriting rules and lowerings to leave out; loops that turn at most ``unroll_loops`` times, where that is known before, are
    unrolled (None: those that make at most 2,000 nodes): such a model is faster and needs no ``executeAsync``. With
    ``state_as_io`` a variable that inference reads and writes is an input and an output, both called after it; its first value is
    in the metadata, under ``state``. ``input_shapes`` are sizes, by input name, that the artifact's inputs are to have and no
    others (None: whatever the model has there). ``signature`` and ``tags`` choose in a SavedModel, ``input_nodes`` and
    ``output_nodes`` in a frozen graph.
    ``split_by_layer``: each layer of a layers model has files of its own. ``optimizer``: what the optimizer of a layers model
    keeps goes along, unless weights are quantised, so that training goes on where it was.

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

    with one_browser() as session:
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
                optimizer=optimizer,
                keep_debug_ops=keep_debug_ops,
                skip_op_check=skip_op_check,
                without_rules=without_rules,
                unroll_loops=unroll_loops,
                state_as_io=state_as_io,
                allow_code=allow_code,
                architecture=architecture,
                custom_objects=custom_objects,
                input_shapes=input_shapes,
                input_nodes=input_nodes,
                output_nodes=output_nodes,
                structured_outputs=structured_outputs,
                metadata=metadata,
                verify=verify,
                verify_inputs=verify_inputs,
                seed=seed,
                say=say,
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
    with one_browser() as session:
        return convert_all(
            given_of(source),
            Path(output).absolute(),
            signatures,
            wanted_of(**options),
            session=session,
            told=told or (lambda _: None),
        )

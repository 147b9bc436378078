"""What the API and the commands are given, in plain Python -> what a conversion is asked for."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from tfjsci.artifact.quantize import Quantization, Quantizations
from tfjsci.artifact.write import SHARD_BYTES
from tfjsci.conversion.checked import at_least_one, backends_in, names_in, one_of, shapes_in
from tfjsci.conversion.entry import is_entry, quantizations_of_entry
from tfjsci.conversion.given import Given
from tfjsci.conversion.searched import AutoWanted, auto_of
from tfjsci.conversion.wanted import OUTPUT_FORMATS, OutputFormat, Verify, Wanted
from tfjsci.dtypes import BACKENDS, SCHEME_NAMES, Backend
from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.load.load import LoadOptions, require_fitting
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.pinned import with_pinned_inputs
from tfjsci.nearest import did_you_mean
from tfjsci.quantize.scheme import Scheme
from tfjsci.source import FORMATS, parse_source


def wanted_of(
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
) -> Wanted:
    """The arguments are those of :func:`tfjsci.api.convert`. Raises ``UsageError``."""
    _require_json(metadata)
    one_of(output_format, OUTPUT_FORMATS, "output_format")
    one_of(input_format or "auto", FORMATS, "input_format")
    wanted_backends = backends_in(backends, "backends")
    options = LoadOptions(
        signature=signature,
        allow_code=allow_code,
        input_shapes=shapes_in(input_shapes),
        tags=None if tags is None else names_in(tags),
        input_nodes=names_in(input_nodes),
        output_nodes=names_in(output_nodes),
        state_as_io=state_as_io,
        architecture=None if architecture is None else Path(architecture),
        custom_objects=custom_objects or {},
    )
    return Wanted(
        input_format=input_format or "auto",
        output_format=output_format,
        options=options,
        backends=wanted_backends,
        quantizations=None if auto is not None else quantizations_of(quantize, include, exclude),
        auto=_auto(auto, auto_inputs, quantize, include, exclude),
        calibration=calibrate,
        shard_bytes=SHARD_BYTES if shard_bytes is None else at_least_one(shard_bytes, "shard_bytes"),
        split_by_layer=split_by_layer,
        optimizer=optimizer,
        keep_debug_ops=keep_debug_ops,
        skip_op_check=skip_op_check,
        without_rules=names_in(without_rules),
        unroll_loops=None if unroll_loops is None else at_least_one(unroll_loops, "unroll_loops"),
        structured_outputs=structured_outputs,
        metadata=metadata or {},
        verify=_verify(verify, verify_inputs, seed, wanted_backends),
        say=say or (lambda _: None),
    )


def given_of(source: str | Path | object) -> Given:
    """A path, or a model in memory."""
    if isinstance(source, (str, os.PathLike)):
        parsed = parse_source(source if isinstance(source, str) else Path(source))
        return Given(name=parsed.name, path=parsed)
    from tfjsci.load.in_memory import as_keras_file, name_of

    return Given(
        name=name_of(source),
        load=lambda options: _loaded_in_memory(source, options),
        save=lambda folder: as_keras_file(source, folder),
    )


def _loaded_in_memory(source: object, options: LoadOptions) -> LoadedGraph:
    """Its own classes are there already. Raises ``UsageError`` for what says something of a file's parts."""
    from tfjsci.load.in_memory import load_in_memory, name_of

    require_fitting(name_of(source), "a model in memory", replace(options, signature=None, custom_objects={}))
    loaded = load_in_memory(source, signature=options.signature, state_as_io=options.state_as_io, pins=options.pins)
    return with_pinned_inputs(loaded, options.input_shapes, options.batch)


def quantizations_of(
    quantize: str | Mapping[str, Any] | None, include: Sequence[str] = (), exclude: Sequence[str] = ()
) -> Quantizations:
    """One scheme with ``include`` and ``exclude``, a manifest's entry, or patterns by scheme, which say it of small weights,
    too. Raises ``UsageError``."""
    if quantize is None:
        if include or exclude:
            raise UsageError("include and exclude need quantize", hint='Say to which scheme: quantize="uint8".')
        return None
    if isinstance(quantize, str):
        return Quantization(scheme=_scheme(quantize), include=names_in(include), exclude=names_in(exclude))
    if is_entry(quantize):
        if include or exclude:
            raise UsageError("include and exclude stand in quantize's entry itself", hint="Leave the arguments out.")
        return quantizations_of_entry(quantize)
    if include:
        raise UsageError("patterns by scheme and include say the same twice", hint="Give one of them.")
    by_scheme = {scheme: names_in(patterns) for scheme, patterns in quantize.items()}
    every = [pattern for patterns in by_scheme.values() for pattern in patterns]
    return tuple(
        Quantization(
            scheme=_scheme(scheme),
            include=patterns,
            small_weights="quantized",
            # "*" alone is what the others leave
            exclude=(*names_in(exclude), *(other for other in every if other != "*" and patterns == ("*",))),
        )
        for scheme, patterns in by_scheme.items()
    )


def _auto(
    auto: Mapping[str, Any] | None,
    samples: Mapping[str, Any] | None,
    quantize: object,
    include: Sequence[str],
    exclude: Sequence[str],
) -> AutoWanted | None:
    if auto is None:
        if samples is not None:
            raise UsageError("auto_inputs need auto", hint='Say what is to be met: auto={"sqnr_db": 25}.')
        return None
    if quantize is not None:
        raise UsageError("auto chooses the schemes, so quantize can't, too", hint="Give one of them.")
    if samples is None:
        raise UsageError(
            "auto needs samples to hold its thresholds on", hint="Give auto_inputs: an array of samples for each input."
        )
    return auto_of(auto, samples, names_in(include), names_in(exclude))


def _scheme(name: str) -> Scheme:
    for known in SCHEME_NAMES:
        if known == name:
            return Scheme(name=known)
    raise UsageError(
        f"{one_line(name)!r} is not one of {', '.join(SCHEME_NAMES)}.{did_you_mean(name, SCHEME_NAMES)}",
        hint="Weights are stored in one of these.",
    )


def _verify(
    asked: bool | Sequence[Backend], inputs: Mapping[str, Any] | None, seed: int, backends: tuple[Backend, ...]
) -> Verify | None:
    if asked is False or (asked is not True and not asked):
        if inputs is not None:
            raise UsageError("verify_inputs need verify", hint="Say verify=True, or on which backends.")
        return None
    return Verify(backends=backends if asked is True else backends_in(asked, "verify"), inputs=inputs, seed=seed)


def _require_json(metadata: Mapping[str, Any] | None) -> None:
    try:
        json.dumps(metadata, allow_nan=False)
    except (TypeError, ValueError) as error:
        raise UsageError(f"the metadata can't be written as JSON: {error}", hint="Give plain data.") from error

"""From what the file says of a model to what the pipeline needs of it: limits by variant, absolute paths, lines."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from tfjsci.manifest import spec
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import show_path
from tfjsci.manifest.resolved import (
    DEFAULT,
    BenchmarkSpec,
    Budget,
    CompareSpec,
    CustomOp,
    InputFile,
    Limit,
    Limits,
    ModelSpec,
    QuantizeSpec,
    RandomSpec,
    Thresholds,
)
from tfjsci.source import parse_source

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        **dict.fromkeys(("float16", "bfloat16", "float32", "float64"), (0.0, 1.0)),
        "uint8": (0.0, 256.0),  # most often an image
        **dict.fromkeys(("int8", "int16", "uint16", "int32", "int64"), (0.0, 10.0)),
    }
)
"""Where random values are drawn from unless the manifest says otherwise: low is included, high isn't."""

V = TypeVar("V")


def resolve(merged: Node, folder: Path) -> ModelSpec:
    """The model of one entry with defaults merged in, which must be valid; relative paths start at ``folder``."""
    model = spec.Model.model_validate(merged.plain())
    quantize = tuple(_quantize(item) for item in model.quantize)
    benchmark = model.benchmark
    return ModelSpec(
        name=model.name,
        source=parse_source(model.source, folder=folder),
        source_text=model.source,
        line=merged.line,
        key_lines=_frozen({show_path(path): node.line for path, node in merged.walk()}),
        format=model.format,
        signature=model.signature,
        tfjs=model.tfjs,
        backends=tuple(model.backends),
        custom_ops=tuple(
            CustomOp(op=op, script=_absolute(folder, script), text=script) for op, script in model.custom_ops.items()
        ),
        inputs=_frozen({name: _input(folder, entry) for name, entry in model.inputs.items()}),
        shapes=_frozen({name: tuple(shape) for name, shape in model.shapes.items()}),
        batch=model.batch,
        random=_random(model.random),
        quantize=quantize,
        compare=_compare(model.compare, quantize),
        benchmark=BenchmarkSpec(warmup=benchmark.warmup, runs=benchmark.runs) if benchmark else None,
        budget=_budget(model.budget, quantize),
        level=_frozen({DEFAULT: "error", **{str(gate): level for gate, level in model.level.items()}}),
        gate_software=model.gate_software,
        shard_bytes=model.shard_bytes,
        deadline_seconds=model.deadline,
        pin_shapes=model.pin_shapes,
        unroll_loops=model.unroll_loops,
        without_rules=tuple(model.without_rules),
        tags=None if model.tags is None else tuple(model.tags),
        input_nodes=tuple(model.input_nodes),
        output_nodes=tuple(model.output_nodes),
    )


def _absolute(folder: Path, text: str) -> Path:
    return (folder / text).absolute()


def _frozen(mapping: dict[str, V]) -> Mapping[str, V]:
    return MappingProxyType(mapping)


def _input(folder: Path, entry: spec.InputFile) -> InputFile:
    return InputFile(path=_absolute(folder, entry.file), key=entry.key, text=entry.file)


def _quantize(item: spec.Quantize) -> QuantizeSpec:
    return QuantizeSpec(
        name=item.name or item.dtype, dtype=item.dtype, include=tuple(item.include), exclude=tuple(item.exclude)
    )


def _random(random: spec.Random) -> RandomSpec:
    own = {str(dtype): (float(low), float(high)) for dtype, (low, high) in random.ranges.items()}
    return RandomSpec(seed=random.seed, ranges=_frozen({**RANGES, **own}))


def _compare(compare: spec.Compare, quantize: tuple[QuantizeSpec, ...]) -> CompareSpec:
    said = compare.quantized
    return CompareSpec(
        conversion=_thresholds([("compare.conversion", compare.conversion)]),
        quantized=_frozen(
            {
                # the last one wins: a variant's own name says more than its dtype
                variant.name: _thresholds(
                    [
                        (f"compare.quantized.{key}", said[key])
                        for key in dict.fromkeys((DEFAULT, variant.dtype, variant.name))
                        if key in said
                    ]
                )
                for variant in quantize
            }
        ),
    )


def _thresholds(layers: list[tuple[str, spec.Thresholds]]) -> Thresholds:
    merged: dict[str, Limits] = {}
    for gate in spec.THRESHOLDS:
        by_key: dict[str, Limit] = {}
        for path, layer in layers:
            said = getattr(layer, gate)
            if said is not None and DEFAULT in said:
                by_key = {}  # a limit for every backend leaves nothing of what a wider rule says
            by_key |= _by_key(f"{path}.{gate}", said)
        merged[gate] = Limits(by_key=_frozen(by_key))
    return Thresholds(**merged)


def _budget(budget: spec.Budget, quantize: tuple[QuantizeSpec, ...]) -> Budget:
    limits: dict[str, Limits] = {}
    for gate in spec.BUDGETS:
        by_key = _by_key(f"budget.{gate}", getattr(budget, gate))
        if gate.endswith("_bytes"):
            by_dtype = {each.name: by_key[each.dtype] for each in quantize if each.dtype in by_key}
            by_key = {
                **by_key,
                **by_dtype,
                **{each.name: by_key[each.name] for each in quantize if each.name in by_key},
            }
        limits[gate] = Limits(by_key=_frozen(by_key))
    return Budget(**limits)


def _by_key(path: str, said: Mapping[Any, float] | None) -> dict[str, Limit]:
    return {
        key: Limit(value=value, key=path if key == DEFAULT else f"{path}.{key}") for key, value in (said or {}).items()
    }

"""From what the file says of a model to what the pipeline needs of it: limits by variant, absolute paths, lines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, TypeVar

from tfjsci.manifest import compare_types, input_types, quantize_types, spec
from tfjsci.manifest.gates import BUDGETS, THRESHOLDS
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import show_path
from tfjsci.manifest.resolved import (
    DEFAULT,
    AutoSpec,
    BenchmarkSpec,
    Budget,
    CalibrateSpec,
    CompareSpec,
    CustomObject,
    CustomOp,
    Drawn,
    ImageFiles,
    InputFile,
    InputSource,
    LabelsSpec,
    Limit,
    Limits,
    MetricSpec,
    MixedSpec,
    ModelSpec,
    QuantizeSpec,
    RandomSpec,
    Thresholds,
    Tolerance,
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
    quantize = tuple(quantize_spec_of(item) for item in model.quantize)
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
        labels=_labels(folder, model.labels) if model.labels else None,
        shapes=_frozen({name: tuple(shape) for name, shape in model.shapes.items()}),
        batch=model.batch,
        random=_random(model.random),
        quantize=quantize,
        compare=_compare(folder, model.compare, quantize, _goals(model.quantize)),
        benchmark=BenchmarkSpec(warmup=benchmark.warmup, runs=benchmark.runs) if benchmark else None,
        budget=_budget(model.budget, quantize),
        level=_frozen({DEFAULT: "error", **{str(gate): level for gate, level in model.level.items()}}),
        gate_software=model.gate_software,
        shard_bytes=model.shard_bytes,
        deadline_seconds=model.deadline,
        pin_shapes=model.pin_shapes,
        unroll_loops=model.unroll_loops,
        state_as_io=model.state_as_io,
        without_rules=tuple(model.without_rules),
        tags=None if model.tags is None else tuple(model.tags),
        input_nodes=tuple(model.input_nodes),
        output_nodes=tuple(model.output_nodes),
        architecture=None if model.architecture is None else _absolute(folder, model.architecture),
        custom_objects=tuple(CustomObject(text=text, folder=folder.absolute()) for text in model.custom_objects),
    )


def _absolute(folder: Path, text: str) -> Path:
    return (folder / text).absolute()


def _frozen(mapping: dict[str, V]) -> Mapping[str, V]:
    return MappingProxyType(mapping)


def _input(folder: Path, entry: input_types.Input) -> InputSource:
    if entry.random is not None:
        drawn = entry.random
        return Drawn(
            distribution=drawn.distribution,
            range=_pair(drawn.range),
            mean=0.0 if drawn.mean is None else drawn.mean,
            std=1.0 if drawn.std is None else drawn.std,
        )
    if entry.images is not None:
        images = entry.images
        height_width = images.resize
        return ImageFiles(
            folder=folder.absolute(),
            text=images.path,
            samples=entry.samples,
            resize=(height_width[0], height_width[1]) if height_width else None,
            channels=images.channels,
            layout=images.layout,
            scale=images.scale,
            mean=tuple(images.mean or ()),
            std=tuple(images.std or ()),
            range=_pair(images.range),
        )
    assert entry.file is not None, "refused by the cross checks"
    return InputFile(
        path=_absolute(folder, entry.file),
        key=entry.key,
        text=entry.file,
        columns=tuple(entry.columns or ()),
        samples=entry.samples,
    )


def _labels(folder: Path, entry: input_types.Labels) -> LabelsSpec:
    file = InputFile(
        path=_absolute(folder, entry.file),
        key=entry.key,
        text=entry.file,
        columns=(entry.column,) if entry.column else (),
        samples=entry.samples,
    )
    return LabelsSpec(file=file, output=entry.output)


def _pair(values: list[float] | None) -> tuple[float, float] | None:
    return None if values is None else (float(values[0]), float(values[1]))


def quantize_spec_of(item: quantize_types.Quantize) -> QuantizeSpec:
    """One variant, with its defaults."""
    return QuantizeSpec(
        name=item.name or item.scheme or ("auto" if item.auto else "mixed"),
        scheme=item.scheme,
        include=tuple(item.include),
        exclude=tuple(item.exclude),
        ranges=item.ranges,
        rounding=item.rounding or "balanced",
        group=item.group,
        levels=item.levels,
        exact_upstream=item.exact_upstream,
        small_weights=item.small_weights or "float16",
        calibrate=CalibrateSpec(samples=item.calibrate.samples) if item.calibrate is not None else None,
        mixed=tuple(_mixed(part) for part in item.mixed or ()),
        auto=_auto(item.auto) if item.auto is not None else None,
    )


def _mixed(part: quantize_types.Mixed) -> MixedSpec:
    return MixedSpec(
        scheme=part.scheme,
        include=tuple(part.include),
        exclude=tuple(part.exclude),
        ranges=part.ranges,
        rounding=part.rounding or "balanced",
        group=part.group,
        levels=part.levels,
    )


def _auto(auto: quantize_types.Auto) -> AutoSpec:
    return AutoSpec(allow_initializer=auto.allow_initializer, evaluations=auto.evaluations, minutes=auto.minutes)


def _goals(items: list[quantize_types.Quantize]) -> Mapping[str, tuple[str, compare_types.Thresholds]]:
    """What each search is to meet: the limits of its variant, for every backend, with where they stand."""
    return {
        quantize_spec_of(item).name: (f"quantize[{n}].auto", _thresholds_of(item.auto))
        for n, item in enumerate(items)
        if item.auto is not None
    }


def _thresholds_of(auto: quantize_types.Auto) -> compare_types.Thresholds:
    said = {gate: getattr(auto, gate) for gate in quantize_types.Auto.model_fields if gate in THRESHOLDS}
    return compare_types.Thresholds.model_validate({gate: value for gate, value in said.items() if value is not None})


def _random(random: input_types.Random) -> RandomSpec:
    own = {str(dtype): (float(low), float(high)) for dtype, (low, high) in random.ranges.items()}
    return RandomSpec(seed=random.seed, ranges=_frozen({**RANGES, **own}), batches=random.batches)


def _compare(
    folder: Path,
    compare: compare_types.Compare,
    quantize: tuple[QuantizeSpec, ...],
    goals: Mapping[str, tuple[str, compare_types.Thresholds]],
) -> CompareSpec:
    said = {str(key): (f"compare.quantized.{key}", limits) for key, limits in compare.quantized.items()}
    return CompareSpec(
        conversion=_thresholds([("compare.conversion", compare.conversion)]),
        quantized=_frozen(
            {
                # the last one wins: a variant's own name says more than its scheme, or than what is searched for
                variant.name: _thresholds(
                    [
                        each
                        for each in (
                            said.get(DEFAULT),
                            said.get(variant.scheme or ""),
                            goals.get(variant.name),
                            said.get(variant.name) if variant.name != variant.scheme else None,
                        )
                        if each is not None
                    ]
                )
                for variant in quantize
            }
        ),
        backends=None if compare.backends is None else _thresholds([("compare.backends", compare.backends)]),
        metrics=tuple(_metric(folder, name, metric) for name, metric in compare.metric.items()),
        tolerance=Tolerance(rtol=compare.tolerance.rtol, atol=compare.tolerance.atol),
        localize=compare.localize,
        samples_per_call=compare.samples_per_call,
    )


def _metric(folder: Path, name: str, metric: compare_types.Metric) -> MetricSpec:
    module, _, function = metric.function.partition(":")
    return MetricSpec(
        name=name,
        path=_absolute(folder, f"{module.replace('.', '/')}.py"),
        function=function,
        text=metric.function,
        output=metric.output,
        better=metric.better,
    )


def _thresholds(layers: list[tuple[str, compare_types.Thresholds]]) -> Thresholds:
    """The layers' limits, the last one's before the others'; those of single outputs stand apart."""
    outputs = dict.fromkeys(output for _, layer in layers for output in layer.outputs)
    return replace(
        _limits_of(layers),
        outputs=_frozen(
            {
                output: _limits_of(
                    [
                        (f"{path}.{show_path(('outputs', output))}", layer.outputs[output])
                        for path, layer in layers
                        if output in layer.outputs
                    ]
                )
                for output in outputs
            }
        ),
    )


def _limits_of(layers: Sequence[tuple[str, compare_types.OutputThresholds]]) -> Thresholds:
    merged: dict[str, Any] = {}
    for gate in THRESHOLDS:
        merged[gate] = _laid_over([_limits(f"{path}.{gate}", getattr(layer, gate)) for path, layer in layers])
    names = dict.fromkeys(name for _, layer in layers for name in layer.metric)
    return Thresholds(
        **merged,
        metric=_frozen(
            {
                name: _laid_over([_limits(f"{path}.metric.{name}", layer.metric.get(name)) for path, layer in layers])
                for name in names
            }
        ),
    )


def _laid_over(layers: list[Limits]) -> Limits:
    under = Limits()
    for over in layers:
        under = under.under(over)
    return Limits(by_key=_frozen(dict(under.by_key)))


def _limits(path: str, said: Mapping[Any, compare_types.AnyLimit] | None) -> Limits:
    return Limits(
        by_key={
            key: Limit(value=held.limit, key=path if key == DEFAULT else f"{path}.{key}", level=held.level)
            for key, held in (said or {}).items()
        }
    )


def _budget(budget: spec.Budget, quantize: tuple[QuantizeSpec, ...]) -> Budget:
    limits: dict[str, Limits] = {}
    for gate in BUDGETS:
        by_key = _by_key(f"budget.{gate}", getattr(budget, gate))
        if gate.endswith("_bytes"):
            by_scheme = {each.name: by_key[each.scheme] for each in quantize if each.scheme and each.scheme in by_key}
            by_key = {
                **by_key,
                **by_scheme,
                **{each.name: by_key[each.name] for each in quantize if each.name in by_key},
            }
        limits[gate] = Limits(by_key=_frozen(by_key))
    return Budget(**limits)


def _by_key(path: str, said: Mapping[Any, float] | None) -> dict[str, Limit]:
    return {
        key: Limit(value=value, key=path if key == DEFAULT else f"{path}.{key}") for key, value in (said or {}).items()
    }

"""What two models are fed: arrays that a program has, those of a file, a manifest's inputs, or random values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeAlias

import numpy as np

from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.graph.graph import Array
from tfjsci.inputs.by_name import ArraysIn, by_input
from tfjsci.inputs.given import Given
from tfjsci.inputs.inputs import Inputs, make_inputs
from tfjsci.listed import listed
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.nearest import did_you_mean
from tfjsci.signature import TensorSpec

BATCH = 3
"""Samples of an open batch, where they are random: more than one, and no size that other dimensions often have."""

_MANIFESTS = (".yml", ".yaml")
_PURPOSE = "to compare on"

Values: TypeAlias = "Path | Mapping[str, Array] | None"
"""A file, arrays by the names of inputs, or nothing."""


def inputs_for(
    specs: Sequence[TensorSpec],
    given: Values,
    *,
    model: str | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    seed: int = 0,
) -> Inputs:
    """The calls that both models get.

    ``given``: arrays by input name; an ``.npz`` with an array for each input, or an ``.npy`` of the only one; or a manifest,
    whose ``model`` (its only one, if None) says where the values come from. Inputs that it says nothing of are random, of
    ``shapes`` where the models leave sizes open. Raises ``BadInputs``, ``ManifestError`` and ``UsageError``.
    """
    if isinstance(given, Path) and given.suffix in _MANIFESTS:
        spec = _model_of(given, model)
        return make_inputs(
            specs,
            files=spec.inputs,
            shapes={**spec.shapes, **(shapes or {})},
            batch=BATCH,
            seed=spec.random.seed,
            ranges=spec.random.ranges,
            samples_per_call=spec.compare.samples_per_call,
            batches=spec.random.batches,
        )
    if model is not None:
        raise UsageError(
            f"the inputs are to be those of {one_line(model)!r}, and come from no manifest",
            hint="Give the manifest as the inputs, or leave the model out.",
        )
    arrays = ArraysIn(given) if isinstance(given, Path) else given or {}
    found = by_input(arrays, [spec.name for spec in specs], purpose=_PURPOSE, complete=False)
    files = {
        name: arrays.file(own) if isinstance(arrays, ArraysIn) else Given(values=np.asarray(arrays[own]))
        for name, own in found.names.items()
    }
    made = make_inputs(specs, files=files, shapes=shapes or {}, batch=BATCH, seed=seed, ranges={})
    return replace(made, notes=(*made.notes, *found.notes))


def _model_of(manifest: Path, wanted: str | None) -> ModelSpec:
    models = load_manifest(manifest).models
    names = [spec.name for spec in models]
    if wanted is None and len(models) > 1:
        raise UsageError(
            f"{manifest.name} has {len(models)} models",
            hint=f"Say whose inputs are meant (the option model): {listed(map(one_line, names), 5)}.",
        )
    if wanted is not None and wanted not in names:
        raise UsageError(
            f"{manifest.name} has no model {one_line(wanted)!r}.{did_you_mean(wanted, names)}",
            hint=f"It has {listed(map(one_line, names), 5)}.",
        )
    return next(spec for spec in models if wanted in (None, spec.name))

"""A layers model on the disk: what ``tf.loadLayersModel`` reads, whole or not at all.

``signature`` is ours: the runtime doesn't look at it in a layers model; it says the inputs and outputs by name, in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import Any

from tfjsci._version import __version__
from tfjsci.artifact.artifact import WeightSummary
from tfjsci.artifact.codes import encoded
from tfjsci.artifact.last_shard import with_last_shard_found
from tfjsci.artifact.quantize import Quantizations, each_of, require_matched, scheme_of, selection_notes
from tfjsci.artifact.small_weights import settled, small_notes
from tfjsci.artifact.tally import Tally
from tfjsci.artifact.write import (
    SHARD_BYTES,
    Shards,
    document_text,
    signature_json,
    whole_or_not_at_all,
)
from tfjsci.errors import ConversionFailed, CorruptModel, UsageError
from tfjsci.format.encoding import NotEncodableError, encode, storable
from tfjsci.format.weights import OPTIMIZER
from tfjsci.graph.graph import Constant
from tfjsci.layers.channels import channel_axes, transposed_layers
from tfjsci.layers.layers_model import LayersModel
from tfjsci.layers.refused import RefusedError
from tfjsci.layers.sketch import Reader
from tfjsci.quoted import quoted

_Weight = tuple[str, Constant, bool]
"""Its name, its value, and whether an optimizer keeps it."""


@dataclass(frozen=True, kw_only=True)
class WrittenLayers:
    """The files of one layers model: ``model.json`` first, then the shards in order.

    ``notes`` are what the reader should know of weights that aren't stored as asked.
    """

    folder: Path
    files: tuple[str, ...]
    raw_bytes: int
    parameters: int
    weights: tuple[WeightSummary, ...]
    notes: tuple[str, ...] = ()


def write_layers_model(
    model: LayersModel,
    *,
    folder: Path,
    quantization: Quantizations = None,
    shard_bytes: int = SHARD_BYTES,
    metadata: Mapping[str, Any] | None = None,
    split_by_layer: bool = False,
) -> WrittenLayers:
    """Write ``model.json`` and its shards into ``folder``, replacing what was there only when all is written.

    The same model gives the same bytes. ``metadata`` is JSON for ``userDefinedMetadata``; ``split_by_layer`` gives each
    layer's weights files of their own. Raises ``ConversionFailed`` for a weight that the format can't hold, or when nothing
    would be quantised, ``CorruptModel`` when a weight can't be read, ``OutputUnwritable`` when the disk refuses, and
    ``UsageError`` when ``folder`` holds anything but an artifact, a pattern matches no weight, or a scheme isn't the format's.
    """
    _refuse_initializer(quantization)
    require_matched([(name,) for name, _ in model.weights], each_of(quantization))
    quantization = settled(_constants(model.weights), quantization)
    notes: tuple[str, ...] = ()
    if quantization is not None:
        notes = (*small_notes(quantization), *selection_notes(_constants(model.weights), quantization))
    manifest: list[dict[str, Any]] = []
    tally = Tally()
    parameters, quantized, raw_bytes = 0, 0, 0
    transposed = transposed_layers(model.topology)
    with whole_or_not_at_all(folder) as temporary:
        for number, (_, group) in enumerate(groupby(_every(model), _layer_of if split_by_layer else _all), start=1):
            shards = Shards(temporary, shard_bytes, group=number)
            entries: list[dict[str, Any]] = []
            for name, constant, of_optimizer in group:
                channels = partial(channel_axes, rank=constant.value.ndim, transposed=transposed)
                stored = (
                    encode(constant.value) if of_optimizer else encoded(name, constant, quantization, channels=channels)
                )
                shards.add(stored.data)
                raw_bytes += len(stored.data)
                entries.append({"name": name, **stored.entry, **({"group": OPTIMIZER} if of_optimizer else {})})
                if of_optimizer:
                    continue
                quantized += scheme_of(name, constant, quantization) is not None
                tally.add(stored.stored_dtype, count=1, stored_bytes=len(stored.data))
                parameters += int(constant.value.size)
            manifest.append({"paths": shards.finish(), "weights": entries})
        manifest = with_last_shard_found(temporary, manifest)
        if (wanted := each_of(quantization)) and not quantized:
            raise ConversionFailed(
                f"{', '.join(each.scheme.name for each in wanted)} would quantise no weight of this model",
                hint="Weights are named after their layers: "
                f"include and exclude are held against names like {', '.join(name for name, _ in model.weights[:4])}.",
            )
        document = {
            "format": "layers-model",
            "generatedBy": f"keras v{model.topology['keras_version']}",
            "convertedBy": f"tfjsci {__version__}",
            "signature": signature_json(model.inputs, model.outputs),
            "modelTopology": model.topology,
            **({"trainingConfig": model.training} if model.training else {}),
            "weightsManifest": manifest or [{"paths": [], "weights": []}],
            **({"userDefinedMetadata": dict(metadata)} if metadata else {}),
        }
        text = document_text(document).encode()
        (temporary / "model.json").write_bytes(text)
    return WrittenLayers(
        folder=folder,
        files=("model.json", *(path for group in manifest for path in group["paths"])),
        raw_bytes=len(text) + raw_bytes,
        parameters=parameters,
        weights=tally.summaries(),
        notes=notes,
    )


def _refuse_initializer(quantization: Quantizations) -> None:
    for each in each_of(quantization):
        if each.scheme.needs_initializer:
            raise UsageError(
                f"a layers model can't be {each.scheme.name}: that needs an initializer graph, which it hasn't",
                hint="Quantise it to float16, uint16 or uint8, or convert to a graph model (--output-format graph).",
            )


def _layer_of(weight: _Weight) -> str:
    """``dense/kernel`` -> ``dense``."""
    name, _, of_optimizer = weight
    return OPTIMIZER if of_optimizer else name.rpartition("/")[0]


def _all(_: _Weight) -> str:
    return ""


def _every(model: LayersModel) -> Iterator[_Weight]:
    """The model's weights, and then the optimizer's, which stay as they are: the runtime tells them by the entry ``group``."""
    for name, constant in _constants(model.weights):
        yield name, constant, False
    for name, constant in _constants(model.optimizer.weights if model.optimizer is not None else ()):
        yield name, constant, True


def _constants(weights: Sequence[tuple[str, Reader]]) -> Iterator[tuple[str, Constant]]:
    for name, read in weights:
        try:
            value = storable(read())
        except NotEncodableError as error:
            raise ConversionFailed(
                f"the weight {name} can't be stored: {error}", hint="Save the model in float32."
            ) from error
        except (OSError, KeyError, ValueError, RuntimeError, RefusedError) as error:
            raise CorruptModel(
                f"the weight {name} can't be read: {quoted(error)}",
                hint="The file is damaged, or isn't as Keras writes it.",
            ) from error
        yield name, Constant(value=value, sources=(name,))

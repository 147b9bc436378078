"""Which weights are trained, and in which order: Keras' of a model, and the runtime's of the layers model made of it.

Both orders matter, since an optimizer's numbers are told apart by them alone.
Source: ``variables`` of Keras 3's layers, ``trainable_weights`` of Keras 2's; ``Container`` of tfjs-layers 4.22.0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tfjsci.layers.keras_model import KerasLayer, KerasModel
from tfjsci.layers.parse import as_layer
from tfjsci.layers.serialize import inner_of
from tfjsci.layers.sketch import Emitted, Reader, Sketch, Symbol
from tfjsci.layers.stored import Place, StoredWeight, cells_in

_RECURRENT = frozenset({"SimpleRNN", "LSTM", "GRU", "ConvLSTM2D"})
_STATISTICS = ("moving_mean", "moving_variance")


def trained_in_keras(model: KerasModel) -> list[StoredWeight]:
    """The weights that Keras trains, each once, in the order of ``model.trainable_variables``."""
    return list({weight.stored_at: weight for layer in model.layers for weight in _of_layer(layer)}.values())


def _of_layer(layer: KerasLayer) -> Iterator[StoredWeight]:
    config, place = layer.config, layer.place
    if layer.is_op:
        return
    if layer.model is not None:
        for each in layer.model.layers:
            yield from _of_layer(each)
    elif config.get("trainable") is False or layer.class_name == "Normalization":
        return
    elif layer.class_name == "BatchNormalization":
        # gamma, beta: what is left are statistics
        yield from place.weights()[: bool(config.get("scale", True)) + bool(config.get("center", True))]
    elif layer.class_name == "Bidirectional":
        for attribute in ("forward_layer", "backward_layer"):
            yield from _of_layer(as_layer(config["layer"], layer.dialect, place.part(attribute)))
    elif layer.class_name == "TimeDistributed":
        yield from _of_layer(as_layer(config["layer"], layer.dialect, place.part("layer")))
    elif layer.class_name == "RNN":
        yield from _of_cell(config["cell"], place.part("cell"))
    else:
        in_cell = place.part("cell").weights() if layer.class_name in _RECURRENT else []
        yield from in_cell or place.weights()


def _of_cell(cell: Mapping[str, Any], place: Place) -> Iterator[StoredWeight]:
    config = cell["config"]
    if str(cell["class_name"]).rpartition(">")[2] != "StackedRNNCells":
        yield from place.weights() if config.get("trainable") is not False else ()
        return
    cells = config["cells"]
    names = [(str(each["class_name"]), str(each["config"].get("name"))) for each in cells]
    for each, at in zip(cells, cells_in(place, str(config.get("name")), names), strict=True):
        yield from _of_cell(each, at)


def trained_in_runtime(sketch: Sketch) -> list[tuple[str, Reader]]:
    """The weights that the runtime trains, by name, in the order of its ``model.trainableWeights``."""
    return [each for layer in _layers_in_order(sketch) for each in _of_emitted(layer)]


def _of_emitted(layer: Emitted) -> Iterator[tuple[str, Reader]]:
    if (inner := inner_of(layer)) is not None:
        yield from trained_in_runtime(inner)
    elif not _is_frozen(layer.config):
        for name, read in layer.weights.items():
            if name.rpartition("/")[2] not in _STATISTICS:
                yield f"{layer.name}/{name}", read


def _is_frozen(config: Mapping[str, Any]) -> bool:
    """Of a layer, or of what it wraps."""
    inside = [config[key]["config"] for key in ("layer", "cell") if isinstance(config.get(key), Mapping)]
    return config.get("trainable") is False or any(map(_is_frozen, inside))


def _layers_in_order(sketch: Sketch) -> list[Emitted]:
    """As a ``Container`` sorts them: the farther from the outputs the earlier, then by who is met first from the outputs."""
    met: dict[int, Emitted] = {}
    done: dict[tuple[int, int], tuple[Emitted, int]] = {}

    def visit(symbol: Symbol) -> None:
        pending = [(symbol, False)]
        while pending:
            at, inputs_done = pending.pop()
            key = (id(at.layer), at.call)
            if key in done:
                continue
            if inputs_done:
                done[key] = (at.layer, at.call)
                continue
            met.setdefault(id(at.layer), at.layer)
            pending.append((at, True))
            pending += [(given, False) for given in reversed(_inputs_of(at.layer, at.call))]

    for output in sketch.outputs:
        visit(output)
    of_call: dict[tuple[int, int], int] = {}
    of_layer: dict[int, int] = {}
    for key, (layer, call) in reversed(done.items()):
        depth = max(of_call.get(key, 0), of_layer.get(id(layer), 0))
        of_call[key] = of_layer[id(layer)] = depth
        for given in _inputs_of(layer, call):
            before = (id(given.layer), given.call)
            of_call[before] = max(depth + 1, of_call.get(before, 0))
    return sorted(met.values(), key=lambda layer: -of_layer[id(layer)])


def _inputs_of(layer: Emitted, call: int) -> tuple[Symbol, ...]:
    return layer.calls[call] if layer.calls else ()

"""A Sketch as the JSON that ``tf.loadLayersModel`` reads, and its weights under the names that it looks for.

The runtime numbers the calls of a layer in the order in which it gets to make them, which isn't the order of the config
where one waits for another (``container.js``, ``fromConfig``): the same order is found here first. Calls of a nested model
are numbered from 1, for it is its own first node.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tfjsci.layers.sketch import Emitted, Reader, Sketch, Symbol

_NESTED = "Functional"


def model_json(sketch: Sketch) -> dict[str, Any]:
    """``{"class_name": ..., "config": ...}``."""
    if sketch.sequential and _is_chain(sketch):
        layers = [{"class_name": _class_of(layer), "config": _config(layer)} for layer in sketch.layers]
        return {"class_name": "Sequential", "config": {"name": sketch.name, "layers": layers}}
    order = call_order(sketch)
    numbers = {
        (id(layer), call): position + (layer.class_name == _NESTED)
        for layer, calls in order
        for position, call in enumerate(calls)
    }

    def leaf(symbol: Symbol) -> list[Any]:
        return [symbol.layer.name, numbers.get((id(symbol.layer), symbol.call), 0), symbol.output]

    listed = [
        {
            "name": layer.name,
            "class_name": _class_of(layer),
            "config": _config(layer),
            "inbound_nodes": [[[*leaf(symbol), {}] for symbol in layer.calls[call]] for call in calls],
        }
        for layer, calls in order
    ]
    config = {
        "name": sketch.name,
        "layers": listed,
        "input_layers": [leaf(symbol) for symbol in sketch.inputs],
        "output_layers": [leaf(symbol) for symbol in sketch.outputs],
    }
    return {"class_name": _NESTED, "config": config}


def weights_in(sketch: Sketch) -> Iterator[tuple[str, Reader]]:
    """Names and values, layer by layer."""
    for layer in sketch.layers:
        for name, read in layer.weights.items():
            yield f"{layer.name}/{name}", read
        if isinstance(inner := inner_of(layer), Sketch):
            yield from weights_in(inner)


def call_order(sketch: Sketch) -> list[tuple[Emitted, list[int]]]:
    """The layers as they are written, each with its calls in the order in which the runtime makes them."""
    layers = sketch.layers
    made: set[tuple[int, int]] = {(id(layer), 0) for layer in layers if layer.class_name == "InputLayer"}
    order: dict[int, list[int]] = {id(layer): [] for layer in layers}
    waiting = {id(layer): list(range(len(layer.calls))) for layer in layers}
    while any(waiting.values()):
        progress = False
        for layer in layers:
            later = []
            for call in waiting[id(layer)]:
                if all((id(symbol.layer), symbol.call) in made for symbol in layer.calls[call]):
                    made.add((id(layer), call))
                    order[id(layer)].append(call)
                    progress = True
                else:
                    later.append(call)
            waiting[id(layer)] = later
        if not progress:
            raise AssertionError("the calls of a sketch wait for one another")
    return [(layer, order[id(layer)]) for layer in layers]


def _is_chain(sketch: Sketch) -> bool:
    if len(sketch.inputs) != 1 or len(sketch.outputs) != 1:
        return False
    first, *rest = sketch.layers
    for layer in rest:
        if len(layer.calls) != 1 or len(layer.calls[0]) != 1 or layer.calls[0][0].layer is not first:
            return False
        if layer.calls[0][0].output:
            return False
        first = layer
    return sketch.outputs[0].layer is first and bool(rest)


def inner_of(layer: Emitted) -> Sketch | None:
    """The model that is written inside of the layer, if there is one."""
    if layer.class_name == "TimeDistributed":
        wrapped = layer.config.get("layer")
        return wrapped if isinstance(wrapped, Sketch) else None
    return layer.inner


def _class_of(layer: Emitted) -> str:
    return (
        str(model_json(layer.inner)["class_name"]) if layer.class_name == _NESTED and layer.inner else layer.class_name
    )


def _config(layer: Emitted) -> dict[str, Any]:
    if layer.class_name == _NESTED and layer.inner is not None:
        config: dict[str, Any] = model_json(layer.inner)["config"]
        return {**config, "name": layer.name}
    config = {"name": layer.name, **layer.config}
    if isinstance(wrapped := config.get("layer"), Sketch):
        config["layer"] = model_json(wrapped)
    return config

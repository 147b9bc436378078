"""Layers models by hand, spelled as the runtime's ``model.save`` spells them, in a folder of their own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

Weights = Mapping[str, Any]


def saved(folder: Path, model: Mapping[str, Any], weights: Weights, **more: Any) -> Path:
    """``model`` is ``{"class_name": …, "config": …}``, which the runtime writes as the topology itself."""
    folder.mkdir(parents=True, exist_ok=True)
    arrays = {name: np.asarray(value, np.float32) for name, value in weights.items()}
    entries = [{"name": name, "shape": list(a.shape), "dtype": "float32"} for name, a in arrays.items()]
    (folder / "weights.bin").write_bytes(b"".join(a.astype("<f4").tobytes() for a in arrays.values()))
    document = {
        "modelTopology": {**model, "keras_version": "tfjs-layers 4.22.0", "backend": "tensor_flow.js"},
        "format": "layers-model",
        "generatedBy": "TensorFlow.js tfjs-layers v4.22.0",
        "convertedBy": None,
        "weightsManifest": [{"paths": ["./weights.bin"], "weights": entries}],
        **more,
    }
    (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
    return folder


def sequential(*layers: Mapping[str, Any], name: str = "sequential_1") -> dict[str, Any]:
    return {"class_name": "Sequential", "config": {"name": name, "layers": list(layers)}}


def layer(class_name: str, name: str, **config: Any) -> dict[str, Any]:
    return {"class_name": class_name, "config": {"name": name, "trainable": True, **config}}


def called(class_name: str, name: str, inbound: list[Any], **config: Any) -> dict[str, Any]:
    """A layer of a functional model; ``inbound`` as in ``[[["x", 0, 0, {}]]]``."""
    return {"name": name, **layer(class_name, name, **config), "inbound_nodes": inbound}


def functional(layers: list[Any], inputs: list[Any], outputs: list[Any], name: str = "model1") -> dict[str, Any]:
    config = {"name": name, "layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Model", "config": config}


def small() -> tuple[dict[str, Any], dict[str, Any]]:
    """A Sequential of two layers, as ``model.save`` writes it, and its weights."""
    model = sequential(
        layer("Dense", "dense_Dense1", units=3, activation="relu", use_bias=True, batch_input_shape=[None, 4], dtype="float32"),
        layer("Dense", "dense_Dense2", units=2, activation="softmax", use_bias=False),
    )  # fmt: skip
    draw = np.random.default_rng(7)
    weights = {
        "dense_Dense1/kernel": draw.normal(size=(4, 3)),
        "dense_Dense1/bias": draw.normal(size=3),
        "dense_Dense2/kernel": draw.normal(size=(3, 2)),
    }
    return model, weights

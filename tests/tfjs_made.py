"""What ``tfjs_made.mjs`` makes: layers models that TensorFlow.js itself saved, and what it predicts with them."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.graph.graph import Array

SCRIPT = Path(__file__).with_name("tfjs_made.mjs")


@dataclass(frozen=True, kw_only=True)
class Made:
    """A model's folder, values by input name, and the predictions in the order of its outputs."""

    folder: Path
    inputs: dict[str, Array]
    outputs: list[Array]


def make_all(folder: Path) -> dict[str, Made]:
    """Each model by name. Takes about a second of node."""
    runtime = find_runtime(DEFAULT_VERSION, env=os.environ)
    command = ["node", str(SCRIPT), str(runtime.files["tf.min.js"]), str(folder)]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-2000:]
    return {path.stem: _made(path) for path in sorted(folder.glob("*.json"))}


def _made(path: Path) -> Made:
    told = json.loads(path.read_text(encoding="utf-8"))
    return Made(
        folder=path.with_suffix(""),
        inputs={name: _array(value) for name, value in told["inputs"].items()},
        outputs=[_array(value) for value in told["outputs"]],
    )


def _array(value: dict[str, Any]) -> Array:
    return np.array(value["data"], dtype=value["dtype"]).reshape(value["shape"])

"""Nets trained with several seeds, made layers models, quantised in each way, and run in the browser on what was held out."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.browser.protocol import Session
from tfjsci.compare.metrics import difference
from tfjsci.graph.tensorflow import keras
from tfjsci.layers.layers_model import layers_model
from tfjsci.quantize.scheme import Ranges, Rounding, Scheme

from ..quantized.measured import BACKEND, DEADLINE_SECONDS, brotli_bytes
from ..quantized.results import Results, store
from ..trained.data import Data
from ..trained.nets import NETS
from ..trained.places import TRAINED
from ..trained.train import trained
from ..zoo.places import plain

SEEDS = (1, 2, 3)

LAYERED = tuple(name for name in NETS if name not in ("transformer", "LSTM, unrolled"))
"""The nets that can be layers models; unrolled, an LSTM's weights are those of the loop."""

_WAYS: dict[str, tuple[Ranges, Rounding]] = {
    "min–max, nearest": ("min-max", "nearest"),
    "least error, nearest": ("least-error", "nearest"),
    "min–max, balanced": ("min-max", "balanced"),
    "least error, balanced": ("least-error", "balanced"),
}
VARIANTS: dict[str, Quantization | None] = {
    "float": None,
    **{
        f"uint8, {way}": Quantization(
            scheme=Scheme(name="uint8", ranges=ranges, rounding=rounding), small_weights="quantized"
        )
        for way, (ranges, rounding) in _WAYS.items()
    },
    "uint8, the smallest in float16": Quantization(scheme=Scheme(name="uint8")),
    "uint8, upstream's codes": Quantization(scheme=Scheme(name="uint8", exact_upstream=True)),
}
"""By the name in the table."""


def measure(session: Session, net: str, seeds: Sequence[int] = SEEDS) -> Results:
    """``rows``: by variant, ``sqnr_db`` (null: exact) and ``brotli_bytes`` for each of ``seeds``. What is trained is kept."""
    data = NETS[net].data()
    found = [_measured(session, _model_of(net, data, seed), data) for seed in seeds]
    return store(
        net, "layers", {"seeds": list(seeds), "rows": {name: [each[name] for each in found] for name in VARIANTS}}
    )


def _model_of(net: str, data: Data, seed: int) -> Path:
    """The trained model's .keras file."""
    file = TRAINED / "layers" / f"{plain(net)}-{seed}.keras"
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        part = file.with_suffix(".part.keras")
        trained(NETS[net], data, seed=seed).save(part)
        part.replace(file)
    return file


def _measured(session: Session, file: Path, data: Data) -> dict[str, Results]:
    wanted = np.asarray(keras().models.load_model(file, compile=False)(data.held_x, training=False))
    found: dict[str, Results] = {}
    with tempfile.TemporaryDirectory(prefix="tfjsci-layers-") as name:
        folder = Path(name) / "web"
        for variant, quantization in VARIANTS.items():
            with layers_model(file) as read:
                (given,) = read.inputs
                alone = replace(read, optimizer=None)  # whose weights are for training, and stay float
                write_layers_model(alone, folder=folder, quantization=quantization)
            (run,) = session.predict(folder, BACKEND, [{given.name: data.held_x}], deadline_seconds=DEADLINE_SECONDS)
            (output,) = run.outputs.values()
            apart = difference([wanted], [output])
            assert apart is not None
            found[variant] = {"sqnr_db": apart.sqnr_db, "brotli_bytes": brotli_bytes(folder)}
    return found

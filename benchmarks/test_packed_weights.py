"""What schemes that need the initializer cost a page: load, first inference, memory, and steady runs, beside the float model."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import psutil
import pytest

from tfjsci.artifact.download import measure_download
from tfjsci.artifact.loader import LOADER_NAME, loader_text
from tfjsci.artifact.quantize import Quantization
from tfjsci.benchmark.race import ratio_interval
from tfjsci.browser.chromium import Chromium
from tfjsci.browser.contract import runtime_document
from tfjsci.browser.runtime import DEFAULT_VERSION, find_runtime
from tfjsci.browser.server import PageServer
from tfjsci.browser.session import BrowserSession
from tfjsci.converter import convert, write_variant
from tfjsci.dtypes import SCHEME_NAMES, Backend
from tfjsci.quantize.scheme import Scheme

SCHEMES: dict[str, Scheme | None] = {"float": None, **{name: Scheme(name=name) for name in SCHEME_NAMES}}
SHAPE = (1, 224, 224, 3)
ROUNDS = 3
STEADY_LIMIT = 1.05


@pytest.fixture(scope="module")
def variants(models: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """MobileNetV2's artifacts by scheme."""
    folder = tmp_path_factory.mktemp("variants")
    converted = convert(models / "MobileNetV2.keras", backends=["webgl", "wasm"])
    made = {}
    for name, scheme in SCHEMES.items():
        quantization = None if scheme is None else Quantization(scheme=scheme)
        written = write_variant(converted, folder / name, quantization=quantization)
        download = measure_download(folder / name, written.files)
        print(f"\n{name}: {download.raw_bytes} bytes, brotli {download.brotli_bytes}")
        made[name] = folder / name
    return made


class FreshPages:
    """A page of its own in a browser of its own for each model that is measured."""

    def __init__(self, folder: Path, variants: dict[str, Path]) -> None:
        (folder / LOADER_NAME).write_text(loader_text(), "utf-8")
        log = logging.getLogger("packed")
        self._server = PageServer(find_runtime(DEFAULT_VERSION, env=os.environ), log)
        self._places = {name: place for place, name in enumerate(variants, start=2)}
        page = Path(__file__).parent / "packed_page"
        self._address = self._server.open([page, folder, *variants.values()], []).address
        self._chromium = Chromium(os.environ, log)

    def run(self, variant: str, backend: Backend, *, loader: bool) -> dict[str, Any]:
        job = {
            "backend": backend,
            "runtime": runtime_document(self._server.base, backend),
            "model": f"{self._address}/models/{self._places[variant]}/model.json",
            "loader": f"{self._address}/models/1/{LOADER_NAME}" if loader else None,
            "shape": SHAPE,
        }
        address = f"{self._server.origin}{self._address}/models/0/index.html"
        done = self._chromium.run(address, job, what=variant, deadline_seconds=120, fresh_browser=True)
        return {**done, "cpu_s": _cpu_seconds()}

    def close(self) -> None:
        self._chromium.close()
        self._server.close()


def _cpu_seconds() -> float:
    """What the browser has used of the processors since it was started: steadier than the clock on a busy machine."""
    spent = 0.0
    for process in psutil.Process().children(recursive=True):
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        spent += times.user + times.system
    return spent


@pytest.fixture(scope="module")
def pages(variants: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[FreshPages]:
    opened = FreshPages(tmp_path_factory.mktemp("loader"), variants)
    yield opened
    opened.close()


@pytest.mark.parametrize("backend", ["webgl", "wasm"])
def test_load_first_inference_and_memory(pages: FreshPages, variants: dict[str, Path], backend: Backend) -> None:
    kinds = [(name, loader) for name in variants for loader in (False, True)]
    found: dict[tuple[str, bool], list[dict[str, Any]]] = {kind: [] for kind in kinds}
    for turn in range(ROUNDS):
        for name, loader in kinds if turn % 2 == 0 else reversed(kinds):
            found[name, loader].append(pages.run(name, backend, loader=loader))
    print(
        f"\n{backend}: medians of {ROUNDS}: load and first inference in ms, both, CPU of the browser in s; memory in MB"
    )
    for (name, loader), runs in found.items():
        load, first, cpu = (median(run[key] for run in runs) for key in ("load_ms", "first_ms", "cpu_s"))
        both = [round(run["load_ms"] + run["first_ms"]) for run in runs]
        memory = runs[0]["bytes"] / 1e6
        how = "loader" if loader else "      "
        print(f"{name:18} {how} {load:7.0f} {first:7.0f} {median(both):7.0f} {cpu:6.1f} {memory:6.1f}  {both}")
    kept = {name: found[name, True][0]["bytes"] for name in variants}
    assert all(bytes_kept <= kept["float"] * 1.01 for bytes_kept in kept.values())  # the loader frees what is packed


@pytest.mark.parametrize("backend", ["wasm", "webgl"])
def test_steady_inference_is_as_fast_as_floats(variants: dict[str, Path], backend: Backend) -> None:
    name = next(iter(json.loads((variants["float"] / "model.json").read_text())["signature"]["inputs"]))
    image = {name: np.random.default_rng(0).normal(0, 1, SHAPE).astype(np.float32)}
    with BrowserSession() as session:
        timings = session.race(
            list(variants.values()),
            backend,
            image,
            warmup=3,
            runs=60 if backend == "wasm" else 100,
            deadline_seconds=1200,
        )
    print()
    too_slow = []
    for scheme, timing in list(zip(variants, timings, strict=True))[1:]:
        ratio = ratio_interval(timings[0].steady_ms, timing.steady_ms)
        print(f"{backend} {scheme:18} / float {ratio.ratio:.3f} (95 %: {ratio.low:.3f} to {ratio.high:.3f})")
        if ratio.high > STEADY_LIMIT:
            too_slow.append(scheme)
    assert not too_slow

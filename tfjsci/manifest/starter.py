"""What ``tfjsci init`` writes: a manifest to begin with, commented, and a workflow that runs it."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Sequence

from tfjsci._version import __version__
from tfjsci.manifest.compose import plain_scalar

EXAMPLE = (("my-model", "models/my-model.keras"),)
"""Name and source of the model in a manifest that is written before there is a model."""

_MANIFEST = """\
# yaml-language-server: $schema={schema}
# What tfjsci converts, runs in a browser and holds to limits. Paths are relative to this file.
version: 1

defaults:                               # hold for each model that doesn't say otherwise
  backends: [webgl, wasm]               # of webgl, webgpu, wasm, cpu
  quantize: [float16]                   # or uint16, uint8, int4 …; the float model is always made
  benchmark: {{warmup: 3, runs: 20}}      # or off
  level: {{default: error}}               # what a miss is: error, warn or off; by gate: {{steady_ms: warn}}

models:
{models}"""

_FIRST = """\
    # Inputs are random, the same in every run. Real ones say more: an .npz, .npy, .csv or .jsonl file, or a folder of images.
    # inputs: {image: {images: {path: samples, range: [0, 1]}}}
    # labels: samples/labels.csv   # the right classes: then there is an accuracy, too
    # Which weights to quantise:
    # quantize: [float16, {scheme: uint8, include: ["*kernel*"], exclude: ["*dense*"]}]
    # How near the outputs must be to TensorFlow's, and those of quantised weights to those of float ones:
    # compare:
    #   conversion: {sqnr_db: 80}
    #   quantized: {default: {sqnr_db: 40}, uint8: {sqnr_db: 20, top1: 0.98}}
    # What it may cost:
    # budget: {download_bytes: 2 MB, first_inference_ms: {webgl: 4000}, steady_ms: {wasm: 50}}
"""

_WORKFLOW = """\
# Converts the models of {manifest}, runs them in a browser, and fails when one misses a limit.
name: tfjsci

on:
  pull_request:
  push:
    branches: [main]

permissions:
  contents: read

concurrency:
  group: tfjsci-${{{{ github.ref }}}}
  cancel-in-progress: ${{{{ github.event_name == 'pull_request' }}}}

jobs:
  models:
    runs-on: ubuntu-latest  # has Chrome
    timeout-minutes: 60
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1  # v7.0.1
        with:
          persist-credentials: false
          lfs: true  # models often are in Git LFS
      - uses: actions/setup-python@5fda3b95a4ea91299a34e894583c3862153e4b97  # v7.0.0
        with:
          python-version: "3.12"
      - name: Install tfjsci
        run: python -m pip install tfjsci=={version}
      - name: Convert, run and judge
        run: |
          tfjsci run {command} --output tfjsci-output
      - name: Show the report
        if: ${{{{ !cancelled() }}}}
        run: |
          if [ -f tfjsci-output/report.md ]; then
            head -c 1000000 tfjsci-output/report.md >> "$GITHUB_STEP_SUMMARY"  # GitHub takes no more than 1 MiB
          fi
      - name: Keep the results
        if: ${{{{ !cancelled() }}}}
        uses: actions/upload-artifact@bbbca2ddaa5d8feaa63e36b76fdaad77386f024f  # v7.0.0
        with:
          name: tfjsci
          path: tfjsci-output
          if-no-files-found: ignore
"""


def starter_manifest(models: Sequence[tuple[str, str]], *, schema: str) -> str:
    """A manifest for models of these names and sources; ``schema`` is where editors find its schema, from the file."""
    entries = [f"  - name: {_yaml(name)}\n    source: {_yaml(source)}\n" for name, source in models]
    entries[0] += _FIRST
    return _MANIFEST.format(schema=schema, models="".join(entries))


def starter_workflow(manifest: str) -> str:
    """A GitHub workflow that runs the manifest at this path, counted from the repository's root."""
    # a name that starts with a dash isn't an option
    path = f"./{manifest}" if manifest.startswith("-") else manifest
    return _WORKFLOW.format(manifest=manifest, command=shlex.quote(path), version=__version__)


def _yaml(text: str) -> str:
    """As a plain scalar where that is the same text, else in quotes."""
    if re.fullmatch(r"[A-Za-z0-9_./-]+", text) and not text.startswith("-") and plain_scalar(text) == text:
        return text
    return json.dumps(text, ensure_ascii=False)

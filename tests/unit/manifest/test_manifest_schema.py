"""The JSON Schema accepts what the parser accepts, and refuses what it refuses, as far as a schema can say it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from tfjsci.errors import ManifestError
from tfjsci.manifest.document import read_document
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.schema import generate_schema

SCHEMA = generate_schema()

GOOD = [
    "shapes: {x: [1, 2], y: []}",
    "batch: 4",
    "backends: [cpu, webgpu]",
    "benchmark: off",
    "benchmark: false",
    "benchmark: {runs: 1}",
    "level: warn",
    "level: false",
    "level: {default: warn, leak: off, steady_ms: false}",
    "compare: {conversion: {sqnr_db: 1e2, cosine: {webgl: -1, default: 1}}}",
    "quantize: [uint8, {scheme: float16, include: ['*']}]",
    "budget: {download_bytes: 1, gzip_bytes: 2.5 mib, brotli_bytes: {float: 3 kB}}",
    "budget: {load_ms: 1.5, steady_ms: {cpu: 1 MIN, default: .5s}}",
    "inputs: {x: a.npy, y: {file: b.npz, key: c}}",
    "inputs: {x: {file: a.csv, columns: [b]}, y: {images: c, samples: 2}, z: {random: normal}}",
    "inputs: {x: {images: {path: a, mean: 1, std: [1, 2], resize: [8, 8], channels: 1}}}",
    "labels: a.jsonl",
    "compare: {backends: true, metric: 'a:b', conversion: {kl: {limit: 1, level: off}, top1: {wasm: {limit: 1}}}}",
    "compare: {backends: off, metric: {m: {function: 'a:b', better: lower}}, conversion: {metric: {m: 3}}}",
    "random: {seed: 3, ranges: {int8: [0, 5]}, batches: 2}",
    "gate_software: true",
    "shard_bytes: 1024",
    "deadline: 2 min",
    "signature: serving_default",
]

BAD = [
    "shapes: {x: [0]}",
    "shapes: {x: 1}",
    "batch: 0",
    "batch: 1.5",
    "batch: '4'",
    "backends: []",
    "backends: [cpu, cpu]",
    "backends: [cuda]",
    "benchmark: on",
    "benchmark: true",
    "benchmark: {runs: 0}",
    "level: no",
    "level: true",
    "level: {steady: off}",
    "compare: {conversion: {cosine: 2}}",
    "compare: {conversion: {cosine: {limit: 2}}}",
    "compare: {conversion: {cosine: {wasm: {level: warn}}}}",
    "compare: {metric: b}",
    "inputs: {x: {file: a.npy, random: normal}}",
    "inputs: {x: {images: {path: a, channels: 2}}}",
    "inputs: {x: {random: {range: [0, 1]}}}",
    "labels: {output: y}",
    "compare: {conversion: {top1: {webgl: -0.1}}}",
    "compare: {conversion: {top1: {gpu: 0.1}}}",
    "compare: {quantized: {'a b': {}}}",
    "quantize: uint8",
    "quantize: [int8]",
    "quantize: [{name: a}]",
    "quantize: [{scheme: uint8, name: ''}]",
    "budget: {download_bytes: -1}",
    "budget: {download_bytes: 2 miles}",
    "budget: {download_bytes: {'a b': 2}}",
    "budget: {steady_ms: 5 MB}",
    "budget: {steady_ms: [1]}",
    "inputs: {x: a.png}",
    "inputs: {x: {key: a}}",
    "inputs: {x: {file: a.npz, sheet: 2}}",
    "random: {ranges: {int8: [1, 2, 3]}}",
    "random: {ranges: {string: [1, 2]}}",
    "gate_software: yes",
    "shard_bytes: 10",
    "deadline: 0",
    "deadline: -1",
    "signature: ''",
    "tfjs: 4.22",
    "tfjs: '4.22'",
    "format: onnx",
    "name: a/b",
    "budget:",
    "quantise: []",
]


def model(setting: str) -> str:
    name = "" if setting.startswith("name") else "name: m, "
    return f"version: 1\nmodels:\n  - {{{name}source: m.h5, {setting}}}\n"


DOCUMENTS_GOOD = [*map(model, GOOD), "version: 1\ndefaults: {batch: 2, level: off}\nmodels: [{name: m, source: x}]\n"]
DOCUMENTS_BAD = [
    *map(model, BAD),
    "version: 2\nmodels: [{name: m, source: x}]\n",
    "version: true\nmodels: [{name: m, source: x}]\n",
    "models: [{name: m, source: x}]\n",
    "version: 1\nmodels: []\n",
    "version: 1\n",
    "version: 1\nmodels: [{name: m}]\n",
    "version: 1\nmodels: [{source: m}]\n",
    "version: 1\ndefaults: {source: x}\nmodels: [{name: m, source: x}]\n",
    "version: 1\nextra: 1\nmodels: [{name: m, source: x}]\n",
]


def accepted_by_parser(path: Path) -> bool:
    try:
        load_manifest(path)
    except ManifestError:
        return False
    return True


def accepted_by_schema(path: Path) -> bool:
    return jsonschema.Draft202012Validator(SCHEMA).is_valid(read_document(path).root.plain())


def test_it_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"


@pytest.mark.parametrize("text", DOCUMENTS_GOOD)
def test_both_accept(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.yml"
    path.write_text(text)
    assert (accepted_by_parser(path), accepted_by_schema(path)) == (True, True)


@pytest.mark.parametrize("text", DOCUMENTS_BAD)
def test_both_refuse(tmp_path: Path, text: str) -> None:
    path = tmp_path / "m.yml"
    path.write_text(text)
    assert (accepted_by_parser(path), accepted_by_schema(path)) == (False, False)


def objects(schema: Any) -> Iterator[dict[str, Any]]:
    if isinstance(schema, dict):
        if schema.get("type") == "object":
            yield schema
        for value in schema.values():
            yield from objects(value)
    elif isinstance(schema, list):
        for value in schema:
            yield from objects(value)


def test_no_mapping_takes_unknown_keys() -> None:
    found = list(objects(SCHEMA))
    assert len(found) > 20
    assert [each for each in found if each.get("additionalProperties") is not False] == []


def test_every_key_is_described_for_the_editors_hover() -> None:
    described = [SCHEMA, *SCHEMA["$defs"].values()]
    bare = [
        key
        for schema in described
        for key, value in schema["properties"].items()
        if "description" not in value and "description" not in SCHEMA["$defs"][value["$ref"].rpartition("/")[2]]
    ]
    assert bare == []

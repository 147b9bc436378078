"""A release that lacks a backend's package on npm is refused for the models that want the backend, and only for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.dtypes import BACKENDS
from tfjsci.manifest.document import parse_document
from tfjsci.manifest.parse import find_problems
from tfjsci.manifest.releases import backends_of_release


def problems(text: str) -> list[tuple[int, str, str, str | None]]:
    found = find_problems(parse_document(f"version: 1\n{text}", Path("tfjsci.yml")))
    return [(each.line, each.path, each.message, each.hint) for each in found]


NO_WEBGPU = "TensorFlow.js 4.0.0 has no webgpu: npm has @tensorflow/tfjs-backend-webgpu from 4.6.0 on, but for 4.9.0."


def test_a_backend_that_the_release_lacks_is_told_with_what_to_do() -> None:
    assert problems("models:\n  - {name: a, source: a.h5, tfjs: 4.0.0,\n     backends: [wasm, webgpu]}\n") == [
        (
            3,
            "models[0].tfjs",
            NO_WEBGPU,
            "Leave webgpu out of `backends` (line 4) or name another release, such as 4.22.0.",
        )
    ]
    assert problems("models:\n  - {name: a, source: a.h5, tfjs: 4.0.0, backends: [wasm, webgl, cpu]}\n") == []
    assert problems("models:\n  - {name: a, source: a.h5, tfjs: 4.6.0, backends: [wasm, webgpu]}\n") == []


def test_what_the_defaults_say_counts_and_is_told_once() -> None:
    models = "models:\n  - {name: a, source: a.h5}\n  - {name: b, source: b.h5}\n"
    (found,) = problems(f"defaults:\n  tfjs: 4.9.0\n  backends: [webgpu]\n{models}")
    assert found[:2] == (3, "defaults.tfjs")
    assert problems(f"defaults:\n  tfjs: 4.9.0\n{models}") == [], "webgpu is none of the defaults' defaults"
    mixed = "models:\n  - {name: a, source: a.h5, backends: [webgpu]}\n  - {name: b, source: b.h5, tfjs: 4.22.0}\n"
    (found,) = problems(f"defaults: {{tfjs: 4.5.0}}\n{mixed}")
    assert found[:2] == (2, "defaults.tfjs")


def test_the_default_backends_want_wasm() -> None:
    (found,) = problems("models:\n  - {name: a, source: a.h5, tfjs: 4.18.0}\n")
    assert found[2].startswith(
        "TensorFlow.js 4.18.0 has no wasm: npm has @tensorflow/tfjs-backend-wasm from 1.7.0 on, but for "
    )
    assert (
        found[3] == "Leave wasm out of `backends`, by default [webgl, wasm], or name another release, such as 4.22.0."
    )


def test_a_version_that_is_none_is_told_as_one_alone() -> None:
    (found,) = problems("models:\n  - {name: a, source: a.h5, tfjs: newest, backends: [webgpu]}\n")
    assert "three numbers" in found[2]


@pytest.mark.parametrize(
    ("version", "lacks"),
    [
        ("4.22.0", set()),
        ("4.23.0", set()),
        ("10.0.0", set()),
        (f"{'9' * 5000}.0.0", set()),
        ("4.6.0", set()),
        ("4.5.0", {"webgpu"}),
        ("4.9.0", {"webgpu"}),
        ("4.10.0", set()),
        ("4.7.0", {"wasm"}),
        ("3.21.0", {"webgpu"}),
        ("1.6.1", {"wasm", "webgpu"}),
        ("0.15.3", {"wasm", "webgpu"}),
    ],
)
def test_what_npm_has(version: str, lacks: set[str]) -> None:
    assert {*BACKENDS} - {*backends_of_release(version)} == lacks

"""What an artifact's model.json says of how its weights are stored."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft

from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write import write_artifact
from tfjsci.dtypes import SCHEME_NAMES, SchemeName
from tfjsci.graph.graph import Graph, indexed
from tfjsci.quantize.scheme import COARSEST_FIRST, Scheme
from tfjsci.signature import TensorSpec
from tfjsci.versus.stored import coarser, coarsest_scheme


def two_products() -> Graph:
    draft = Draft()
    w, v = (np.random.default_rng(seed).normal(0, 1, (16, 16)).astype(np.float32) for seed in (0, 1))
    first = draft.matmul("a", draft.input("x", (None, 16)), draft.const("first/kernel", w))
    return draft.graph(draft.matmul("y", first, draft.const("second/kernel", v)))


def written(folder: Path, *quantizations: Quantization) -> dict[str, Any]:
    x, y = (TensorSpec(name=n, tensor=indexed(n), dtype="float32", shape=(None, 16)) for n in ("x", "y"))
    write_artifact(two_products(), inputs=[x], outputs=[y], folder=folder, quantization=quantizations)
    document: dict[str, Any] = json.loads((folder / "model.json").read_text())
    return document


def as_scheme(name: SchemeName, *include: str, group: int | None = None) -> Quantization:
    return Quantization(scheme=Scheme(name=name, group=group), include=include)


@pytest.mark.parametrize("scheme", SCHEME_NAMES)
def test_each_scheme_is_found_again(tmp_path: Path, scheme: SchemeName) -> None:
    assert coarsest_scheme(written(tmp_path / "artifact", as_scheme(scheme))) == scheme


def test_a_float_artifact_has_none(tmp_path: Path) -> None:
    assert coarsest_scheme(written(tmp_path / "artifact")) is None


@pytest.mark.parametrize(("one", "other"), [("int4", "uint8"), ("int6", "int4"), ("uint16-per-channel", "float16")])
def test_of_several_the_coarsest_is_told(tmp_path: Path, one: SchemeName, other: SchemeName) -> None:
    both = (as_scheme(one, "first/*"), as_scheme(other, "second/*"))
    wanted = min(one, other, key=COARSEST_FIRST.index)
    assert coarsest_scheme(written(tmp_path / "artifact", *both)) == wanted


def test_groups_are_codes_of_few_bits_too(tmp_path: Path) -> None:
    assert coarsest_scheme(written(tmp_path / "artifact", as_scheme("int4", group=16))) == "int4"


def test_bytes_of_a_weight_that_is_named_like_codes_are_no_channels() -> None:
    """Only what the initializer reads is packed."""
    quantization = {"dtype": "uint8", "scale": 1, "min": 0}
    entry = {"name": "vq/codes", "shape": [4], "dtype": "float32", "quantization": quantization}
    document = {"modelTopology": {"node": [{"name": "vq/codes"}]}, "weightsManifest": [{"weights": [entry]}]}
    assert coarsest_scheme(document) == "uint8"
    assert coarsest_scheme({**document, "modelInitializer": {"node": [{"name": "vq/codes"}]}}) == "uint8-per-channel"


def test_the_coarser_of_two() -> None:
    assert coarser("float16", "uint8") == coarser("uint8", "float16") == coarser(None, "uint8") == "uint8"
    assert coarser(None, None) is None


def test_the_order_has_every_scheme_once() -> None:
    assert sorted(COARSEST_FIRST) == sorted(SCHEME_NAMES)

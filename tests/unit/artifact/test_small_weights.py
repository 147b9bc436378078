"""The smallest weights of a coarse variant stay in float16."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.artifact.codes import packing_notes, stored_as
from tfjsci.artifact.quantize import Quantization, Quantizations, each_of, quantization_of, scheme_of
from tfjsci.artifact.small_weights import settled, small_notes
from tfjsci.artifact.write import write_artifact
from tfjsci.dtypes import SchemeName
from tfjsci.graph.graph import Constant
from tfjsci.manifest.quantize_types import Quantize
from tfjsci.manifest.resolve import quantize_spec_of
from tfjsci.quantize.scheme import Scheme

COARSE: tuple[SchemeName, ...] = ("uint8", "uint8-per-channel", "int6", "int4")
FINE: tuple[SchemeName, ...] = ("float16", "uint16", "uint16-per-channel")


def constant(*shape: int, **options: Any) -> Constant:
    return Constant(value=weights(*shape).astype(np.float32), **options)


NET = {"first": constant(8, 10), "middle": constant(100, 80), "wide": constant(200, 100), "last": constant(10, 18)}
"""28,260 values, of which 1 % are 282: the first and the last have 260."""


def schemes(wanted: Quantizations, net: dict[str, Constant] | None = None) -> dict[str, str | None]:
    """What each weight is stored as."""
    every = NET if net is None else net
    found = settled(every.items(), wanted)
    return {name: scheme.name if (scheme := scheme_of(name, each, found)) else None for name, each in every.items()}


def of(name: SchemeName, **options: Any) -> Quantization:
    return Quantization(scheme=Scheme(name=name), **options)


@pytest.mark.parametrize("name", COARSE)
def test_as_many_of_the_smallest_as_have_a_hundredth_of_the_values_are_float16(name: SchemeName) -> None:
    assert schemes(of(name)) == {"first": "float16", "middle": name, "wide": name, "last": "float16"}


@pytest.mark.parametrize("name", FINE)
def test_where_all_have_two_bytes_all_have_the_same(name: SchemeName) -> None:
    assert set(schemes(of(name)).values()) == {name}


def test_one_value_more_than_the_share_is_too_many() -> None:
    """Of 30,000 values, 300 are a hundredth."""
    just = {"small": constant(30, 10), "large": constant(297, 100)}
    beyond = {"small": constant(7, 43), "large": constant(297, 100)}
    assert schemes(of("uint8"), just) == {"small": "float16", "large": "uint8"}
    assert schemes(of("uint8"), beyond) == {"small": "uint8", "large": "uint8"}


def test_the_share_is_that_of_the_weights_which_are_quantised() -> None:
    """Neither an excluded one nor a long bias makes it larger."""
    net = {"small": constant(8, 10), "large": constant(70, 100), "bias": constant(100_000), "other": constant(400, 300)}
    assert schemes(of("uint8", exclude=("other",)), net) == {
        "small": "uint8", "large": "uint8", "bias": None, "other": None,
    }  # fmt: skip
    assert schemes(of("uint8"), net)["small"] == "float16"


def test_quantized_stores_them_as_the_others() -> None:
    assert set(schemes(of("uint8", small_weights="quantized")).values()) == {"uint8"}


def test_upstreams_bytes_are_upstreams() -> None:
    assert set(schemes(Quantization(scheme=Scheme(name="uint8", exact_upstream=True))).values()) == {"uint8"}


def test_several_schemes_say_it_of_each_weight() -> None:
    shared = (of("uint8", include=("*i*",), exclude=("last",)), of("int4", include=("last",)))
    assert schemes(shared) == {"first": "uint8", "middle": "uint8", "wide": "uint8", "last": "int4"}


def test_a_weight_that_is_named_is_stored_as_it_is_said() -> None:
    net = {**NET, "first": constant(8, 10, sources=("model/stem/kernel",))}
    assert schemes(of("uint8", include=("first", "*i*", "last")), net)["first"] == "uint8"
    assert schemes(of("uint8", include=("model/stem/kernel", "*i*")), net)["first"] == "uint8"
    assert schemes(of("uint8", include=("f*", "*i*")), net)["first"] == "float16"


@pytest.mark.parametrize("value", [1e6, 1e-6])
def test_what_float16_holds_badly_stays_with_the_others(value: float) -> None:
    net = {**NET, "first": Constant(value=np.full((8, 10), value, np.float32))}
    assert schemes(of("uint8"), net)["first"] == "uint8"
    assert schemes(of("uint8"), net)["last"] == "float16"


def test_a_name_with_a_patterns_signs_is_itself_alone() -> None:
    net = {**NET, "f*t": constant(8, 10), "first": constant(300, 300)}
    assert schemes(of("uint8"), net) == {**dict.fromkeys(net, "uint8"), "f*t": "float16", "last": "float16"}


def test_settled_twice_is_settled_once() -> None:
    once = settled(NET.items(), of("int4"))
    assert settled(NET.items(), once) == once


def test_what_is_not_to_be_settled_is_not_read() -> None:
    def unread() -> Any:
        raise AssertionError("a weight is read")
        yield

    for wanted in (None, of("float16"), of("uint8", small_weights="quantized"), (of("uint8"), of("int4"))):
        assert settled(unread(), wanted) == wanted


def test_the_reader_is_told_which(tmp_path: Path) -> None:
    assert small_notes(settled(NET.items(), of("int4"))) == (
        "the smallest weights are float16: first, last (small_weights: quantized stores them as the others)",
    )
    assert small_notes(settled(NET.items(), of("int4", small_weights="quantized"))) == ()


def test_a_manifests_variant_says_it() -> None:
    def of_entry(entry: dict[str, Any]) -> tuple[str, ...]:
        found = quantization_of(quantize_spec_of(Quantize.model_validate(entry)))
        return tuple(each.small_weights for each in each_of(found))

    assert of_entry({"scheme": "uint8"}) == ("float16",)
    assert of_entry({"scheme": "uint8", "small_weights": "quantized"}) == ("quantized",)
    assert of_entry({"mixed": [{"scheme": "uint8", "include": ["*"]}]}) == ("quantized",)


def test_the_artifact_has_them_so(tmp_path: Path) -> None:
    """Packed weights, too: what is float16 needs no initializer, and isn't among what couldn't be packed."""
    draft = Draft()
    x = draft.input("x", (None, 8))
    for name, each in NET.items():
        draft.const(name, each.value)
    x = draft.matmul("a", x, "first")
    graph = draft.graph(x, *(name for name in ("middle", "wide", "last")))
    for name in ("uint8", "int4"):
        assert {weight: each.scheme.name for weight, each in stored_as(graph, of(name)).items()} == {
            weight: "float16" if weight in ("first", "last") else "uint8" for weight in NET
        }
    assert "first" not in str(packing_notes(graph, of("int4")))
    written = write_artifact(graph, inputs=(), outputs=(), folder=tmp_path / "web", quantization=of("uint8"))
    assert {each.dtype: each.count for each in written.weights} == {"float16": 2, "uint8": 2}

"""A variant's scheme and its options in a manifest, and what they ask for."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.artifact.quantize import Quantization, quantization_of
from tfjsci.errors import ManifestError
from tfjsci.manifest.parse import load_manifest
from tfjsci.quantize.scheme import Scheme


def asked(tmp_path: Path, entry: str) -> object:
    """What comes of one entry of ``quantize``."""
    path = tmp_path / "tfjsci.yml"
    path.write_text(f"version: 1\nmodels: [{{name: m, source: m.keras, quantize: [{entry}]}}]\n")
    return quantization_of(load_manifest(path).models[0].quantize[0])


@pytest.mark.parametrize(
    ("entry", "scheme"),
    [
        ("int4", Scheme(name="int4")),
        ("{scheme: int4, group: 32}", Scheme(name="int4", group=32)),
        ("{scheme: uint8, ranges: min-max}", Scheme(name="uint8", ranges="min-max")),
        ("{scheme: int6, rounding: nearest}", Scheme(name="int6", rounding="nearest")),
        ("{scheme: uint8-per-channel, levels: 20}", Scheme(name="uint8-per-channel", levels=20)),
        ("{scheme: float16, exact_upstream: true}", Scheme(name="float16", exact_upstream=True)),
        ("{scheme: int6, exact_upstream: false}", Scheme(name="int6")),
    ],
)
def test_schemes_and_their_options(tmp_path: Path, entry: str, scheme: Scheme) -> None:
    assert asked(tmp_path, entry) == Quantization(scheme=scheme)


def test_patterns_go_along(tmp_path: Path) -> None:
    found = asked(tmp_path, "{scheme: uint16, include: ['*kernel'], exclude: ['head/*'], name: small}")
    assert found == Quantization(scheme=Scheme(name="uint16"), include=("*kernel",), exclude=("head/*",))


def test_small_weights_are_float16_unless_it_is_said(tmp_path: Path) -> None:
    assert asked(tmp_path, "int4") == Quantization(scheme=Scheme(name="int4"), small_weights="float16")
    assert asked(tmp_path, "{scheme: int4, small_weights: float16}") == asked(tmp_path, "int4")
    found = asked(tmp_path, "{scheme: int4, small_weights: quantized}")
    assert found == Quantization(scheme=Scheme(name="int4"), small_weights="quantized")


@pytest.mark.parametrize(
    ("entry", "path", "message"),
    [
        (
            "{scheme: uint16, small_weights: quantized}",
            "small_weights",
            '"uint16" has none: it is of int4, int6, uint8 and uint8-per-channel.',
        ),
        (
            "{scheme: uint8, exact_upstream: true, small_weights: float16}",
            "small_weights",
            "exact_upstream says what all weights are stored in; take one of the two out.",
        ),
        ("{scheme: uint8, group: 32}", "group", '"uint8" has none: it is of int4 and int6.'),
        ("{scheme: int4, group: 8}", "group", "8 is below 16."),
        ("{scheme: int4, levels: 9}", "levels", '"int4" has none: it is of uint8 and uint8-per-channel.'),
        (
            "{scheme: int4, exact_upstream: true}",
            "exact_upstream",
            '"int4" has none: it is of float16, uint16 and uint8.',
        ),
        (
            "{scheme: uint8, exact_upstream: true, ranges: min-max}",
            "ranges",
            "exact_upstream says how the ranges are chosen; take one of the two out.",
        ),
        (
            "{scheme: uint8, exact_upstream: true, rounding: balanced}",
            "rounding",
            "exact_upstream says how codes are chosen; take one of the two out.",
        ),
        (
            "{scheme: float16, rounding: nearest}",
            "rounding",
            '"float16" has none: it is of int4, int6, uint16, uint16-per-channel, uint8 and uint8-per-channel.',
        ),
    ],
)
def test_options_that_a_scheme_has_not(tmp_path: Path, entry: str, path: str, message: str) -> None:
    with pytest.raises(ManifestError) as caught:
        asked(tmp_path, entry)
    assert [(each.path, each.message) for each in caught.value.problems] == [(f"models[0].quantize[0].{path}", message)]


def test_an_unknown_scheme_is_told_once(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        asked(tmp_path, "{scheme: int5, group: 32}")
    assert len(caught.value.problems) == 1

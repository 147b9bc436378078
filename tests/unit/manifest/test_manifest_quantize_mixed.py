"""Variants of several schemes, and searched ones, in a manifest."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.errors import ManifestError
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import AutoSpec, Limit, MixedSpec, ModelSpec, QuantizeSpec


def load(tmp_path: Path, quantize: str, more: str = "") -> ModelSpec:
    path = tmp_path / "tfjsci.yml"
    path.write_text(f"version: 1\nmodels:\n  - name: m\n    source: m.keras\n    quantize: {quantize}\n{more}")
    (model,) = load_manifest(path).models
    return model


def mistakes(tmp_path: Path, quantize: str) -> list[tuple[str, str]]:
    with pytest.raises(ManifestError) as caught:
        load(tmp_path, quantize)
    return [(each.path, each.message) for each in caught.value.problems]


def test_an_entry_that_a_search_printed_is_read_as_it_was_meant(tmp_path: Path) -> None:
    small = "{scheme: uint8, levels: 32, ranges: min-max, include: [a, b]}"
    entry = f"[{{name: auto, mixed: [{small}, {{scheme: float16, include: [c]}}]}}]"
    assert load(tmp_path, entry).quantize == (
        QuantizeSpec(
            name="auto",
            scheme=None,
            mixed=(
                MixedSpec(scheme="uint8", include=("a", "b"), levels=32, ranges="min-max"),
                MixedSpec(scheme="float16", include=("c",)),
            ),
        ),
    )


def test_a_search_has_its_bounds_and_its_thresholds_are_the_variants(tmp_path: Path) -> None:
    model = load(tmp_path, "[{auto: {sqnr_db: 25, cosine: 0.99, minutes: 2}, exclude: ['*head*']}]")
    assert model.quantize == (QuantizeSpec(name="auto", scheme=None, exclude=("*head*",), auto=AutoSpec(minutes=2.0)),)
    limits = model.compare.quantized["auto"]
    assert limits.sqnr_db.limit("wasm") == Limit(value=25.0, key="quantize[0].auto.sqnr_db")
    assert limits.cosine.for_("webgl") == 0.99
    assert limits.top1.for_("webgl") is None


def test_what_compare_says_of_the_variant_by_name_goes_before_and_of_all_behind(tmp_path: Path) -> None:
    more = "    compare: {quantized: {default: {sqnr_db: 50, top1: 1.0}, small: {cosine: 0.9}}}\n"
    limits = load(tmp_path, "[{name: small, auto: {sqnr_db: 25, cosine: 0.99}}]", more).compare.quantized["small"]
    assert (limits.sqnr_db.for_("cpu"), limits.cosine.for_("cpu"), limits.top1.for_("cpu")) == (25.0, 0.9, 1.0)


@pytest.mark.parametrize(
    ("quantize", "path", "message"),
    [
        ("[{name: x}]", "models[0].quantize[0]", "how is it quantised? One of scheme, mixed and auto belongs here."),
        (
            "[{scheme: uint8, auto: {sqnr_db: 25}}]",
            "models[0].quantize[0]",
            "scheme and auto: a variant has one of them.",
        ),
        (
            "[{auto: {sqnr_db: 25}, levels: 9}]",
            "models[0].quantize[0].levels",
            "this belongs to one scheme: auto chooses them.",
        ),
        (
            "[{mixed: [{scheme: uint8, include: [a]}], include: [b]}]",
            "models[0].quantize[0].include",
            "this belongs to one scheme: each part has its own.",
        ),
    ],
)
def test_what_doesnt_go_together_is_named(tmp_path: Path, quantize: str, path: str, message: str) -> None:
    assert mistakes(tmp_path, quantize) == [(path, message)]


def test_a_search_without_a_goal_lists_the_goals(tmp_path: Path) -> None:
    ((path, message),) = mistakes(tmp_path, "[{auto: {minutes: 3}}]")
    assert path == "models[0].quantize[0].auto"
    assert message.startswith("what is it to meet? At least one of sqnr_db, cosine, top1")


def test_a_part_has_its_schemes_options_alone_and_needs_its_weights(tmp_path: Path) -> None:
    ((path, _),) = mistakes(tmp_path, "[{mixed: [{scheme: float16, levels: 9, include: [a]}]}]")
    assert path == "models[0].quantize[0].mixed[0].levels"
    ((path, _),) = mistakes(tmp_path, "[{mixed: [{scheme: float16}]}]")
    assert path.startswith("models[0].quantize[0].mixed[0]")


def test_two_searches_need_two_names(tmp_path: Path) -> None:
    ((path, message),) = mistakes(tmp_path, "[{auto: {sqnr_db: 25}}, {auto: {sqnr_db: 40}}]")
    assert path == "models[0].quantize[1]"
    assert 'a variant called "auto" is already' in message
    two = load(tmp_path, "[{auto: {sqnr_db: 25}}, {name: finer, auto: {sqnr_db: 40}}]")
    assert [each.name for each in two.quantize] == ["auto", "finer"]
    assert two.compare.quantized["finer"].sqnr_db.for_("cpu") == 40.0

"""The entry to paste says what was chosen, and nothing in a name can change that."""

from __future__ import annotations

from fnmatch import fnmatchcase

import numpy as np
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tfjsci.artifact.quantize import stays_float
from tfjsci.graph.graph import Constant
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.entry import entry_text, quantizations_of
from tfjsci.search.names import label, pattern

SMALL = Scheme(name="uint8", levels=32, ranges="min-max")


def test_word_for_word() -> None:
    chosen = {"conv/kernel": Scheme(name="float16"), "dense/kernel": SMALL, "dense_1/kernel": SMALL, "bias": None}
    assert entry_text("auto", quantizations_of(chosen)) == (
        "- name: auto\n"
        "  mixed:\n"
        "    - {scheme: uint8, levels: 32, ranges: min-max, include: [dense/kernel, dense_1/kernel]}\n"
        "    - {scheme: float16, include: [conv/kernel]}\n"
    )


def test_what_a_name_would_find_besides_is_excluded() -> None:
    """A bias is made of the kernel behind it, where a batch norm was folded through."""
    value = np.ones((8, 8), np.float32)
    constants = {
        "k": Constant(value=value, sources=("k",)),
        "bias": Constant(value=value.copy(), sources=("b", "k")),
        "other": Constant(value=value.copy(), sources=("other",)),
    }
    (made,) = quantizations_of({"k": SMALL}, constants)
    assert (made.include, made.exclude) == (("k",), ("bias",))
    assert [name for name, each in constants.items() if stays_float(name, each, made) is None] == ["k"]
    assert entry_text("auto", [made]).endswith("include: [k], exclude: [bias]}\n")
    assert quantizations_of({"k": SMALL, "bias": SMALL}, constants)[0].exclude == ()


def test_many_names_stand_one_a_line() -> None:
    text = entry_text("auto", quantizations_of({f"layer_{n}/kernel": SMALL for n in range(12)}))
    assert text.startswith("- name: auto\n  mixed:\n    - scheme: uint8\n      levels: 32\n      ranges: min-max\n")
    assert "      include:\n        - layer_0/kernel\n" in text
    assert max(map(len, text.splitlines())) < 60


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=12))
def test_a_name_is_found_by_its_pattern_whatever_is_in_it(name: str) -> None:
    (entry,) = yaml.safe_load(entry_text("auto", quantizations_of({name: SMALL, "other": SMALL})))
    (part,) = entry["mixed"]
    first, _ = part["include"]
    assert first == pattern(name)
    assert fnmatchcase(name, first)


@pytest.mark.parametrize(("name", "other"), [("w[0]", "w0"), ("a*", "ab"), ("a?", "ab"), ("[!x]", "y")])
def test_a_pattern_finds_nothing_else(name: str, other: str) -> None:
    assert fnmatchcase(name, pattern(name))
    assert not fnmatchcase(other, pattern(name))


def test_labels() -> None:
    assert [label(each) for each in (None, SMALL, Scheme(name="int4", group=32))] == [
        "float32",
        "uint8 in 32 levels",
        "int4 in groups of 32",
    ]

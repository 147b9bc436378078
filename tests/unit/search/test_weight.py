"""Which weights go together, and which options are worth keeping."""

from __future__ import annotations

import numpy as np
import pytest

from tfjsci.graph.graph import Array, Constant
from tfjsci.quantize.scheme import Scheme
from tfjsci.search.weight import groups_of, weight_of

RNG = np.random.default_rng(0)


def constant(count: int, *sources: str) -> Constant:
    return Constant(value=RNG.normal(size=(count, 8)).astype(np.float32), sources=sources)


def test_each_weight_is_alone_and_the_largest_is_first() -> None:
    constants = {"a": constant(10, "a"), "b": constant(30, "b"), "c": constant(20, "c")}
    assert groups_of(constants, ["a", "b", "c"], 10) == [("b",), ("c",), ("a",)]


def test_weights_that_a_pattern_cant_tell_apart_are_together() -> None:
    """The kernel was split: what is named like the variable, and the other half, which was made of it, too."""
    constants = {"k": constant(10, "k"), "k_1": constant(10, "k"), "j": constant(10, "j")}
    assert groups_of(constants, ["k", "k_1", "j"], 10) == [("k", "k_1"), ("j",)]


def test_what_isnt_wanted_stays_apart_as_it_can_be_excluded() -> None:
    constants = {"k": constant(10, "k"), "bias": constant(1, "b", "k")}
    assert groups_of(constants, ["k"], 10) == [("k",)]


def test_what_isnt_wanted_and_would_exclude_a_wanted_one_goes_with_it() -> None:
    """The kernel was made of the bias, too: to exclude one by its name is to exclude both."""
    constants = {"k": constant(10, "k", "bias"), "bias": constant(1, "b", "k")}
    assert groups_of(constants, ["k"], 10) == [("k", "bias")]


def test_weights_of_one_variable_that_neither_is_named_after_stay_apart() -> None:
    constants = {"k/left": constant(10, "k"), "k/right": constant(10, "k")}
    assert groups_of(constants, ["k/left", "k/right"], 10) == [("k/left",), ("k/right",)]


def test_of_too_many_the_smallest_are_one() -> None:
    constants = {name: constant(size, name) for name, size in zip("abcd", (1, 4, 3, 2), strict=True)}
    assert groups_of(constants, list("abcd"), 3) == [("b",), ("c",), ("d", "a")]
    assert groups_of(constants, list("abcd"), 1) == [("b", "c", "d", "a")]


def test_options_go_from_exact_to_coarse_and_each_is_smaller() -> None:
    value = np.ones(800, np.float32)
    made = {"uint8": (800, 0.1), "float16": (1600, 0.02), "uint16": (1600, 0.01)}

    def store(name: str, scheme: Scheme | None) -> tuple[bytes, Array]:
        count, error = made[scheme.name] if scheme else (3200, 0.0)
        return RNG.bytes(count), value + np.float32(error)

    weight = weight_of(["w"], [Scheme(name="uint8"), Scheme(name="float16"), Scheme(name="uint16")], store)
    assert [each.scheme.name if each.scheme else None for each in weight.options] == [None, "uint16", "uint8"]
    assert [each.error for each in weight.options] == pytest.approx([0.0, 800 * 0.01**2, 800 * 0.1**2], rel=1e-4)


def test_weights_together_cost_their_sum() -> None:
    values = {"a": RNG.normal(size=200).astype(np.float32), "b": RNG.normal(size=100).astype(np.float32)}

    def store(name: str, scheme: Scheme | None) -> tuple[bytes, Array]:
        return (b"" if scheme else values[name].tobytes()), (values[name] * (1.5 if scheme else 1))

    together = weight_of(["a", "b"], [Scheme(name="uint8")], store).options
    alone = [weight_of([name], [Scheme(name="uint8")], store).options for name in "ab"]
    assert together[0].size == sum(each[0].size for each in alone)
    assert together[1].error == pytest.approx(sum(float(np.vdot(v / 2, v / 2)) for v in values.values()))


def test_a_scheme_that_saves_nothing_is_no_option() -> None:
    """Four values in few bytes: a page's worth of scales would be more."""
    value = np.zeros((2, 2), np.float32)
    weight = weight_of(["w"], [Scheme(name="int4")], lambda name, scheme: (value.tobytes(), value))
    assert [each.scheme for each in weight.options] == [None]

"""The survey covers all of Keras' public layers and ops, and what it wrote fits its cases."""

from __future__ import annotations

import inspect
import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tfjsci.graph.tensorflow import keras

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "script" / "survey"))

import cases_layers  # noqa: E402
import cases_ops  # noqa: E402
import survey  # noqa: E402
import weights  # noqa: E402

USAGE = json.loads(survey.USAGE_FILE.read_text(encoding="utf-8"))


@pytest.fixture(scope="module", autouse=True)
def _same_keras() -> None:
    """Older releases lack layers and ops that there are cases of, newer ones have some that there are none of."""
    if keras().__version__ != USAGE["keras"]:
        pytest.skip(f"the survey is of Keras {USAGE['keras']}")


def public_layers() -> set[str]:
    layers = keras().layers
    return {name for name in dir(layers) if inspect.isclass(getattr(layers, name))}


def public_ops() -> set[str]:
    """``add``; for what is in a namespace alone, with its name: ``image.resize``."""
    ops = keras().ops
    found = {name for name in dir(ops) if inspect.isfunction(getattr(ops, name))}
    for space in ("image", "linalg", "nn", "numpy"):
        inner = getattr(ops, space)
        found |= {f"{space}.{n}" for n in dir(inner) if n not in found and inspect.isfunction(getattr(inner, n))}
    return found


def covered(kind: str) -> set[str]:
    return {case.of for case in survey.all_cases() if case.kind == kind}


def test_every_public_layer_has_a_case_or_a_reason_to_have_none() -> None:
    assert public_layers() == covered("layers") | set(cases_layers.ALIASES) | set(cases_layers.LEFT_OUT)


def test_an_alias_is_the_same_class_as_the_layer_that_has_the_cases() -> None:
    layers = keras().layers
    assert [a for a, name in cases_layers.ALIASES.items() if getattr(layers, a) is not getattr(layers, name)] == []
    assert set(cases_layers.ALIASES.values()) <= covered("layers")


def test_every_public_op_has_a_case_or_a_reason_to_have_none() -> None:
    assert public_ops() == covered("keras_ops") | set(cases_ops.LEFT_OUT)


def test_nothing_is_both_covered_and_left_out() -> None:
    assert covered("layers") & set(cases_layers.LEFT_OUT) == set()
    assert covered("keras_ops") & set(cases_ops.LEFT_OUT) == set()


def test_the_usage_is_of_todays_cases() -> None:
    names = [case.name for case in survey.all_cases()]
    assert len(names) == len(set(names))
    assert set(USAGE["cases"]) == set(names), "run script/survey/survey.py trace"


def test_the_usages_two_tables_count_the_same() -> None:
    for op, used in USAGE["ops"].items():
        for kind in ("layers", "keras_ops", "zoo"):
            cases = [each for each in USAGE["cases"].values() if each["kind"] == kind]
            assert used[kind] == sum(op in {**each.get("ops", {}), **each.get("inside", {})} for each in cases), op


def test_a_model_with_drawn_weights_is_the_same_when_it_is_read_again(tmp_path: Path) -> None:
    """Normalization computes with copies of what it saves."""
    layers, rng = keras().layers, np.random.default_rng(0)
    given = layers.Input((2, 3))
    model = keras().Model(given, layers.LayerNormalization()(layers.Normalization()(given)))
    before = np.asarray(model(np.ones((1, 2, 3), np.float32)))
    weights.randomise(model, rng)
    model.save(tmp_path / "model.keras")
    x = np.ones((1, 2, 3), np.float32)
    assert not np.array_equal(model(x), before)
    np.testing.assert_array_equal(model(x), keras().saving.load_model(tmp_path / "model.keras")(x))


def test_batch_norms_are_settled_as_in_inference_and_none_divides_by_what_is_nearly_constant() -> None:
    samples = np.random.default_rng(0).normal(size=(64, 3)).astype(np.float32) * [1.0, 2.0, 1e-4]
    layers = keras().layers
    drop, norm = layers.Dropout(0.5), layers.BatchNormalization(momentum=0.9)
    weights.settle(keras().Sequential([keras().Input((3,)), drop, norm]), [samples])
    mean, variance = samples.mean(axis=0), samples.var(axis=0)
    np.testing.assert_allclose(norm.moving_mean, mean, rtol=1e-4, atol=1e-6)
    np.testing.assert_allclose(norm.moving_variance, [variance[0], variance[1], variance[0]], rtol=1e-4)
    assert (drop.rate, norm.momentum) == (0.5, 0.9)

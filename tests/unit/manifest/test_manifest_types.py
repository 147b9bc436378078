"""Lists in the types that must say the same as the types beside them."""

from __future__ import annotations

from typing import get_args

from tfjsci.dtypes import RUNTIME_DTYPE, Level
from tfjsci.manifest import compare_types, input_types, resolved, spec
from tfjsci.manifest.gates import GATES
from tfjsci.manifest.resolve import RANGES


def test_gates_are_the_thresholds_the_budgets_and_leak() -> None:
    assert (*compare_types.OutputThresholds.model_fields, *spec.Budget.model_fields, "leak") == GATES


def test_resolved_limits_have_the_files_keys() -> None:
    own = ["metric"]  # by the names that the user gives
    assert [*(name for name, _ in resolved.Thresholds().named()), *own] == list(
        compare_types.OutputThresholds.model_fields
    )
    assert [name for name, _ in resolved.Budget().named()] == list(spec.Budget.model_fields)


def test_every_dtype_that_can_be_drawn_has_a_range() -> None:
    assert set(RANGES) == set(get_args(input_types.RandomDType))
    assert set(RANGES) == set(RUNTIME_DTYPE) - {"bool", "string", "complex64", "complex128"}


def test_every_level_can_be_written() -> None:
    assert set(get_args(Level)) == {"error", "warn", "off"}


def test_only_the_models_own_business_is_kept_from_the_defaults() -> None:
    choosing = {"format", "signature", "tags", "input_nodes", "output_nodes", "architecture", "custom_objects"}
    assert {"name", "source", *choosing, "inputs", "labels", "shapes"} == spec.ONLY_IN_MODELS

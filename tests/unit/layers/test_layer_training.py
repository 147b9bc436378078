"""How a model was compiled: in TensorFlow.js' words, or not at all."""

from __future__ import annotations

from typing import Any

import pytest

from tfjsci.layers.training import training_config

ADAM = {
    "class_name": "Adam",
    "config": {"name": "adam", "learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.99, "epsilon": 1e-7},
}


def test_an_optimizer_a_loss_and_metrics() -> None:
    compiled = {"optimizer": ADAM, "loss": "mse", "metrics": ["mae", "accuracy", "auc"], "loss_weights": None}
    made, untold = training_config(compiled)
    assert untold is None
    assert made == {
        "optimizer_config": {
            "class_name": "Adam",
            "config": {"learning_rate": 0.01, "beta1": 0.9, "beta2": 0.99, "epsilon": 1e-7},
        },
        "loss": "mean_squared_error",
        "metrics": ["mae", "accuracy"],
    }


def test_losses_by_output_and_by_class() -> None:
    by_class = {"class_name": "CategoricalCrossentropy", "config": {"from_logits": False}}
    made, _ = training_config({"optimizer_config": ADAM, "loss": {"a": "mse", "b": by_class}})
    assert made is not None
    assert made["loss"] == {"a": "mean_squared_error", "b": "categorical_crossentropy"}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"optimizer": {"class_name": "Lion", "config": {"learning_rate": 0.1}}}, "optimizer Lion"),
        ({"loss": "tversky"}, "loss tversky"),
        ({"loss": {"class_name": "CategoricalCrossentropy", "config": {"from_logits": True}}}, "logits"),
        ({"loss_weights": [1.0, 2.0]}, "loss_weights"),
        ({"optimizer": {"class_name": "Adam", "config": {"learning_rate": {"class_name": "CosineDecay"}}}}, "schedule"),
    ],
)
def test_what_the_runtime_has_no_word_for_is_left_out_with_a_reason(change: dict[str, Any], reason: str) -> None:
    made, untold = training_config({"optimizer": ADAM, "loss": "mse", "metrics": None, **change})
    assert made is None
    assert untold is not None
    assert reason in untold


def test_a_model_that_was_not_compiled_has_nothing_to_leave_out() -> None:
    assert training_config({}) == (None, None)
    assert training_config(None) == (None, None)

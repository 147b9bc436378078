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
        ({"optimizer": {"class_name": "Adam", "config": {"learning_rate": 0.1, "decay": 0.01}}}, "schedule"),
        ({"optimizer": {"class_name": "RMSprop", "config": {"learning_rate": 0.1, "centered": True}}}, "makes NaN"),
        ({"optimizer": {"class_name": "Momentum", "config": {"learning_rate": 0.1}}}, "optimizer Momentum"),
    ],
)
def test_what_the_runtime_has_no_word_for_is_left_out_with_a_reason(change: dict[str, Any], reason: str) -> None:
    made, untold = training_config({"optimizer": ADAM, "loss": "mse", "metrics": None, **change})
    assert made is None
    assert untold is not None
    assert reason in untold


def test_losses_go_by_what_the_runtime_calls_the_outputs() -> None:
    compiled = {"optimizer_config": ADAM, "loss": {"a": "mse", "b": "mae"}}
    made, _ = training_config(compiled, {"a": "dense_1", "b": "soft", "soft": "soft"})
    assert made is not None
    assert made["loss"] == {"dense_1": "mean_squared_error", "soft": "mean_absolute_error"}
    made, told = training_config(compiled, {"a": "dense_1"})
    assert made is None
    assert "no output of the name 'b'" in str(told)


@pytest.mark.parametrize(
    ("optimizer", "made", "differs"),
    [
        (("SGD", {"momentum": 0.0, "nesterov": True}), ("SGD", {}), None),
        (("SGD", {"momentum": 0.9, "nesterov": True}), ("Momentum", {"momentum": 0.9, "use_nesterov": True}), None),
        (("Adamax", {"beta_1": 0.8, "beta_2": 0.9}), ("Adamax", {"beta1": 0.8, "beta2": 0.9}), None),
        (("Custom>Adagrad", {"epsilon": 1e-7}), ("Adagrad", {}), None),
        (("Adagrad", {"epsilon": 1e-3}), ("Adagrad", {}), "always 1e-7"),
        (("Adadelta", {"rho": 0.9}), ("Adadelta", {"rho": 0.9}), "as it was before a step"),
        (("Adam", {"clipnorm": 1.0, "amsgrad": True}), ("Adam", {}), "without clipnorm and amsgrad, which its Adam hasn't"),
        (("Adam", {"clipnorm": None, "amsgrad": False}), ("Adam", {}), None),
    ],
)  # fmt: skip
def test_optimizers_in_the_runtimes_words_and_what_is_otherwise(optimizer: Any, made: Any, differs: str | None) -> None:
    (class_name, config), (runtime, arguments) = optimizer, made
    told = {"class_name": class_name, "config": {"learning_rate": 0.1, **config}}
    found, note = training_config({"optimizer": told, "loss": "mse"})
    assert found is not None
    assert found["optimizer_config"] == {"class_name": runtime, "config": {"learning_rate": 0.1, **arguments}}
    assert note is None if differs is None else differs in str(note)


def test_a_model_that_was_not_compiled_has_nothing_to_leave_out() -> None:
    assert training_config({}) == (None, None)
    assert training_config(None) == (None, None)
    # Keras forgets it when a model is saved as .h5 before it is saved again
    assert training_config({"loss": "mse"}) == (
        None,
        "how it was compiled is left out: the file doesn't tell the optimizer",
    )

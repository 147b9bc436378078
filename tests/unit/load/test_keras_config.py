"""What a Keras config would run: each way to hide code in one, beside what Keras itself writes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tfjsci.load.keras_config import CodeInConfig, code_in

OWN = {"relu", "mean_squared_error"}


def layer(
    class_name: str, module: str | None = "keras.layers", *, name: str = "victim", **config: Any
) -> dict[str, Any]:
    return {"module": module, "class_name": class_name, "config": {"name": name, **config}, "registered_name": None}


def model(*layers: Any) -> dict[str, Any]:
    return {
        "module": "keras",
        "class_name": "Sequential",
        "config": {"name": "m", "layers": list(layers)},
        "registered_name": None,
    }


def reasons(config: Any) -> list[str]:
    return [part.reason for part in code_in(json.loads(json.dumps(config)), own_functions=OWN)]


def test_a_plain_model_is_let_through() -> None:
    policy = {"module": "keras", "class_name": "DTypePolicy", "config": {"name": "float32"}, "registered_name": None}
    initializer = {"module": "keras.initializers", "class_name": "Zeros", "config": {}, "registered_name": None}
    dense = layer("Dense", units=3, activation="relu", dtype=policy, kernel_initializer=initializer)
    assert code_in(model(layer("InputLayer"), dense)) == ()


def test_what_is_found_is_told_with_the_layer_around_it() -> None:
    wrapped = layer("TimeDistributed", name="outer", layer=layer("Lambda", name="inner"))
    assert code_in(model(wrapped)) == (
        CodeInConfig(layer="inner", reason="Lambda: a Lambda layer holds Python bytecode"),
    )


@pytest.mark.parametrize(
    "kind",
    [
        "Lambda",
        "TFSMLayer",
        "TorchModuleWrapper",
        "JaxLayer",
        "FlaxLayer",
        "TFOpLambda",
        "SlicingOpLambda",
        "TensorFlowOpLayer",
    ],
)
@pytest.mark.parametrize("module", ["keras.layers", "keras.src.layers.core.lambda_layer", "keras", "anything", None])
def test_layers_that_run_what_the_file_says(kind: str, module: str | None) -> None:
    assert reasons(model(layer(kind, module)))
    assert reasons(model({"class_name": kind, "config": {}})), "as Keras 2 wrote it"
    assert reasons(model({"class_name": f"keras>{kind}", "config": {}}))
    assert reasons(model({"class_name": f"layers.{kind}", "module": "keras", "config": {}}))
    assert reasons(model(layer("Bidirectional", layer=layer("TimeDistributed", layer=layer(kind)))))


def test_a_layer_that_is_only_called_lambda() -> None:
    assert reasons(model(layer("Dense", name="Lambda", units=2))) == []
    assert reasons(model(layer("Dense", name="__lambda__", units=2, note="function"))) == []


def test_a_marshalled_function_anywhere() -> None:
    code = {"class_name": "__lambda__", "config": {"value": {"code": "4wEA", "defaults": None, "closure": None}}}
    assert reasons(model(layer("Activation", activation=code)))
    assert reasons(model(layer("Dense", units=1, kernel_initializer=[[code]])))
    assert reasons({"class_name": "Model", "config": {}, "build_config": {"shapes": [code]}})


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "system"), ("subprocess", "Popen"), ("builtins", "exec"), ("builtins", "breakpoint"), ("numpy", "load"),
        ("keras.utils", "get_file"), ("keras.config", "enable_unsafe_deserialization"), ("keras.saving", "load_model"),
        ("keras.models", "load_model"), ("keras.src.utils.file_utils", "get_file"), ("keras.layers", "deserialize"),
        ("keras.activations", "deserialize"), ("keras.activations", "get"), ("kerasevil.activations", "relu"),
        ("keras.activations.evil", "relu"), ("", "relu"), ("keras", "utils.get_file"), ("keras.ops", "a.b"),
        ("builtins", "my_own"), (None, "my_own"), (7, "relu"),
    ],
)  # fmt: skip
def test_functions_from_elsewhere(module: Any, name: str) -> None:
    for registered in (name, "function", f"keras>{name}", "keras>relu", None):
        function = {"module": module, "class_name": "function", "config": name, "registered_name": registered}
        assert reasons(model(layer("Activation", activation=function))), registered


@pytest.mark.parametrize("name", [None, 3, [], {}, {"value": "x"}])
def test_a_function_that_is_no_name(name: Any) -> None:
    assert reasons({"module": "builtins", "class_name": "function", "config": name})


def test_functions_of_keras() -> None:
    for module, name in (
        ("builtins", "relu"),
        ("keras.activations", "gelu"),
        ("keras.ops", "sin"),
        ("keras.losses", "mse"),
    ):
        function = {"module": module, "class_name": "function", "config": name, "registered_name": name}
        assert reasons(model(layer("Activation", activation=function))) == [], name
    assert reasons(model(layer("Activation", activation="relu"))) == []


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("os", "Popen"), ("subprocess", "Popen"), ("keras.utils", "Sequence"), ("keras.src.utils", "Progbar"),
        ("keras.callbacks", "LambdaCallback"), ("keras.src.callbacks", "Callback"), ("keras.export", "ExportArchive"),
        ("keras.src.saving.serialization_lib", "x"), ("keras", "utils.get_file"), ("keras", "layers.Dense"),
        ("keras_hub.models", "X"), ("__main__", "Mine"), ("mine", "Dense"), ("kerasx.layers", "Dense"),
        ("keras.layersx", "Dense"),
        ("keras.distribution", "X"), ("keras.datasets", "mnist"), ("tensorflow", "Module"),
        ("tensorflow.keras.layers", "Dense"),
    ],
)  # fmt: skip
def test_classes_from_elsewhere(module: str, name: str) -> None:
    assert reasons(model(layer(name, module)))


@pytest.mark.parametrize("module", ["keras.layers", "keras.src.layers.core.dense", "keras.src.models.functional"])
def test_classes_of_keras(module: str) -> None:
    assert reasons(model(layer("Dense", module))) == []


def test_registered_classes_of_the_author() -> None:
    own = {"module": None, "class_name": "Mine", "config": {}, "registered_name": "pkg>Mine"}
    assert reasons(model(own)) == ["a class of the author's own: pkg>Mine"]
    assert reasons(model({"class_name": "pkg>Mine", "config": {}})) == [
        "a registered class of the author's own: pkg>Mine"
    ]
    assert reasons(model({"module": None, "class_name": "Mine", "config": {}, "registered_name": "Mine"}))
    assert reasons(model({"class_name": "Dense", "config": {}})) == [], (
        "near miss: Keras 2, no module and no registered name"
    )


@pytest.mark.parametrize("kind", ["StringLookup", "IntegerLookup", "TextVectorization", "keras.layers>StringLookup"])
def test_a_vocabulary_that_is_a_file(kind: str) -> None:
    assert "/etc/passwd" in reasons(model(layer(kind, vocabulary="/etc/passwd")))[0]
    assert reasons(model(layer("StringLookup", vocabulary=["a", "b"]))) == []


def test_configs_that_are_no_config() -> None:
    for nothing in (None, [], {}, "Lambda", 3, [[{}]], {"class_name": None}, {"class_name": 3, "config": {}}):
        assert reasons(nothing) == []


def test_thousands_of_levels_and_parts() -> None:
    nested: dict[str, Any] = layer("Lambda")
    for _ in range(20_000):
        nested = {"layer": nested}
    assert [part.reason for part in code_in(nested)] == ["Lambda: a Lambda layer holds Python bytecode"]
    wide = model(*[layer("Lambda", name=f"l{i}") for i in range(5_000)])
    assert len(code_in(wide)) == 5_000

"""What each of Keras' optimizers keeps, in each way in which files hold it: in the runtime's order, or left out with why.

That training goes on rightly with it is proven in ``tests/browser/test_training_goes_on.py``.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from keras_configs import layer, sequential

from tfjsci.layers.layers_model import LayersModel, layers_model

CONFIG = sequential(
    (2,),
    layer("Dense", "first", units=3),
    layer("BatchNormalization", "norm"),
    layer("Dense", "held", units=3, trainable=False),
    layer("Dense", "last", units=1, use_bias=False),
)
SHAPES = {
    "first/kernel": (2, 3), "first/bias": (3,),
    "norm/gamma": (3,), "norm/beta": (3,), "norm/moving_mean": (3,), "norm/moving_variance": (3,),
    "held/kernel": (3, 3), "held/bias": (3,),
    "last/kernel": (3, 1),
}  # fmt: skip
TRAINED = ("first/kernel", "first/bias", "norm/gamma", "norm/beta", "last/kernel")
RATE = 0.5


def number(kind: str, name: str) -> float:
    """What is kept of this kind for this weight, all elements alike."""
    return float(sum(map(ord, kind)) * 100 + TRAINED.index(name))


def filled(kind: str, name: str) -> Any:
    return np.full(SHAPES[name], number(kind, name), np.float32)


def slots(*groups: Sequence[str]) -> list[tuple[str, Any]]:
    """Names and values as a file has them: kinds of a group take turns."""
    return [(f"{name}/{kind}", filled(kind, name)) for group in groups for name in TRAINED for kind in group]


def compiled(class_name: str, **config: Any) -> dict[str, Any]:
    return {"optimizer": {"class_name": class_name, "config": {"learning_rate": RATE, **config}}, "loss": "mse"}


def h5(path: Path, told: Any, numbers: Sequence[tuple[str, Any]], version: str = "3.15.1") -> Path:
    with h5py.File(path, "w") as file:
        file.attrs["model_config"] = json.dumps(CONFIG)
        file.attrs["keras_version"] = version
        file.attrs["training_config"] = json.dumps({"optimizer_config": told["optimizer"], "loss": told["loss"]})
        for name in ("first", "norm", "held", "last"):
            group = file.create_group(f"model_weights/{name}")
            own = [key for key in SHAPES if key.startswith(f"{name}/")]
            group.attrs["weight_names"] = [key.encode() for key in own]
            for key in own:
                group[key] = np.ones(SHAPES[key], np.float32)
        group = file.create_group("optimizer_weights")
        group.attrs["weight_names"] = [name.encode() for name, _ in numbers]
        for name, value in numbers:
            group[name] = value
    return path


def keras(path: Path, told: Any, numbers: Sequence[tuple[str, Any]]) -> Path:
    """Weights without names, and counted ones of the optimizer."""
    raw = io.BytesIO()
    with h5py.File(raw, "w") as file:
        for group, names in (
            ("dense", "first"),
            ("batch_normalization", "norm"),
            ("dense_1", "held"),
            ("dense_2", "last"),
        ):
            for i, key in enumerate(key for key in SHAPES if key.startswith(f"{names}/")):
                file[f"layers/{group}/vars/{i}"] = np.ones(SHAPES[key], np.float32)
        for i, (_, value) in enumerate(numbers):
            file[f"optimizer/vars/{i}"] = value
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("config.json", json.dumps({**CONFIG, "compile_config": told}))
        archive.writestr("metadata.json", json.dumps({"keras_version": "3.15.1"}))
        archive.writestr("model.weights.h5", raw.getvalue())
    return path


STEPS = [("adam/iteration", np.int64(7)), ("adam/learning_rate", np.float32(RATE))]


def held(model: LayersModel) -> dict[str, Any]:
    assert model.optimizer is not None, model.notes
    return {name: read() for name, read in model.optimizer.weights}


def assert_keeps(path: Path, kinds: Sequence[str], *, steps: int = 7, by: float = 1.0) -> LayersModel:
    with layers_model(path) as model:
        found = held(model)
        assert list(found) == ["iter", *(f"{name}/{kind}" for kind in kinds for name in TRAINED)]
        assert (found["iter"].dtype, found["iter"].shape, int(found["iter"])) == (np.int32, (), steps)
        for kind in kinds:
            for name in TRAINED:
                value = found[f"{name}/{kind}"]
                assert value.dtype == np.float32
                np.testing.assert_array_equal(value, filled(kind, name) * np.float32(by))
        assert model.optimizer is not None
        assert model.optimizer.size_bytes == sum(value.nbytes for value in found.values())
        return model


def refused(path: Path) -> str:
    with layers_model(path) as model:
        assert model.optimizer is None
        return "; ".join(model.notes)


ADAM: dict[str, Any] = {"beta_1": 0.9, "beta_2": 0.999, "epsilon": 1e-7}


@pytest.mark.parametrize("write", [h5, keras])
@pytest.mark.parametrize(
    ("told", "groups", "kinds", "by"),
    [
        (compiled("Adam", **ADAM), [("m", "v")], ["m", "v"], 1.0),
        (compiled("Adam", **ADAM, amsgrad=True), [("m", "v"), ("vhat",)], ["m", "v"], 1.0),
        (compiled("Adam", **ADAM, use_ema=True), [("average",), ("m", "v")], ["m", "v"], 1.0),
        (compiled("SGD", momentum=0.0), [], [], 1.0),
        (compiled("SGD", momentum=0.9), [("momentum",)], ["momentum"], -1 / RATE),
        (compiled("RMSprop", rho=0.9, momentum=0.5), [("rms",), ("momentum",)], ["rms", "momentum"], 1.0),
        (compiled("Adagrad"), [("accumulator",)], ["accumulator"], 1.0),
        (compiled("Adadelta", rho=0.9), [("accum_grad", "accum_var")], ["accum_grad", "accum_var"], 1.0),
    ],
)
def test_of_keras_3(tmp_path: Path, write: Any, told: Any, groups: Any, kinds: list[str], by: float) -> None:
    assert_keeps(write(tmp_path / f"m.{write.__name__}", told, [*STEPS, *slots(*groups)]), kinds, by=by)


def test_of_keras_2_which_keeps_no_rate(tmp_path: Path) -> None:
    told = compiled("Custom>Adam", **ADAM)
    assert_keeps(
        h5(tmp_path / "new.h5", told, [("iteration:0", np.int64(7)), *slots(("m", "v"))], "2.15.0"), ["m", "v"]
    )
    # the legacy ones keep all of one kind before the next
    legacy = [("Adam/iter:0", np.int64(7)), *slots(("m",), ("v",))]
    assert_keeps(h5(tmp_path / "legacy.h5", compiled("Adam", **ADAM, decay=0.0), legacy, "2.15.0"), ["m", "v"])
    # without names it is told by the number of them
    assert_keeps(keras(tmp_path / "m.keras", told, [("", np.int64(7)), *slots(("m", "v"))]), ["m", "v"])


def test_a_momentum_that_isnt_kept_is_zero(tmp_path: Path) -> None:
    path = keras(tmp_path / "m.keras", compiled("RMSprop", rho=0.9, momentum=0.0), [*STEPS, *slots(("rms",))])
    with layers_model(path) as model:
        found = held(model)
    assert list(found)[1 + len(TRAINED) :] == [f"{name}/momentum" for name in TRAINED]
    assert all(not found[f"{name}/momentum"].any() and found[f"{name}/rms"].all() for name in TRAINED)


def test_steps_are_those_in_which_weights_changed(tmp_path: Path) -> None:
    told = compiled("Adam", **ADAM, gradient_accumulation_steps=3)
    assert_keeps(
        h5(tmp_path / "m.h5", told, [*STEPS, *slots(("gradient_accumulator",), ("m", "v"))]), ["m", "v"], steps=2
    )


@pytest.mark.parametrize("write", [h5, keras])
def test_compiled_and_not_trained_is_nothing_to_tell(tmp_path: Path, write: Any) -> None:
    untrained = [("adam/iteration", np.int64(0)), STEPS[1]]
    assert refused(write(tmp_path / f"m.{write.__name__}", compiled("Adam", **ADAM), untrained)) == ""


@pytest.mark.parametrize(
    ("told", "numbers", "why"),
    [
        (compiled("Adamax", **ADAM), slots(("m", "v")), "TensorFlow.js' Adamax can't be given any"),
        (compiled("Lion"), slots(("m",)), "so is how the model was compiled"),
        (
            compiled("Adam", learning_rate={"class_name": "CosineDecay"}),
            slots(("m", "v")),
            "so is how the model was compiled",
        ),
        (compiled("SGD", momentum=0.9, learning_rate=0.0), slots(("momentum",)), "its learning rate is 0"),
        (
            compiled("Adam"),
            slots(("m",)),
            "there are 5 of them in the file, and 2 for each of 5 trained weights were expected",
        ),
        (compiled("Adam"), slots(("m",), ("v",)), "first/bias/m has the shape [3], and first/kernel [2, 3]"),
    ],
)
def test_left_out_with_the_reason(tmp_path: Path, told: Any, numbers: Any, why: str) -> None:
    assert f"the optimizer's weights are left out: {why}" in refused(h5(tmp_path / "m.h5", told, [*STEPS, *numbers]))


def test_what_doesnt_begin_with_the_steps_is_left_out(tmp_path: Path) -> None:
    """As very old files have it."""
    told = refused(h5(tmp_path / "m.h5", compiled("Adam"), slots(("m", "v"))))
    assert (
        told
        == "the optimizer's weights are left out: first/kernel/m, the first of them, isn't the number of steps that were done"
    )


def test_what_the_runtimes_optimizer_lacks_is_told(tmp_path: Path) -> None:
    told = compiled("Adam", **ADAM, clipnorm=1.0, weight_decay=0.01)
    model = assert_keeps(keras(tmp_path / "m.keras", told, [*STEPS, *slots(("m", "v"))]), ["m", "v"])
    assert model.notes == ("TensorFlow.js trains on without weight_decay and clipnorm, which its Adam hasn't",)
    assert (
        assert_keeps(
            keras(tmp_path / "plain.keras", compiled("Adam", **ADAM), [*STEPS, *slots(("m", "v"))]), ["m", "v"]
        ).notes
        == ()
    )

"""Layers models read back without Keras: what is taken over, what is left out, and what is refused."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from web_models import called, functional, layer, saved, sequential, small

from tfjsci import api
from tfjsci.artifact.quantize import Quantization
from tfjsci.artifact.write_layers import write_layers_model
from tfjsci.errors import CorruptModel, MissingModel, TfjsciError
from tfjsci.layers.keras_3 import keras_3
from tfjsci.layers.layers_model import layers_model
from tfjsci.layers.way_back import NoWayBack, require_way_back
from tfjsci.layers.web import is_web_model, parse_web_model, read_web_model, specs_of
from tfjsci.quantize.scheme import Scheme


def document(folder: Path) -> dict[str, Any]:
    return json.loads((folder / "model.json").read_text(encoding="utf-8"))  # type: ignore[no-any-return]


class TestWrittenAgain:
    def test_the_layers_stay_as_they_were_and_the_weights_are_in_other_shards(self, tmp_path: Path) -> None:
        model, weights = small()
        source = saved(tmp_path / "a", model, weights)
        with layers_model(source) as read:
            written = write_layers_model(read, folder=tmp_path / "b", shard_bytes=40)
        again, first = document(tmp_path / "b"), document(source)
        assert again["modelTopology"] == first["modelTopology"]
        assert written.files == ("model.json", "group1-shard1of3.bin", "group1-shard2of3.bin", "group1-shard3of3.bin")
        assert read_web_model(tmp_path / "b").weights.keys() == weights.keys()
        for name, value in read_web_model(tmp_path / "b").weights.items():
            np.testing.assert_array_equal(value, np.asarray(weights[name], np.float32))

    def test_patterns_say_which_weights_are_quantised(self, tmp_path: Path) -> None:
        source = saved(tmp_path / "a", *small())
        with layers_model(source) as read:
            write_layers_model(
                read,
                folder=tmp_path / "b",
                quantization=Quantization(scheme=Scheme(name="uint8"), include=("*2/kernel",)),
            )
        entries = document(tmp_path / "b")["weightsManifest"][0]["weights"]
        assert [entry["name"] for entry in entries if "quantization" in entry] == ["dense_Dense2/kernel"]

    def test_what_was_quantised_is_read_as_the_runtime_reads_it_and_quantised_the_same_again(
        self, tmp_path: Path
    ) -> None:
        model, weights = small()
        wanted = Quantization(scheme=Scheme(name="uint16"), include=("*kernel",))
        for source, target in (("a", "b"), ("b", "c")):
            if source == "a":
                saved(tmp_path / "a", model, weights)
            with layers_model(tmp_path / source) as read:
                write_layers_model(read, folder=tmp_path / target, quantization=wanted)
        first, second = read_web_model(tmp_path / "b").weights, read_web_model(tmp_path / "c").weights
        for name, value in first.items():
            np.testing.assert_allclose(second[name], value, atol=1e-6)
            np.testing.assert_allclose(value, weights[name], atol=1e-4)

    def test_the_errors_of_each_output_channel_cancel_out_unless_each_weight_is_to_be_rounded_by_itself(
        self, tmp_path: Path
    ) -> None:
        draw = np.random.default_rng(3)
        plain, turned = draw.uniform(size=(3, 3, 20, 4)), draw.uniform(size=(3, 3, 4, 20))
        model = sequential(
            layer("Conv2D", "conv", filters=4, kernel_size=[3, 3], use_bias=False, batch_input_shape=[None, 8, 8, 20]),
            layer("Conv2DTranspose", "up", filters=4, kernel_size=[3, 3], use_bias=False),
        )
        source = saved(tmp_path / "a", model, {"conv/kernel": plain, "up/kernel": turned})
        largest: dict[str, list[float]] = {}
        for rounding in ("balanced", "nearest"):
            wanted = Quantization(scheme=Scheme(name="uint8", rounding=rounding))  # type: ignore[arg-type]
            with layers_model(source) as read:
                write_layers_model(read, folder=tmp_path / rounding, quantization=wanted)
            steps = [
                entry["quantization"]["scale"]
                for entry in document(tmp_path / rounding)["weightsManifest"][0]["weights"]
            ]
            made = read_web_model(tmp_path / rounding).weights
            off = [(made["conv/kernel"] - plain).sum(axis=(0, 1, 2)), (made["up/kernel"] - turned).sum(axis=(0, 1, 3))]
            largest[rounding] = [float(np.abs(each).max() / step) for each, step in zip(off, steps, strict=True)]
        assert max(largest["balanced"]) < 0.51, "half a step at most"
        assert min(largest["nearest"]) > 2

    def test_the_optimizers_weights_stay_beside_the_models(self, tmp_path: Path) -> None:
        source = saved(tmp_path / "a", *small())
        described = document(source)
        described["weightsManifest"][0]["weights"][2]["group"] = "optimizer"
        (source / "model.json").write_text(json.dumps(described), encoding="utf-8")
        before = read_web_model(source)
        assert list(before.weights) == ["dense_Dense1/kernel", "dense_Dense1/bias"]
        assert before.notes == ("the optimizer's weights are left out",)
        done = api.convert(source, tmp_path / "b", output_format="layers")
        again = read_web_model(tmp_path / "b")
        for side in ("weights", "optimizer"):
            assert list(getattr(again, side)) == list(getattr(before, side))
            for name, value in getattr(before, side).items():
                np.testing.assert_array_equal(getattr(again, side)[name], value)
        assert done.notes == (
            f"the optimizer's weights (unknown, {sum(value.nbytes for value in before.optimizer.values())} B) go along, "
            "for training to go on (--no-optimizer)",
        )
        assert done.parameters == sum(value.size for value in before.weights.values())

    @pytest.mark.parametrize("asked", [{"quantize": "float16"}, {"optimizer": False}])
    def test_and_are_left_out_where_they_are_of_no_use_or_not_wanted(self, tmp_path: Path, asked: Any) -> None:
        model = sequential(layer("Dense", "wide", units=50, batch_input_shape=[None, 50]))
        kernel = np.linspace(-1, 1, 2500, dtype=np.float32).reshape(50, 50)
        weights = {"wide/kernel": kernel, "wide/bias": kernel[0], "wide/kernel/m": kernel}
        source = saved(tmp_path / "a", model, weights)
        described = document(source)
        described["weightsManifest"][0]["weights"][2]["group"] = "optimizer"
        (source / "model.json").write_text(json.dumps(described), encoding="utf-8")
        done = api.convert(source, tmp_path / "b", output_format="layers", **asked)
        assert read_web_model(tmp_path / "b").optimizer == {}
        assert [note.partition(":")[0] for note in done.notes] == ["the optimizer's weights are left out"]

    def test_weights_of_no_layer_are_named_and_left_out(self, tmp_path: Path) -> None:
        model, weights = small()
        more = {**weights, "old_Dense9/kernel": np.ones((2, 3), np.float32), "loose": np.ones(1, np.float32)}
        source = saved(tmp_path / "a", model, more)
        done = api.convert(source, tmp_path / "b", output_format="layers")
        assert done.notes == (
            "weights for which the model has no layer are left out (tf.loadLayersModel refuses the file): "
            "old_Dense9/kernel, loose",
        )
        assert list(read_web_model(tmp_path / "b").weights) == list(weights)
        assert read_web_model(saved(tmp_path / "c", model, weights)).notes == ()

    def test_the_pages_metadata_is_taken_over_and_more_is_put_beside_it(self, tmp_path: Path) -> None:
        source = saved(tmp_path / "a", *small(), userDefinedMetadata={"labels": ["a", "b"], "version": 1})
        done = api.convert(source, tmp_path / "b", output_format="layers", metadata={"version": 2})
        assert document(tmp_path / "b")["userDefinedMetadata"] == {"labels": ["a", "b"], "version": 2}
        assert done.notes == ()
        api.convert(saved(tmp_path / "c", *small()), tmp_path / "d", output_format="layers")
        assert "userDefinedMetadata" not in document(tmp_path / "d")

    def test_the_training_config_is_taken_over(self, tmp_path: Path) -> None:
        training = {
            "loss": "mean_squared_error",
            "metrics": [],
            "optimizer_config": {"class_name": "SGD", "config": {}},
        }
        with layers_model(saved(tmp_path / "a", *small(), trainingConfig=training)) as read:
            write_layers_model(read, folder=tmp_path / "b")
        assert document(tmp_path / "b")["trainingConfig"] == training


class TestNames:
    def test_inputs_and_outputs_are_called_after_their_layers(self, tmp_path: Path) -> None:
        inputs, outputs = specs_of(read_web_model(saved(tmp_path / "a", *small())))
        assert [(spec.name, spec.shape) for spec in inputs] == [("dense_Dense1_input", (None, 4))]
        assert [spec.name for spec in outputs] == ["dense_Dense2"]

    def test_or_as_the_signature_says(self, tmp_path: Path) -> None:
        signature = {"inputs": {"images": {}}, "outputs": {"digits": {}}}
        inputs, outputs = specs_of(read_web_model(saved(tmp_path / "a", *small(), signature=signature)))
        assert ([spec.name for spec in inputs], [spec.name for spec in outputs]) == (["images"], ["digits"])

    def test_a_signature_of_another_length_says_nothing(self, tmp_path: Path) -> None:
        signature = {"inputs": {"images": {}, "more": {}}, "outputs": {}}
        inputs, _ = specs_of(read_web_model(saved(tmp_path / "a", *small(), signature=signature)))
        assert [spec.name for spec in inputs] == ["dense_Dense1_input"]


class TestFiles:
    def test_a_folder_and_its_model_json_are_the_same(self, tmp_path: Path) -> None:
        source = saved(tmp_path / "a", *small())
        assert read_web_model(source / "model.json").weights.keys() == read_web_model(source).weights.keys()
        assert is_web_model(source)
        assert is_web_model(source / "model.json")
        assert not is_web_model(tmp_path)

    def test_files_of_old_releases_say_no_format(self, tmp_path: Path) -> None:
        source = saved(tmp_path / "a", *small())
        described = document(source)
        del described["format"]
        (source / "model.json").write_text(json.dumps(described), encoding="utf-8")
        assert is_web_model(source)
        assert read_web_model(source).weights

    def test_no_model_json(self, tmp_path: Path) -> None:
        with pytest.raises(MissingModel, match=r"has no model\.json"):
            read_web_model(tmp_path)

    @pytest.mark.parametrize(
        ("edit", "message"),
        [
            (lambda d: d["weightsManifest"][0].update(paths=["../weights.bin"]), "leaves the folder"),
            (lambda d: d["weightsManifest"][0].update(paths=["/etc/hostname"]), "leaves the folder"),
            (lambda d: d["weightsManifest"][0].update(paths=["gone.bin"]), "'gone.bin' can't be read"),
            (lambda d: d["weightsManifest"][0]["weights"][0].update(shape=[4, 4]), "needs bytes|the shards hold"),
            (
                lambda d: d["weightsManifest"][0]["weights"][0].update(shape=[1 << 30, 1 << 17]),
                "its shape is|needs bytes",
            ),
            (lambda d: d["weightsManifest"][0]["weights"][0].update(dtype="float64"), "its dtype is 'float64'"),
            (lambda d: d["weightsManifest"][0]["weights"].pop(), "the shards hold 68 bytes, the weights need"),
            (lambda d: d.update(modelTopology=None), "has no modelTopology"),
            (lambda d: d.update(format="tensors"), "its format is 'tensors'"),
        ],
    )
    def test_damaged(self, tmp_path: Path, edit: Any, message: str) -> None:
        source = saved(tmp_path / "a", *small())
        if "68" in message:
            message = message.replace("68", str((12 + 3 + 6) * 4))
        described = document(source)
        edit(described)
        (source / "model.json").write_text(json.dumps(described), encoding="utf-8")
        with pytest.raises(CorruptModel, match=message) as caught:
            read_web_model(source)
        assert caught.value.hint


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _leaves(item)


def test_whatever_is_changed_is_an_error_of_ours_or_none(tmp_path: Path) -> None:
    """Leaves of the document, one at a time, replaced by what doesn't belong there."""
    x = called("InputLayer", "x", [], batch_input_shape=[None, 4], dtype="float32")
    dense = called("Dense", "dense", [[["x", 0, 0, {}]], [["dense", 0, 0, {}]]], units=4, activation="relu")
    both = called("Concatenate", "both", [[["x", 0, 0, {}], ["dense", 1, 0, {}]]], axis=1)
    twice = functional([x, dense, both], [["x", 0, 0]], [["both", 0, 0], ["dense", 0, 0]])
    weights = {"dense/kernel": np.ones((4, 4)), "dense/bias": np.ones(4)}
    refused = 0
    for name, (model, given) in {"small": small(), "twice": (twice, weights)}.items():
        source = saved(tmp_path / name, model, given)
        whole = json.dumps(document(source))
        draw = random.Random(23)
        for i in range(250):
            changed = json.loads(whole)
            holder, key = draw.choice(list(_leaves(changed)))
            holder[key] = draw.choice([None, -1, 2**40, "", "x", [], {}, [[]], {"a": {}}, True, 0.5])
            (source / "model.json").write_text(json.dumps(changed), encoding="utf-8")
            try:
                require_way_back(parse_web_model(read_web_model(source)), name)
                with layers_model(source) as read:
                    write_layers_model(read, folder=tmp_path / f"{name}_{i}")
            except TfjsciError:
                refused += 1
    assert refused > 200


def test_a_config_without_end(tmp_path: Path) -> None:
    model = sequential(layer("Dense", "a", units=1))
    for _ in range(300):
        model = sequential(model)
    with pytest.raises(CorruptModel):
        parse_web_model(read_web_model(saved(tmp_path / "a", model, {})))


def way_back(tmp_path: Path, model: dict[str, Any], weights: dict[str, Any]) -> None:
    require_way_back(parse_web_model(read_web_model(saved(tmp_path / "a", model, weights))), "a")


class TestTheWayBack:
    def test_there_is_one(self, tmp_path: Path) -> None:
        way_back(tmp_path, *small())

    def test_there_is_none_for_a_layer_that_keras_computes_otherwise(self, tmp_path: Path) -> None:
        up = layer("UpSampling2D", "up", size=[2, 2], interpolation="bilinear", batch_input_shape=[None, 4, 4, 1])
        resized = layer("Resizing", "resized", height=3, width=3)
        with pytest.raises(NoWayBack, match=r"up \(UpSampling2D\): its interpolation is bilinear"):
            way_back(tmp_path, sequential(up), {})
        with pytest.raises(NoWayBack, match=r"resized \(Resizing\): no layer of Keras computes the same"):
            way_back(
                tmp_path / "b", sequential({**up, "config": {**up["config"], "interpolation": "nearest"}}, resized), {}
            )

    def test_of_two_tensors_joined_over_an_axis_from_behind(self, tmp_path: Path) -> None:
        x = called("InputLayer", "x", [], batch_input_shape=[None, 3, 2], dtype="float32")
        y = called("InputLayer", "y", [], batch_input_shape=[None, 3, 2], dtype="float32")
        for axis, refused in ((-1, False), (1, False), (-2, True)):
            joined = called("Concatenate", "joined", [[["x", 0, 0, {}], ["y", 0, 0, {}]]], axis=axis)
            model = functional([x, y, joined], [["x", 0, 0], ["y", 0, 0]], [["joined", 0, 0]])
            if refused:
                with pytest.raises(NoWayBack, match="takes every negative axis for the last one"):
                    way_back(tmp_path / str(axis), model, {})
            else:
                way_back(tmp_path / str(axis), model, {})

    def test_arguments_are_keras(self, tmp_path: Path) -> None:
        model = sequential(
            layer("LeakyReLU", "leaky", batch_input_shape=[None, 4]),
            layer("ThresholdedReLU", "threshold", theta=0.5),
            layer("Dense", "dense", units=2, kernelInitializer={"class_name": "VarianceScaling",
                  "config": {"scale": 1, "mode": "fanAvg", "distribution": "normal", "seed": None}},
                  kernelRegularizer={"class_name": "L1L2", "config": {"l1": 0.1, "l2": 0}}, activation="hardSigmoid"),
        )  # fmt: skip
        parsed = parse_web_model(read_web_model(saved(tmp_path / "a", model, {})))
        made = [keras_3(each) for each in parsed.layers if each.class_name != "InputLayer"]
        assert made[0] == ("LeakyReLU", {"negative_slope": 0.3})
        assert made[1] == ("ReLU", {"threshold": 0.5})
        assert made[2] == (
            "Dense",
            {
                "units": 2,
                "activation": "hard_sigmoid",
                "kernel_initializer": {
                    "class_name": "VarianceScaling",
                    "config": {"scale": 1, "mode": "fan_avg", "distribution": "truncated_normal"},
                },
                "kernel_regularizer": {"class_name": "L1L2", "config": {"l1": 0.1, "l2": 0}},
            },
        )

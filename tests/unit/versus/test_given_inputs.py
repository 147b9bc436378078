"""What two models are fed: arrays by the first model's names, of a file or a program, or the inputs of a manifest's model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tfjsci.errors import BadInputs, UsageError
from tfjsci.signature import TensorSpec
from tfjsci.versus.inputs import BATCH, inputs_for


def specs(*names: str) -> tuple[TensorSpec, ...]:
    return tuple(TensorSpec(name=name, tensor=f"{name}:0", dtype="float32", shape=(None, 2)) for name in names)


def test_labels_are_ignored_and_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", a=np.ones((3, 2)), b=np.zeros((3, 2)), labels=np.arange(3))
    made = inputs_for(specs("a", "b"), tmp_path / "all.npz")
    assert ([sorted(call) for call in made.samples], made.random) == ([["a", "b"]], False)
    assert made.notes == ("ignored of the arrays to compare on, as no input is called so: 'labels'",)


def test_an_input_that_the_file_lacks_is_random_unless_an_array_is_left_over(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", a=np.ones((3, 2)))
    made = inputs_for(specs("a", "b"), tmp_path / "one.npz")
    assert (made.basis.values, made.notes) == ("partly random", ())
    np.savez(tmp_path / "other.npz", a=np.ones((3, 2)), bee=np.ones((3, 2)))
    with pytest.raises(BadInputs, match="lack input 'b'"):
        inputs_for(specs("a", "b"), tmp_path / "other.npz")


def test_an_npy_is_the_only_inputs(tmp_path: Path) -> None:
    np.save(tmp_path / "values.npy", np.ones((3, 2)))
    made = inputs_for(specs("a"), tmp_path / "values.npy")
    assert made.samples[0]["a"].shape == (3, 2)
    with pytest.raises(BadInputs, match="lack input 'a'"):
        inputs_for(specs("a", "b"), tmp_path / "values.npy")


class TestArraysOfAProgram:
    def test_are_fed(self) -> None:
        made = inputs_for(specs("a"), {"a": np.arange(6.0).reshape(3, 2)})
        assert made.samples[0]["a"].tolist() == [[0, 1], [2, 3], [4, 5]]
        assert made.samples[0]["a"].dtype == np.float32
        assert (made.random, made.summaries[0].origin) == (False, "the array that was given")

    def test_the_rest_is_random(self) -> None:
        assert inputs_for(specs("a", "b"), {"a": np.ones((3, 2))}).basis.values == "partly random"
        assert inputs_for(specs("a", "b"), {}).basis.values == "random"
        assert inputs_for(specs("a"), None).samples[0]["a"].shape == (BATCH, 2)

    def test_one_that_no_input_takes_is_a_mistake(self) -> None:
        with pytest.raises(BadInputs, match="no input 'labels' to compare on"):
            inputs_for(specs("a"), {"a": np.ones((3, 2)), "labels": np.arange(3)})

    def test_one_that_does_not_fit(self) -> None:
        with pytest.raises(BadInputs, match="input 'a': the array that was given"):
            inputs_for(specs("a"), {"a": np.ones((3, 5))})


class TestAManifest:
    def manifest(self, folder: Path, text: str) -> Path:
        path = folder / "tfjsci.yml"
        path.write_text(f"version: 1\nmodels:\n{text}")
        return path

    def test_its_models_inputs_are_taken(self, tmp_path: Path) -> None:
        (tmp_path / "photos").mkdir()
        for i in range(2):
            Image.fromarray(np.full((4, 6, 3), 100 * i, np.uint8)).save(tmp_path / "photos" / f"{i}.png")
        (tmp_path / "rows.csv").write_text("x,y\n1,2\n3,4\n")
        path = self.manifest(
            tmp_path,
            "  - name: m\n    source: m.keras\n    inputs:\n"
            "      image: {images: {path: photos, range: [0, 1]}}\n      row: {file: rows.csv, columns: [x, y]}\n",
        )
        image = TensorSpec(name="image", tensor="image:0", dtype="float32", shape=(None, 4, 6, 3))
        made = inputs_for((image, *specs("row")), path)
        (call,) = made.samples
        assert call["image"][:, 0, 0, 0] == pytest.approx([0, 100 / 255])
        assert call["row"].tolist() == [[1, 2], [3, 4]]
        assert not made.random

    def test_of_several_models_one_must_be_named(self, tmp_path: Path) -> None:
        path = self.manifest(
            tmp_path,
            "  - {name: one, source: a.keras, random: {seed: 7}}\n  - {name: two, source: b.keras, random: {seed: 8}}\n",
        )
        seven, eight = (inputs_for(specs("a"), path, model=name).samples[0]["a"] for name in ("one", "two"))
        assert np.array_equal(seven, inputs_for(specs("a"), None, seed=7).samples[0]["a"])
        assert not np.array_equal(seven, eight)
        with pytest.raises(UsageError, match="has 2 models"):
            inputs_for(specs("a"), path)
        with pytest.raises(UsageError, match=r"no model 'ono'\. Did you mean .one."):
            inputs_for(specs("a"), path, model="ono")

    def test_an_input_that_the_model_lacks(self, tmp_path: Path) -> None:
        path = self.manifest(tmp_path, "  - {name: m, source: m.keras, inputs: {aa: rows.csv}}\n")
        with pytest.raises(BadInputs, match="aa"):
            inputs_for(specs("a"), path)

    def test_a_model_is_of_a_manifest(self, tmp_path: Path) -> None:
        np.save(tmp_path / "values.npy", np.ones((3, 2)))
        with pytest.raises(UsageError, match="come from no manifest"):
            inputs_for(specs("a"), tmp_path / "values.npy", model="one")

"""How inputs are drawn, each as the manifest says; what goes into a call, and what it all rests on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci.errors import BadInputs
from tfjsci.inputs.inputs import Inputs, make_inputs
from tfjsci.inputs.labels import read_labels
from tfjsci.inputs.seeded import SeededValues
from tfjsci.inputs.summary import Basis
from tfjsci.manifest.resolved import Drawn, InputFile, LabelsSpec
from tfjsci.signature import TensorSpec

REAL = Basis(samples=3, calls=1, values="real")


def seeded(dtype: str, **drawn: Any) -> SeededValues:
    return SeededValues(name="x", dtype=dtype, seed=0, ranges={}, drawn=Drawn(**drawn))


def inputs(files: Any, **more: Any) -> Inputs:
    spec = TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, 2))
    return make_inputs([spec], files=files, shapes={}, batch=2, seed=0, ranges={}, **more)


def test_normal_values_have_their_mean_and_deviation() -> None:
    values = seeded("float32", distribution="normal", mean=3.0, std=0.5).draw((40_000,)).astype(np.float64)
    assert (values.mean(), values.std()) == (pytest.approx(3.0, abs=0.01), pytest.approx(0.5, abs=0.01))
    inside = np.abs(values - 3.0) < 0.5
    assert inside.mean() == pytest.approx(0.6827, abs=0.01)


def test_they_are_the_same_in_every_run_and_on_every_machine() -> None:
    values = seeded("float32", distribution="normal").draw((1000,))
    assert hashlib.sha256(np.round(values, 4).tobytes()).hexdigest()[:16] == "79c77df1e310dd1a"
    # each takes one number of the generator, so that calls are parts of one row
    again = seeded("float32", distribution="normal")
    np.testing.assert_array_equal(np.concatenate([again.draw((400,)), again.draw((600,))]), values)


def test_whole_numbers_also_in_floats() -> None:
    made = seeded("float32", distribution="integers", range=(3.0, 6.0))
    values = made.draw((500,))
    assert (values.dtype, set(values.tolist())) == (np.float32, {3.0, 4.0, 5.0})
    assert made.origin == "random, seed 0, whole numbers in [3, 6)"
    assert set(seeded("int32", distribution="integers", range=(-1.0, 1.0)).draw((50,)).tolist()) == {-1, 0}


def test_a_range_of_its_own_goes_before_its_dtypes() -> None:
    made = SeededValues(
        name="x", dtype="float32", seed=0, ranges={"float32": (5.0, 6.0)}, drawn=Drawn(range=(1.0, 2.0))
    )
    values = made.draw((100,))
    assert float(values.min()) >= 1.0
    assert float(values.max()) < 2.0


@pytest.mark.parametrize(
    ("dtype", "drawn", "message"),
    [
        ("int32", {"distribution": "normal"}, "is of dtype int32, and normal values have fractions"),
        ("bool", {"range": (0.0, 1.0)}, "has a range for bool"),
        ("float16", {"distribution": "normal", "std": 1e4}, "doesn't fit that dtype"),
        ("float32", {"distribution": "integers", "range": (0.5, 2.0)}, "has fractions"),
        ("float32", {"distribution": "integers", "range": (0.0, 1e10)}, "doesn't fit that dtype"),
    ],
)
def test_what_a_dtype_cannot_hold(dtype: str, drawn: Any, message: str) -> None:
    with pytest.raises(BadInputs, match=message):
        seeded(dtype, **drawn)


def test_several_batches_have_values_of_their_own() -> None:
    one, three = inputs({}), inputs({}, batches=3)
    assert [call["x"].shape for call in three.samples] == [(2, 2)] * 3
    np.testing.assert_array_equal(one.samples[0]["x"], three.samples[0]["x"])
    assert not np.array_equal(three.samples[0]["x"], three.samples[1]["x"])
    assert (str(one.basis), str(three.basis)) == ("2 random samples", "6 random samples in 3 calls")


def test_samples_of_a_file_go_together_as_asked(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((7, 2), np.float32))
    file = InputFile(path=tmp_path / "x.npy", key=None, text="x.npy")
    asked = inputs({"x": file}, samples_per_call=3, batches=9)
    assert [len(call["x"]) for call in asked.samples] == [3, 3, 1]
    assert asked.basis == Basis(samples=7, calls=3, values="real")
    few = InputFile(path=file.path, key=None, text="x.npy", samples=2)
    assert inputs({"x": few}).basis == Basis(samples=2, calls=1, values="real")


def test_an_input_of_chance_beside_a_file_is_partly_random(tmp_path: Path) -> None:
    np.save(tmp_path / "x.npy", np.zeros((3, 2), np.float32))
    specs = [TensorSpec(name=name, tensor=f"{name}:0", dtype="float32", shape=(None, 2)) for name in ("x", "z")]
    files: Any = {"x": InputFile(path=tmp_path / "x.npy", key=None, text="x.npy"), "z": Drawn(distribution="normal")}
    made = make_inputs(specs, files=files, shapes={}, batch=1, seed=0, ranges={})
    assert (made.random, str(made.basis)) == (True, "3 partly random samples")
    assert made.summaries[1].origin == "random, seed 0, normal, mean 0, deviation 1"


def labels(path: Path, *columns: str) -> LabelsSpec:
    return LabelsSpec(file=InputFile(path=path, key=None, text=path.name, columns=columns))


def test_labels_of_a_file_or_a_column(tmp_path: Path) -> None:
    np.save(tmp_path / "l.npy", np.uint8([2, 0, 1]))
    assert read_labels(labels(tmp_path / "l.npy"), REAL).values.tolist() == [2, 0, 1]
    (tmp_path / "l.csv").write_text("name,class\na,2\nb,0\n")
    assert read_labels(labels(tmp_path / "l.csv", "class"), REAL).values.tolist() == [2, 0]


@pytest.mark.parametrize(
    ("values", "message"),
    [
        (np.float32([0.5, 1]), "holds float32"),
        (np.int32([0, -1]), "holds -1; classes are counted from 0"),
        (np.uint64([0, 2**64 - 1]), "holds 18446744073709551615; classes are counted from 0"),
        (np.int32(3), "not the numbers of classes"),
        (np.array([True]), "holds bool"),
    ],
)
def test_labels_that_are_no_classes(tmp_path: Path, values: Any, message: str) -> None:
    np.save(tmp_path / "l.npy", values)
    with pytest.raises(BadInputs, match=message):
        read_labels(labels(tmp_path / "l.npy"), REAL)


def test_labels_beside_random_inputs_mean_nothing(tmp_path: Path) -> None:
    np.save(tmp_path / "l.npy", np.int32([0]))
    with pytest.raises(BadInputs, match="all inputs are random"):
        read_labels(labels(tmp_path / "l.npy"), Basis(samples=1, calls=1, values="random"))

"""Arrays for a model's inputs out of one file: what is there besides is ignored and named, what is missing is an error."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tfjsci.errors import BadInputs
from tfjsci.inputs.by_name import ArraysIn, by_input

PURPOSE = "to verify with"


def saved(folder: Path, **arrays: object) -> ArraysIn:
    np.savez(folder / "all.npz", **arrays)  # type: ignore[arg-type]
    return ArraysIn(folder / "all.npz")


def test_labels_beside_the_inputs_are_ignored_unread_and_named(tmp_path: Path) -> None:
    # an array of objects would have to be unpickled, so this one can't be read at all
    arrays = saved(tmp_path, image=np.ones((2, 3)), labels=np.array([{"a": 1}], object))
    found = by_input(arrays, ["image"], purpose=PURPOSE)
    assert list(found.arrays()) == ["image"]
    assert found.notes == ("ignored of the arrays to verify with, as no input is called so: 'labels'",)
    with pytest.raises(BadInputs, match="holds Python objects"):
        arrays["labels"]


def test_of_a_program_what_no_input_takes_is_a_mistake() -> None:
    with pytest.raises(BadInputs, match="no input 'labels' to verify with"):
        by_input({"image": 1, "labels": 2}, ["image"], purpose=PURPOSE)
    assert by_input({"image": 1}, ["image"], purpose=PURPOSE).notes == ()


def test_the_only_array_of_a_file_is_the_only_inputs_and_a_programs_isnt(tmp_path: Path) -> None:
    arrays = saved(tmp_path, arr_0=np.arange(3))
    np.save(tmp_path / "one.npy", np.arange(4))
    for given, values in ((arrays, [0, 1, 2]), (ArraysIn(tmp_path / "one.npy"), [0, 1, 2, 3])):
        assert by_input(given, ["x"], purpose=PURPOSE).arrays()["x"].tolist() == values
    with pytest.raises(BadInputs, match="lack input 'x'"):
        by_input({"arr_0": 1}, ["x"], purpose=PURPOSE)


@pytest.mark.parametrize("complete", [True, False])
def test_an_array_that_may_be_meant_for_a_missing_input_is_told(tmp_path: Path, complete: bool) -> None:
    arrays = saved(tmp_path, image=1, maks=2)
    with pytest.raises(BadInputs, match="lack input 'mask'") as caught:
        by_input(arrays, ["image", "mask"], purpose=PURPOSE, complete=complete)
    assert caught.value.hint == "Give an array for each input: 'image', 'mask'. There is also 'maks'."


def test_an_input_without_an_array_is_left_out_where_it_may_be(tmp_path: Path) -> None:
    arrays = saved(tmp_path, image=1)
    assert by_input(arrays, ["image", "mask"], purpose=PURPOSE, complete=False).names == {"image": "image"}
    with pytest.raises(BadInputs, match="lack input 'mask'"):
        by_input(arrays, ["image", "mask"], purpose=PURPOSE)


def test_a_file_that_cant_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "bad.npz").write_bytes(b"PK")
    with pytest.raises(BadInputs, match=r"bad\.npz can't be read as an \.npz"):
        ArraysIn(tmp_path / "bad.npz")
    (tmp_path / "text.npy").write_text("no array")
    with pytest.raises(BadInputs, match=r"text\.npy is neither an \.npy nor an \.npz file"):
        by_input(ArraysIn(tmp_path / "text.npy"), ["x"], purpose=PURPOSE).arrays()

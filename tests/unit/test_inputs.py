"""Files and seeds become inference calls; what doesn't fit is refused with its reason."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tfjsci.errors import BadInputs
from tfjsci.inputs.files import read_array
from tfjsci.inputs.inputs import Inputs, make_inputs, with_first_values
from tfjsci.inputs.summary import InputSummary
from tfjsci.manifest.resolved import InputFile
from tfjsci.signature import TensorSpec


def spec(name: str, shape: tuple[int | None, ...] | None, dtype: str = "float32") -> TensorSpec:
    return TensorSpec(name=name, tensor=f"{name}:0", dtype=dtype, shape=shape)


def file(path: Path, key: str | None = None) -> InputFile:
    return InputFile(path=path, key=key, text=path.name)


def npy(folder: Path, values: Any, name: str = "values.npy") -> InputFile:
    np.save(folder / name, values)
    return file(folder / name)


def make(
    *specs: TensorSpec,
    files: Mapping[str, InputFile] | None = None,
    shapes: Mapping[str, tuple[int, ...]] | None = None,
    batch: int = 1,
    seed: int = 0,
    ranges: Mapping[str, tuple[float, float]] | None = None,
) -> Inputs:
    return make_inputs(specs, files=files or {}, shapes=shapes or {}, batch=batch, seed=seed, ranges=ranges or {})


def count(*shape: int, dtype: str = "float32") -> npt.NDArray[np.generic]:
    return np.arange(np.prod(shape, dtype=int)).reshape(shape).astype(dtype)


# Files: how they are read.


def test_an_npz_gives_the_array_of_the_inputs_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", images=count(2, 3), labels=count(2))
    assert read_array(file(tmp_path / "d.npz"), name="images").tolist() == count(2, 3).tolist()


def test_a_key_goes_before_the_inputs_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", images=count(2, 3), other=count(5))
    assert read_array(file(tmp_path / "d.npz", "other"), name="images").shape == (5,)


def test_the_only_array_needs_no_name(tmp_path: Path) -> None:
    np.savez(tmp_path / "d.npz", x=count(4))
    assert read_array(file(tmp_path / "d.npz"), name="images").shape == (4,)


@pytest.mark.parametrize(
    ("key", "message"),
    [
        (None, r"no array named 'images', and not just one array; it has 'a', 'b'"),
        ("c", r"no array 'c'; it has 'a', 'b'"),
    ],
)
def test_two_arrays_of_other_names_are_listed(tmp_path: Path, key: str | None, message: str) -> None:
    np.savez(tmp_path / "d.npz", b=count(4), a=count(4))
    with pytest.raises(BadInputs, match=message):
        read_array(file(tmp_path / "d.npz", key), name="images")


def test_a_key_into_an_npy_is_refused(tmp_path: Path) -> None:
    np.save(tmp_path / "d.npy", count(4))
    assert read_array(file(tmp_path / "d.npy"), name="x").shape == (4,)
    with pytest.raises(BadInputs, match=r"has no array 'k'"):
        read_array(file(tmp_path / "d.npy", "k"), name="x")


def test_a_missing_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(BadInputs, match=r"input 'x': gone\.npy isn't there"):
        read_array(file(tmp_path / "gone.npy"), name="x")
    with pytest.raises(BadInputs, match="isn't a file"):
        read_array(file(tmp_path), name="x")


def test_what_is_no_array_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "d.npy").write_text("1,2,3")
    with pytest.raises(BadInputs, match=r"neither an \.npy nor an \.npz"):
        read_array(file(tmp_path / "d.npy"), name="x")


class Bomb:
    """Would write a file if it were unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return (Path.touch, (self.path,))


@pytest.mark.parametrize("save", [np.save, np.savez])
def test_objects_are_never_unpickled(tmp_path: Path, save: Any) -> None:
    target = tmp_path / "was-run"
    with (tmp_path / "d").open("wb") as stream:
        save(stream, np.array([Bomb(target)], dtype=object))
    with pytest.raises(BadInputs, match="never unpickles"):
        read_array(file(tmp_path / "d"), name="x")
    assert not target.exists()


@pytest.mark.parametrize("save", [np.save, np.savez])
@pytest.mark.parametrize("kept", [0.3, 0.9])
def test_a_cut_off_file_is_refused(tmp_path: Path, save: Any, kept: float) -> None:
    path = tmp_path / "d"
    with path.open("wb") as stream:
        save(stream, np.random.default_rng(0).random(500))
    path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept)])
    with pytest.raises(BadInputs, match=r"cut off|can't be read"):
        read_array(file(path), name="x")


def test_damaged_bytes_in_an_npz_are_noticed(tmp_path: Path) -> None:
    path = tmp_path / "d.npz"
    np.savez(path, x=count(100))
    data = bytearray(path.read_bytes())
    data[300] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(BadInputs, match="can't be read"):
        read_array(file(path), name="x")


def test_a_header_that_announces_terabytes_is_refused_before_any_is_asked_for(tmp_path: Path) -> None:
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (1000000, 1000000), }\n"
    small = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 16
    (tmp_path / "d.npy").write_bytes(small)
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as archive:
        archive.writestr("x.npy", small)
    for name in ("d.npy", "d.npz"):
        with pytest.raises(BadInputs, match="takes 4000000000000 bytes"):
            read_array(file(tmp_path / name), name="x")


def test_the_size_limit_is_inclusive(tmp_path: Path) -> None:
    given = npy(tmp_path, count(10))
    assert read_array(given, name="x", max_bytes=40).size == 10
    with pytest.raises(BadInputs, match="at most 39"):
        read_array(given, name="x", max_bytes=39)


def test_fields_and_dates_are_refused(tmp_path: Path) -> None:
    for values in (np.zeros(2, dtype=[("a", "f4")]), np.zeros(2, dtype="datetime64[s]")):
        with pytest.raises(BadInputs, match="which no model takes"):
            read_array(npy(tmp_path, values), name="x")


# Files: how they become calls.


def test_32_samples_are_one_call_33_are_two(tmp_path: Path) -> None:
    images = spec("images", (None, 2))
    one = make(images, files={"images": npy(tmp_path, count(32, 2), "a.npy")})
    two = make(images, files={"images": npy(tmp_path, count(33, 2), "b.npy")})
    assert [call["images"].shape for call in one.samples] == [(32, 2)]
    assert [call["images"].shape for call in two.samples] == [(32, 2), (1, 2)]
    assert np.concatenate([call["images"] for call in two.samples]).tolist() == count(33, 2).tolist()
    assert two.summaries == (InputSummary(name="images", dtype="float32", shape=(33, 2), origin="b.npy"),)
    assert not two.random


def test_a_fixed_first_dimension_is_filled_exactly_or_several_times(tmp_path: Path) -> None:
    x = spec("x", (4, 2))
    assert [c["x"].shape for c in make(x, files={"x": npy(tmp_path, count(4, 2))}).samples] == [(4, 2)]
    assert [c["x"].shape for c in make(x, files={"x": npy(tmp_path, count(12, 2))}).samples] == [(4, 2)] * 3
    for rows in (2, 6):
        with pytest.raises(BadInputs, match=rf"shape \[{rows}, 2\], the model wants \[4, 2\]"):
            make(x, files={"x": npy(tmp_path, count(rows, 2))})


def test_one_axis_more_is_one_entry_per_call(tmp_path: Path) -> None:
    found = make(spec("x", ()), files={"x": npy(tmp_path, count(3))})
    assert [call["x"].tolist() for call in found.samples] == [0, 1, 2]
    found = make(spec("x", (4, 2)), files={"x": npy(tmp_path, count(3, 4, 2))})
    assert [call["x"].shape for call in found.samples] == [(4, 2)] * 3


@pytest.mark.parametrize("shape", [(2, 3), (2, 8, 8), (2, 8, 8, 3), (2, 8, 8, 1, 1)])
def test_other_dimensions_must_be_the_models(tmp_path: Path, shape: tuple[int, ...]) -> None:
    with pytest.raises(BadInputs, match=r"the model wants \[\?, 8, 8, 1\]"):
        make(spec("images", (None, 8, 8, 1)), files={"images": npy(tmp_path, count(*shape))})


def test_no_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInputs, match="is empty"):
        make(spec("x", (None, 2)), files={"x": npy(tmp_path, count(0, 2))})


def test_files_are_split_alike(tmp_path: Path) -> None:
    files = {"a": npy(tmp_path, count(40, 1), "a.npy"), "b": npy(tmp_path, count(40), "b.npy")}
    found = make(spec("a", (None, 1)), spec("b", (None,)), files=files)
    assert [(c["a"][:, 0] == c["b"]).all() for c in found.samples] == [True, True]


def test_files_of_different_length_are_refused(tmp_path: Path) -> None:
    files = {"a": npy(tmp_path, count(4), "a.npy"), "b": npy(tmp_path, count(5), "b.npy")}
    with pytest.raises(BadInputs, match=r"number of samples: 'a' has 4, 'b' has 5"):
        make(spec("a", (None,)), spec("b", (None,)), files=files)


def test_a_fixed_input_sets_how_many_samples_of_the_others_go_along(tmp_path: Path) -> None:
    files = {"fixed": npy(tmp_path, count(6, 1), "a.npy"), "free": npy(tmp_path, count(6), "b.npy")}
    found = make(spec("fixed", (2, 1)), spec("free", (None,)), files=files)
    assert [c["fixed"].ravel().tolist() for c in found.samples] == [c["free"].tolist() for c in found.samples]
    files["free"] = npy(tmp_path, count(7), "b.npy")
    with pytest.raises(BadInputs, match="7 samples can't be shared out among 3 inferences"):
        make(spec("fixed", (2, 1)), spec("free", (None,)), files=files)


def test_a_whole_input_goes_into_every_call(tmp_path: Path) -> None:
    files = {"anchors": npy(tmp_path, count(5), "a.npy"), "images": npy(tmp_path, count(40), "b.npy")}
    found = make(spec("anchors", (5,)), spec("images", (None,)), files=files)
    assert [(c["anchors"].shape, c["images"].shape) for c in found.samples] == [((5,), (32,)), ((5,), (8,))]


def test_shapes_can_fix_the_batch_of_a_file(tmp_path: Path) -> None:
    found = make(spec("x", (None, 2)), files={"x": npy(tmp_path, count(3, 2))}, shapes={"x": (1, 2)})
    assert [c["x"].shape for c in found.samples] == [(1, 2)] * 3


# The timed call.


def test_the_timed_call_has_the_batch_asked_for(tmp_path: Path) -> None:
    given = {"x": npy(tmp_path, count(3, 1))}
    for batch, rows in ((1, [0]), (2, [0, 1]), (5, [0, 1, 2, 0, 1])):
        assert make(spec("x", (None, 1)), files=given, batch=batch).timed["x"].ravel().tolist() == rows


def test_a_fixed_input_isnt_cut_for_timing(tmp_path: Path) -> None:
    files = {"fixed": npy(tmp_path, count(6, 1), "a.npy"), "free": npy(tmp_path, count(6), "b.npy")}
    found = make(spec("fixed", (2, 1)), spec("free", (None,)), files=files, batch=1)
    assert {name: values.shape for name, values in found.timed.items()} == {"fixed": (2, 1), "free": (2,)}


# Dtypes.


def fed(tmp_path: Path, values: Any, dtype: str) -> npt.NDArray[np.generic]:
    return make(spec("x", (None,), dtype), files={"x": npy(tmp_path, values)}).samples[0]["x"]


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        (np.array([0.5, 1e30]), "float32"),
        (np.array([0, 255], np.uint8), "float32"),
        (np.array([0, 255], np.uint8), "int32"),
        (np.array([-128, 127]), "int8"),
        (np.array([-(2**31), 2**31 - 1]), "int32"),
        (np.array([True, False]), "float32"),
        (np.array([True, False]), "bool"),
        (np.array([1.5]), "complex64"),
    ],
)
def test_safe_casts_are_made(tmp_path: Path, values: npt.NDArray[np.generic], dtype: str) -> None:
    found = fed(tmp_path, values, dtype)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, values, rtol=1e-7)


@pytest.mark.parametrize(
    ("values", "dtype", "reason"),
    [
        (np.array([1.0]), "int32", "fractions would be lost"),
        (np.array([-129, 127]), "int8", "from -129 to 127; int8 goes from -128 to 127"),
        (np.array([2**31]), "int32", "int32 goes from -2147483648 to 2147483647"),
        (np.array([2**31]), "int64", r"int64 \(int32 in TensorFlow.js\)"),
        (np.array([0, 1]), "bool", "what is true isn't evident"),
        (np.array([1e39]), "float32", "infinite as float32"),
        (np.array([1j]), "float32", "imaginary parts would be lost"),
        (np.array(["a"]), "float32", "only strings go with strings"),
        (np.array([1.0]), "string", "only strings go with strings"),
        (np.array([1.0]), "bfloat16", "can't be fed to TensorFlow.js"),
        (np.array([1], np.uint32), "uint32", "can't be fed to TensorFlow.js"),
    ],
)
def test_lossy_casts_are_refused(tmp_path: Path, values: npt.NDArray[np.generic], dtype: str, reason: str) -> None:
    with pytest.raises(BadInputs, match=reason):
        fed(tmp_path, values, dtype)


def test_strings_from_a_file_pass_through(tmp_path: Path) -> None:
    assert fed(tmp_path, np.array(["a", "bc"]), "string").tolist() == ["a", "bc"]


def test_nan_and_infinities_are_fed_and_noted(tmp_path: Path) -> None:
    found = make(spec("x", (None,)), files={"x": npy(tmp_path, np.array([1, np.nan, np.inf, -np.inf], np.float32))})
    assert found.notes == ("input 'x' holds 1 NaN and 2 infinite of 4 values",)
    assert make(spec("x", (None,)), files={"x": npy(tmp_path, count(4))}).notes == ()


# Names.


def test_an_unknown_name_is_told_with_the_one_that_was_meant(tmp_path: Path) -> None:
    with pytest.raises(BadInputs, match="no input 'image' to which a file is given") as caught:
        make(spec("images", (None, 2)), spec("ids", (None,)), files={"image": npy(tmp_path, count(1, 2))})
    assert caught.value.hint == "Its inputs are 'images', 'ids'. Did you mean \"images\"?"
    with pytest.raises(BadInputs, match=r"no input 'zzz' to which a shape is given"):
        make(spec("images", (None, 2)), shapes={"zzz": (1,)})


# Random values.


def test_a_seed_gives_the_same_values_and_another_seed_others() -> None:
    x = spec("x", (None, 100))
    first, again, other = (make(x, seed=seed).samples[0]["x"] for seed in (0, 0, 1))
    assert (first == again).all()
    assert not (first == other).any()


def test_the_values_of_a_seed_stay_what_they_were() -> None:
    """Baselines would silently change otherwise."""
    found = make(spec("x", (None, 3)), spec("ids", (None, 5), "int32"))
    np.testing.assert_allclose(found.samples[0]["x"], [[0.2294563, 0.6944187, 0.6299078]], rtol=1e-6)
    assert found.samples[0]["ids"].tolist() == [[4, 0, 6, 5, 9]]


def test_another_input_changes_nothing_but_inputs_differ_from_one_another() -> None:
    a, b = spec("a", (None, 50)), spec("b", (None, 50))
    alone, both = make(b).samples[0], make(a, b).samples[0]
    assert (alone["b"] == both["b"]).all()
    assert not (both["a"] == both["b"]).any()


@pytest.mark.parametrize(
    ("dtype", "low", "high", "origin"),
    [
        ("float32", 0, 1, "random, seed 3, [0, 1)"),
        ("float16", 0, 1, "random, seed 3, [0, 1)"),
        ("float64", 0, 1, "random, seed 3, [0, 1)"),
        ("int32", 0, 9, "random, seed 3, [0, 10)"),
        ("int64", 0, 9, "random, seed 3, [0, 10)"),
        ("uint8", 0, 255, "random, seed 3, [0, 256)"),
        ("int8", 0, 9, "random, seed 3, [0, 10)"),
        ("bool", 0, 1, "random, seed 3, false or true"),
    ],
)
def test_default_ranges(dtype: str, low: float, high: float, origin: str) -> None:
    found = make(spec("x", (None, 5000), dtype), seed=3)
    values = found.samples[0]["x"]
    assert values.dtype == dtype
    assert low <= values.min()
    assert values.max() <= high
    assert values.astype(float).mean() == pytest.approx((low + high) / 2, rel=0.05)
    assert found.summaries == (InputSummary(name="x", dtype=dtype, shape=(1, 5000), origin=origin),)
    assert found.random


@pytest.mark.parametrize("dtype", ["float16", "float32"])
def test_the_upper_end_is_never_reached_though_rounding_would(dtype: str) -> None:
    values = make(spec("x", (None, 200_000), dtype), ranges={dtype: (1023.0, 1024.0)}).samples[0]["x"]
    assert float(values.max()) < 1024.0
    assert float(values.min()) >= 1023.0


def test_float64_values_are_what_the_browser_can_hold() -> None:
    values = make(spec("x", (None, 100), "float64")).samples[0]["x"]
    assert (values == values.astype(np.float32)).all()


def test_ranges_go_by_dtype() -> None:
    ranges = {"float32": (-1.0, 1.0), "int32": (5.0, 7.0)}
    found = make(spec("x", (None, 1000)), spec("ids", (None, 1000), "int32"), ranges=ranges)
    assert found.samples[0]["x"].min() < -0.9
    assert sorted(set(found.samples[0]["ids"].ravel().tolist())) == [5, 6]
    assert [s.origin for s in found.summaries] == ["random, seed 0, [-1, 1)", "random, seed 0, [5, 7)"]


@pytest.mark.parametrize(
    ("dtype", "range_", "reason"),
    [
        ("float32", (1.0, 1.0), "is empty"),
        ("float32", (0.0, float("inf")), "is empty or infinite"),
        ("float32", (0.0, 1e39), "doesn't fit"),
        ("float16", (0.0, 1e5), "doesn't fit"),
        ("int32", (0.5, 2.0), "has fractions"),
        ("uint8", (0.0, 257.0), "doesn't fit"),
        ("uint8", (-1.0, 2.0), "doesn't fit"),
        ("int64", (0.0, 2.0**31 + 1), "doesn't fit"),
        ("bool", (0.0, 1.0), "range for bool"),
    ],
)
def test_ranges_that_cant_be_are_refused(dtype: str, range_: tuple[float, float], reason: str) -> None:
    with pytest.raises(BadInputs, match=reason):
        make(spec("x", (None,), dtype), ranges={dtype: range_})


def test_the_widest_ranges_are_taken() -> None:
    assert make(spec("x", (None,), "uint8"), ranges={"uint8": (0.0, 256.0)}).samples[0]["x"].dtype == np.uint8
    assert make(spec("x", (None,), "int64"), ranges={"int64": (-(2.0**31), 2.0**31)}).samples[0]["x"].dtype == np.int64


def test_random_strings_are_refused_with_a_hint_to_files() -> None:
    with pytest.raises(BadInputs, match="random strings would mean nothing") as caught:
        make(spec("text", (None,), "string"))
    assert "inputs: {text: samples/text.npy}" in str(caught.value.hint)


def test_a_batch_fills_the_first_dimension_and_shapes_go_before_it() -> None:
    assert make(spec("x", (None, 2)), batch=4).samples[0]["x"].shape == (4, 2)
    assert make(spec("x", (None, 2)), batch=4, shapes={"x": (3, 2)}).samples[0]["x"].shape == (3, 2)
    assert make(spec("x", (7, 2)), batch=4).samples[0]["x"].shape == (7, 2)
    assert make(spec("x", ()), batch=4).samples[0]["x"].shape == ()


def test_more_than_memory_holds_is_refused_before_it_is_made(tmp_path: Path) -> None:
    """By its batch, its shape, or the calls of all of it; and a file's samples in a call that is timed."""
    open_ = spec("x", (None, 4))
    with pytest.raises(
        BadInputs, match=r"input 'x' would be 1 call of \[100000000000, 4\], 1600 GB in all; at most 1.07 GB"
    ):
        make(open_, shapes={"x": (100_000_000_000, 4)})
    for sizes in ({"batch": 2**26 + 1}, {"shapes": {"x": (2**26 + 1, 4)}}):
        with pytest.raises(BadInputs, match="'x' would be 1 call of"):
            make(open_, **sizes)  # type: ignore[arg-type]
    with pytest.raises(BadInputs, match="would be 5000 calls of"):
        make_inputs([spec("x", (2**20, 4))], files={}, shapes={}, batch=1, seed=0, ranges={}, batches=5000)
    with pytest.raises(BadInputs, match="'x' would be 1 call of"):
        make(open_, files={"x": npy(tmp_path, count(2, 4))}, batch=2**26 + 1)
    assert make(open_, files={"x": npy(tmp_path, count(2, 4))}, batch=5).timed["x"].shape == (5, 4)


@pytest.mark.parametrize(
    ("shape", "hint"),
    [
        ((None, None, None, 3), "shapes: {images: [1, 224, 224, 3]}"),
        ((2, None, 80), "shapes: {images: [2, 32, 80]}"),
        (None, "shapes: {images: [1, 224, 224, 3]}"),
    ],
)
def test_a_dynamic_inner_dimension_needs_a_size(shape: tuple[int | None, ...] | None, hint: str) -> None:
    with pytest.raises(BadInputs, match="random values need a size for each") as caught:
        make(spec("images", shape))
    assert hint in str(caught.value.hint)
    assert make(spec("images", (None, None, 3)), shapes={"images": (1, 5, 3)}).samples[0]["images"].shape == (1, 5, 3)


@pytest.mark.parametrize("given", [(1, 3), (1, 2, 2), (0, 2)])
def test_shapes_that_contradict_the_signature_are_refused(given: tuple[int, ...]) -> None:
    with pytest.raises(BadInputs, match=r"the model wants \[\?, 2\]"):
        make(spec("x", (None, 2)), shapes={"x": given})


def test_random_inputs_beside_a_file_have_as_many_samples(tmp_path: Path) -> None:
    files = {"images": npy(tmp_path, count(40, 2))}
    found = make(spec("images", (None, 2)), spec("noise", (None, 3)), files=files, batch=1)
    assert [c["noise"].shape for c in found.samples] == [(32, 3), (8, 3)]
    assert found.timed["noise"].shape == (1, 3)
    assert found.random
    assert not (found.samples[0]["noise"][:8] == found.samples[1]["noise"]).any()


def test_inputs_keep_the_signatures_order(tmp_path: Path) -> None:
    found = make(spec("z", (None,)), spec("a", (None,)), files={"a": npy(tmp_path, count(2))})
    assert list(found.samples[0]) == ["z", "a"]
    assert [s.name for s in found.summaries] == ["z", "a"]


def test_a_model_without_inputs_is_called_once() -> None:
    assert make().samples == ({},)


def test_whole_numbers_that_webgl_rounds_are_noted(tmp_path: Path) -> None:
    near = npy(tmp_path, np.array([1, 2**24], np.int32), "near.npy")
    beyond = npy(tmp_path, np.array([1, -(2**24) - 1], np.int32), "beyond.npy")
    assert make(spec("x", (None,), "int32"), files={"x": near}).notes == ()
    (told,) = make(spec("x", (None,), "int32"), files={"x": beyond}).notes
    assert told.startswith("input 'x' holds -16777217: webgl")
    (random,) = make(spec("x", (4,), "int64"), ranges={"int64": (2**25, 2**26)}).notes
    assert random.startswith("input 'x' holds ")


# State.


def test_state_is_in_each_call_as_it_was_first(tmp_path: Path) -> None:
    made = make(spec("x", (2, 3)), files={"x": npy(tmp_path, count(6, 3))})
    found = with_first_values(made, {"calls": np.array(7, np.int32)})
    assert [sorted(call) for call in (*found.samples, found.timed)] == [["calls", "x"]] * 4
    assert {int(call["calls"]) for call in found.samples} == {7}
    assert found.summaries[1:] == (
        InputSummary(name="calls", dtype="int32", shape=(), origin="the variable's first value"),
    )
    assert (found.random, found.basis) == (False, made.basis), "it is no chance, and no sample more"


def test_state_that_cant_be_fed_is_told() -> None:
    with pytest.raises(BadInputs, match="input 'state' is of dtype uint64"):
        with_first_values(make(spec("x", (None,))), {"state": np.zeros(2, np.uint64)})

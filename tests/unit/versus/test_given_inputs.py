"""What two models are fed: the arrays of one file by the first model's names, and what no input takes is told."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tfjsci.errors import BadInputs
from tfjsci.signature import TensorSpec
from tfjsci.versus.models import Asked, _inputs


def opened(*names: str) -> Any:
    specs = tuple(TensorSpec(name=name, tensor=f"{name}:0", dtype="float32", shape=(None, 2)) for name in names)
    return SimpleNamespace(inputs=specs, loaded=object())


def test_labels_are_ignored_and_named(tmp_path: Path) -> None:
    np.savez(tmp_path / "all.npz", a=np.ones((3, 2)), b=np.zeros((3, 2)), labels=np.arange(3))
    made = _inputs(opened("a", "b"), opened("a", "b"), Asked(inputs=tmp_path / "all.npz"))
    assert ([sorted(call) for call in made.samples], made.random) == ([["a", "b"]], False)
    assert made.notes == ("ignored of the arrays to compare on, as no input is called so: 'labels'",)


def test_an_input_that_the_file_lacks_is_random_unless_an_array_is_left_over(tmp_path: Path) -> None:
    np.savez(tmp_path / "one.npz", a=np.ones((3, 2)))
    made = _inputs(opened("a", "b"), opened("a", "b"), Asked(inputs=tmp_path / "one.npz"))
    assert (made.basis.values, made.notes) == ("partly random", ())
    np.savez(tmp_path / "other.npz", a=np.ones((3, 2)), bee=np.ones((3, 2)))
    with pytest.raises(BadInputs, match="lack input 'b'"):
        _inputs(opened("a", "b"), opened("a", "b"), Asked(inputs=tmp_path / "other.npz"))


def test_an_npy_is_the_only_inputs(tmp_path: Path) -> None:
    np.save(tmp_path / "values.npy", np.ones((3, 2)))
    made = _inputs(opened("a"), opened("z"), Asked(inputs=tmp_path / "values.npy"))
    assert made.samples[0]["a"].shape == (3, 2)
    with pytest.raises(BadInputs, match="lack input 'a'"):
        _inputs(opened("a", "b"), opened("a", "b"), Asked(inputs=tmp_path / "values.npy"))

"""A converted model called from Python: arrays by name and by place, cast where nothing is lost, else refused; no browser."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from browser.tiny_models import FLOAT, INT, port, write_model  # the browser's own tests run these

import tfjsci
from tfjsci.browser.protocol import Prediction
from tfjsci.browser_model import Outputs
from tfjsci.errors import BadInputs, MissingModel, UsageError


class Session:
    """Gives back what it is given, doubled."""

    def __init__(self) -> None:
        self.calls: list[dict[str, Any]] = []
        self.closed = False

    def predict(
        self, model: Path, backend: str, inputs: Sequence[Mapping[str, Any]], *, deadline_seconds: float
    ) -> list[Prediction]:
        self.calls += [dict(each) for each in inputs]
        doubled = [{f"{name}-twice": value * 2 for name, value in each.items()} for each in inputs]
        return [Prediction(outputs=each, environment=None) for each in doubled]  # type: ignore[arg-type]

    def close(self) -> None:
        self.closed = True


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    inputs = {"b": port("b:0", FLOAT, [-1, 2]), "a": port("a:0", INT, [3])}
    return write_model(tmp_path / "web", [], inputs, {"y": port("y:0", FLOAT, [-1])})


def loaded(path: Path, session: Session, **options: Any) -> Any:
    return tfjsci.load_graph_model(path, session=session, **options)  # type: ignore[arg-type]


def test_inputs_by_place_and_by_name(folder: Path) -> None:
    session = Session()
    with loaded(folder / "model.json", session, backend="wasm") as model:
        assert [spec.name for spec in model.inputs] == ["b", "a"]
        by_place = model.predict([[1, 2]], [1, 2, 3])
        as_a_list = model.predict([[[1, 2]], [1, 2, 3]])
        by_name = model.predict({"a": [1, 2, 3], "b": np.array([[1.0, 2.0]])})
    assert not session.closed, "it was handed in"
    assert [session.calls[0][name].dtype.name for name in ("b", "a")] == ["float32", "int32"]
    assert list(by_place) == ["b-twice", "a-twice"]
    for name in by_place:
        np.testing.assert_array_equal(by_place[name], by_name[name])
        np.testing.assert_array_equal(by_place[name], as_a_list[name])
    with pytest.raises(KeyError, match="no output 'b': take one of 'b-twice', 'a-twice'"):
        by_place["b"]
    np.testing.assert_array_equal(by_place[1], [2, 4, 6])
    assert repr(by_place) == "Outputs(b-twice: float32[1, 2], a-twice: int32[3])"


def test_several_samples_go_together(folder: Path) -> None:
    session = Session()
    many = loaded(folder, session).predict_many([(np.ones((n, 2)), [1, 2, 3]) for n in (1, 5)])
    assert [each[0].shape for each in many] == [(1, 2), (5, 2)]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (([[1.0, 2.0]],), "has 2 inputs; given: 1 array"),
        (({"b": [[1.0, 2.0]], "c": [1]},), "takes 'b', 'a', given were 'b', 'c'"),
        (([[1.0, 2.0, 3.0]], [1, 2, 3]), "input 'b' is [1, 3], the model wants [?, 2]"),
        (([[1.0, 2.0]], [1.5, 2.0, 3.0]), "input 'a' is float64, the model wants int32"),
    ],
)
def test_what_does_not_fit_is_named(folder: Path, given: Any, words: str) -> None:
    session = Session()
    with pytest.raises(BadInputs) as refused:
        loaded(folder, session).predict(*given)
    assert words in str(refused.value)
    assert not session.calls


def test_one_output_is_an_array_and_several_are_not() -> None:
    one = Outputs({"y": np.arange(3)}, None)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.asarray(one), [0, 1, 2])
    with pytest.raises(TypeError, match="2 outputs: take one of 'y', 'z'"):
        np.asarray(Outputs({"y": np.arange(3), "z": np.arange(3)}, None))  # type: ignore[arg-type]


def test_what_is_no_such_model(folder: Path, tmp_path: Path) -> None:
    with pytest.raises(MissingModel, match=r"no model\.json"):
        loaded(tmp_path / "gone", Session())
    with pytest.raises(UsageError, match="load_graph_model"):
        tfjsci.load_layers_model(folder, session=Session())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="'cuda' is not one of"):
        loaded(folder, Session(), backend="cuda")
    (folder / "model.json").write_text(json.dumps({"format": "layers-model"}), encoding="utf-8")
    with pytest.raises(UsageError, match="load_layers_model"):
        loaded(folder, Session())

"""The proof: what the browser gives is held against what the original gives, output by output."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft
from numpy_evaluator import evaluate_in_numpy

from tfjsci.browser.protocol import BackendEnvironment, Prediction
from tfjsci.conversion import proof
from tfjsci.conversion.proof import BATCH, _paired, prove
from tfjsci.conversion.wanted import Verify
from tfjsci.errors import BadInputs, NumbersDiffer
from tfjsci.graph.graph import DType
from tfjsci.load.loaded import LoadedGraph
from tfjsci.signature import TensorSpec

X = TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, 2))
Y = TensorSpec(name="y", tensor="y:0", dtype="float32", shape=(None, 2))


def original(**changes: Any) -> LoadedGraph:
    draft = Draft()
    draft.input("x")
    fields: dict[str, Any] = {
        "graph": draft.graph(draft.op("Neg", "y", "x")), "inputs": (X,), "outputs": (Y,), "format": "test",
        "signature": None, "original": lambda arrays: {"y": -arrays["x"]},
    }  # fmt: skip
    return LoadedGraph(**{**fields, **changes})


class Session:
    """A browser that computes with an error."""

    def __init__(self, error: float = 0.0) -> None:
        self.error = error
        self.given: list[Mapping[str, Any]] = []

    def predict(self, model: Path, backend: Any, inputs: Any, *, deadline_seconds: float) -> list[Prediction]:
        self.given += inputs
        environment = BackendEnvironment(
            backend=backend, browser="b", tfjs="4", renderer="r", software=False, cores=1, flags={}
        )
        (name,) = inputs[0]
        return [Prediction(outputs={"out": -inputs[0][name] * np.float32(1 + self.error)}, environment=environment)]


@pytest.fixture(autouse=True)
def plain_reference(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without TensorFlow, whose errors the real one names."""
    monkeypatch.setattr(proof, "run_reference", lambda loaded, samples: [loaded.original(each) for each in samples])
    monkeypatch.setattr(proof, "evaluate_in_tensorflow", evaluate_in_numpy)


def proven(session: Session, *, schemes: tuple[Any, ...] = (), loaded: LoadedGraph | None = None, **verify: Any) -> Any:
    renamed = TensorSpec(name="in", tensor="x:0", dtype="float32", shape=(None, 2))
    out = TensorSpec(name="out", tensor="y:0", dtype="float32", shape=(None, 2))
    runs, _ = prove(
        Path("m"), loaded or original(), inputs=(renamed,), outputs=(out,), schemes=schemes,
        verify=Verify(**{"backends": ("wasm", "webgl"), **verify}), session=session,  # type: ignore[arg-type]
    )  # fmt: skip
    return runs


def test_inputs_and_outputs_go_by_their_place_and_each_backend_is_told() -> None:
    session = Session()
    runs = proven(session)
    assert [(run.backend, run.output, run.exact, run.limit_db) for run in runs] == [
        ("wasm", "out", True, 60),
        ("webgl", "out", True, 50),
    ]
    assert session.given[0]["in"].shape == (BATCH, 2)


def test_the_same_names_in_another_order_go_by_name_and_other_names_by_place() -> None:
    a, b, c = (TensorSpec(name=name, tensor=f"{name}:0", dtype="float32", shape=(1,)) for name in "abc")
    assert _paired((b, a), (a, b)) == [("b", "b"), ("a", "a")]
    assert _paired((b, c), (a, b)) == [("b", "a"), ("c", "b")]


def test_the_seed_decides_the_values() -> None:
    one, same, other = Session(), Session(), Session()
    for session, seed in ((one, 1), (same, 1), (other, 2)):
        proven(session, seed=seed)
    np.testing.assert_array_equal(one.given[0]["in"], same.given[0]["in"])
    assert not np.array_equal(one.given[0]["in"], other.given[0]["in"])


def test_numbers_that_differ_are_named_and_a_quantised_model_may_differ_more() -> None:
    with pytest.raises(
        NumbersDiffer, match=r"output 'out' on wasm: 40\.0 dB, the limit is 60 dB; output 'out' on webgl"
    ):
        proven(Session(error=0.01))
    assert proven(Session(error=0.01), schemes=("float16", "uint8"))[0].limit_db == 20
    with pytest.raises(NumbersDiffer):
        proven(Session(error=0.5), schemes=("uint8",))


def test_a_model_that_draws_random_numbers_is_told_so_in_place_of_the_rules() -> None:
    draft = Draft()
    draft.input("x")
    draft.const("shape", [3, 2])
    y = draft.typed("Add", "y", "x", draft.op("RandomUniform", "noise", "shape"))
    with pytest.raises(NumbersDiffer) as told:
        proven(Session(error=0.01), loaded=original(graph=draft.graph(y)))
    assert "draws random numbers, others each time (RandomUniform noise)" in str(told.value.hint)
    with pytest.raises(NumbersDiffer) as told:
        proven(Session(error=0.01))
    assert "--no-rule" in str(told.value.hint)


def test_where_rounding_alone_changes_as_much_that_is_told() -> None:
    """The difference of two large numbers: 57 dB are left of it where each is off by its last bit."""
    draft = Draft()
    large, small = draft.const("large", np.float32(10000.3)), draft.const("small", np.float32(10000.2))
    y = draft.typed("Sub", "y", draft.typed("AddV2", "sum", draft.input("x"), large), small)
    sensitive = original(graph=draft.graph(y))
    with pytest.raises(NumbersDiffer, match=r"40\.0 dB, the limit is 60 dB") as told:
        proven(Session(error=0.01), loaded=sensitive)
    assert "the original's own numbers change by 5" in str(told.value.hint)
    assert "dB where each weight and input is off by its last bit" in str(told.value.hint)
    for error, loaded in (
        (0.3, sensitive),
        (0.01, original()),
    ):  # more than that, and a model that rounding leaves alone
        with pytest.raises(NumbersDiffer) as told:
            proven(Session(error=error), loaded=loaded)
        assert "last bit" not in str(told.value.hint)
        assert "--no-rule" in str(told.value.hint)
    with pytest.raises(NumbersDiffer) as told:
        proven(Session(error=0.3), loaded=sensitive, schemes=("uint8",))
    assert "last bit" not in str(told.value.hint)


def test_an_original_that_computes_in_few_digits_may_differ_more() -> None:
    """Only in them: weights that are merely stored so have the same values in float32."""

    def negated(*, narrow: str, computes: bool) -> LoadedGraph:
        draft = Draft("float32")
        draft.input("x")
        if computes:
            few = draft.op("Cast", "few", "x", SrcT=DType("float32"), DstT=DType(narrow))
            y = draft.op("Neg", "y", few, T=DType(narrow))
        else:
            stored = draft.const("stored", np.ones(2, np.float16))
            wide = draft.op("Cast", "wide", stored, SrcT=DType(narrow), DstT=DType("float32"))
            y = draft.typed("Sub", "y", "x", wide)
        return original(graph=draft.graph(y))

    off = Session(error=0.01)  # 40 dB
    assert [run.limit_db for run in proven(off, loaded=negated(narrow="bfloat16", computes=True))] == [30, 30]
    assert proven(off, loaded=negated(narrow="bfloat16", computes=True), schemes=("float16",))[0].limit_db == 30
    assert proven(off, loaded=negated(narrow="bfloat16", computes=True), schemes=("uint8",))[0].limit_db == 20
    with pytest.raises(NumbersDiffer, match=r"wasm: 40\.0 dB, the limit is 45 dB"):
        proven(off, loaded=negated(narrow="float16", computes=True))
    with pytest.raises(NumbersDiffer, match=r"wasm: 40\.0 dB, the limit is 60 dB"):
        proven(off, loaded=negated(narrow="float16", computes=False))


def test_values_of_ones_own() -> None:
    session = Session()
    proven(session, inputs={"x": np.array([[1, 2]])})
    np.testing.assert_array_equal(session.given[0]["in"], np.array([[1, 2]], np.float32))
    with pytest.raises(BadInputs, match="lack input 'x'"):
        proven(session, inputs={})
    with pytest.raises(BadInputs, match="no input 'z'"):
        proven(session, inputs={"x": np.ones((1, 2)), "z": np.ones(1)})


def test_sizes_that_nobody_knows_are_asked_for() -> None:
    open_ended = TensorSpec(name="x", tensor="x:0", dtype="float32", shape=(None, None))
    with pytest.raises(BadInputs) as refused:
        proven(Session(), loaded=original(inputs=(open_ended,)))
    assert "--verify-inputs" in str(refused.value.hint)


def test_an_output_without_a_finite_number_proves_nothing() -> None:
    """The near miss beside it: with one finite number among them there is something to compare."""
    with pytest.raises(
        BadInputs, match=r"no finite number on either side: output 'out' on wasm; output 'out' on webgl"
    ) as told:
        proven(Session(), inputs={"x": np.array([[np.nan, np.inf]])})
    assert "--verify-inputs" in str(told.value.hint)
    assert proven(Session(), inputs={"x": np.array([[np.nan, 2.0]])})[0].exact

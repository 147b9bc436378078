"""Limits held against outputs, and what each of the two is taken for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from unit.report import fixtures

from tfjsci.errors import UsageError
from tfjsci.source import Remote
from tfjsci.verdict.tolerances import CONVERSION, CONVERSION_ON_GPU, OF_BFLOAT16, OF_FLOAT16, UINT8
from tfjsci.versus.hold import defaults_for, hold, require_limits
from tfjsci.versus.member import look


def test_without_a_limit_the_built_in_one_of_the_sqnr_holds() -> None:
    kept, missed = hold([fixtures.output(60.0, name="a"), fixtures.output(59.9, name="b")], {}, CONVERSION)
    assert (kept.missed, kept.limit, kept.default) == (False, 60, True)
    assert (missed.output, missed.missed, missed.metric) == ("b", True, "sqnr_db")
    assert missed.reason == "SQNR 59.9 dB, the limit is 60 dB"


def test_with_limits_those_alone_hold() -> None:
    held = hold([fixtures.output(30.0, max_abs=0.2)], {"max_abs": 0.1, "sqnr_db": 20.0}, CONVERSION)
    assert [(each.metric, each.missed, each.default) for each in held] == [
        ("max_abs", True, False),
        ("sqnr_db", False, False),
    ]


def test_no_difference_meets_every_limit_and_a_problem_none() -> None:
    exact = fixtures.output(None, exact=True, max_abs=0.0)
    assert not hold([exact], {"sqnr_db": 200.0}, CONVERSION)[0].missed
    (nothing,) = hold([fixtures.output(None, exact=True, nan=8, max_abs=None)], {"sqnr_db": 200.0}, CONVERSION)
    assert (nothing.missed, nothing.unmeasured) == (False, True)
    assert nothing.reason == "logits has NaN or infinity alone on both sides, so nothing was compared"
    problem = hold([fixtures.output(None, problem="the shape is [1], should be [2]")], {"sqnr_db": 0.0}, CONVERSION)
    assert [(each.metric, each.missed, each.reason) for each in problem] == [
        ("problem", True, "the shape is [1], should be [2]")
    ]


def test_where_the_reference_is_zero_a_small_difference_is_allowed() -> None:
    near, far = (fixtures.output(None, max_abs=off) for off in (1e-7, 1e-3))
    assert [each.missed for each in hold([near, far], {}, CONVERSION)] == [False, True]


def test_a_limit_that_nothing_was_held_against_says_so() -> None:
    (held,) = hold([fixtures.output(80.0, top1=None)], {"top1": 0.9}, CONVERSION)
    assert (held.missed, held.value) == (False, None)
    assert held.reason == "top-1 agreement has no number here, so its limit wasn't held against anything"


def test_the_defaults_follow_the_backend_and_the_weights() -> None:
    wasm, webgl = (fixtures.ENVIRONMENTS[each] for each in ("wasm", "webgl"))
    assert defaults_for(None, None) == CONVERSION
    assert defaults_for(wasm, None) == CONVERSION
    assert defaults_for(webgl, None) == CONVERSION_ON_GPU
    assert defaults_for(wasm, "uint8") == UINT8
    assert defaults_for(None, None, "float16") == OF_FLOAT16
    assert defaults_for(webgl, None, "bfloat16") == OF_BFLOAT16
    assert defaults_for(wasm, "uint16", "bfloat16") == OF_BFLOAT16, "what allows more"
    assert defaults_for(wasm, "uint8", "bfloat16") == UINT8


def test_a_metric_that_there_is_not_is_an_error_with_the_nearest() -> None:
    with pytest.raises(UsageError, match="there is no metric 'sqnr'"):
        require_limits({"sqnr": 1.0})
    require_limits({"sqnr_db": 1.0, "rmse": 1.0})


def artifact(folder: Path, **more: object) -> Path:
    folder.mkdir()
    entry = {"name": "w", "shape": [1], "dtype": "float32"}
    quantized = {**entry, "quantization": {"dtype": "float16"}}
    coarse = {**entry, "quantization": {"dtype": "uint8", "scale": 1, "min": 0}}
    weights = {"float": [entry], "mixed": [entry, quantized, coarse]}[str(more.get("weights", "float"))]
    document = {
        "format": more.get("format", "graph-model"),
        "modelTopology": {"node": []},
        "weightsManifest": [{"paths": [], "weights": weights}],
    }
    (folder / "model.json").write_text(json.dumps(document))
    return folder


def test_each_is_taken_for_what_lies_there(tmp_path: Path) -> None:
    graph = look(str(artifact(tmp_path / "graph")))
    assert (graph.kind, graph.path, graph.in_browser, graph.quantized) == (
        "graph-model",
        tmp_path / "graph",
        True,
        None,
    )
    assert look(str(tmp_path / "graph" / "model.json")).path == tmp_path / "graph"
    assert look(str(artifact(tmp_path / "mixed", weights="mixed"))).quantized == "uint8"
    assert look(str(artifact(tmp_path / "layers", format="layers-model"))).kind == "layers-model"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "results.json").write_text("{}")
    assert look(str(tmp_path / "run")).kind == "results"
    (tmp_path / "old.json").write_text('{"schema_version": 1}')
    assert look(str(tmp_path / "old.json")).kind == "results"
    for original in ("m.keras", "no/such/folder"):
        assert (look(original).kind, look(original).in_browser) == ("original", False)
    remote = look("https://example.org/m.tar.gz?\x1b")
    assert isinstance(remote.source, Remote)
    assert "\x1b" not in remote.name


def test_a_model_under_another_name_is_not_guessed_at(tmp_path: Path) -> None:
    (artifact(tmp_path / "m") / "model.json").rename(tmp_path / "m" / "other.json")
    with pytest.raises(UsageError, match=r"under another name than model\.json"):
        look(str(tmp_path / "m" / "other.json"))

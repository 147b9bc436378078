"""A metric of the user's: only when code is allowed, and whatever it does has a name."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from tfjsci.compare.compare import compare_outputs
from tfjsci.compare.comparison import MetricValue, OutputComparison
from tfjsci.compare.custom import import_metric, measured_by, require_allowed
from tfjsci.errors import CodeRefused, MetricFailed
from tfjsci.manifest.resolved import MetricSpec

MODULE = """\
import beside

def largest(reference, candidate):
    return beside.largest(reference, candidate)

def throws(reference, candidate):
    raise KeyError("boxes")

def leaves(reference, candidate):
    raise SystemExit(3)

def writes(reference, candidate):
    candidate[...] = reference
    return 0.0

def gives_nan(reference, candidate):
    return float("nan")

def gives_text(reference, candidate):
    return "0.5"

def gives_a_bool(reference, candidate):
    return bool((reference == candidate).all())

def gives_nothing(reference, candidate):
    pass

def takes_more(reference, candidate, name):
    return 0.0

def gives_many(reference, candidate):
    return reference - candidate

def gives_a_numpy_number(reference, candidate):
    return np.float32(len(reference))

def gives_an_array_of_one(reference, candidate):
    return np.array([[reference.shape == candidate.shape == (3, 2)]], np.int64)

import numpy as np
"""
CALLS = [
    {"y": np.float32([[1, 2], [3, 4]]), "z": np.float32([1, 1])},
    {"y": np.float32([[5, 6]]), "z": np.float32([1])},
]
OTHER = [
    {"y": np.float32([[1, 2], [3, 9]]), "z": np.float32([1, 1])},
    {"y": np.float32([[5, 8]]), "z": np.float32([1])},
]


def metric(
    folder: Path, function: str, *, module: str = "quality", text: str = MODULE, output: str | None = None
) -> MetricSpec:
    (folder / "beside.py").write_text("def largest(a, b):\n    return abs(a - b).max()\n")
    (folder / "quality.py").write_text(text)
    path = folder / f"{module}.py"
    return MetricSpec(name="own", path=path, function=function, text=f"{module}:{function}", output=output)


def measured(spec: MetricSpec) -> tuple[OutputComparison, ...]:
    return measured_by(import_metric(spec), compare_outputs(CALLS, OTHER, topk=False), CALLS, OTHER)


def test_without_permission_no_code_runs(tmp_path: Path) -> None:
    spec = metric(tmp_path, "f", text="raise AssertionError('it ran')")
    with pytest.raises(CodeRefused, match=r"isn't run without --allow-code: own \(quality:f\)"):
        require_allowed([spec], allow_code=False)
    require_allowed([], allow_code=False)
    require_allowed([spec], allow_code=True)


def test_each_output_gets_a_value_of_all_samples(tmp_path: Path) -> None:
    path, written = list(sys.path), sys.dont_write_bytecode
    y, z = measured(metric(tmp_path, "largest"))
    assert (y.metrics, z.metrics) == ((MetricValue(name="own", value=5.0),), (MetricValue(name="own", value=0.0),))
    assert [each.metrics for each in measured(metric(tmp_path, "largest", output="z"))] == [(), z.metrics]
    assert measured(metric(tmp_path, "gives_a_numpy_number"))[0].metrics[0].value == 3.0
    assert measured(metric(tmp_path, "gives_an_array_of_one"))[0].metrics[0].value == 1.0
    assert (sys.path, sys.dont_write_bytecode) == (path, written)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["beside.py", "quality.py"], "nothing is left there"


@pytest.mark.parametrize(
    ("function", "message"),
    [
        ("throws", "metric 'own' (quality:throws) of output 'y' failed: KeyError: boxes"),
        ("leaves", "of output 'y' failed: SystemExit: 3"),
        ("writes", "of output 'y' failed: ValueError: assignment destination is read-only"),
        ("gives_nan", "of output 'y' gave nan, not a finite number"),
        ("gives_text", "of output 'y' gave '0.5', not a finite number"),
        ("gives_a_bool", "of output 'y' gave False, not a finite number"),
        ("gives_nothing", "of output 'y' gave None, not a finite number"),
        ("takes_more", "of output 'y' failed: TypeError: takes_more() missing 1 required positional argument: 'name'"),
        ("gives_many", "of output 'y' gave float32 [3, 2], not a finite number"),
    ],
)
def test_what_it_does_wrong_is_named(tmp_path: Path, function: str, message: str) -> None:
    with pytest.raises(MetricFailed) as caught:
        measured(metric(tmp_path, function))
    assert message in caught.value.message
    assert CALLS[0]["y"].flags.writeable, "only a view was locked"


@pytest.mark.parametrize(
    ("function", "module", "text", "message"),
    [
        ("largst", "quality", MODULE, "quality.py has no function 'largst'"),
        ("f", "missing", MODULE, "there is no file missing.py for missing:f"),
        ("f", "quality", "1 / 0", "importing quality.py failed: ZeroDivisionError"),
        ("f", "quality", "def f(:", "importing quality.py failed: SyntaxError"),
        ("f", "quality", "f = 3", "quality.py has no function 'f'"),
    ],
)
def test_what_cannot_be_imported_is_named(tmp_path: Path, function: str, module: str, text: str, message: str) -> None:
    with pytest.raises(MetricFailed) as caught:
        import_metric(metric(tmp_path, function, module=module, text=text))
    assert message in caught.value.message
    assert function != "largst" or 'Did you mean "largest"?' in str(caught.value.hint)


def test_an_output_without_numbers_is_passed_by(tmp_path: Path) -> None:
    loaded = import_metric(metric(tmp_path, "throws"))
    broken = compare_outputs(CALLS, [{}, {}], topk=False)
    assert measured_by(loaded, broken, CALLS, [{}, {}]) == broken


def test_calls_that_cannot_be_put_together(tmp_path: Path) -> None:
    calls = [{"y": np.zeros((1, size), np.float32)} for size in (2, 3)]
    loaded = import_metric(metric(tmp_path, "largest"))
    with pytest.raises(MetricFailed, match="different shapes"):
        measured_by(loaded, compare_outputs(calls, calls, topk=False), calls, calls)

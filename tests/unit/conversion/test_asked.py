"""What is asked for in plain Python, and what makes no sense of it."""

from __future__ import annotations

import inspect
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tfjsci import api
from tfjsci.artifact.quantize import Quantization, each_of, scheme_of
from tfjsci.conversion.asked import given_of, quantizations_of, wanted_of
from tfjsci.errors import UsageError
from tfjsci.graph.graph import Constant
from tfjsci.quantize.scheme import Scheme

KERNEL = Constant(value=np.ones((8, 8), np.float32), sources=("dense/kernel",))
BIAS = Constant(value=np.ones(8, np.float32), sources=("dense/bias",))


def test_one_scheme_with_patterns() -> None:
    assert quantizations_of("uint8", ["*kernel*"], ["head*"]) == Quantization(
        scheme=Scheme(name="uint8"), include=("*kernel*",), exclude=("head*",)
    )


def test_patterns_by_scheme_where_a_star_alone_is_the_rest() -> None:
    wanted = quantizations_of({"uint8": ["*kernel*"], "float16": ["*"]})
    assert [scheme_of(name, value, wanted) for name, value in (("k", KERNEL), ("b", BIAS))] == [
        Scheme(name="uint8"),
        Scheme(name="float16"),
    ]
    assert len(each_of(wanted)) == 2


def test_a_weight_of_two_schemes_is_refused() -> None:
    wanted = quantizations_of({"uint8": ["*kernel*"], "float16": ["dense/*"]})
    with pytest.raises(UsageError, match="the weight k is to be uint8 and float16"):
        scheme_of("k", KERNEL, wanted)
    assert scheme_of("b", BIAS, wanted) == Scheme(name="float16")


def test_a_string_alone_is_one_name_and_not_its_letters() -> None:
    several: dict[str, Any] = {
        "tags": ["serve"], "backends": ["wasm"], "verify": ["cpu"], "input_nodes": ["x"], "output_nodes": ["y"],
        "without_rules": ["fuse_bias"], "exclude": ["head*"],
    }  # fmt: skip
    alone = {key: value[0] for key, value in several.items()}
    patterns = {"uint8": ["*kernel*"], "float16": ["*"]}
    first = wanted_of(**alone, quantize={"uint8": "*kernel*", "float16": "*"})
    second = wanted_of(**several, quantize=patterns)
    for key in ("options", "backends", "verify", "without_rules", "quantizations"):
        assert getattr(first, key) == getattr(second, key)
    assert first.backends == ("wasm",)
    assert quantizations_of("uint8", "*kernel*") == quantizations_of("uint8", ["*kernel*"])
    assert wanted_of(input_shapes={"x": [1, None]}).options.input_shapes == {"x": (1, None)}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"quantize": "int8"}, "'int8' is not one of"),
        ({"include": ["x"]}, "include and exclude need quantize"),
        ({"quantize": {"uint8": ["x"]}, "include": ["x"]}, "the same twice"),
        ({"verify_inputs": {"x": 1}}, "verify_inputs need verify"),
        ({"metadata": {"labels": object()}}, "can't be written as JSON"),
        ({"metadata": {"x": float("nan")}}, "can't be written as JSON"),
        ({"output_format": "graf"}, "output_format: 'graf' is not one of .* Did you mean \"graph\""),
        ({"input_format": "kears"}, "input_format: 'kears' is not one of .* Did you mean \"keras\""),
        ({"backends": ["wasm", "wbgl"]}, "backends: 'wbgl' is not one of .* Did you mean \"webgl\""),
        ({"backends": []}, "backends: no backend is named"),
        ({"verify": ["cuda"]}, "verify: 'cuda' is not one of webgl, webgpu, wasm, cpu"),
        ({"shard_bytes": 0}, "shard_bytes is 0, and at least 1"),
        ({"unroll_loops": 0}, "unroll_loops is 0, and at least 1"),
        ({"input_shapes": {"x": "1,2"}}, "input_shapes: 1,2 is no shape for 'x'"),
        ({"input_shapes": {"x": (1, 0)}}, r"input_shapes: \(1, 0\) is no shape for 'x'"),
    ],
)
def test_what_makes_no_sense(options: dict[str, Any], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        wanted_of(**options)


@pytest.mark.parametrize("key", ["signature", "structuredOutputKeys"])
def test_metadata_that_the_runtime_would_read(key: str) -> None:
    with pytest.raises(UsageError, match=r"is TensorFlow\.js' own"):
        wanted_of(metadata={key: {}}).require_consistent()
    wanted_of(metadata={f"my-{key}": {}}).require_consistent()


def test_where_it_is_verified() -> None:
    both = wanted_of(backends=["wasm", "cpu"], verify=True, seed=3).verify
    assert both is not None
    assert (both.backends, both.seed) == (("wasm", "cpu"), 3)
    one = wanted_of(backends=["wasm", "cpu"], verify=["cpu"]).verify
    assert one is not None
    assert one.backends == ("cpu",)
    assert wanted_of(verify=False).verify is None
    assert wanted_of(verify=[]).verify is None


def test_a_path_is_a_path() -> None:
    assert given_of("some/model.keras").path == Path("some/model.keras")


def test_its_arguments_are_those_that_the_api_hands_on() -> None:
    """Each is written twice, since the API says them to the reader; this is what keeps the two alike."""
    mine = inspect.signature(wanted_of).parameters
    theirs = dict(inspect.signature(api.convert).parameters)
    for own in ("source", "output", "told"):
        del theirs[own]
    assert list(mine.values()) == list(theirs.values())

"""Whatever stands where in a manifest: it loads, or it is a ``ManifestError`` with a line for every problem; never a bug."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tfjsci.errors import ManifestError
from tfjsci.manifest import compare_types, spec
from tfjsci.manifest.document import parse_document
from tfjsci.manifest.parse import find_problems, parse_manifest

TYPES = (spec.Model, compare_types.Compare, compare_types.Thresholds, spec.Budget)
KEYS = sorted(
    {
        *(key for model in TYPES for key in model.model_fields),
        *("webgl", "default", "uint8", "float", "dtype", "file", "ranges", "int8", "x.y", "runs"),
    }
)
SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([10**30, -0.5, 1e400, float("nan")]),
    st.sampled_from(
        ["", "off", "uint8", "float", "webgl", "2 MB", "5 s", "a.npz", "warn", "a b", "\x1b[31m", "x" * 300]
    ),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=3),
    max_leaves=8,
)
SETTINGS = st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4)


@settings(max_examples=400, deadline=None)
@given(defaults=SETTINGS, model=SETTINGS)
def test_it_loads_or_says_what_is_wrong(defaults: dict[str, Any], model: dict[str, Any]) -> None:
    content = {"version": 1, "defaults": defaults, "models": [{"name": "m", "source": "m.h5", **model}]}
    text = yaml.safe_dump(content, allow_unicode=True)
    try:
        document = parse_document(text, Path("tfjsci.yml"))
    except ManifestError:
        return
    problems = find_problems(document)
    if not problems:
        (loaded,) = parse_manifest(document, Path("tfjsci.yml")).models
        assert loaded.level_of("leak") in ("error", "warn", "off")
        return
    assert all(1 <= problem.line <= text.count("\n") for problem in problems)
    assert all(problem.message and "\x1b" not in problem.message for problem in problems)
    assert all("Input should" not in problem.message for problem in problems), "pydantic's own words"


GOOD_VALUES = {
    "batch": [1, 7],
    "level": ["warn", "off", False, {"steady_ms": "off"}, {"default": "warn", "leak": "error"}],
    "benchmark": ["off", False, {}, {"runs": 3}],
    "quantize": [[], ["uint8"], ["float16", {"scheme": "uint8", "name": "tiny"}]],
    "compare": [
        {},
        {"conversion": {"top1": 1, "sqnr_db": {"webgl": 3}}},
        {"quantized": {"default": {"rmse": {"cpu": 1}}}},
    ],
    "budget": [{"steady_ms": 5}, {"steady_ms": {"wasm": "5 s"}, "gzip_bytes": "1 kB"}, {"gzip_bytes": {"float": 4}}],
    "random": [{}, {"seed": 4}, {"ranges": {"int8": [0, 3]}}],
}
GOOD_SETTINGS = st.fixed_dictionaries(
    {}, optional={key: st.sampled_from(values) for key, values in GOOD_VALUES.items()}
)


@settings(max_examples=200, deadline=None)
@given(defaults=GOOD_SETTINGS, model=GOOD_SETTINGS)
def test_whatever_is_right_alone_is_right_when_merged(defaults: dict[str, Any], model: dict[str, Any]) -> None:
    content = {"version": 1, "defaults": defaults, "models": [{"name": "m", "source": "m.h5", **model}]}
    document = parse_document(yaml.safe_dump(content), Path("tfjsci.yml"))
    (loaded,) = parse_manifest(document, Path("tfjsci.yml")).models
    assert list(loaded.compare.quantized) == [variant.name for variant in loaded.quantize]
    for key in ("batch", "quantize"):
        if key in model:
            assert len(getattr(loaded, key)) == len(model[key]) if key == "quantize" else loaded.batch == model[key]

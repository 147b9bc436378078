"""Which limit holds for a variant or a backend, and where in the manifest it was written."""

from __future__ import annotations

from pathlib import Path

from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import Limit, ModelSpec

MODEL = """\
version: 1
defaults:
  level: {default: warn}
  compare: {quantized: {uint8: {sqnr_db: 20}, uint16: {sqnr_db: 60}}}
models:
  - name: m
    source: m.keras
    quantize: [float16, uint8, {scheme: uint8, name: tiny}]
    compare:
      conversion: {sqnr_db: {webgl: 50, default: 80}, rmse: {cpu: 1}}
      quantized:
        default: {sqnr_db: {default: 40, webgl: 30}, cosine: 0.9, rmse: 2}
        tiny: {sqnr_db: {wasm: 15}, cosine: 0.5}
    budget: {gzip_bytes: {default: 3 kB, float: 9 kB, uint8: 1 kB}, steady_ms: 50}
    level: {leak: off}
"""


def model(folder: Path) -> ModelSpec:
    path = folder / "tfjsci.yml"
    path.write_text(MODEL)
    (only,) = load_manifest(path).models
    return only


def test_a_backends_own_limit_goes_before_the_default(tmp_path: Path) -> None:
    conversion = model(tmp_path).compare.conversion
    assert conversion.sqnr_db.limit("webgl") == Limit(value=50, key="compare.conversion.sqnr_db.webgl")
    assert conversion.sqnr_db.limit("wasm") == Limit(value=80, key="compare.conversion.sqnr_db")
    assert (conversion.rmse.for_("cpu"), conversion.rmse.for_("wasm"), conversion.top1.for_("cpu")) == (1, None, None)


def test_a_variants_name_goes_before_its_dtype_before_default(tmp_path: Path) -> None:
    quantized = model(tmp_path).compare.quantized
    assert list(quantized) == ["float16", "uint8", "tiny"], "and nothing for uint16, which this model doesn't have"
    assert {name: limits.cosine.for_("cpu") for name, limits in quantized.items()} == {
        "float16": 0.9, "uint8": 0.9, "tiny": 0.5,
    }  # fmt: skip
    assert quantized["tiny"].cosine.limit("cpu") == Limit(value=0.5, key="compare.quantized.tiny.cosine")
    assert quantized["tiny"].rmse.limit("cpu") == Limit(value=2, key="compare.quantized.default.rmse")


def test_a_limit_for_all_backends_leaves_none_of_a_wider_rules(tmp_path: Path) -> None:
    quantized = model(tmp_path).compare.quantized
    assert quantized["float16"].sqnr_db.for_("webgl") == 30
    # uint8 says 20 for every backend, so the 30 that default has for webgl is out
    assert quantized["uint8"].sqnr_db.limit("webgl") == Limit(value=20, key="compare.quantized.uint8.sqnr_db")
    # tiny speaks of wasm alone; the others have what its dtype says
    assert quantized["tiny"].sqnr_db.limit("wasm") == Limit(value=15, key="compare.quantized.tiny.sqnr_db.wasm")
    assert quantized["tiny"].sqnr_db.limit("webgl") == Limit(value=20, key="compare.quantized.uint8.sqnr_db")


def test_sizes_by_variant_dtype_and_default(tmp_path: Path) -> None:
    gzip = model(tmp_path).budget.gzip_bytes
    assert [gzip.for_(name) for name in ("float", "float16", "uint8", "tiny")] == [9000, 3000, 1000, 1000]
    limit = gzip.limit("tiny")
    assert limit is not None
    assert limit.key == "budget.gzip_bytes.uint8"


def test_levels(tmp_path: Path) -> None:
    only = model(tmp_path)
    assert (only.level_of("leak"), only.level_of("steady_ms")) == ("off", "warn")


def test_the_line_of_every_limit_is_known(tmp_path: Path) -> None:
    only = model(tmp_path)
    limits = [limit for _, by in only.budget.named() for limit in by.by_key.values()]
    limits += [limit for _, by in only.compare.conversion.named() for limit in by.by_key.values()]
    limits += [
        limit for each in only.compare.quantized.values() for _, by in each.named() for limit in by.by_key.values()
    ]
    assert len(limits) >= 14
    lines = MODEL.splitlines()
    for limit in limits:
        last = limit.key.rpartition(".")[2]
        assert last in lines[only.key_lines[limit.key] - 1], limit
    assert only.key_lines["compare.quantized.uint8.sqnr_db"] == 4, "in the defaults"


OUTPUTS = """\
version: 1
defaults:
  compare: {metric: {iou: {function: "a.b:iou", better: higher}}}
models:
  - name: m
    source: m.keras
    quantize: [uint8]
    compare:
      tolerance: {rtol: 0.01}
      quantized:
        default: {sqnr_db: {limit: 40, level: warn}, outputs: {boxes: {rmse: 1, sqnr_db: {wasm: 9}}}}
        uint8: {sqnr_db: 20, metric: {iou: 0.5}, outputs: {boxes: {rmse: 2, metric: {iou: {webgl: 0.4}}}}}
"""


def test_an_outputs_limits_lie_over_those_of_all_outputs(tmp_path: Path) -> None:
    path = tmp_path / "tfjsci.yml"
    path.write_text(OUTPUTS)
    (only,) = load_manifest(path).models
    compare = only.compare
    said = compare.quantized["uint8"]
    key = "compare.quantized.uint8"
    boxes, other = said.of_output("boxes"), said.of_output("scores")
    assert other.sqnr_db.limit("wasm") == Limit(value=20, key=f"{key}.sqnr_db"), "the variant's own has no level"
    assert boxes.sqnr_db.limit("wasm") == Limit(value=9, key="compare.quantized.default.outputs.boxes.sqnr_db.wasm")
    assert boxes.sqnr_db.limit("webgl") == other.sqnr_db.limit("webgl")
    assert boxes.rmse.limit("cpu") == Limit(value=2, key=f"{key}.outputs.boxes.rmse"), "uint8's goes before default's"
    assert other.rmse.limit("cpu") is None
    assert boxes.metric["iou"].for_("webgl") == 0.4
    assert boxes.metric["iou"].limit("cpu") == Limit(value=0.5, key=f"{key}.metric.iou")
    assert boxes.outputs == other.outputs == {}
    (metric,) = compare.metrics
    assert (metric.name, metric.path, metric.function, metric.better) == (
        "iou",
        tmp_path / "a" / "b.py",
        "iou",
        "higher",
    )
    assert (compare.tolerance.rtol, compare.tolerance.atol, compare.backends) == (0.01, None, None)


def test_a_limit_keeps_its_level(tmp_path: Path) -> None:
    path = tmp_path / "tfjsci.yml"
    path.write_text(OUTPUTS.replace("uint8: {sqnr_db: 20, ", "uint8: {"))
    (only,) = load_manifest(path).models
    found = only.compare.quantized["uint8"].sqnr_db.limit("cpu")
    assert found == Limit(value=40, key="compare.quantized.default.sqnr_db", level="warn")

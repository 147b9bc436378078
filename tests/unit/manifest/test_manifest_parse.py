"""``load_manifest``: the issue's manifest becomes a whole ModelSpec, and every mistake is told at once."""

# ruff: noqa: E501  # messages and manifests stand whole, one a line

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.errors import ManifestError
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolve import RANGES
from tfjsci.manifest.resolved import (
    BenchmarkSpec,
    Budget,
    CompareSpec,
    CustomObject,
    CustomOp,
    InputFile,
    Limit,
    Limits,
    Manifest,
    ModelSpec,
    QuantizeSpec,
    RandomSpec,
    Thresholds,
)
from tfjsci.source import FORMATS, Remote

ISSUE = """\
version: 1
defaults:
  backends: [webgl, wasm]
  benchmark: {warmup: 3, runs: 20}
models:
  - name: digits
    source: models/digits.keras
    inputs: {images: samples/digits.npz}
    quantize:
      - float16
      - {scheme: uint8, include: ["*kernel*"], exclude: ["*dense*"]}
    compare:
      conversion: {sqnr_db: 80}
      quantized: {default: {sqnr_db: 40}, uint8: {sqnr_db: 20, top1: 0.98}}
    budget: {download_bytes: 2 MB, first_inference_ms: {webgl: 4000}, steady_ms: {wasm: 50}}
    level: {default: error, steady_ms: warn}
"""


def limits(**by_key: tuple[float, str]) -> Limits:
    return Limits(by_key={key: Limit(value=value, key=path) for key, (value, path) in by_key.items()})


def load(folder: Path, text: str) -> Manifest:
    path = folder / "tfjsci.yml"
    path.write_text(text, "utf-8")
    return load_manifest(path)


def mistakes(folder: Path, text: str) -> list[str]:
    """The problems without the file's name."""
    with pytest.raises(ManifestError) as caught:
        load(folder, text)
    lines = str(caught.value).splitlines()
    assert len(lines) == len(caught.value.problems)
    return [line.removeprefix(f"{folder}/tfjsci.yml:") for line in lines]


def one_model(settings: str) -> str:
    return f"version: 1\nmodels:\n  - name: m\n    source: m.keras\n    {settings}\n"


def test_the_issues_manifest(tmp_path: Path) -> None:
    manifest = load(tmp_path, ISSUE)
    (model,) = manifest.models
    assert manifest.path == tmp_path / "tfjsci.yml"
    assert model == ModelSpec(
        name="digits",
        source=tmp_path / "models" / "digits.keras",
        source_text="models/digits.keras",
        line=6,
        key_lines=model.key_lines,
        format="auto",
        signature=None,
        tfjs="4.22.0",
        backends=("webgl", "wasm"),
        inputs={"images": InputFile(path=tmp_path / "samples/digits.npz", key=None, text="samples/digits.npz")},
        shapes={},
        batch=1,
        random=RandomSpec(seed=0, ranges=RANGES),
        quantize=(
            QuantizeSpec(name="float16", scheme="float16"),
            QuantizeSpec(name="uint8", scheme="uint8", include=("*kernel*",), exclude=("*dense*",)),
        ),
        compare=CompareSpec(
            conversion=Thresholds(sqnr_db=limits(default=(80, "compare.conversion.sqnr_db"))),
            quantized={
                "float16": Thresholds(sqnr_db=limits(default=(40, "compare.quantized.default.sqnr_db"))),
                "uint8": Thresholds(
                    sqnr_db=limits(default=(20, "compare.quantized.uint8.sqnr_db")),
                    top1=limits(default=(0.98, "compare.quantized.uint8.top1")),
                ),
            },
        ),
        benchmark=BenchmarkSpec(warmup=3, runs=20),
        budget=Budget(
            download_bytes=limits(default=(2_000_000, "budget.download_bytes")),
            first_inference_ms=limits(webgl=(4000, "budget.first_inference_ms.webgl")),
            steady_ms=limits(wasm=(50, "budget.steady_ms.wasm")),
        ),
        level={"default": "error", "steady_ms": "warn"},
        gate_software=False,
        shard_bytes=4_194_304,
        deadline_seconds=120.0,
    )
    assert model.key_lines["source"] == 7
    assert model.key_lines["compare.quantized.uint8.top1"] == 14
    assert model.key_lines["quantize[1].include[0]"] == 11
    assert model.key_lines["benchmark.runs"] == 4, "from the defaults, where it was written"


def test_the_least_that_a_manifest_says(tmp_path: Path) -> None:
    (model,) = load(tmp_path, "version: 1\nmodels: [{name: m, source: /abs/m.h5}]").models
    assert model.source == Path("/abs/m.h5")
    assert (model.backends, model.quantize, model.level) == (("webgl", "wasm"), (), {"default": "error"})
    assert model.benchmark == BenchmarkSpec(warmup=3, runs=20)
    assert (model.compare, model.budget) == (CompareSpec(conversion=Thresholds(), quantized={}), Budget())


def test_what_chooses_in_a_model_and_models_that_lie_elsewhere(tmp_path: Path) -> None:
    text = """\
version: 1
models:
  - {name: frozen, source: a.pb, format: frozen, input_nodes: [x], output_nodes: [y, "split:1"]}
  - {name: hub, source: "https://host.example/module/1", tags: []}
  - {name: kaggle, source: owner/model/tensorFlow2/small/1}
"""
    frozen, hub, kaggle = load(tmp_path, text).models
    assert (frozen.format, frozen.input_nodes, frozen.output_nodes, frozen.tags) == (
        "frozen",
        ("x",),
        ("y", "split:1"),
        None,
    )
    assert hub.source == Remote(text="https://host.example/module/1", kind="url")
    assert (hub.tags, hub.output_nodes) == ((), ())
    assert kaggle.source == Remote(text="owner/model/tensorFlow2/small/1", kind="kaggle")


def test_custom_ops_have_their_scripts_beside_the_manifest_and_merge_by_op(tmp_path: Path) -> None:
    text = """\
version: 1
defaults: {custom_ops: {A: js/ops.js, B: js/ops.js}}
models:
  - {name: m, source: m.keras, custom_ops: {B: js/b.js}}
  - {name: n, source: n.keras}
"""
    m, n = load(tmp_path, text).models
    ops, b = tmp_path / "js/ops.js", tmp_path / "js/b.js"
    assert m.custom_ops == (CustomOp(op="A", script=ops, text="js/ops.js"), CustomOp(op="B", script=b, text="js/b.js"))
    assert [(custom.op, custom.script) for custom in n.custom_ops] == [("A", ops), ("B", ops)]
    assert (m.key_lines["custom_ops.A"], m.key_lines["custom_ops.B"]) == (2, 4)


def test_custom_objects_and_the_architecture_lie_beside_the_manifest(tmp_path: Path) -> None:
    keys = "source: m.h5, architecture: a/m.json, custom_objects: [layers:Scale]"
    (m,) = load(tmp_path, f"version: 1\nmodels: [{{name: m, {keys}}}]\n").models
    assert m.architecture == tmp_path / "a/m.json"
    assert m.custom_objects == (CustomObject(text="layers:Scale", folder=tmp_path),)


def test_ten_mistakes_are_told_at_once_in_the_files_order(tmp_path: Path) -> None:
    text = """\
version: 2
defaults:
  source: shared.keras
models:
  - name: digits
    source:
    quantise: [uint8]
    quantize: [int8]
    backends: [webgl, cuda]
    budget: {download_bytes: 2 parsecs}
    gate_software: yes
    batch: 0
  - name: Digits
    inputs: {image: cat.png}
"""
    assert mistakes(tmp_path, text) == [
        "1: version: 2 is not 1, the only version that this tfjsci reads.",
        '3: defaults: "source" belongs to a model, not to the defaults.',
        "6: models[0].source: has no value: write one, or take the key out.",
        '7: models[0]: unknown key "quantise". Did you mean "quantize"?',
        '8: models[0].quantize[0]: "int8" is not one of float16, uint16, uint8, uint16-per-channel, uint8-per-channel, int6, int4. Did you mean "uint8"?',
        '9: models[0].backends[1]: "cuda" is not one of webgl, webgpu, wasm, cpu.',
        '10: models[0].budget.download_bytes: "2 parsecs" is not a size: write bytes, or a number with B, kB, MB, GB, KiB, MiB or GiB.',
        '11: models[0].gate_software: "yes" is neither true nor false. Did you mean true?',
        "12: models[0].batch: 0 is below 1.",
        '13: models[1]: the key "source" is missing.',
        '13: models[1].name: "Digits" is also the name of the model in line 5, and on some disks the two would be one folder.',
        '14: models[1].inputs.image: "cat.png" should be a path that ends in .npz, .npy, .csv or .jsonl.',
    ]  # fmt: skip


def test_problems_carry_line_path_message_and_hint(tmp_path: Path) -> None:
    with pytest.raises(ManifestError) as caught:
        load(tmp_path, one_model("quantise: [uint8]"))
    (problem,) = caught.value.problems
    assert (problem.line, problem.path) == (5, "models[0]")
    assert (problem.message, problem.hint) == ('unknown key "quantise".', 'Did you mean "quantize"?')


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ("shapes: {x: [1, -1]}", "models[0].shapes.x[1]: -1 is below 1."),
        ("shapes: {x: 3}", "models[0].shapes.x: 3 is a number; a list belongs here."),
        ("inputs: {x: [red]}", 'models[0].inputs.x: ["red"] is a list; text or a mapping belongs here.'),
        ("shapes: [3]", "models[0].shapes: [3] is a list; a mapping (key: value) belongs here."),
        ("batch: 1.5", "models[0].batch: 1.5 is not a whole number."),
        ("batch: true", "models[0].batch: true is not a whole number."),
        ("tfjs: 4.22", 'models[0].tfjs: 4.22 is a number, not text; write it in quotes: "4.22".'),
        ("tfjs: latest", 'models[0].tfjs: "latest" should be three numbers such as 4.22.0.'),
        ("backends: []", "models[0].backends: the list is empty; at least one belongs here."),
        ("backends: wasm", 'models[0].backends: "wasm" is text; a list belongs here.'),
        ("backends: [wasm, wasm]", 'models[0].backends: "wasm" is given twice.'),
        ("signature: ''", "models[0].signature: the text is empty."),
        ("signature:", "models[0].signature: has no value: write one, or take the key out."),
        ("budget: {steady_ms: }", "models[0].budget.steady_ms: has no value: write one, or take the key out."),
        ("format: tflite", 'models[0].format: "tflite" is not one of ' + ", ".join(FORMATS) + "."),
        ("format: KERAS", 'models[0].format: "KERAS" is not one of ' + ", ".join(FORMATS) + '. Did you mean "keras"?'),
        ("deadline: 0 s", "models[0].deadline: \"0 s\" is not above 0."),
        ("deadline: 1:30", 'models[0].deadline: "1:30" is not a duration: write seconds, or a number with ms, s, min or h.'),
        ("shard_bytes: 1 kB", 'models[0].shard_bytes: "1 kB" is below 1024.'),
        ("benchmark: {runs: 0}", "models[0].benchmark.runs: 0 is below 1."),
        ("benchmark: on", 'models[0].benchmark: "on" is neither off nor a mapping such as {warmup: 3, runs: 20}.'),
        ("benchmark: true", "models[0].benchmark: true is neither off nor a mapping such as {warmup: 3, runs: 20}."),
        ("level: {steady_ms: no}", 'models[0].level.steady_ms: "no" is not one of error, warn, off. Did you mean "off"?'),
        ("level: warning", 'models[0].level: "warning" is not one of error, warn, off. Did you mean "warn"?'),
        ("level: {sqnr: off}", 'models[0].level: unknown key "sqnr". Did you mean "sqnr_db"?'),
        ("compare: {conversion: {top1: 98}}", "models[0].compare.conversion.top1: 98 is above 1."),
        ("compare: {conversion: {sqnr_db: .inf}}", "models[0].compare.conversion.sqnr_db: Infinity is not a finite number."),
        ("compare: {conversion: {sqnr_db: '80'}}", 'models[0].compare.conversion.sqnr_db: "80" is text; a number belongs here.'),
        ("compare: {conversion: {max_abs: {gpu: 1}}}", 'models[0].compare.conversion.max_abs: unknown key "gpu". Did you mean "webgpu"?'),
        ("compare: {quantized: {uint8: {}}}", 'models[0].compare.quantized: "uint8" is no variant of this model and no scheme of one. It isn\'t quantised at all.'),
        ("budget: {steady_ms: {wasm: fast}}", 'models[0].budget.steady_ms.wasm: "fast" is not a time: write milliseconds, or a number with ms, s, min or h.'),
        ("budget: {load_ms: -1}", "models[0].budget.load_ms: -1 is not a time: write milliseconds, or a number with ms, s, min or h."),
        ("budget: {gzip_bytes: {tiny: 1 MB}}", 'models[0].budget.gzip_bytes: "tiny" is no variant of this model and no scheme of one. There are: float.'),
        ("quantize: [{scheme: uint8, name: Float}]", 'models[0].quantize[0].name: "Float" is the variant that isn\'t quantised; call this one something else.'),
        ("quantize: [uint8, uint8]", 'models[0].quantize[1]: a variant called "uint8" is already in this list; give this one a name of its own.'),
        ("quantize: [{scheme: uint8, name: a/b}]", 'models[0].quantize[0].name: "a/b" should be 1 to 100 letters, digits and . _ -, a letter or digit first.'),
        ("quantize: [{scheme: uint8, include: '*'}]", 'models[0].quantize[0].include: "*" is text; a list belongs here.'),
        ("inputs: {x: {key: a}}", "models[0].inputs.x: where do the values come from? One of file, images and random belongs here."),
        ("inputs: {x: {file: a.npy, images: b}}", "models[0].inputs.x: file and images: the values come from one of them."),
        ("inputs: {x: {images: b, key: c}}", "models[0].inputs.x.key: this belongs to a file, not to images."),
        ("inputs: {x: {random: normal, samples: 3}}", "models[0].inputs.x.samples: this belongs to a file, not to random."),
        ("inputs: {x: {random: gauss}}", 'models[0].inputs.x.random: "gauss" is not one of uniform, normal, integers.'),
        ("inputs: {x: {random: {distribution: normal, range: [0, 1]}}}", 'models[0].inputs.x.random.range: "normal" has none.'),
        ("inputs: {x: {random: {distribution: uniform, std: 1}}}", 'models[0].inputs.x.random.std: "uniform" has none.'),
        ("inputs: {x: {random: {distribution: normal, std: 0}}}", "models[0].inputs.x.random.std: 0 is not above 0."),
        ("inputs: {x: {file: a.csv, key: b}}", "models[0].inputs.x.key: a .csv file has columns; a key is for an .npz."),
        ("inputs: {x: {file: a.npz, columns: [b]}}", "models[0].inputs.x.columns: an .npz file has no columns; they are a .csv's and a .jsonl's."),
        ("inputs: {x: {images: {path: b, range: [0, 1], scale: 2}}}", "models[0].inputs.x.images.scale: the range says all; take one of the two out."),
        ("inputs: {x: {images: {path: b, resize: [8]}}}", "models[0].inputs.x.images.resize: [8] should have 2 values, not 1."),
        ("inputs: {x: {images: {path: b, channels: 2}}}", "models[0].inputs.x.images.channels: 2 is not one of 1, 3, 4."),
        ("inputs: {x: {images: {path: b, std: [1, 0]}}}", "models[0].inputs.x.images.std[1]: 0 is not above 0."),
        ("labels: {file: a.npy, column: b}", "models[0].labels.column: an .npy file has no columns; they are a .csv's and a .jsonl's."),
        ("labels: a.txt", 'models[0].labels: "a.txt" should be a path that ends in .npz, .npy, .csv or .jsonl.'),
        ("compare: {backends: 3}", "models[0].compare.backends: 3 is neither true, off nor a mapping such as {sqnr_db: 60}."),
        ("compare: {conversion: {sqnr_db: {limit: 3, level: fatal}}}", 'models[0].compare.conversion.sqnr_db.level: "fatal" is not one of error, warn, off.'),
        ("compare: {conversion: {outputs: {y: {top1: {wasm: {limit: 2}}}}}}", "models[0].compare.conversion.outputs.y.top1.wasm.limit: 2 is above 1."),
        ("compare: {metric: iou}", 'models[0].compare.metric: "iou" is text; a mapping (key: value) belongs here.'),
        ("compare: {metric: {iou: a/b.py}}", 'models[0].compare.metric.iou: "a/b.py" should be a module and a function such as metrics:iou.'),
        ("compare: {conversion: {metric: {iou: 1}}}", 'models[0].compare.conversion.metric.iou: "iou" is no metric of this model. Metrics are told under compare.metric.'),
        ("compare: {metric: a:iou, conversion: {metric: {iou: 1}}}", "models[0].compare.conversion.metric.iou: is that the least or the most? Say which values are better: `metric: {iou: {function: …, better: higher}}`, or lower."),
        ("inputs: {x: {file: a.npy, key: b}}", "models[0].inputs.x.key: an .npy file holds one array without a name; a key is for an .npz."),
        ("inputs: {'a b.c': 3}", 'models[0].inputs["a b.c"]: 3 is a number, not text; write it in quotes: "3".'),
        ("random: {ranges: {float32: [1, 0]}}", "models[0].random.ranges.float32: [1.0, 0.0] is an empty range: the first number must be below the second."),
        ("random: {ranges: {float32: [1]}}", "models[0].random.ranges.float32: [1] should have 2 values, not 1."),
        ("random: {ranges: {int8: [0, 200]}}", "models[0].random.ranges.int8: [0, 200] is more than int8 can hold, which is [-128, 128]."),
        ("random: {ranges: {uint8: [-1, 5]}}", "models[0].random.ranges.uint8: [-1, 5] is more than uint8 can hold, which is [0, 256]."),
        ("random: {ranges: {int32: [0, 1.5]}}", "models[0].random.ranges.int32: [0, 1.5] should be whole numbers, as int32 is."),
        ("random: {seed: -1}", "models[0].random.seed: -1 is below 0."),
        ("custom_ops: {My:}", "models[0].custom_ops.My: has no value: write one, or take the key out."),
        ("custom_ops: {My: js/my.ts}", 'models[0].custom_ops.My: "js/my.ts" should be a path that ends in .js.'),
        ("custom_ops: {My Op: my.js}", 'models[0].custom_ops: the key "My Op" is no name: 1 to 100 letters, digits and _ . >, a letter or _ first.'),
        ("custom_objects: [layers.Scale]", 'models[0].custom_objects[0]: "layers.Scale" should be a module and a function such as metrics:iou.'),
        ("custom_ops: [My]", 'models[0].custom_ops: ["My"] is a list; a mapping (key: value) belongs here.'),
        ("allow_code: true", 'models[0]: unknown key "allow_code". Known here: architecture, backends, batch, benchmark, budget, compare, custom_objects, custom_ops, deadline, format, gate_software, input_nodes, inputs, labels, level, name, output_nodes, pin_shapes, quantize, random, shapes, shard_bytes, signature, source, state_as_io, tags, tfjs, unroll_loops, without_rules.'),
    ],
)  # fmt: skip
def test_each_mistake_in_plain_words(tmp_path: Path, setting: str, message: str) -> None:
    assert mistakes(tmp_path, one_model(setting)) == [f"5: {message}"]


@pytest.mark.parametrize(
    "setting",
    [
        "shapes: {x: [], y: [1, 224, 224, 3]}",
        "benchmark: off",
        "benchmark: {warmup: 0, runs: 1}",
        "level: off",
        "level: {steady_ms: false, leak: error}",
        "compare: {conversion: {top1: 1, sqnr_db: -3, cosine: {webgl: 1, default: 0.9}}}",
        "budget: {gzip_bytes: {float: 1 MB, default: 2 MB}, load_ms: 1.5 s, steady_ms: {}}",
        "quantize: [uint8, {scheme: uint8, name: uint8-2}]",
        "{quantize: [{scheme: uint8, name: tiny}], compare: {quantized: {uint8: {top1: 1}, tiny: {top1: 1}}}}",
        "inputs: {x: {file: a.npz, key: b}, 'a b.c': d.npy}",
        "inputs: {x: {file: a.csv, columns: [b, c], samples: 3}, y: b.jsonl, z: {random: normal}, w: {images: 'a/*.png'}}",
        "inputs: {x: {images: {path: a, resize: [8, 9], channels: 1, layout: NCHW, scale: 0.5, mean: 1, std: [1, 2, 3]}}}",
        "labels: {file: a.csv, column: b, output: y}",
        "compare: {backends: true, metric: a.b:iou, tolerance: {atol: 0}, samples_per_call: 1}",
        "compare: {metric: {iou: {function: 'a:b', better: lower, output: y}}, backends: {metric: {iou: {wasm: 1}}}}",
        "compare: {conversion: {kl: 0.1, sqnr_db: {limit: 3, level: warn}, rmse: {wasm: {limit: 1, level: false}}}}",
        "compare: {conversion: {accuracy_drop: -0.1, outputs: {'a:0': {psnr_db: 3}}}}",
        "custom_ops: {My: js/my.js, Their>Op_2: ../js/my.js, _Inner: /abs/my.min.js}",
        "custom_objects: [layers:Scale, a.b:bent]",
        "random: {ranges: {uint8: [0, 256], int8: [-128, 128], float32: [-1.5, 1]}}",
        "shard_bytes: 1 KiB",
        "deadline: 10 min",
    ],
)
def test_near_misses_are_no_mistakes(tmp_path: Path, setting: str) -> None:
    text = setting[1:-1] if setting.startswith("{") else setting
    load(tmp_path, "version: 1\nmodels: [{name: m, source: m.keras, " + text + "}]")


@pytest.mark.parametrize("models", ["", "models: []", "models: {}", "models: 3"])
def test_a_manifest_without_models(tmp_path: Path, models: str) -> None:
    (problem,) = mistakes(tmp_path, f"version: 1\n{models}\n")
    assert "models" in problem


def test_mistakes_of_the_text_come_with_those_of_the_types(tmp_path: Path) -> None:
    assert mistakes(tmp_path, one_model("batch: 1\n    batch: 0\n    tfjs: 4")) == [
        '6: models[0]: the key "batch" is here a second time, first in line 5.',
        '7: models[0].tfjs: 4 is a number, not text; write it in quotes: "4".',
    ]


def test_one_name_twice(tmp_path: Path) -> None:
    text = "version: 1\nmodels:\n  - {name: a, source: x}\n  - {name: b, source: x}\n  - {name: a, source: y}\n"
    assert mistakes(tmp_path, text) == ['5: models[2].name: "a" is also the name of the model in line 3.']


def test_defaults_may_name_any_scheme_and_any_models_variant(tmp_path: Path) -> None:
    text = """\
version: 1
defaults:
  compare: {quantized: {uint16: {top1: 1}, tiny: {top1: 0.9}, teeny: {top1: 0.9}}}
models:
  - {name: a, source: a, quantize: [{scheme: uint8, name: tiny}]}
"""
    assert mistakes(tmp_path, text) == [
        '3: defaults.compare.quantized: "teeny" is no variant of any model and no scheme. Did you mean "tiny"?'
    ]


def test_variables_are_not_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET", "s3cret")
    (model,) = load(tmp_path, "version: 1\nmodels: [{name: m, source: '${SECRET}/~/m.h5'}]").models
    assert model.source == tmp_path / "${SECRET}" / "~" / "m.h5"


def test_what_a_stranger_wrote_is_shown_harmless_and_short(tmp_path: Path) -> None:
    text = one_model('"\\e[31m\\u202e": 1\n    format: "' + "x" * 10_000 + '"')
    first, second = mistakes(tmp_path, text)
    assert first.startswith('5: models[0]: unknown key "\\u001b[31m\\u202e".')
    assert "\x1b" not in first
    assert len(second) < 200


def test_a_thousand_mistakes_are_counted_but_a_hundred_listed(tmp_path: Path) -> None:
    keys = "\n    ".join(f"key{n}: 1" for n in range(1000))
    with pytest.raises(ManifestError) as caught:
        load(tmp_path, one_model(keys))
    assert len(caught.value.problems) == 1000
    lines = str(caught.value).splitlines()
    assert len(lines) == 101
    assert lines[-1] == "… and 900 more mistakes"

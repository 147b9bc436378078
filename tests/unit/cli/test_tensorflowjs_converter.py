"""tensorflowjs_converter: upstream's command lines, on the way that needs no TensorFlow; the others are run end to end."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import h5py
import pytest

from tfjsci.cli.dropin.command import DEFAULT_OUTPUTS, INPUTS, OUTPUTS, main
from tfjsci.cli.dropin.flags import INPUT_FORMATS, OUTPUT_FORMATS, quantizations, read_flags
from tfjsci.cli.dropin.words import in_upstreams_words
from tfjsci.errors import UsageError

DIGITS = Path(__file__).parents[3] / "examples" / "digits" / "models"


def run(*arguments: object) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


def document(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    return found


def stored(folder: Path) -> dict[str, str | None]:
    """The dtype that each weight was quantised to."""
    weights = [weight for group in document(folder)["weightsManifest"] for weight in group["weights"]]
    return {weight["name"]: weight.get("quantization", {}).get("dtype") for weight in weights}


@pytest.mark.parametrize(
    ("options", "source"),
    [
        (("--input_format=keras",), "digits.h5"),
        (("--input_format", "keras", "--output_format", "tfjs_layers_model"), "digits.h5"),
        (("--input_format=keras_keras",), "digits.keras"),
        (("--input_format=keras",), "digits.keras"),
        ((), "digits.keras"),
    ],
)
def test_a_keras_file_becomes_a_layers_model_by_default(tmp_path: Path, options: tuple[str, ...], source: str) -> None:
    out = tmp_path / "a folder with spaces" / "out"
    assert run(*options, DIGITS / source, out) == 0
    assert document(out)["format"] == "layers-model"


def test_every_format_is_mapped() -> None:
    assert set(INPUTS) == set(INPUT_FORMATS)
    assert set(OUTPUTS) == set(OUTPUT_FORMATS)
    assert set(DEFAULT_OUTPUTS.values()) <= set(OUTPUT_FORMATS)
    assert set(INPUT_FORMATS) - {"auto"} <= set(DEFAULT_OUTPUTS)


def test_shards_groups_and_metadata(tmp_path: Path) -> None:
    (tmp_path / "labels.json").write_text('["zero", "one"]', encoding="utf-8")
    (tmp_path / "more.json").write_text("{}", encoding="utf-8")
    metadata = f"labels:{tmp_path / 'labels.json'},more:{tmp_path / 'more.json'}"
    options = ("--weight_shard_size_bytes=10000", "--split_weights_by_layer", f"--metadata={metadata}")
    assert run("--input_format=keras", *options, DIGITS / "digits.h5", tmp_path / "out") == 0
    made = document(tmp_path / "out")
    assert made["userDefinedMetadata"] == {"labels": ["zero", "one"], "more": {}}
    groups = made["weightsManifest"]
    assert [{weight["name"].split("/")[0] for weight in group["weights"]} for group in groups[:2]] == [
        {"conv2d_3"},
        {"batch_normalization_5"},
    ]
    assert groups[-1]["paths"] == [f"group{len(groups)}-shard{i}of7.bin" for i in range(1, 8)]
    paths = [path for group in groups for path in group["paths"]]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.bin")) == sorted(paths)


def test_quantisation_of_all_of_some_and_of_the_rest(tmp_path: Path) -> None:
    source = DIGITS / "digits.h5"
    for out, options in {
        "all": ["--quantize_uint8"],
        "all-before-the-paths": ["--quantize_uint8", source],
        "some": ["--quantize_float16=*digit*,digit/*", "--quantize_uint16=conv2d_?/kernel"],
        "rest": ["--quantize_uint8=*/kernel", "--quantize_float16"],
        "old": ["--quantization_bytes=2"],
    }.items():
        paths = [tmp_path / out] if source in options else [source, tmp_path / out]
        assert run("--input_format=keras", *options, *paths) == 0, out
    all_of_them = stored(tmp_path / "all")
    assert {name for name, dtype in all_of_them.items() if dtype is None} == {
        name for name in all_of_them if name.endswith("/moving_variance")
    }
    assert set(all_of_them.values()) == {"uint8", None}
    assert stored(tmp_path / "all-before-the-paths") == stored(tmp_path / "all")
    assert set(stored(tmp_path / "old").values()) == {"uint16", None}
    some, rest = stored(tmp_path / "some"), stored(tmp_path / "rest")
    assert (some["conv2d_3/kernel"], some["digit/kernel"], some["batch_normalization_5/gamma"]) == (
        "uint16",
        "float16",
        None,
    )
    assert (rest["conv2d_3/kernel"], rest["batch_normalization_5/gamma"]) == ("uint8", "float16")


def test_a_pattern_that_matches_nothing_is_an_error(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert run("--input_format=keras", "--quantize_uint8=*kernel,*/karnel", DIGITS / "digits.h5", tmp_path / "out") == 2
    assert capfd.readouterr().err.splitlines() == [
        "error: the pattern '*/karnel' that uint8 is to include matches no weight",
        "  The nearest names are conv2d_3/kernel, conv2d_4/kernel, conv2d_5/kernel.",
    ]


def test_two_ways_at_once(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for options, words in {
        ("--quantize_uint8", "--quantize_float16"): "all weights are to be float16 and uint8",
        ("--quantize_uint8=a", "--quantization_bytes=1"): "say the same twice",
        ("--quantize_uint8=*kernel", "--quantize_float16=conv*"): "is to be float16 and uint8",
        ("--signature_name=x",): "--signature_name is of SavedModels",
        ("--weight_shard_size_bytes=0",): "is at least 1",
    }.items():
        assert run("--input_format=keras", DIGITS / "digits.h5", tmp_path / "out", *options) == 2
        assert words in capfd.readouterr().err
    assert not (tmp_path / "out").exists()


def test_flags_of_other_formats_are_passed_by_as_upstream_does(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for options in (("--input_format=keras",), ()):
        line = (*options, "--saved_model_tags=serve", "--output_node_names=x", DIGITS / "digits.h5", tmp_path / "out")
        assert run(*line) == 0
        assert [text for text in capfd.readouterr().err.splitlines() if text.startswith("warning: ")] == [
            "warning: --saved_model_tags is of SavedModels and hub modules, and has no effect",
            "warning: --output_node_names is of frozen graphs, and has no effect",
        ]


def test_errors_name_the_options_that_this_command_has(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as file:
        file["layers/dense/vars/0"] = [1.0]
    assert run("--input_format=keras", tmp_path / "w.h5", tmp_path / "out") == 1
    assert "(model.to_json()) with --architecture (of tfjsci convert), or save it whole" in capfd.readouterr().err


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        ("a graph model (--output-format graph, or auto), which", "a graph model (--output_format=tfjs_graph_model), which"),
        ("by its tags: --tags (tags: in a manifest), or", "by its tags: --saved_model_tags, or"),
        ("Name them with --output-node (output_nodes: in a manifest). ", "Name them with --output_node_names. "),
        ("Leave --state-as-io (state_as_io: in a manifest) out", "Leave --state-as-io (of tfjsci convert) out"),
        ("--allow-code, and --custom-objects module:name", "--allow-code (of tfjsci convert), and --custom-objects module:name"),
        ("--tagsoup --output-nodes stays", "--tagsoup --output-nodes stays"),
    ],
)  # fmt: skip
def test_options_in_upstreams_words(ours: str, theirs: str) -> None:
    assert in_upstreams_words(ours) == theirs


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("=False", False), ("=false", False), ("=0", False), ("=True", True), ("", True), (" no", False)],
)
def test_booleans_are_booleans(text: str, wanted: bool) -> None:
    for flag in ("strip_debug_ops", "skip_op_check", "use_structured_outputs_names", "split_weights_by_layer"):
        given = read_flags([*f"--{flag}{text}".split(), "in", "out"])
        assert getattr(given, flag) is wanted
        assert (given.input_path, given.output_path) == ("in", "out")


def test_defaults() -> None:
    given = read_flags(["in", "out"])
    assert (given.strip_debug_ops, given.skip_op_check, given.weight_shard_size_bytes) == (True, False, 4194304)
    assert quantizations(given) == {}


def test_what_has_no_effect_or_is_of_old_is_told(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    old = ("--quantization_bytes=1", "--output_json=x.json", "--control_flow_v2=True", "--experiments=True")
    assert run("--input_format=keras", *old, DIGITS / "digits.h5", tmp_path / "out") == 0
    told = [line for line in capfd.readouterr().err.splitlines() if line.startswith("warning: ")]
    assert [line.split()[1] for line in told] == [
        "--quantization_bytes", "--output_json", "--control_flow_v2", "--experiments",
    ]  # fmt: skip


def test_other_files_in_the_folder_stay_and_old_shards_go(tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("mine", encoding="utf-8")
    arguments = ("--input_format=keras", DIGITS / "digits.h5", tmp_path)
    assert run(*arguments, "--weight_shard_size_bytes=20000") == 0
    assert len(list(tmp_path.glob("*.bin"))) > 3
    assert run(*arguments) == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["group1-shard1of1.bin", "index.html", "model.json"]
    before = (tmp_path / "model.json").read_bytes()
    assert run("--input_format=keras", tmp_path / "gone.h5", tmp_path) == 1
    assert (tmp_path / "model.json").read_bytes() == before
    assert len(list(tmp_path.iterdir())) == 3


def test_the_versions(capfd: pytest.CaptureFixture[str]) -> None:
    assert run("--version") == 0
    assert "tensorflowjs_converter of tfjsci" in capfd.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [(), ("in",), ("in", "out", "--strip_debug_ops=maybe"), ("in", "out", "--input_format=onnx"), ("a", "b", "c")],
)
def test_a_command_line_that_makes_no_sense(capfd: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    assert run(*arguments) == 2
    assert "error:" in capfd.readouterr().err


def test_a_flag_of_upstreams_refused_by_us_raises() -> None:
    with pytest.raises(UsageError):
        quantizations(read_flags(["in", "out", "--quantize_uint8", "--quantize_uint16"]))

"""Graph models as sources: what upstream's converter writes and what ours does, read, run, written again and turned back."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tfjs_graphs
from packed_models import packed_model
from tfjs_graphs import (
    const,
    dtype,
    entry,
    fused,
    fused_by_hand,
    looked_up,
    looping,
    looping_in_pieces,
    node,
    placeholder,
    written,
)

from tfjsci import api
from tfjsci.converter import convert, write_variant
from tfjsci.errors import CodeRefused, ConversionFailed, CorruptModel, MissingModel, TfjsciError, UsageError
from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.load import LoadOptions, load
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.tfjs_functions import CONTROL_FLOW_V1

CLOSE = 1e-5
"""Of the largest value: fused and plain ops add in another order."""


def assert_close(found: Any, wanted: Any, close: float = CLOSE) -> None:
    assert found.shape == wanted.shape
    np.testing.assert_allclose(found, wanted, rtol=0, atol=close * max(1.0, float(np.abs(wanted).max())))


def arrays_of(loaded: LoadedGraph, rows: int = 3) -> dict[str, Any]:
    draw = np.random.default_rng(5)
    return {
        spec.name: draw.normal(size=[size or rows for size in spec.shape or ()]).astype(spec.dtype)
        for spec in loaded.inputs
    }


def ops_of(folder: Path) -> Counter[str]:
    topology = json.loads((folder / "model.json").read_text(encoding="utf-8"))["modelTopology"]
    functions = topology["library"].get("function", [])
    return Counter(n["op"] for n in [*topology["node"], *(n for f in functions for n in f["nodeDef"])])


class TestUpstreams:
    def test_fused_ops_compute_what_the_runtime_says(self, tmp_path: Path) -> None:
        folder, weights = fused(tmp_path / "a")
        loaded = load(folder)
        assert loaded.format == "tfjs_graph_model"
        assert [(spec.name, spec.shape) for spec in loaded.inputs] == [("row", (None, 3)), ("image", (None, 7, 5, 2))]
        arrays = arrays_of(loaded)
        found, wanted = loaded.original(arrays), fused_by_hand(weights, arrays["image"], arrays["row"])
        assert list(found) == ["sum", "sloped"]
        for name, value in wanted.items():
            assert_close(found[name], value)

    def test_fused_ops_are_fused_when_they_are_written_again(self, tmp_path: Path) -> None:
        folder, _ = fused(tmp_path / "a")
        api.convert(folder, tmp_path / "b", quantize="uint8", include=["*kernel"])
        before, after = ops_of(folder), ops_of(tmp_path / "b")
        kinds = ("_FusedConv2D", "FusedDepthwiseConv2dNative", "_FusedMatMul", "Prelu")
        assert [after[kind] for kind in kinds] == [before[kind] for kind in kinds] == [1, 1, 1, 1]
        assert sum(after.values()) <= sum(before.values())
        manifest = json.loads((tmp_path / "b" / "model.json").read_text(encoding="utf-8"))["weightsManifest"]
        quantised = [weight["name"] for weight in manifest[0]["weights"] if "quantization" in weight]
        assert quantised == ["conv/kernel", "dw/kernel", "dense/kernel"]

    def test_loops_of_functions_with_weights_inside(self, tmp_path: Path) -> None:
        loaded = load(looping(tmp_path / "a"))
        x = np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 4.0]], np.float32)
        offset = np.array([1.5, -0.5, 0.25], np.float32)
        assert_close(loaded.original({"x": x})["y"], 8 * x + 7 * offset)

    @pytest.mark.parametrize("up", [True, False])
    def test_loops_and_branches_taken_to_pieces(self, tmp_path: Path, up: bool) -> None:
        loaded = load(looping_in_pieces(tmp_path / "a"))
        assert not CONTROL_FLOW_V1 & {each.op for _, part in loaded.graph.walk() for each in part.nodes}
        assert [spec.name for spec in loaded.inputs] == ["x", "up"]
        x = np.array([[1.0, 2.0, 3.0], [-1.0, 0.0, 4.0]], np.float32)
        turned = 8 * x + 7 * np.array([1.5, -0.5, 0.25], np.float32)
        assert_close(loaded.original({"x": x, "up": np.array(up)})["y"], turned / 2 if up else -turned)

    def test_tables_that_the_initializer_fills(self, tmp_path: Path) -> None:
        loaded = load(looked_up(tmp_path / "a"))
        assert [spec.name for spec in loaded.inputs] == ["words"]
        words = np.array([b"blue", b"pink", b"red"], object)
        assert loaded.original({"words": words})["numbers"].tolist() == [2.5, -1.0, 0.5]

    def test_without_a_signature_its_placeholders_and_what_nobody_reads(self, tmp_path: Path) -> None:
        folder, _ = fused(tmp_path / "a", signature=None)
        loaded = load(folder / "model.json")
        assert [spec.name for spec in loaded.inputs] == ["image", "row"]
        assert [spec.name for spec in loaded.outputs] == ["Identity", "Identity_1"]

    def test_structured_outputs_are_called_by_their_keys(self, tmp_path: Path) -> None:
        folder, _ = fused(tmp_path / "a", userDefinedMetadata={"structuredOutputKeys": ["left", "right"]})
        assert [spec.name for spec in load(folder).outputs] == ["left", "right"]


Edit = Callable[[dict[str, Any]], object]


class TestRefused:
    @pytest.mark.parametrize(
        ("edit", "kind", "message"),
        [
            (lambda d: d["weightsManifest"][0]["paths"].append("../secret"), CorruptModel, "leaves the folder"),
            (lambda d: d["weightsManifest"][0]["paths"].pop(), CorruptModel, "needs bytes|the shards hold"),
            (lambda d: d["modelTopology"].update(node={}), CorruptModel, "a graph of a isn't one"),
            (
                lambda d: d["modelTopology"]["node"][2].update(name="lost"),
                CorruptModel,
                "the Const 'lost' has no weight",
            ),
            (
                lambda d: d["modelTopology"]["node"][-1].update(input=["gone", "slope"]),
                CorruptModel,
                "isn't in the graph",
            ),
            (
                lambda d: d["modelTopology"]["node"][-1].update(op="MyOwn"),
                ConversionFailed,
                "TensorFlow doesn't know.*MyOwn",
            ),
            (lambda d: d["modelTopology"]["node"][-1].update(op="ReadFile"), CodeRefused, r"ReadFile \(reads files\)"),
            (
                lambda d: d["signature"]["inputs"]["row"].update(name="dense:0"),
                CorruptModel,
                "no Placeholder has that name",
            ),
            (
                lambda d: _attr(d, "dense", "fused_ops", tfjs_graphs.text("BiasAdd", "Gelu")),
                ConversionFailed,
                "no fused Gelu",
            ),
            (lambda d: _attr(d, "slope", "dtype", dtype("int32")), CorruptModel, "the Const 'slope' is int32"),
            (lambda d: _attr(d, "mean", "T", dtype("int32")), CorruptModel, "can't take the graph"),
            (
                lambda d: d["weightsManifest"][0]["weights"][0].update(dtype="float8"),
                CorruptModel,
                "its dtype is 'float8'",
            ),
        ],
    )
    def test_what_doesnt_hold_together_is_named_and_nothing_is_written(
        self, tmp_path: Path, edit: Edit, kind: type[Exception], message: str
    ) -> None:
        folder, _ = fused(tmp_path / "a")
        document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        edit(document)
        (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
        with pytest.raises(kind, match=message):
            api.convert(folder, tmp_path / "b")
        assert [path.name for path in tmp_path.iterdir()] == ["a"]

    def test_whatever_is_changed_is_an_error_of_ours_or_none(self, tmp_path: Path) -> None:
        """Leaves of the document, one at a time, replaced by what doesn't belong there."""
        refused = 0
        for make in (fused, looping, looked_up):
            made = make(tmp_path / make.__name__)
            folder = made[0] if isinstance(made, tuple) else made
            text = (folder / "model.json").read_text(encoding="utf-8")
            draw = random.Random(17)
            for _ in range(60):
                document = json.loads(text)
                holder, key = draw.choice(list(_leaves(document)))
                holder[key] = draw.choice([None, -1, 2**40, "", "x", [], {}, [[]], {"a": {}}, True, 0.5])
                (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
                try:
                    load(folder)
                except TfjsciError:
                    refused += 1
        assert refused > 60

    def test_a_table_that_is_filled_by_a_computation(self, tmp_path: Path) -> None:
        folder = looked_up(tmp_path / "a")
        document = json.loads((folder / "model.json").read_text(encoding="utf-8"))
        document["modelInitializer"]["node"][1].update(op="Placeholder")
        (folder / "model.json").write_text(json.dumps(document), encoding="utf-8")
        with pytest.raises(ConversionFailed, match="the table table of a isn't read back"):
            load(folder)

    def test_a_folder_without_a_model(self, tmp_path: Path) -> None:
        with pytest.raises(MissingModel, match=r"has no model\.json"):
            load(tmp_path, format="tfjs_graph_model")


def _leaves(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a document that holds a value."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield value, key
        yield from _leaves(item)


def _attr(document: dict[str, Any], name: str, key: str, value: Any) -> None:
    (found,) = (n for n in document["modelTopology"]["node"] if n["name"] == name)
    found["attr"][key] = value


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Any]:
    """A Keras model of two inputs and three outputs with everything that is fused, and a loop: its file, its artifact, itself."""
    k = keras()
    folder = tmp_path_factory.mktemp("net")
    image, words = k.Input((9, 6, 3), name="image"), k.Input((5, 2), name="words")
    x = k.layers.Conv2D(8, (3, 2), strides=2, padding="same", use_bias=False)(image)
    x = k.layers.ReLU(max_value=6.0)(k.layers.BatchNormalization()(x))
    x = k.layers.PReLU(shared_axes=[1, 2])(k.layers.DepthwiseConv2D(2, depth_multiplier=2)(x))
    pooled = k.layers.GlobalAveragePooling2D()(x)
    read = k.layers.LSTM(4)(words)
    both = k.layers.Dense(7, activation="elu")(k.layers.Concatenate()([pooled, read]))
    outputs = {"zeta": k.layers.Dense(3, activation="softmax")(both), "alpha": read, "mid": k.layers.Dense(3)(both)}
    model = k.Model({"image": image, "words": words}, outputs)
    draw = np.random.default_rng(1)
    for variable in model.weights:
        value = draw.normal(0.1, 0.4, variable.shape)
        variable.assign(0.3 + np.abs(value) if "variance" in variable.path else value)
    model.save(folder / "net.keras")
    write_variant(convert(folder / "net.keras", backends=["cpu"], unroll_loops=1), folder / "web", shard_bytes=700)
    return folder / "net.keras", folder / "web", model


class TestOurs:
    def test_the_original_gives_the_numbers_of_the_model_it_was_made_of(self, net: tuple[Path, Path, Any]) -> None:
        file, web, _ = net
        first, again = load(file), load(web)
        assert [spec.name for spec in again.inputs] == [spec.name for spec in first.inputs]
        arrays = arrays_of(again)
        wanted, found = first.original(arrays), again.original(arrays)
        assert list(found) == list(wanted)
        for name, value in wanted.items():
            assert_close(found[name], value)

    def test_written_again_it_has_as_many_nodes_and_the_same_fused_ones(
        self, net: tuple[Path, Path, Any], tmp_path: Path
    ) -> None:
        _, web, _ = net
        api.convert(web, tmp_path / "b", backends=["cpu"], unroll_loops=1)
        before, after = ops_of(web), ops_of(tmp_path / "b")
        kinds = ("_FusedConv2D", "FusedDepthwiseConv2dNative", "_FusedMatMul", "Prelu", "While", "StatelessWhile")
        assert [after[kind] for kind in kinds] == [before[kind] for kind in kinds]
        assert before["_FusedConv2D"] == 1
        assert before["FusedDepthwiseConv2dNative"] == 1
        assert before["While"] + before["StatelessWhile"] == 1
        del before["Const"], after["Const"]
        assert sum(after.values()) <= sum(before.values())

    def test_a_saved_model_of_it_gives_the_same_numbers_by_the_same_names(
        self, net: tuple[Path, Path, Any], tmp_path: Path
    ) -> None:
        file, web, _ = net
        done = api.convert(web, tmp_path / "saved", output_format="saved_model")
        assert "saved_model.pb" in done.files
        arrays = arrays_of(load(file))
        wanted = load(file).original(arrays)
        tf = tensorflow()
        serve = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
        found = serve(**{name: tf.constant(value) for name, value in arrays.items()})
        assert set(found) == set(wanted)
        for name, value in wanted.items():
            assert_close(found[name].numpy(), value)
        third = convert(tmp_path / "saved", backends=["cpu"])
        for name, value in third.loaded.original(arrays).items():
            assert_close(value, wanted[name])

    def test_a_frozen_graph_of_it_has_the_tensors_that_are_told(
        self, net: tuple[Path, Path, Any], tmp_path: Path
    ) -> None:
        file, web, _ = net
        done = api.convert(web, tmp_path / "net.pb", output_format="frozen")
        assert [path.name for path in tmp_path.iterdir()] == ["net.pb"]
        assert "zeta is " in done.notes[-1]
        arrays = arrays_of(load(file))
        wanted = load(file).original(arrays)
        frozen = load(
            tmp_path / "net.pb",
            options=LoadOptions(output_nodes=tuple(spec.tensor for spec in done.outputs)),
        )
        renamed = {
            theirs.name: arrays[ours.name]
            for theirs in frozen.inputs
            for ours in done.inputs
            if ours.tensor == theirs.tensor
        }
        found = frozen.original(renamed)
        for value, spec in zip(found.values(), done.outputs, strict=True):
            assert_close(value, wanted[spec.name])

    def test_what_was_quantised_comes_back_as_the_browser_computes_it(
        self, net: tuple[Path, Path, Any], tmp_path: Path
    ) -> None:
        file, web, _ = net
        api.convert(web, tmp_path / "small", quantize="uint8")
        arrays = arrays_of(load(web))
        wanted, found = load(file).original(arrays), load(tmp_path / "small").original(arrays)
        for name, value in wanted.items():
            assert_close(found[name], value, close=0.05)
        with pytest.raises(AssertionError):
            assert_close(found["mid"], wanted["mid"])


class TestPackedWeights:
    def test_they_come_back_bit_for_bit_with_the_tables_beside_them(self, tmp_path: Path) -> None:
        graph, codes, _ = packed_model(tmp_path / "a")
        loaded = load(tmp_path / "a")
        for name, weight in codes.items():
            np.testing.assert_array_equal(loaded.graph.constants[name].value, weight.values())
            assert loaded.graph.constants[name].sources == (name,)
        assert [spec.name for spec in loaded.inputs] == ["x", "word"]
        assert sum(node.op == "HashTableV2" for node in loaded.graph.nodes) == 1
        assert loaded.notes == ()
        assert {node.op for node in loaded.graph} == {node.op for node in graph}

    def test_an_initializer_that_reads_files_is_refused(self, tmp_path: Path) -> None:
        packed_model(tmp_path / "a")
        document = json.loads((tmp_path / "a" / "model.json").read_text())
        node = next(node for node in document["modelInitializer"]["node"] if node["op"] == "Reshape")
        node.update(op="ReadFile", input=node["input"][:1], attr={})
        (tmp_path / "a" / "model.json").write_text(json.dumps(document))
        with pytest.raises(CodeRefused, match="ReadFile"):
            load(tmp_path / "a")

    def test_one_that_nothing_makes_is_named(self, tmp_path: Path) -> None:
        packed_model(tmp_path / "a")
        document = json.loads((tmp_path / "a" / "model.json").read_text())
        document["initializerSignature"]["outputs"]["int4"]["name"] = "gone:0"
        (tmp_path / "a" / "model.json").write_text(json.dumps(document))
        with pytest.raises(CorruptModel, match="int4"):
            load(tmp_path / "a")


def test_names_that_no_argument_can_have_are_told(tmp_path: Path) -> None:
    signature = {
        "inputs": {"image:0": entry("image:0", -1, 7, 5, 2), "class": entry("row:0", -1, 3)},
        "outputs": {"Identity:0": entry("Identity:0", -1, 3)},
    }
    folder, weights = fused(tmp_path / "a", signature=signature)
    done = api.convert(folder, tmp_path / "saved", output_format="saved_model")
    assert [note.split(" in the ")[0] for note in done.notes] == [
        "the input 'image:0' is called 'image_0'",
        "the input 'class' is called 'input_class'",
    ]
    tf = tensorflow()
    arrays = arrays_of(load(folder))
    serve = tf.saved_model.load(str(tmp_path / "saved")).signatures["serving_default"]
    found = serve(image_0=tf.constant(arrays["image:0"]), input_class=tf.constant(arrays["class"]))
    assert_close(found["Identity:0"].numpy(), fused_by_hand(weights, arrays["image:0"], arrays["class"])["sum"])


def test_what_the_page_knows_of_the_model_goes_on_and_what_the_runtime_reads_there_does_not(tmp_path: Path) -> None:
    metadata = {"labels": ["a", "b"], "signature": {}, "structuredOutputKeys": ["total", "bent"]}
    folder, _ = fused(tmp_path / "a", userDefinedMetadata=metadata)
    api.convert(folder, tmp_path / "b", metadata={"version": 2})
    written = json.loads((tmp_path / "b" / "model.json").read_text())
    kept = {"labels": ["a", "b"], "structuredOutputKeys": ["total", "bent"]}
    assert written["userDefinedMetadata"] == {**kept, "version": 2}
    assert list(written["signature"]["outputs"]) == ["total", "bent"]
    metadata["structuredOutputKeys"] = ["one too few"]
    folder, _ = fused(tmp_path / "c", userDefinedMetadata=metadata)
    api.convert(folder, tmp_path / "d")
    assert json.loads((tmp_path / "d" / "model.json").read_text())["userDefinedMetadata"] == {"labels": ["a", "b"]}
    back = api.convert(folder, tmp_path / "back.pb", output_format="frozen")
    assert back.notes[-1] == "its userDefinedMetadata, which is for a page, is left out"


class TestWhereItGoes:
    def test_only_a_model_of_tensorflow_js_has_a_way_back(self, net: tuple[Path, Path, Any], tmp_path: Path) -> None:
        file, web, _ = net
        with pytest.raises(UsageError, match=r"net\.keras is no TensorFlow\.js model"):
            api.convert(file, tmp_path / "saved", output_format="saved_model")
        with pytest.raises(UsageError, match="it has no layers that a Keras file could hold"):
            api.convert(web, tmp_path / "net.h5", output_format="h5")
        with pytest.raises(UsageError, match="there is no quantisation of it"):
            api.convert(web, tmp_path / "saved", output_format="saved_model", quantize="uint8")
        assert list(tmp_path.iterdir()) == []

    def test_nothing_that_is_something_else_is_replaced(self, tmp_path: Path) -> None:
        folder = looping(tmp_path / "a")
        (tmp_path / "notes.pb").write_text("mine")
        for output, to in (("notes.pb", "frozen"), ("b.onnx", "frozen"), ("a", "frozen")):
            with pytest.raises(UsageError):
                api.convert(folder, tmp_path / output, output_format=to)  # type: ignore[arg-type]
        assert (tmp_path / "notes.pb").read_text() == "mine"
        api.convert(folder, tmp_path / "loop.pb", output_format="frozen")
        api.convert(folder, tmp_path / "loop.pb", output_format="frozen")
        assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "loop.pb", "notes.pb"]


@pytest.mark.parametrize("said", ["int64", "int32"])  # as upstream says it, and as the weight beside it does
def test_a_dtype_that_the_graph_says_is_what_it_computes_in(tmp_path: Path, said: str) -> None:
    weights = {"indices": np.array([2, 0], np.int32), "axis": np.array(1, np.int32)}
    nodes = [
        placeholder("x", -1, 3),
        const("indices", weights["indices"], said),
        const("axis", weights["axis"]),
        node(
            "y",
            "GatherV2",
            "x",
            "indices",
            "axis",
            Tparams=dtype("float32"),
            Tindices=dtype("int64"),
            Taxis=dtype("int32"),
        ),
    ]
    signature = {"inputs": {"x": entry("x:0", -1, 3)}, "outputs": {"y": entry("y:0", -1, 2)}}
    loaded = load(written(tmp_path / "a", nodes, weights, signature=signature))
    assert loaded.graph.constants["indices"].value.dtype == np.int64
    assert loaded.graph.constants["axis"].value.dtype == np.int32
    assert loaded.original({"x": np.array([[1.0, 2.0, 3.0]], np.float32)})["y"].tolist() == [[3.0, 1.0]]

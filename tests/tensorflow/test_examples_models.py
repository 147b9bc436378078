"""The examples' committed models are what their READMEs say: they agree, they read digits, and one of them can't run."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest

from tfjsci.inputs.inputs import make_inputs
from tfjsci.manifest.parse import load_manifest
from tfjsci.signature import TensorSpec

pytestmark = pytest.mark.tensorflow

EXAMPLES = Path(__file__).parents[2] / "examples"
DIGITS = EXAMPLES / "digits"
PROBLEMS = EXAMPLES / "problems"
MAX_FILE_BYTES = 300_000

Floats = npt.NDArray[np.float32]


def keras_model(path: Path) -> Callable[[Floats], Floats]:
    import keras

    model = keras.models.load_model(path, compile=False)
    assert model.output_names == ["digit"]
    assert [tensor.name for tensor in model.inputs] == ["images"]
    return lambda images: np.asarray(model(images))


def saved_model(path: Path, output: str) -> Callable[[Floats], Floats]:
    import tensorflow as tf

    loaded = tf.saved_model.load(str(path))
    signature = loaded.signatures["serving_default"]

    def call(images: Floats) -> Floats:
        assert loaded is not None  # the signature alone doesn't keep the variables alive
        return np.asarray(signature(images=tf.constant(images))[output])

    return call


@pytest.fixture(scope="module")
def sources() -> dict[str, Callable[[Floats], Floats]]:
    return {
        "keras": keras_model(DIGITS / "models" / "digits.keras"),
        "h5": keras_model(DIGITS / "models" / "digits.h5"),
        "saved_model": saved_model(DIGITS / "models" / "digits_savedmodel", "output_0"),
    }


@pytest.fixture(scope="module")
def samples() -> dict[str, npt.NDArray[Any]]:
    with np.load(DIGITS / "samples" / "digits.npz", allow_pickle=False) as found:
        return dict(found)


def script(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"example_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_three_sources_are_one_net(
    sources: dict[str, Callable[[Floats], Floats]], samples: dict[str, npt.NDArray[Any]]
) -> None:
    outputs = {name: call(samples["images"]) for name, call in sources.items()}
    for name in ("h5", "saved_model"):
        # The same weights in the same order of layers; TensorFlow may add up in another order in a traced function.
        np.testing.assert_allclose(outputs[name], outputs["keras"], atol=1e-6, err_msg=name)
    assert outputs["keras"].std() > 0.1  # no flat answer that anything would agree with


def test_every_sample_is_read_right(
    sources: dict[str, Callable[[Floats], Floats]], samples: dict[str, npt.NDArray[Any]]
) -> None:
    assert (samples["images"].shape, samples["images"].dtype) == ((64, 8, 8, 1), np.float32)
    assert set(samples["labels"].tolist()) == set(range(10))
    for call in sources.values():
        assert (call(samples["images"]).argmax(axis=-1) == samples["labels"]).all()


def test_the_accuracy_is_what_the_readme_says(sources: dict[str, Callable[[Floats], Floats]]) -> None:
    _, _, images, labels = script(DIGITS / "train.py").digits()
    accuracy = float((sources["keras"](images).argmax(axis=-1) == labels).mean())
    assert len(images) == 450
    assert accuracy >= 0.97
    assert f"{accuracy * 100:.1f} % of the 450 test images" in (DIGITS / "README.md").read_text(encoding="utf-8")


def test_the_samples_are_test_images(samples: dict[str, npt.NDArray[Any]]) -> None:
    train, _, images, labels = script(DIGITS / "train.py").digits()
    assert (samples["images"] == images[:64]).all()
    assert (samples["labels"] == labels[:64]).all()
    seen = {image.tobytes() for image in train}
    assert not any(image.tobytes() in seen for image in samples["images"])


def test_the_slants_agree_but_only_one_needs_eigenvectors(samples: dict[str, npt.NDArray[Any]]) -> None:
    eigen, formula = PROBLEMS / "models" / "slant_eigenvectors", PROBLEMS / "models" / "slant_formula"
    slants = [saved_model(path, "slant")(samples["images"]) for path in (eigen, formula)]
    np.testing.assert_allclose(*slants, atol=1e-5)
    # Far from a quarter turn, where the angle would jump from one end to the other.
    assert np.abs(slants[0]).max() < 1.0
    assert "SelfAdjointEigV2" in ops(eigen)
    assert "SelfAdjointEigV2" not in ops(formula)


def test_the_dense_net_reads_the_samples(samples: dict[str, npt.NDArray[Any]]) -> None:
    outputs = keras_model(PROBLEMS / "models" / "digits_dense.keras")(samples["images"])
    assert (outputs.argmax(axis=-1) == samples["labels"]).mean() >= 0.95


@pytest.mark.parametrize("folder", [DIGITS, PROBLEMS], ids=lambda folder: folder.name)
def test_the_manifests_inputs_fit(folder: Path) -> None:
    images = TensorSpec(name="images", tensor="images:0", dtype="float32", shape=(None, 8, 8, 1))
    for model in load_manifest(folder / "tfjsci.yml").models:
        assert model.source.exists()
        found = make_inputs(
            [images],
            files=model.inputs,
            shapes=model.shapes,
            batch=model.batch,
            seed=model.random.seed,
            ranges=model.random.ranges,
        )
        assert [call["images"].shape for call in found.samples] == [(32, 8, 8, 1)] * 2
        assert found.timed["images"].shape == (1, 8, 8, 1)
        assert not found.random


def test_the_committed_files_are_small() -> None:
    folders = [folder / kind for folder in (DIGITS, PROBLEMS) for kind in ("models", "samples")]
    sizes = {path: path.stat().st_size for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert len(sizes) >= 10
    assert {path: size for path, size in sizes.items() if size >= MAX_FILE_BYTES} == {}


def ops(path: Path) -> set[str]:
    import tensorflow as tf

    graph = tf.saved_model.load(str(path)).signatures["serving_default"].graph.as_graph_def()
    nodes = [*graph.node, *(node for function in graph.library.function for node in function.node_def)]
    return {node.op for node in nodes}

"""A case as tfjsci would be given it: a ``.keras`` file or a SavedModel folder, or, quicker, the loaded graph."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from case import Case
from weights import randomise, settle

from tfjsci.graph.tensorflow import keras, tensorflow
from tfjsci.load.keras_file import trace
from tfjsci.load.loaded import LoadedGraph
from tfjsci.load.saved_model import load_saved_model


def built(case: Case, *, as_trained: bool = True) -> Any:
    """The case's model or function, the same each time. For the graph alone weights needn't be as if trained."""
    k = keras()
    k.utils.clear_session()
    k.utils.set_random_seed(seed_of(case))
    made = case.build()
    if is_model(made) and as_trained:
        rng = np.random.default_rng(seed_of(case))
        randomise(made, rng)
        if case.settled:
            settle(made, [feed.values(rng) for feed in case.feeds])
    return made


def is_model(made: Any) -> bool:
    """A Keras model, not a plain function."""
    return isinstance(made, keras().Model)


def seed_of(case: Case) -> int:
    """A number of the case's own."""
    return zlib.crc32(case.name.encode())


def saved(case: Case, made: Any, folder: Path) -> Path:
    """Save what was built, below ``folder``."""
    if is_model(made) and not case.exported:
        made.save(folder / "model.keras")
        return folder / "model.keras"
    if is_model(made):
        made.export(folder / "model", verbose=False)
        return folder / "model"
    tf = tensorflow()
    module = tf.Module()
    module.variables_of_function = getattr(made, "variables", [])
    specs = signature_of(case)
    module.serve = tf.function(lambda *tensors: numbered(made(*tensors)), input_signature=specs, autograph=False)
    options = tf.saved_model.SaveOptions(save_debug_info=False)
    tf.saved_model.save(module, str(folder / "model"), signatures=module.serve, options=options)
    return folder / "model"


def loaded(case: Case, made: Any, folder: Path) -> LoadedGraph:
    """What tfjsci's loading stage makes of it. A model is traced without going through a file: the graph is the same."""
    if is_model(made) and not case.exported:
        return trace(made, "keras", case.name)
    return load_saved_model(saved(case, made, folder))


def signature_of(case: Case) -> list[Any]:
    """The inputs of a function."""
    tf = tensorflow()
    return [tf.TensorSpec(feed.declared, feed.dtype, name=f"x{i}") for i, feed in enumerate(case.feeds)]


def function_of(made: Any) -> Callable[..., Any]:
    """What was built, as a function of its tensors."""
    if not is_model(made):
        return made

    def call(*tensors: Any) -> Any:
        return made(tensors[0] if len(tensors) == 1 else list(tensors), training=False)

    return call


def numbered(result: Any) -> dict[str, Any]:
    """All tensors of a nested result, ``y0``, ``y1``, …"""
    tf, k = tensorflow(), keras()
    flat = [value for value in k.tree.flatten(result) if value is not None]
    return {f"y{i}": tf.identity(tf.convert_to_tensor(value)) for i, value in enumerate(flat)}


def samples_of(case: Case) -> list[Any]:
    """Seeded values for each of the case's inputs."""
    rng = np.random.default_rng([seed_of(case), 1])
    return [feed.values(rng) for feed in case.feeds]

"""Whether a SavedModel holds the Keras model that it was made of, which tf_keras (Keras 2) writes beside the graph."""

from __future__ import annotations

from pathlib import Path

METADATA = "keras_metadata.pb"


def holds_keras_model(folder: Path) -> bool:
    """Whether the SavedModel came from tf_keras with its layers' configs."""
    return (folder / METADATA).is_file() and (folder / "saved_model.pb").is_file()

"""What a manifest says of its model comes to the loader; that code may run is the command's word alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.load.load import LoadOptions
from tfjsci.manifest.parse import load_manifest


@pytest.mark.parametrize(
    ("said", "options"),
    [
        ("batch: 3", {}),
        ("state_as_io: true", {"state_as_io": True}),
        ("signature: other, tags: [serve]", {"signature": "other", "tags": ("serve",)}),
        ("input_nodes: [x], output_nodes: [y]", {"input_nodes": ("x",), "output_nodes": ("y",)}),
        ("batch: 3, pin_shapes: true, shapes: {x: [3, 2]}", {"batch": 3, "input_shapes": {"x": (3, 2)}}),
    ],
)
def test_each_key_is_an_option(tmp_path: Path, said: str, options: dict[str, object]) -> None:
    path = tmp_path / "tfjsci.yml"
    path.write_text(f"version: 1\nmodels: [{{name: m, source: m.keras, {said}}}]\n")
    (spec,) = load_manifest(path).models
    assert LoadOptions.of(spec) == LoadOptions(**options)  # type: ignore[arg-type]
    assert LoadOptions.of(spec, allow_code=True).allow_code

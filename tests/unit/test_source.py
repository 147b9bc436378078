"""A path or an address: which of both a text is."""

from __future__ import annotations

from pathlib import Path

import pytest

from tfjsci.source import Remote, parse_source


@pytest.mark.parametrize(
    "text", ["https://host.example/m/1", "HTTPS://host.example/m?x=1#sha256=0", "gs://bucket/m", "http://localhost:1/m"]
)
def test_an_address(text: str) -> None:
    assert parse_source(text) == Remote(text=text, kind="url")


@pytest.mark.parametrize(
    ("text", "handle"),
    [
        ("kaggle://owner/model/tensorFlow2/small", "owner/model/tensorFlow2/small"),
        ("Kaggle://owner/model/keras/small/3/", "owner/model/keras/small/3"),
        (
            "google/mobilenet-v2/tensorFlow2/035-128-classification/2",
            "google/mobilenet-v2/tensorFlow2/035-128-classification/2",
        ),
        ("google/mobilenet-v2/TensorFlow1/100", "google/mobilenet-v2/TensorFlow1/100"),
    ],
)
def test_a_handle_of_kaggles(text: str, handle: str) -> None:
    assert parse_source(text) == Remote(text=handle, kind="kaggle")


@pytest.mark.parametrize(
    "text",
    [
        "model.keras", "a/b", "models/mine/saved/one", "owner/model/pytorch/small", "owner/model/tensorflow2",
        "owner/model/tensorflow2/small/latest", "owner/model/tensorflow2/small/1/2", "../x/tensorflow2/y", "https:/host/m",
        "//host/tensorflow2/y", "C:\\models\\m", "://x",
    ],
)  # fmt: skip
def test_a_path(text: str) -> None:
    assert parse_source(text) == Path(text)


def test_a_path_shaped_like_a_handle_is_one_where_it_is_there(tmp_path: Path) -> None:
    text = "owner/model/tensorflow2/small"
    assert isinstance(parse_source(text, folder=tmp_path), Remote)
    (tmp_path / text).mkdir(parents=True)
    assert parse_source(text, folder=tmp_path) == tmp_path / text


def test_a_path_object_is_a_path_and_relative_ones_start_at_the_folder(tmp_path: Path) -> None:
    assert parse_source(Path("owner/model/tensorflow2/small")) == Path("owner/model/tensorflow2/small")
    assert parse_source("m.keras", folder=tmp_path) == tmp_path / "m.keras"
    assert parse_source("/m.keras", folder=tmp_path) == Path("/m.keras")


def test_an_address_is_shown_without_what_may_open_the_door() -> None:
    assert Remote(text="https://host.example/m?key=secret#sha256=0", kind="url").name == "https://host.example/m"


@pytest.mark.parametrize(("text", "name"), [(".", "here"), ("..", "above"), ("../here", "here"), ("below/..", "here")])
def test_a_folder_is_called_by_its_name_however_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str, name: str
) -> None:
    """``the folder  is not a SavedModel``, of ``tfjsci convert . web``."""
    (tmp_path / "above" / "here" / "below").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "above" / "here")
    found = parse_source(text)
    assert isinstance(found, Path)
    assert found.name == name
    assert found.is_dir()

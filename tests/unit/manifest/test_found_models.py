"""Models are found by their names, each with a name of its own; what isn't a model is passed by."""

from __future__ import annotations

import re
from pathlib import Path

from tfjsci.manifest.found import MOST_MODELS, FoundModel, FoundModels, find_models


def touch(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def test_all_three_formats_in_the_order_of_their_paths(tmp_path: Path) -> None:
    touch(tmp_path, "b.keras", "models/a.h5", "models/net/saved_model.pb", "models/net/variables/x.h5", "readme.md")
    assert find_models(tmp_path) == FoundModels(
        models=(
            FoundModel(name="b", path=tmp_path / "b.keras", format="keras"),
            FoundModel(name="a", path=tmp_path / "models/a.h5", format="h5"),
            FoundModel(name="net", path=tmp_path / "models/net", format="saved_model"),
        ),
        complete=True,
    )


def test_the_folder_itself_may_be_a_model(tmp_path: Path) -> None:
    touch(tmp_path / "net", "saved_model.pb")
    assert [model.path for model in find_models(tmp_path / "net").models] == [tmp_path / "net"]


def test_an_unpacked_keras_file_is_one_model(tmp_path: Path) -> None:
    touch(tmp_path, "a/net.keras/config.json", "a/net.keras/model.weights.h5", "a/net.keras/metadata.json")
    touch(tmp_path, "b/plain/config.json", "b/plain/model.weights.h5", "b/plain/assets/other.keras")
    assert find_models(tmp_path).models == (
        FoundModel(name="net", path=tmp_path / "a/net.keras", format="keras"),
        FoundModel(name="plain", path=tmp_path / "b/plain", format="keras"),
    )


def test_a_folder_that_lacks_a_part_is_none(tmp_path: Path) -> None:
    touch(tmp_path, "a/config.json", "a/metadata.json", "b/model.weights.h5", "b/inside.h5")
    assert [model.path.name for model in find_models(tmp_path).models] == ["inside.h5"]


def test_what_is_passed_by(tmp_path: Path) -> None:
    touch(
        tmp_path,
        ".hidden/a.h5", ".b.keras", "node_modules/p/c.keras", "env/pyvenv.cfg", "env/lib/d.h5",
        "lib/site-packages/e.h5", "f.weights.h5", "g.h5.txt", "h\x1b.keras", "saved_model.pbtxt", "i.KERAS",
    )  # fmt: skip
    (tmp_path / "real").mkdir()
    touch(tmp_path / "real", "j.keras")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    assert [model.path.name for model in find_models(tmp_path).models] == ["j.keras"]


def test_names_differ_also_when_case_is_ignored(tmp_path: Path) -> None:
    touch(tmp_path, "a/net.keras", "b/Net.keras", "c/net.keras", "d/net.h5", "e/net/7/saved_model.pb")
    assert [model.name for model in find_models(tmp_path).models] == ["net", "Net-keras", "net-2", "net-h5", "net-7"]


def test_names_fit_the_manifest(tmp_path: Path) -> None:
    touch(tmp_path, "ä ö.keras", "...keras", "-x-.h5", f"{'n' * 200}.h5")
    names = [model.name for model in find_models(tmp_path).models]
    assert len(names) == 4 - 1, "...keras is hidden"
    assert all(re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}", name) for name in names), names


def test_at_most_fifty(tmp_path: Path) -> None:
    touch(tmp_path, *(f"{number:03}.h5" for number in range(MOST_MODELS)))
    assert find_models(tmp_path).complete
    touch(tmp_path, "one-more.h5")
    found = find_models(tmp_path)
    assert (len(found.models), found.complete) == (MOST_MODELS, False)

"""What must hold for the repository as a whole: nothing of the writer's machine in it, nothing big, nothing forgotten.

The other rules have their own tools: docstrings and style are ruff's, types mypy's, the floors import-linter's.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from tfjsci._version import __version__
from tfjsci.errors import ExitCode
from tfjsci.rewrite.lowerings import NAMES
from tfjsci.rewrite.pipeline import RULES
from tfjsci.rewrite.rules import rules_of

ROOT = Path(__file__).resolve().parents[2]

TOP_LEVEL = {
    ".ci",
    ".dockerignore",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".importlinter",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "SECURITY.md",
    "action.yml",
    "benchmarks",
    "composite",
    "docs",
    "entrypoint.py",
    "examples",
    "pyproject.toml",
    "script",
    "tests",
    "tfjsci",
}

# Anything bigger makes every clone slow for ever; a model to try is made by a script or kept under examples/.
LARGEST_FILE = 1_000_000

# A registry's host in a file breaks whoever installs from a mirror. Joined here, so that this file names none itself.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("registry", "npmjs"),
        ("registry", "yarnpkg"),
        ("deb", "debian"),
        ("archive", "ubuntu"),
        ("conda", "anaconda"),
    )
)

HOME = re.compile(r"(?<![\w.~/-])/(?:root|home/[\w.-]+|Users/[\w.-]+)/")


@cache
def files() -> tuple[Path, ...]:
    """Every file that is or could be committed: what git would take, also in a copy that has no ``.git``."""
    if (ROOT / ".git").exists():
        command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    else:  # `ls-files` wants a repository; this lists the same files without one, empty ones aside
        command = ["git", "grep", "--no-index", "--exclude-standard", "-z", "-l", ""]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout.decode().split("\0")
    return tuple(path for name in sorted(filter(None, listed)) if (path := ROOT / name).is_file())


def texts() -> list[tuple[str, str]]:
    """Each file's name and its bytes as characters: a path inside a SavedModel counts as much as one in a comment."""
    return [(path.relative_to(ROOT).as_posix(), path.read_bytes().decode("latin-1")) for path in files()]


def registries_in(text: str) -> list[str]:
    return [host for host in REGISTRIES if host in text]


def machine_paths_in(text: str, *, own: list[str]) -> list[str]:
    return [path for path in own if path in text] + HOME.findall(text)


def own_paths() -> list[str]:
    """The checkout and the environment of this very run, where they are long enough to mean anything."""
    places = [ROOT, *([Path(sys.prefix)] if sys.prefix != sys.base_prefix else [])]
    return [str(place) for place in places if len(place.parts) > 2]


def addresses_in_lock(lock: str) -> list[str]:
    """The packages of an npm lock file that carry an address (``resolved``)."""
    return [name for name, package in json.loads(lock)["packages"].items() if "resolved" in package]


def test_there_are_files_to_look_at() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in files()}
    assert {"pyproject.toml", "tfjsci/errors.py", "tests/repo/test_repository_rules.py"} <= names
    assert not [name for name in names if name.startswith((".git/", ".venv/")) or "node_modules/" in name]


def test_no_file_names_a_package_registry() -> None:
    assert {name: found for name, text in texts() if (found := registries_in(text))} == {}


def test_a_registry_is_found_where_it_is_named_and_only_there() -> None:
    host = ".".join(("pypi", "org"))
    assert registries_in(f"--index-url https://{host}/simple") == [host]
    assert registries_in("published on PyPI, see https://www.example.org") == []


def test_npm_locks_hold_checksums_but_no_addresses() -> None:
    locks = [path for path in files() if path.name == "package-lock.json"]
    assert locks, "the TensorFlow.js release is pinned by a package-lock.json"
    assert {str(path): found for path in locks if (found := addresses_in_lock(path.read_text()))} == {}
    for path in locks:
        packages = json.loads(path.read_text())["packages"]
        assert [name for name, package in packages.items() if name and "integrity" not in package] == []


def test_an_address_in_a_lock_is_found() -> None:
    packages = {"": {"name": "ours"}, "node_modules/a": {"integrity": "x"}, "node_modules/b": {"resolved": "y"}}
    assert addresses_in_lock(json.dumps({"packages": packages})) == ["node_modules/b"]


def test_no_file_names_the_machine_it_was_written_on() -> None:
    own = own_paths()
    assert {name: found for name, text in texts() if (found := machine_paths_in(text, own=own))} == {}


@pytest.mark.parametrize(
    "user", ["/".join(("", "root", "")), "/".join(("", "home", "ada", "")), "/".join(("", "Users", "ada", ""))]
)
def test_a_path_in_someones_home_is_found(user: str) -> None:
    assert machine_paths_in(f"saved to {user}models", own=[]) == [user]


@pytest.mark.parametrize(
    "text", ["the graph's /rooted/ nodes", "~/.cache", "docs/home/index.md", "https://example.org/home/x/"]
)
def test_what_only_looks_like_a_home_is_not(text: str) -> None:
    assert machine_paths_in(text, own=["/srv/checkout"]) == []


def test_the_checkouts_own_path_is_found() -> None:
    assert machine_paths_in("made in /srv/checkout/examples", own=["/srv/checkout"]) == ["/srv/checkout"]


def test_files_are_small() -> None:
    big = {
        path.relative_to(ROOT).as_posix(): path.stat().st_size for path in files() if path.stat().st_size > LARGEST_FILE
    }
    assert {name: size for name, size in big.items() if not re.match(r"examples/[^/]+/models/", name)} == {}


def test_no_two_test_files_have_one_name() -> None:
    """The folders are no packages: pytest would take the second file for the first, and end."""
    names = [file.name for file in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(name for name in set(names) if names.count(name) > 1) == []


def test_nothing_unknown_lies_at_the_top() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in files()} - TOP_LEVEL == set()


@pytest.mark.parametrize(("kind", "page"), [("rules", "docs/rules.md"), ("lowerings", "docs/lowerings.md")])
def test_every_rewrite_rule_has_its_test_and_its_row_in_the_docs(kind: str, page: str) -> None:
    rules = {path.stem for path in (ROOT / "tfjsci/rewrite" / kind).glob("*.py")} - {"__init__"}
    tests = {path.stem.removeprefix("test_") for path in (ROOT / "tests/tensorflow" / kind).glob("test_*.py")}
    rows = rows_of(page)
    assert rows, f"{page} lists them in a table"
    assert rules - tests == set(), "without a test of their name"
    assert rules ^ rows == set(), f"without a row in {page}, or a row without one"


def test_every_rule_and_lowering_has_examples_for_the_browser() -> None:
    """tests/browser takes them to all four backends."""
    for kind in ("rules", "lowerings"):
        tests = sorted((ROOT / "tests/tensorflow" / kind).glob("test_*.py"))
        assert tests
        assert [path.name for path in tests if not re.search(r"^EXAMPLES\b", path.read_text("utf-8"), re.M)] == []


def rows_of(page: str) -> set[str]:
    """The names, as code, that open the rows of a page's tables."""
    text = (ROOT / page).read_text(encoding="utf-8")
    return set(re.findall(r'^\|\s*(?:<a id="\w+"></a>)?`(\w+)`', text, flags=re.MULTILINE))


def test_every_rule_is_in_the_list_of_a_stage() -> None:
    files = {path.stem for path in (ROOT / "tfjsci/rewrite/rules").glob("*.py")} - {"__init__"}
    assert {name for name in files if not set(rules_of(name)) <= set(RULES)} == set()


def test_every_lowering_is_in_the_list_that_is_taken() -> None:
    files = {path.stem for path in (ROOT / "tfjsci/rewrite/lowerings").glob("*.py")} - {"__init__"}
    assert files == set(NAMES)
    assert list(NAMES) == sorted(NAMES)


def test_the_newest_entry_of_the_changelog_is_this_version() -> None:
    headings = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert headings[0] == __version__


@pytest.mark.parametrize("code", list(ExitCode))
def test_the_docs_have_a_row_for_each_exit_code(code: ExitCode) -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
    row = re.compile(rf"^\|\s*`?{int(code)}`?\s*\|", flags=re.MULTILINE)
    assert [page.name for page in pages if row.search(page.read_text(encoding="utf-8"))], (
        f"no table row for {int(code)}"
    )


def shell_scripts() -> list[Path]:
    return [
        path for path in files() if path.read_bytes().startswith((b"#!/usr/bin/env bash", b"#!/bin/sh", b"#!/bin/bash"))
    ]


def test_shell_scripts_can_be_called_and_parse() -> None:
    names = {path.relative_to(ROOT).as_posix() for path in shell_scripts()}
    assert {"script/bootstrap", "script/demo", "script/test", ".ci/run"} <= names
    assert [path.name for path in shell_scripts() if not os.access(path, os.X_OK)] == []
    for path in shell_scripts():
        parsed = subprocess.run(["bash", "-n", str(path)], capture_output=True, text=True, check=False)
        assert (parsed.returncode, parsed.stderr) == (0, ""), path.name

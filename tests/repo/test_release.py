"""script/release in a small repository with a remote: what the tag holds, what stays as it was, and what is refused."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "script" / "release"
DIGEST = "sha256:" + "0123456789abcdef" * 4
IMAGE = f"ghcr.io/octo/tfjsci:1.2.3@{DIGEST}"
ACTION = "name: tfjsci\nruns:\n  using: docker\n  image: Dockerfile # a release has another\n"
CHANGELOG = "# Changelog\n\n## 1.2.3 (2026-05-04)\n\n- New.\n- More.\n\n## 1.2.2 (2026-01-02)\n\n- Old.\n"


def git(folder: Path, *arguments: str) -> str:
    who = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")
    return subprocess.run(
        ["git", *who, *arguments], cwd=folder, check=True, capture_output=True, text=True
    ).stdout.strip()


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A clone of ``tmp_path/remote`` on main."""
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote")
    folder = tmp_path / "checkout"
    folder.mkdir()
    (folder / "tfjsci").mkdir()
    (folder / "tfjsci" / "_version.py").write_text('__version__ = "1.2.3"\n')
    (folder / "action.yml").write_text(ACTION)
    (folder / "CHANGELOG.md").write_text(CHANGELOG)
    git(folder, "init", "--quiet", "--initial-branch=main")
    git(folder, "add", ".")
    git(folder, "commit", "--quiet", "--message", "first")
    git(folder, "push", "--quiet", str(tmp_path / "remote"), "main")
    return folder


def release(checkout: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(SCRIPT), *map(str, arguments)]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False)


def test_the_tag_has_the_digest_and_main_stays(checkout: Path) -> None:
    remote = checkout.parent / "remote"
    before = git(remote, "rev-parse", "main")
    done = release(checkout, "tag", IMAGE, remote)
    assert (done.returncode, done.stdout, done.stderr) == (0, "v1.2.3\n", "")
    assert git(remote, "show", "v1.2.3:action.yml") == ACTION.replace(
        "Dockerfile # a release has another", f"docker://{IMAGE}"
    ).rstrip("\n")
    assert git(remote, "rev-parse", "main", "v1.2.3^") == f"{before}\n{before}"
    assert git(remote, "diff", "--name-only", "main", "v1.2.3") == "action.yml"


@pytest.mark.parametrize(
    "image",
    [
        f"ghcr.io/octo/tfjsci:1.2.4@{DIGEST}",  # another version
        "ghcr.io/octo/tfjsci:1.2.3",
        f"ghcr.io/octo/tfjsci@{DIGEST}",
        "ghcr.io/octo/tfjsci:1.2.3@",  # what is left if the push printed no digest
        f"ghcr.io/octo/tfjsci:1.2.3@{DIGEST[:-1]}",
        f"ghcr.io/Octo/tfjsci:1.2.3@{DIGEST}",  # a registry takes lower case only
    ],
)
def test_an_image_that_is_not_this_versions_is_refused(checkout: Path, image: str) -> None:
    remote = checkout.parent / "remote"
    done = release(checkout, "tag", image, remote)
    assert done.returncode == 1
    assert "1.2.3@sha256:DIGEST" in done.stderr
    assert git(remote, "tag") == ""
    assert (checkout / "action.yml").read_text() == ACTION


def test_a_tag_that_is_there_is_never_moved(checkout: Path) -> None:
    remote = checkout.parent / "remote"
    git(remote, "tag", "v1.2.3", "main")
    done = release(checkout, "tag", IMAGE, remote)
    assert done.returncode == 1
    assert "git push failed" in done.stderr
    assert git(remote, "rev-parse", "v1.2.3") == git(remote, "rev-parse", "main")


def test_an_action_without_the_dockerfile_line_is_refused(checkout: Path) -> None:
    (checkout / "action.yml").write_text(ACTION.replace("Dockerfile", "docker://else"))
    done = release(checkout, "tag", IMAGE, checkout.parent / "remote")
    assert (done.returncode, "0 lines" in done.stderr) == (1, True)


def test_version_and_notes(checkout: Path) -> None:
    assert release(checkout, "version").stdout == "1.2.3\n"
    assert release(checkout, "notes").stdout == "- New.\n- More.\n"


@pytest.mark.parametrize(
    "changelog",
    [
        CHANGELOG.replace("1.2.3 (2026-05-04)", "1.2.3 (unreleased)"),
        CHANGELOG.replace("1.2.3", "1.2.30"),
        CHANGELOG.replace("- New.\n- More.\n", ""),
        "# Changelog\n",
    ],
)
def test_a_version_that_the_changelog_does_not_tell_of_is_refused(checkout: Path, changelog: str) -> None:
    (checkout / "CHANGELOG.md").write_text(changelog)
    done = release(checkout, "version")
    assert (done.returncode, done.stdout) == (1, "")
    assert "CHANGELOG.md" in done.stderr


def test_a_version_that_is_tagged_is_refused(checkout: Path) -> None:
    git(checkout, "tag", "v1.2.3")
    assert "v1.2.3 is there already" in release(checkout, "version").stderr


def test_this_projects_own_action_can_be_pinned(checkout: Path) -> None:
    (checkout / "action.yml").write_text((SCRIPT.parents[1] / "action.yml").read_text("utf-8"))
    git(checkout, "commit", "--quiet", "--all", "--message", "ours")
    remote = checkout.parent / "remote"
    git(checkout, "push", "--quiet", str(remote), "main")
    assert release(checkout, "tag", IMAGE, remote).returncode == 0
    assert git(remote, "show", "v1.2.3:action.yml").endswith(f"  image: docker://{IMAGE}")

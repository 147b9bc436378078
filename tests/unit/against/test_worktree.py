"""Another commit in a folder of its own, from a real repository: what is there, what isn't run, what is left."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tfjsci.against.worktree import NoBaseError, worktree
from tfjsci.errors import UsageError

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")


def git(folder: Path, *arguments: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["git", *IDENTITY, "-C", str(folder), *arguments],
        env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """Two commits of sub/model.txt: ``base`` is a tag on the first."""
    folder = tmp_path / "repository"
    (folder / "sub").mkdir(parents=True)
    git(tmp_path, "init", "--quiet", str(folder))
    for text in ("before", "after"):
        (folder / "sub" / "model.txt").write_text(text)
        git(folder, "add", ".")
        git(folder, "commit", "--quiet", "-m", text)
    git(folder, "tag", "base", "HEAD~1")
    return folder


def left_behind(repository: Path) -> tuple[int, int]:
    """Worktrees that git knows beside the main one, and its notes of them."""
    notes = repository / ".git" / "worktrees"
    return git(repository, "worktree", "list").count("\n"), len(list(notes.iterdir())) if notes.is_dir() else 0


def test_the_commits_files_for_as_long_as_the_block_lasts(repository: Path) -> None:
    with worktree(repository / "sub", "base") as tree:
        assert (tree.here / "model.txt").read_text() == "before"
        assert tree.here == tree.folder / "sub"
        assert tree.commit == git(repository, "rev-parse", "base")
        assert (repository / "sub" / "model.txt").read_text() == "after"
        assert left_behind(repository) == (1, 1)
    assert not tree.folder.parent.exists()
    assert left_behind(repository) == (0, 0)
    assert git(repository, "status", "--porcelain") == ""


@pytest.mark.parametrize("error", [RuntimeError("broken"), KeyboardInterrupt()])
def test_nothing_is_left_when_the_block_breaks_and_its_files_were_changed(
    repository: Path, error: BaseException
) -> None:
    with pytest.raises(type(error)), worktree(repository, "base") as tree:  # noqa: PT012  # the block is what is tested
        (tree.folder / "sub" / "model.txt").write_text("dirty")
        (tree.folder / "new.txt").write_text("untracked")
        git(repository, "worktree", "lock", str(tree.folder))
        raise error
    assert not tree.folder.parent.exists()
    assert left_behind(repository) == (0, 0)


def test_nothing_is_left_when_the_worktree_was_taken_away_meanwhile(repository: Path) -> None:
    with worktree(repository, "base") as tree:
        tree.folder.rename(tree.folder.with_name("elsewhere"))
    assert not tree.folder.parent.exists()
    assert left_behind(repository) == (0, 0)


def test_a_ref_that_is_not_there_is_told(repository: Path) -> None:
    with (
        pytest.raises(NoBaseError, match="has no commit origin/main; is it fetched"),
        worktree(repository, "origin/main"),
    ):
        pass
    # of a file's contents no worktree can be made
    blob = git(repository, "rev-parse", "HEAD:sub/model.txt")
    with pytest.raises(NoBaseError, match="has no commit"), worktree(repository, blob):
        pass
    assert left_behind(repository) == (0, 0)


def test_a_shallow_clone_is_told_what_to_fetch(repository: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth", "1", "--no-tags", repository.as_uri(), "shallow")
    message = "has no commit base; this clone is shallow: check out with fetch-depth: 0"
    with pytest.raises(NoBaseError, match=message), worktree(tmp_path / "shallow", "base"):
        pass


@pytest.mark.parametrize("ref", ["--help", "-b", "--exec=touch x", "main:sub/model.txt", "a b", ""])
def test_hostile_names_never_reach_git(repository: Path, ref: str) -> None:
    with pytest.raises(UsageError, match="is no name of a commit"), worktree(repository, ref):
        pass


@pytest.mark.parametrize(
    "ref", ["$(touch x)", "`id`", "main;id", "main|id", "main&&id", "'", '"', "../../etc", "a\u202eb"]
)
def test_names_for_a_shell_are_only_names(repository: Path, ref: str) -> None:
    with pytest.raises((NoBaseError, UsageError)) as refused, worktree(repository, ref):
        pass
    assert "\u202e" not in str(refused.value)
    assert sorted(path.name for path in repository.iterdir()) == [".git", "sub"]


def test_no_hook_of_the_repository_runs(repository: Path, tmp_path: Path) -> None:
    hook = repository / ".git" / "hooks" / "post-checkout"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {tmp_path / 'ran'}\n")
    hook.chmod(0o755)
    git(repository, "checkout", "--quiet", "base")
    assert (tmp_path / "ran").exists(), "the hook works"
    (tmp_path / "ran").unlink()
    with worktree(repository, "base"):
        pass
    assert not (tmp_path / "ran").exists()


def test_gits_own_variables_dont_lead_it_elsewhere(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    git(tmp_path, "init", "--quiet", "other")
    monkeypatch.setenv("GIT_DIR", str(tmp_path / "other" / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "other" / "index"))
    with worktree(repository, "base") as tree:
        assert (tree.folder / "sub" / "model.txt").read_text() == "before"


def test_without_a_repository_or_git_there_is_no_base(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(NoBaseError, match="not a git repository"), worktree(tmp_path, "main"):
        pass
    with pytest.raises(NoBaseError, match="there is no folder"), worktree(tmp_path / "none", "main"):
        pass
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(NoBaseError, match="git isn't installed"), worktree(tmp_path, "main"):
        pass

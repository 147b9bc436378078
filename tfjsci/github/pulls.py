"""The pull requests of a commit, found through GitHub, never through what the commit's own job wrote."""

from __future__ import annotations

from typing import Any

from tfjsci.github.client import Client
from tfjsci.github.event import FinishedRun, PullRequest


def pulls_of(client: Client, repository: str, finished: FinishedRun) -> list[PullRequest]:
    """Open pull requests of ``repository`` whose head is exactly the finished run's commit. Raises ``ApiError`` kinds.

    Asked for by head branch: a fork's commits aren't known under ``commits/{sha}/pulls``. The branch alone would not
    do: it may have moved on, or be another repository's of the same owner.
    """
    found = client.pages(
        f"/repos/{repository}/pulls", {"state": "open", "head": f"{finished.head_owner}:{finished.head_branch}"}
    )
    return [
        PullRequest(number=int(pull["number"]), head_sha=finished.head_sha, from_fork=finished.head_repository != repository)
        for pull in found
        if _at(pull, "head", "sha") == finished.head_sha
        and _at(pull, "head", "repo", "full_name") == finished.head_repository
    ]  # fmt: skip


def _at(value: Any, *keys: str) -> Any:
    for key in keys:
        value = value.get(key) if isinstance(value, dict) else None
    return value

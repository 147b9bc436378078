"""What the runner's variables and the event's file say, and what is made of broken ones."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tfjsci.github.event import Event, PullRequest, Run, read_surroundings


def test_outside_of_github_there_is_nothing() -> None:
    found = read_surroundings({})
    assert (found.on_github, found.run, found.repository, found.output_file) == (False, None, "", None)
    assert found.event.pull_request() is None
    assert found.api_url == "https://api.github.com"


def test_enterprise_server_has_its_own_addresses() -> None:
    found = read_surroundings(
        {
            "GITHUB_ACTIONS": "true",
            "GITHUB_API_URL": "https://git.example/api/v3",
            "GITHUB_GRAPHQL_URL": "https://git.example/api/graphql",
            "GITHUB_SERVER_URL": "https://git.example",
            "GITHUB_REPOSITORY": "a/b",
            "GITHUB_RUN_ID": "5",
            "GITHUB_RUN_ATTEMPT": "2",
            "GITHUB_RUN_NUMBER": "3",
        }
    )
    assert (found.api_url, found.graphql_url) == ("https://git.example/api/v3", "https://git.example/api/graphql")
    assert found.run == Run(id=5, attempt=2, number=3)
    assert found.run_url(Run(id=5, attempt=2)) == "https://git.example/a/b/actions/runs/5/attempts/2"


@pytest.mark.parametrize(
    ("text", "problem"),
    [(None, "can't be read"), ("{", "not valid JSON"), ("[" * 100_000, "not valid JSON"), ("[]", "holds no event")],
)
def test_a_broken_event_is_a_problem_and_no_crash(tmp_path: Path, text: str | None, problem: str) -> None:
    path = tmp_path / "event.json"
    if text is not None:
        path.write_text(text)
    event = read_surroundings({"GITHUB_EVENT_NAME": "pull_request", "GITHUB_EVENT_PATH": str(path)}).event
    assert problem in (event.problem or "")
    assert event.pull_request() is None


def pull(**changes: Any) -> dict[str, Any]:
    base = {"number": 3, "head": {"sha": "ab", "repo": {"full_name": "x/y"}}, "base": {"repo": {"full_name": "x/y"}}}
    return {"pull_request": {**base, **changes}}


@pytest.mark.parametrize(
    ("payload", "expected"),
    [
        (pull(), PullRequest(number=3, head_sha="ab", from_fork=False)),
        (pull(head={"sha": "ab", "repo": {"full_name": "z/y"}}), PullRequest(number=3, head_sha="ab", from_fork=True)),
        # the fork was deleted
        (pull(head={"sha": "ab", "repo": None}), PullRequest(number=3, head_sha="ab", from_fork=True)),
        (pull(number="3"), None),
        (pull(head=None), None),
        ({}, None),
    ],
)
def test_the_pull_request_of_an_event(payload: Any, expected: PullRequest | None) -> None:
    assert Event(name="pull_request", payload=payload).pull_request() == expected
    assert Event(name="pull_request_target", payload=payload).pull_request() is None

"""Why this job runs and for what: the event, the run, and where GitHub is, out of the step's environment."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

EVENT_LIMIT_BYTES = 32 * 1024 * 1024
"""GitHub's own limit for a webhook's payload is 25 MB."""


@dataclass(frozen=True, kw_only=True)
class Run:
    """A run of a workflow. Ids count up in all of GitHub, attempts in the run."""

    id: int
    attempt: int
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class PullRequest:
    """The pull request that an event is about."""

    number: int
    head_sha: str
    from_fork: bool
    author: str = ""


@dataclass(frozen=True, kw_only=True)
class FinishedRun:
    """The run whose end started this job (``workflow_run``). All of it is GitHub's word, none the artifact's."""

    run: Run
    event: str
    head_sha: str
    head_branch: str
    head_owner: str
    head_repository: str


@dataclass(frozen=True, kw_only=True)
class Event:
    """What happened: ``pull_request``, ``push``, … ``problem`` says why there is no payload."""

    name: str
    payload: Mapping[str, Any] = field(default_factory=dict)
    problem: str | None = None

    def pull_request(self) -> PullRequest | None:
        """Its pull request, if it is a ``pull_request`` event."""
        if self.name != "pull_request":
            return None
        number = _get(self.payload, "pull_request", "number")
        sha = _get(self.payload, "pull_request", "head", "sha")
        if not isinstance(number, int) or not isinstance(sha, str):
            return None
        head = _get(self.payload, "pull_request", "head", "repo", "full_name")
        base = _get(self.payload, "pull_request", "base", "repo", "full_name")
        author = _get(self.payload, "pull_request", "user", "login")
        return PullRequest(
            number=number, head_sha=sha, from_fork=head != base, author=author if isinstance(author, str) else ""
        )

    def finished_run(self) -> FinishedRun | None:
        """The run that ended, if it is a ``workflow_run`` event that has all that is needed."""
        if self.name != "workflow_run":
            return None
        found = _get(self.payload, "workflow_run")
        texts = {
            "event": _get(found, "event"),
            "head_sha": _get(found, "head_sha"),
            "head_branch": _get(found, "head_branch"),
            "head_owner": _get(found, "head_repository", "owner", "login"),
            "head_repository": _get(found, "head_repository", "full_name"),
        }
        numbers = {"id": _get(found, "id"), "attempt": _get(found, "run_attempt")}
        if not all(isinstance(text, str) and text for text in texts.values()):
            return None
        if not all(isinstance(number, int) for number in numbers.values()):
            return None
        number = _get(found, "run_number")
        return FinishedRun(run=Run(number=number if isinstance(number, int) else None, **numbers), **texts)


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """Where this step is. Outside of GitHub most of it is empty."""

    on_github: bool
    repository: str
    """``owner/name``."""
    run: Run | None
    sha: str
    event: Event
    server_url: str
    api_url: str
    graphql_url: str
    output_file: Path | None
    summary_file: Path | None

    def run_url(self, run: Run) -> str:
        """The page of a run of this repository."""
        return f"{self.server_url}/{self.repository}/actions/runs/{run.id}/attempts/{run.attempt}"


def read_surroundings(environ: Mapping[str, str]) -> Surroundings:
    """Out of the runner's variables; the event's payload out of the file that they name."""
    run_id, attempt = environ.get("GITHUB_RUN_ID", ""), environ.get("GITHUB_RUN_ATTEMPT", "1")
    number = environ.get("GITHUB_RUN_NUMBER", "")
    api_url = environ.get("GITHUB_API_URL", "").rstrip("/") or "https://api.github.com"
    return Surroundings(
        on_github=environ.get("GITHUB_ACTIONS") == "true",
        repository=environ.get("GITHUB_REPOSITORY", ""),
        run=Run(
            id=int(run_id),
            attempt=int(attempt) if attempt.isdecimal() else 1,
            number=int(number) if number.isdecimal() else None,
        )
        if run_id.isdecimal()
        else None,
        sha=environ.get("GITHUB_SHA", ""),
        event=_read_event(environ),
        server_url=environ.get("GITHUB_SERVER_URL", "").rstrip("/") or "https://github.com",
        api_url=api_url,
        # On GitHub Enterprise Server they are /api/v3 and /api/graphql.
        graphql_url=environ.get("GITHUB_GRAPHQL_URL", "") or f"{api_url}/graphql",
        output_file=_file(environ, "GITHUB_OUTPUT"),
        summary_file=_file(environ, "GITHUB_STEP_SUMMARY"),
    )


def _read_event(environ: Mapping[str, str]) -> Event:
    name, path = environ.get("GITHUB_EVENT_NAME", ""), environ.get("GITHUB_EVENT_PATH", "")
    if not path:
        return Event(name=name, problem="GITHUB_EVENT_PATH is not set")
    try:
        with Path(path).open("rb") as file:
            data = file.read(EVENT_LIMIT_BYTES + 1)
        if len(data) > EVENT_LIMIT_BYTES:
            return Event(name=name, problem=f"{path} is larger than {EVENT_LIMIT_BYTES >> 20} MiB")
        payload = json.loads(data)
    except OSError as error:
        return Event(name=name, problem=f"{path} can't be read: {error.strerror or error}")
    except (ValueError, RecursionError):
        return Event(name=name, problem=f"{path} is not valid JSON")
    if not isinstance(payload, dict):
        return Event(name=name, problem=f"{path} holds no event")
    return Event(name=name, payload=payload)


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    return Path(environ[name]) if environ.get(name) else None


def _get(value: Any, *keys: str) -> Any:
    for key in keys:
        if not isinstance(value, Mapping):
            return None
        value = value.get(key)
    return value

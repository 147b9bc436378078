"""A small GitHub for each test, and the clock that its clients sleep on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from github.description import Description, trimmed
from github.server import GitHub, serve
from github.step import Step

from tfjsci.github.client import Client
from tfjsci.github.secret import Token


@pytest.fixture(scope="session")
def description(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Description:
    """GitHub's own, trimmed; kept in pytest's cache where there is one."""
    cache = getattr(request.config, "cache", None)
    folder = cache.mkdir("github-openapi") if cache is not None else tmp_path_factory.mktemp("github-openapi")
    return Description(trimmed(folder))


@pytest.fixture
def github(description: Description, monkeypatch: pytest.MonkeyPatch) -> Iterator[GitHub]:
    """Running; whatever was not as GitHub describes it fails the test at its end."""
    # A proxy of the machine's has no business between the two.
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    github = GitHub(description)
    server = serve(github)
    yield github
    server.shutdown()
    server.server_close()
    assert github.breaches == []


@dataclass
class Clock:
    """Time that passes by sleeping."""

    now: float = 1_800_000_000.0
    slept: list[float] = field(default_factory=list)

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(github: GitHub, clock: Clock) -> Iterator[Client]:
    with Client(
        api_url=github.url,
        graphql_url=f"{github.url}/graphql",
        token=Token(github.token),
        clock=clock,
        sleep=clock.sleep,
    ) as client:
        yield client


@pytest.fixture
def step(github: GitHub, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Step:
    monkeypatch.chdir(tmp_path)
    return Step(github, clock, tmp_path)

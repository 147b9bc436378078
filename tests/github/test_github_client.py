"""Patience, bounded; pages to the last; and a token that goes nowhere else."""

from __future__ import annotations

from typing import Any

import pytest
from github.server import REPOSITORY, GitHub, Trouble

from tfjsci.github.client import ApiError, Client, NotAllowedError, RateLimitedError, UnsureError
from tfjsci.github.secret import Token

COMMENTS = f"/repos/{REPOSITORY}/issues/7/comments"


def test_every_page_is_read(github: GitHub, client: Client) -> None:
    for n in range(250):
        github.add_comment(f"comment {n}")
    assert [each["body"] for each in client.pages(COMMENTS)] == [f"comment {n}" for n in range(250)]
    assert [call.query.get("page") for call in github.calls] == [None, "2", "3"]


def test_exactly_one_page_asks_for_no_second(github: GitHub, client: Client) -> None:
    for n in range(100):
        github.add_comment(f"comment {n}")
    assert len(list(client.pages(COMMENTS))) == 100
    assert len(github.calls) == 1


def test_a_link_to_another_host_is_not_followed(github: GitHub, client: Client) -> None:
    for n in range(101):
        github.add_comment(f"comment {n}")
    github.link_host = "http://localhost:1"
    with pytest.raises(ApiError, match="another host"):
        list(client.pages(COMMENTS))
    assert len(github.calls) == 1


def test_retry_after_is_waited_for(github: GitHub, client: Client, clock: Any) -> None:
    github.troubles.append(Trouble("GET", "comments", 429, {"Retry-After": "17"}, times=2))
    assert list(client.pages(COMMENTS)) == []
    assert clock.slept == [17.0, 17.0]


def test_the_reset_of_the_hourly_limit_is_waited_for(github: GitHub, client: Client, clock: Any) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(clock.now) + 40)}
    github.troubles.append(Trouble("GET", "comments", 403, headers))
    assert list(client.pages(COMMENTS)) == []
    assert clock.slept == [41.0]


def test_a_reset_too_far_away_is_told_at_once(github: GitHub, client: Client, clock: Any) -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(clock.now) + 3000)}
    github.troubles.append(Trouble("GET", "comments", 403, headers, message="API rate limit exceeded"))
    with pytest.raises(RateLimitedError, match="over in 3001 s"):
        list(client.pages(COMMENTS))
    assert clock.slept == []


def test_a_secondary_limit_without_a_time_is_waited_for_ever_longer(github: GitHub, client: Client, clock: Any) -> None:
    message = "You have exceeded a secondary rate limit"
    github.troubles.append(Trouble("POST", "comments", 403, message=message, times=2))
    client.post(COMMENTS, {"body": "hello"})
    assert clock.slept == [60.0, 120.0]
    assert github.bodies() == ["hello"]


def test_a_403_that_is_no_limit_is_not_repeated(github: GitHub, client: Client, clock: Any) -> None:
    github.may_write = False
    with pytest.raises(NotAllowedError, match="Resource not accessible by integration"):
        client.post(COMMENTS, {"body": "hello"})
    assert clock.slept == []


def test_a_servers_trouble_is_tried_again_with_growing_pauses(github: GitHub, client: Client, clock: Any) -> None:
    github.troubles.append(Trouble("GET", "comments", 502, times=3))
    assert list(client.pages(COMMENTS)) == []
    assert clock.slept == [1.0, 2.0, 4.0]


def test_it_gives_up_in_the_end(github: GitHub, client: Client, clock: Any) -> None:
    github.troubles.append(Trouble("GET", "comments", 500, times=99))
    with pytest.raises(ApiError, match="tried 6 times"):
        list(client.pages(COMMENTS))
    assert len(github.calls) == 6
    assert sum(clock.slept) == 31.0


def test_a_post_that_broke_midway_is_not_repeated_blindly(github: GitHub, client: Client, clock: Any) -> None:
    github.troubles.append(Trouble("POST", "comments", 502, done=True))
    with pytest.raises(UnsureError):
        client.post(COMMENTS, {"body": "hello"})
    assert github.bodies() == ["hello"]
    assert clock.slept == []


def test_a_body_that_is_too_long_is_told_with_githubs_words(github: GitHub, client: Client) -> None:
    with pytest.raises(ApiError, match="422 Validation Failed: body is too long"):
        client.post(COMMENTS, {"body": "x" * 65_537})
    client.post(COMMENTS, {"body": "x" * 65_536})


def test_nobody_there_is_tried_again_and_then_told(clock: Any) -> None:
    with (
        Client(
            api_url="http://127.0.0.1:9",
            graphql_url="http://127.0.0.1:9",
            token=Token("ghs_token"),
            clock=clock,
            sleep=clock.sleep,
        ) as client,
        pytest.raises(ApiError, match="ConnectError"),
    ):
        client.get("/user")
    assert len(clock.slept) == 5


@pytest.mark.parametrize(("viewer", "expected"), [("github-actions[bot]", "github-actions[bot]"), (None, None)])
def test_whose_token_it_is(github: GitHub, client: Client, viewer: str | None, expected: str | None) -> None:
    github.viewer = viewer
    assert client.viewer() == expected


def test_the_description_notices_what_github_does_not_have(github: GitHub, client: Client) -> None:
    with pytest.raises(NotAllowedError):
        client.get(f"/repos/{REPOSITORY}/issues/7/remarks")
    client.post(COMMENTS, {"body": "hello", "title": "there is none"})
    assert [breach.partition(":")[0] for breach in github.breaches] == [
        f"GitHub describes no GET /repos/{REPOSITORY}/issues/7/remarks",
        f"GitHub describes no GET /repos/{REPOSITORY}/issues/7/remarks",
        f"POST {COMMENTS}",
    ]
    github.breaches.clear()

"""One comment: found among hundreds, changed and not doubled, never by an older run, and not another's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from github.server import BOT, REPOSITORY, GitHub, Trouble

from tfjsci.github.client import ApiError, Client, NotAllowedError
from tfjsci.github.comment import Age, Kept, Stamp, keep_comment

Keep = Callable[..., Kept]


def stamp(run: int, attempt: int = 1, key: str = "default") -> Stamp:
    return Stamp(key=key, age=Age(run=run, attempt=attempt))


def body(run: int, text: str = "report", **more: Any) -> str:
    return f"{stamp(run, **more).marker}\n{text}"


@pytest.fixture
def keep(client: Client, clock: Any) -> Keep:
    def keep(run: int, text: str = "report", *, create: bool = True, number: int = 7, **more: Any) -> Kept:
        mine = stamp(run, **more)
        return keep_comment(
            client,
            repository=REPOSITORY,
            number=number,
            stamp=mine,
            body=f"{mine.marker}\n{text}",
            create=create,
            sleep=clock.sleep,
        )

    return keep


def test_made_once_then_changed(github: GitHub, keep: Keep) -> None:
    first, second = keep(1), keep(2, "all is well again")
    assert (first.how, second.how) == ("created", "updated")
    assert first.url == second.url == github.comments[1001]["html_url"]
    assert [each.replace("\r", "") for each in github.bodies()] == [body(2, "all is well again")]
    assert github.writes() == ["POST 201", "PATCH 200"]


def test_found_on_the_third_page_among_those_of_others(github: GitHub, keep: Keep) -> None:
    for n in range(220):
        github.add_comment(f"talk {n}", author="octocat")
    mine = github.add_comment(body(1))
    github.add_comment("more talk", author="octocat")
    assert keep(2).how == "updated"
    assert github.comments[mine]["body"].startswith(stamp(2).marker)
    assert github.writes() == ["PATCH 200"]


def test_what_is_there_word_for_word_is_not_written_again(github: GitHub, keep: Keep) -> None:
    keep(1)
    again = keep(1)
    assert (again.how, github.writes()) == ("unchanged", ["POST 201"])


def test_other_line_ends_are_the_same_words(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(1).replace("\n", "\r\n"))
    assert keep(1).how == "unchanged"
    assert github.writes() == []


def test_an_older_run_leaves_a_newer_ones_comment(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(9, "newer"))
    left = keep(8, "older")
    assert (left.how, left.reason) == ("left", "the newer run 9 has reported already")
    assert left.url == github.comments[1001]["html_url"]
    assert github.bodies() == [body(9, "newer")]
    assert github.writes() == []


def test_an_older_attempt_leaves_a_newer_ones_comment_and_not_the_other_way_round(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(9, attempt=2))
    assert keep(9, attempt=1).how == "left"
    assert keep(9, attempt=3).how == "updated"


def test_someone_elses_comment_with_our_marker_is_not_ours(github: GitHub, keep: Keep) -> None:
    forged = github.add_comment(body(999_999), author="octocat")
    assert keep(1).how == "created"
    assert github.comments[forged]["body"] == body(999_999)
    assert len(github.comments) == 2


def test_a_marker_in_the_middle_of_a_comment_is_not_ours(github: GitHub, keep: Keep) -> None:
    quoting = github.add_comment(f"> {body(1)}")
    assert keep(2).how == "created"
    assert github.comments[quoting]["body"] == f"> {body(1)}"


def test_a_comment_that_someone_hid_is_left_hidden(github: GitHub, keep: Keep) -> None:
    hidden = github.add_comment(body(1), minimized="outdated")
    assert keep(2).how == "created"
    assert github.comments[hidden]["body"] == body(1)


def test_comments_of_other_keys_and_pull_requests_stand_beside_it(github: GitHub, keep: Keep) -> None:
    keep(1, key="linux")
    keep(1, key="gpu")
    keep(1, key="linux", number=8)
    keep(2, key="linux")
    assert [each.partition("\n")[0].rstrip() for each in github.bodies(7)] == [
        stamp(2, key="linux").marker,
        stamp(1, key="gpu").marker,
    ]
    assert len(github.bodies(8)) == 1


def test_of_two_of_a_key_the_newest_is_changed_and_the_other_goes(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(3))
    newest = github.add_comment(body(4))
    assert keep(5).how == "updated"
    assert list(github.comments) == [newest]


def test_duplicates_stay_if_a_newer_run_is_among_them(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(3))
    github.add_comment(body(9))
    assert keep(5).how == "left"
    assert len(github.comments) == 2


def test_nothing_is_made_where_nothing_is_to_be_told_but_what_is_there_is_kept_up(github: GitHub, keep: Keep) -> None:
    assert keep(1, create=False).how == "left"
    assert github.comments == {}
    keep(2)
    assert keep(3, "fine now", create=False).how == "updated"
    assert "fine now" in github.bodies()[0]


def test_an_older_run_that_writes_over_us_is_written_over(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(1))

    def overwrite(comment: dict[str, Any]) -> None:
        github.comments[comment["id"]] = {**comment, "body": body(4, "late")}

    github.after_write = overwrite
    assert keep(5, "newest").how == "updated"
    assert [each.replace("\r", "") for each in github.bodies()] == [body(5, "newest")]


def test_a_newer_run_that_writes_over_us_is_left(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(1))

    def overwrite(comment: dict[str, Any]) -> None:
        github.comments[comment["id"]] = {**comment, "body": body(6, "newer")}

    github.after_write = overwrite
    assert keep(5).how == "left"
    assert github.bodies() == [body(6, "newer")]


def test_two_runs_that_begin_at_once_end_with_one_comment(github: GitHub, keep: Keep) -> None:
    github.after_write = lambda _: github.add_comment(body(4, "the other's"))
    assert keep(5, "ours").how == "created"
    assert github.bodies() == [body(5, "ours")]


def test_the_older_of_two_runs_that_begin_at_once_leaves_the_newer_ones(github: GitHub, keep: Keep) -> None:
    github.after_write = lambda _: github.add_comment(body(6, "the other's"))
    assert keep(5, "ours").how == "left"
    # The newer run, which looks again as well, removes ours.
    assert keep(6, "the other's").how == "unchanged"
    assert github.bodies() == [body(6, "the other's")]


def test_two_jobs_of_one_run_with_one_key_are_told_to_take_two(github: GitHub, keep: Keep) -> None:
    def overwrite(comment: dict[str, Any]) -> None:
        github.comments[comment["id"]] = {**comment, "body": body(5, "the other job's")}

    github.after_write = overwrite
    left = keep(5, "ours")
    assert left.how == "left"
    assert "comment-key" in left.reason


def test_a_write_that_broke_midway_makes_no_second_comment(github: GitHub, keep: Keep) -> None:
    github.troubles.append(Trouble("POST", "comments", 502, done=True))
    assert keep(1).url == github.comments[1001]["html_url"]
    assert github.bodies() == [body(1)]


def test_a_write_that_was_never_done_is_done(github: GitHub, keep: Keep) -> None:
    github.troubles.append(Trouble("POST", "comments", 502))
    assert keep(1).how == "created"
    assert github.bodies() == [body(1)]


def test_a_comment_that_is_deleted_under_our_hands_is_made_anew(github: GitHub, keep: Keep) -> None:
    there = github.add_comment(body(1))
    github.troubles.append(Trouble("PATCH", "comments", 404))
    original = github.answer

    def delete_it_first(call: Any) -> Any:
        if call.method == "PATCH":
            github.comments.pop(there, None)
        return original(call)

    github.answer = delete_it_first  # type: ignore[method-assign]
    assert keep(2).how == "created"
    assert github.bodies() == [body(2)]


@pytest.mark.parametrize("there", [True, False])
def test_a_token_that_may_only_read_is_told_as_that(github: GitHub, keep: Keep, there: bool) -> None:
    if there:
        github.add_comment(body(1))
    github.may_write = False
    with pytest.raises(NotAllowedError):
        keep(2)
    assert len(github.comments) == int(there)


def test_a_token_that_may_not_even_read_is_told_as_that(github: GitHub, keep: Keep) -> None:
    github.may_read = False
    with pytest.raises(NotAllowedError):
        keep(1)


def test_a_404_for_every_write_is_told_as_not_allowed(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(1))
    github.troubles.append(Trouble("PATCH", "comments", 404, times=9))
    with pytest.raises(NotAllowedError):
        keep(2)


def test_a_retry_in_the_middle_makes_no_second_comment(github: GitHub, keep: Keep, clock: Any) -> None:
    github.troubles.append(Trouble("POST", "comments", 429, {"Retry-After": "5"}))
    assert keep(1).how == "created"
    assert 5.0 in clock.slept
    assert len(github.comments) == 1


def test_a_comment_that_never_settles_is_given_up(github: GitHub, keep: Keep) -> None:
    github.add_comment(body(1))

    def overwrite(comment: dict[str, Any]) -> None:
        github.comments[comment["id"]] = {**comment, "body": body(2)}
        github.after_write = overwrite

    github.after_write = overwrite
    with pytest.raises(ApiError, match="didn't settle"):
        keep(5)


def test_the_account_of_the_token_counts_not_the_bots(github: GitHub, keep: Keep) -> None:
    github.viewer = "release-robot"
    others = github.add_comment(body(1), author=BOT)
    assert keep(2).how == "created"
    assert keep(3).how == "updated"
    assert github.comments[others]["body"] == body(1)


def test_where_github_does_not_say_whose_token_it_is_it_is_the_workflows(github: GitHub, keep: Keep) -> None:
    github.viewer = None
    github.add_comment(body(1), author=BOT)
    assert keep(2).how == "updated"

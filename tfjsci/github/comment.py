"""One comment on a pull request that is kept up to date: made once, then changed, never by an older run.

A hidden first line says whose it is: ``<!-- tfjsci:report key=default run=17 attempt=1 -->``. A comment is ours if its
author is the token's own account, too, and nobody hid it. GitHub has no way to change a comment only if it is
still as it was read, so after each write one looks again: what an older run wrote meanwhile is written over, and of two
comments of one key (two runs that began at once) the newest run's stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tfjsci.github.client import ApiError, Client, NotAllowedError, UnsureError

LIMIT = 65_536
"""Characters of a comment's body. Counted here in UTF-16 units, the larger of the two ways to count."""

BOT = "github-actions[bot]"
"""The account of a workflow's own token."""

SETTLE_SECONDS = 1.0
"""Between writes, as GitHub asks, and long enough for a run that looked before our write to have written."""

MOST_ROUNDS = 6

_MARKER = re.compile(r"<!-- tfjsci:report key=([A-Za-z0-9._-]{1,64}) run=(\d{1,20}) attempt=(\d{1,9}) -->")


@dataclass(frozen=True, kw_only=True, order=True)
class Age:
    """Which run wrote it: newer is greater."""

    run: int
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Stamp:
    """Whose comment it is."""

    key: str
    age: Age

    @property
    def marker(self) -> str:
        """The hidden line."""
        return f"<!-- tfjsci:report key={self.key} run={self.age.run} attempt={self.age.attempt} -->"


@dataclass(frozen=True, kw_only=True)
class Seen:
    """A comment of ours, as it is on the pull request."""

    id: int
    url: str
    stamp: Stamp
    body: str


@dataclass(frozen=True, kw_only=True)
class Create:
    """There is none: make it."""


@dataclass(frozen=True, kw_only=True)
class Update:
    """It is there and says something else."""

    id: int


@dataclass(frozen=True, kw_only=True)
class Remove:
    """More than one of a key: the older ones go."""

    ids: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class Done:
    """It is there and says what it should."""

    url: str


@dataclass(frozen=True, kw_only=True)
class Leave:
    """Nothing is to be written, for a reason. ``url`` is that of the comment that stays."""

    reason: str
    url: str | None = None


Decision = Create | Update | Remove | Done | Leave


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How it ended: what was done (``created``, ``updated``, ``unchanged``, ``left``), and why it was left."""

    how: str
    url: str | None
    reason: str = ""


def stamp_of(body: str) -> Stamp | None:
    """The stamp of a comment's body, None if it has none at its very beginning."""
    found = _MARKER.match(body)
    return Stamp(key=found[1], age=Age(run=int(found[2]), attempt=int(found[3]))) if found else None


def decide(seen: Sequence[Seen], stamp: Stamp, body: str, *, create: bool, written: bool) -> Decision:
    """What to do about the comments of our key. ``create``: make one where there is none; ``written``: we did."""
    if not seen:
        return Create() if create else Leave(reason="there is nothing to report, and no comment yet")
    newest = max(seen, key=lambda each: (each.stamp.age, -each.id))
    others = tuple(sorted(each.id for each in seen if each.id != newest.id))
    if newest.stamp.age > stamp.age:
        return Leave(reason=f"the newer run {newest.stamp.age.run} has reported already", url=newest.url)
    if not _same(newest.body, body):
        if written and newest.stamp.age == stamp.age:
            return Leave(
                reason="another job of this run writes the same comment: give each its own comment-key", url=newest.url
            )
        return Update(id=newest.id)
    return Remove(ids=others) if others else Done(url=newest.url)


def keep_comment(
    client: Client,
    *,
    repository: str,
    number: int,
    stamp: Stamp,
    body: str,
    create: bool,
    sleep: Callable[[float], None],
) -> Kept:
    """Make or change the comment of ``stamp.key`` on pull request ``number``.

    ``body`` begins with the stamp's marker and has at most ``LIMIT`` characters. Raises ``NotAllowedError`` if the token may not,
    and the other kinds of ``ApiError``.
    """
    assert body.startswith(stamp.marker)
    author = client.viewer() or BOT
    comments = f"/repos/{repository}/issues/{number}/comments"
    how = "unchanged"
    last: ApiError | None = None
    for round_ in range(MOST_ROUNDS):
        if round_:
            sleep(SETTLE_SECONDS)
        seen = _ours(client.pages(comments), author, stamp.key)
        decision = decide(seen, stamp, body, create=create, written=how != "unchanged")
        try:
            if isinstance(decision, Done):
                return Kept(how=how, url=decision.url)
            if isinstance(decision, Leave):
                return Kept(how="left", url=decision.url, reason=decision.reason)
            if isinstance(decision, Create):
                client.post(comments, {"body": body})
                how = "created"
            elif isinstance(decision, Update):
                client.patch(f"/repos/{repository}/issues/comments/{decision.id}", {"body": body})
                how = how if how == "created" else "updated"
            else:
                for each in decision.ids:
                    _remove(client, repository, each)
        except UnsureError as error:
            last = error  # it may have been done: the next look tells
        except NotAllowedError as error:
            # Gone since it was looked at is 404, too; the next look tells the one from the other.
            if error.status != 404 or isinstance(decision, Create) or last is not None:
                raise
            last = error
    raise last or ApiError(f"the comment on #{number} didn't settle: others keep writing it")


def _remove(client: Client, repository: str, comment: int) -> None:
    try:
        client.delete(f"/repos/{repository}/issues/comments/{comment}")
    except NotAllowedError as error:
        if error.status != 404:  # someone else was faster
            raise


def _ours(comments: Iterable[Any], author: str, key: str) -> list[Seen]:
    return [seen for comment in comments if (seen := _seen(comment, author)) and seen.stamp.key == key]


def _seen(comment: Any, author: str) -> Seen | None:
    if not isinstance(comment, dict) or comment.get("minimized"):
        return None
    user, body = comment.get("user"), comment.get("body")
    if not isinstance(user, dict) or user.get("login") != author or not isinstance(body, str):
        return None
    stamp = stamp_of(body)
    if stamp is None:
        return None
    return Seen(id=int(comment["id"]), url=str(comment["html_url"]), stamp=stamp, body=body)


def _same(one: str, other: str) -> bool:
    """Whether two bodies are the same to GitHub, which may keep other line ends than it was given."""
    return one.replace("\r\n", "\n").rstrip() == other.replace("\r\n", "\n").rstrip()

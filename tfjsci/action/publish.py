"""An outcome is told: annotations, the job's summary, the comment, the outputs. None of it changes the verdict."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tfjsci.action.outcome import Outcome
from tfjsci.action.world import World
from tfjsci.escape import one_line
from tfjsci.github.commands import JobLog
from tfjsci.github.event import PullRequest, Run, Surroundings
from tfjsci.github.inputs import CommentMode, Inputs
from tfjsci.github.summary import append_summary, room_for_summary

if TYPE_CHECKING:
    from tfjsci.github.client import Client

FORKS = "For comments on pull requests from forks and Dependabot, see the two-job workflow in docs/github.md."


@dataclass(frozen=True, kw_only=True)
class Target:
    """Where comments go, and what they are about."""

    pulls: tuple[PullRequest, ...]
    run: Run


@dataclass(frozen=True, kw_only=True)
class Untold:
    """Why there is no comment. ``expected`` says that nobody wanted one."""

    reason: str
    expected: bool


@dataclass(frozen=True, kw_only=True)
class CommentMade:
    """``url`` of the first comment that is there, maybe empty; ``broken`` when GitHub couldn't be talked to."""

    url: str = ""
    broken: bool = False


def write_summary(outcome: Outcome, surroundings: Surroundings, log: JobLog) -> None:
    """The report, or why there is none, in the job's summary."""
    path = surroundings.summary_file
    if path is None:
        return
    try:
        append_summary(path, summary_text(outcome, room_for_summary(path)))
    except (OSError, ValueError) as error:
        log.warning(f"the job's summary couldn't be written: {error}")


def summary_text(outcome: Outcome, room: int) -> str:
    """At most ``room`` bytes. Raises ``ValueError`` if not even a heading fits."""
    if outcome.run is not None:
        from tfjsci.report.summary import render_summary

        return render_summary(outcome.run, limit_bytes=room)
    from tfjsci.report.refusal import render_refusal

    assert outcome.error is not None
    return render_refusal(outcome.error)


def write_comment(
    outcome: Outcome, inputs: Inputs, world: World, surroundings: Surroundings, log: JobLog
) -> CommentMade:
    """Make or change the comment of each pull request that this is about. What GitHub refuses is a remark in the log."""
    untold = _not_here(inputs, surroundings)
    if untold is not None:
        _say(untold, log)
        return CommentMade()
    from tfjsci.github.client import ApiError, Client, NotAllowedError

    try:
        with Client(
            api_url=surroundings.api_url,
            graphql_url=surroundings.graphql_url,
            token=inputs.token,
            clock=world.clock,
            sleep=world.sleep,
            transport=world.transport,
        ) as client:
            target = _target(client, surroundings)
            if isinstance(target, Untold):
                _say(target, log)
                return CommentMade()
            urls = [_one(client, pull, target.run, outcome, inputs, world, surroundings, log) for pull in target.pulls]
    except NotAllowedError as error:
        log.notice(
            "the comment was not written: this token may not write to the pull request. The verdict doesn't depend on "
            f"it, and the report is in the job's summary. Give the job `pull-requests: write`. {FORKS}\n"
            + one_line(error.message, 400)
        )
        return CommentMade()
    except ApiError as error:
        log.warning(f"the comment was not written: {one_line(error.message, 600)}")
        return CommentMade(broken=True)
    return CommentMade(url=next(filter(None, urls), ""))


def creates(mode: CommentMode, outcome: Outcome) -> bool:
    """Whether there is enough to tell for a new comment. One that is there is kept up to date in any case."""
    if mode == "always":
        return True
    if mode == "changes":
        return outcome.verdict != "pass" or outcome.changed
    return outcome.verdict in ("fail", "error")


def _not_here(inputs: Inputs, surroundings: Surroundings) -> Untold | None:
    """Why no comment is even tried, or None."""
    if inputs.comment == "off" or not surroundings.on_github:
        return Untold(reason="no comment is wanted", expected=True)
    event = surroundings.event
    if event.name not in ("pull_request", "workflow_run"):
        return Untold(reason=f"the event {event.name} has no pull request", expected=True)
    if event.problem:
        return Untold(reason=f"the event couldn't be read: {event.problem}", expected=False)
    if surroundings.run is None or not surroundings.repository:
        return Untold(reason="GITHUB_RUN_ID or GITHUB_REPOSITORY is missing", expected=False)
    if not inputs.token:
        return Untold(reason="there is no token", expected=False)
    return None


def _target(client: Client, surroundings: Surroundings) -> Target | Untold:
    """The pull requests of this event. Raises the kinds of ``ApiError``."""
    event, run = surroundings.event, surroundings.run
    assert run is not None
    if event.name == "pull_request":
        pull = event.pull_request()
        if pull is None:
            return Untold(reason="the event holds no pull request's number", expected=False)
        return Target(pulls=(pull,), run=run)
    finished = event.finished_run()
    if finished is None:
        return Untold(reason="the event holds no finished run with its commit and branch", expected=False)
    if finished.event != "pull_request":
        return Untold(reason=f"the finished run was about a {finished.event}, not a pull request", expected=True)
    from tfjsci.github.pulls import pulls_of

    pulls = pulls_of(client, surroundings.repository, finished)
    if not pulls:
        return Untold(
            reason=f"no open pull request is at {finished.head_sha[:12]} any more; its newer run will report",
            expected=False,
        )
    return Target(pulls=tuple(pulls), run=finished.run)


def _one(
    client: Client,
    pull: PullRequest,
    run: Run,
    outcome: Outcome,
    inputs: Inputs,
    world: World,
    surroundings: Surroundings,
    log: JobLog,
) -> str:
    """The comment of one pull request; its address, or nothing."""
    from tfjsci.github.comment import Age, Stamp, keep_comment

    stamp = Stamp(key=inputs.comment_key, age=Age(run=run.id, attempt=run.attempt))
    kept = keep_comment(
        client,
        repository=surroundings.repository,
        number=pull.number,
        stamp=stamp,
        body=comment_text(outcome, stamp.marker, pull, run, surroundings, strangers=inputs.mode == "report"),
        create=creates(inputs.comment, outcome),
        sleep=world.sleep,
    )
    why = f": {kept.reason}" if kept.reason else ""
    log.quote(f"comment on #{pull.number} {kept.how}{why} {kept.url or ''}".rstrip())
    return kept.url or ""


def comment_text(
    outcome: Outcome, marker: str, pull: PullRequest, run: Run, surroundings: Surroundings, *, strangers: bool
) -> str:
    """The whole body, within GitHub's limit."""
    from tfjsci.report.comment import About, render_comment

    about = About(
        sha=pull.head_sha,
        run=run.number or run.id,
        attempt=run.attempt,
        run_url=surroundings.run_url(run),
        from_fork=strangers and pull.from_fork,
    )
    if outcome.run is not None:
        return render_comment(outcome.run, about, marker=marker)
    from tfjsci.report.refusal import render_refusal

    assert outcome.error is not None
    return f"{marker}\n{render_refusal(outcome.error)}\n{about.line()}\n"


def _say(untold: Untold, log: JobLog) -> None:
    if not untold.expected:
        log.notice(f"no comment: {one_line(untold.reason, 400)}")

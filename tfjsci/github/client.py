"""GitHub's REST interface, called with patience: rate limits are waited for, a server's trouble is tried again, bounded.

The address is the runner's (``GITHUB_API_URL``), so that GitHub Enterprise Server works. The clock, the sleep and the
transport come in from outside.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx

from tfjsci._version import __version__
from tfjsci.escape import one_line
from tfjsci.github.secret import Token

log = logging.getLogger("tfjsci.github")

API_VERSION = "2022-11-28"
PER_PAGE = 100
"""The most that GitHub gives at once."""

MOST_PAGES = 200
MOST_TRIES = 6
LONGEST_WAIT_SECONDS = 300.0
"""Of all waits of one request together. A job costs money: a limit that lasts longer is told, not sat out."""

SECONDARY_WAIT_SECONDS = 60.0
"""What GitHub asks for when a secondary limit names no time; doubled each time."""

TIMEOUT_SECONDS = 30.0


class ApiError(Exception):
    """GitHub's interface said no, or nothing. ``status`` is the answer's, None where there was none.

    Not of the catalogue of errors: it is about reporting, and never in results.json.
    """

    def __init__(self, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class NotAllowedError(ApiError):
    """401, 403 or 404: this token may not do it (GitHub says 404 where it doesn't want to say 403)."""


class RateLimitedError(ApiError):
    """A limit that lasts longer than is waited for."""


class UnsureError(ApiError):
    """A write that broke midway: it may have been done. Look before trying again."""


@dataclass(frozen=True, kw_only=True)
class _Again:
    """A request that failed, and may be made again after a wait."""

    trouble: str
    wait_seconds: float
    status: int | None = None
    limited: bool = False

    def at_last(self, what: str, tries: int) -> ApiError:
        """The error, where no more is waited."""
        if self.limited:
            told = f"{what}: {self.trouble}; the limit is over in {self.wait_seconds:.0f} s"
            return RateLimitedError(told, status=self.status)
        return ApiError(f"{what}: {self.trouble}; tried {tries} times", status=self.status)


class Client:
    """Calls as one token. Use as a context manager."""

    def __init__(
        self,
        *,
        api_url: str,
        graphql_url: str,
        token: Token,
        clock: Callable[[], float],
        sleep: Callable[[float], None],
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        self._api_url = api_url.rstrip("/")
        self._graphql_url = graphql_url
        self._token = token
        self._clock = clock
        self._sleep = sleep
        self._http = httpx.Client(
            headers={
                "Authorization": f"Bearer {token.reveal()}",
                "Accept": "application/vnd.github+json",
                "X-GitHub-Api-Version": API_VERSION,
                "User-Agent": f"tfjsci/{__version__}",
            },
            timeout=TIMEOUT_SECONDS,
            # A renamed repository answers with 301; httpx takes the token off where the host changes.
            follow_redirects=True,
            transport=transport,
        )

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def __repr__(self) -> str:
        return f"Client({self._api_url})"

    def get(self, path: str, params: Mapping[str, str] | None = None) -> Any:
        """One answer. Raises the kinds of ``ApiError``."""
        return self._call("GET", self._api_url + path, params=params).json()

    def pages(self, path: str, params: Mapping[str, str] | None = None) -> Iterator[Any]:
        """Every item of every page, following ``Link: rel="next"``. Raises the kinds of ``ApiError``."""
        answer = self._call("GET", self._api_url + path, params={**(params or {}), "per_page": str(PER_PAGE)})
        for _ in range(MOST_PAGES):
            items = answer.json()
            if not isinstance(items, list):
                raise ApiError(f"GitHub's answer to {path} is no list", status=answer.status_code)
            yield from items
            following = answer.links.get("next", {}).get("url")
            if not following:
                return
            if urlsplit(following)[:2] != urlsplit(self._api_url)[:2]:
                # The token must not follow a link to elsewhere.
                raise ApiError(f"GitHub's answer to {path} goes on at another host")
            answer = self._call("GET", following)
        raise ApiError(f"{path} has more than {MOST_PAGES} pages")

    def post(self, path: str, body: Mapping[str, Any]) -> Any:
        """Make something. Raises the kinds of ``ApiError``; ``UnsureError`` if it may have been made."""
        return self._call("POST", self._api_url + path, body=body).json()

    def patch(self, path: str, body: Mapping[str, Any]) -> Any:
        """Change something. Raises the kinds of ``ApiError``."""
        return self._call("PATCH", self._api_url + path, body=body).json()

    def delete(self, path: str) -> None:
        """Remove something. Raises the kinds of ``ApiError``."""
        self._call("DELETE", self._api_url + path)

    def viewer(self) -> str | None:
        """Whose token this is, as comments have it (``github-actions[bot]``); None if GitHub doesn't say.

        Asked through GraphQL: REST's ``/user`` refuses the tokens of workflows. It only reads, so it is tried again as
        a GET would be.
        """
        query = {"query": "query { viewer { login } }"}
        try:
            answer = self._call("POST", self._graphql_url, body=query, reading=True).json()
        except ApiError as error:
            log.info("no viewer: %s", error.message)
            return None
        data = answer.get("data") if isinstance(answer, dict) else None
        viewer = data.get("viewer") if isinstance(data, dict) else None
        login = viewer.get("login") if isinstance(viewer, dict) else None
        return login if isinstance(login, str) and login else None

    def _call(
        self,
        method: str,
        url: str,
        *,
        params: Mapping[str, str] | None = None,
        body: Mapping[str, Any] | None = None,
        reading: bool = False,
    ) -> httpx.Response:
        what = f"{method} {urlsplit(url).path}"
        waited = 0.0
        for attempt in range(MOST_TRIES):
            answer = self._try(what, attempt, method, url, params, body, repeatable=reading or method != "POST")
            if isinstance(answer, httpx.Response):
                return answer
            if waited + answer.wait_seconds > LONGEST_WAIT_SECONDS or attempt + 1 == MOST_TRIES:
                raise answer.at_last(what, attempt + 1)
            log.info("%s: %s; again in %.0f s", what, answer.trouble, answer.wait_seconds)
            waited += answer.wait_seconds
            self._sleep(answer.wait_seconds)
        raise AssertionError("unreachable")

    def _try(
        self,
        what: str,
        attempt: int,
        method: str,
        url: str,
        params: Mapping[str, str] | None,
        body: Mapping[str, Any] | None,
        *,
        repeatable: bool,
    ) -> httpx.Response | _Again:
        """One request: its answer, or that it may be tried again. Raises what trying again doesn't help."""
        later = 2.0**attempt
        try:
            answer = self._http.request(method, url, params=params, json=body)
        except httpx.ConnectError as error:  # never sent
            return _Again(trouble=self._plain(error), wait_seconds=later)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            if not repeatable:
                raise UnsureError(f"{what}: {self._plain(error)}") from None
            return _Again(trouble=self._plain(error), wait_seconds=later)
        if answer.is_success:
            return answer
        status = answer.status_code
        trouble = f"{status} {_message(answer)}".strip()
        limited = self._limit_wait(answer, attempt)
        if limited is not None:
            return _Again(trouble=trouble, wait_seconds=limited, status=status, limited=True)
        if status in (401, 403, 404):
            raise NotAllowedError(f"{what}: {trouble}", status=status)
        if status < 500:
            raise ApiError(f"{what}: {trouble}", status=status)
        if not repeatable:
            raise UnsureError(f"{what}: {trouble}", status=status)
        return _Again(trouble=trouble, wait_seconds=later, status=status)

    def _limit_wait(self, answer: httpx.Response, attempt: int) -> float | None:
        """Seconds that a rate limit asks for, None if it isn't one. The order is GitHub's own advice."""
        if answer.status_code not in (403, 429):
            return None
        after = answer.headers.get("retry-after", "")
        if after.isdecimal():
            return float(after)
        if answer.headers.get("x-ratelimit-remaining") == "0":
            reset = answer.headers.get("x-ratelimit-reset", "")
            # One second more: the reset is given in whole ones.
            return max(1.0, int(reset) - self._clock() + 1) if reset.isdecimal() else SECONDARY_WAIT_SECONDS
        if answer.status_code == 429 or "rate limit" in _message(answer).lower():
            return SECONDARY_WAIT_SECONDS * 2.0**attempt
        return None

    def _plain(self, error: Exception) -> str:
        # Without the error's own text quoted blindly: a library may put a header into it.
        return self._token.redact(one_line(f"{type(error).__name__}: {error}", 200))


def _message(answer: httpx.Response) -> str:
    try:
        told = answer.json()
    except ValueError:
        return ""
    if not isinstance(told, dict):
        return ""
    parts = [str(told.get("message", "")), *(_detail(each) for each in told.get("errors") or () if each)]
    return one_line(": ".join(filter(None, parts)), 300)


def _detail(error: Any) -> str:
    return str(error.get("message") or error.get("code") or "") if isinstance(error, dict) else str(error)

"""A small GitHub on a real socket: comments stay, lists have pages, tokens have rights, and troubles come when told to.

Every request and every answer is held against GitHub's own description; a breach is kept and told by the fixture. GraphQL has
no OpenAPI description: the one query is held against its text.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from github.description import Description

REPOSITORY = "octo/models"
BOT = "github-actions[bot]"
BODY_LIMIT = 65_536
VIEWER_QUERY = "query { viewer { login } }"


@dataclass
class Trouble:
    """Instead of an answer, ``times`` times: a status, headers and a message. ``done`` first does what was asked."""

    method: str
    path: str
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    message: str = "trouble"
    times: int = 1
    done: bool = False


@dataclass
class Call:
    """A request as it came, and the status of its answer."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]
    status: int = 0


class GitHub:
    """The state, and what a test may do to it."""

    def __init__(self, description: Description) -> None:
        self.description = description
        self.comments: dict[int, dict[str, Any]] = {}
        self.pulls: list[dict[str, Any]] = []
        self.calls: list[Call] = []
        self.breaches: list[str] = []
        self.troubles: list[Trouble] = []
        self.viewer: str | None = BOT
        self.token = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
        self.may_write = True
        self.may_read = True
        self.after_write: Callable[[dict[str, Any]], None] | None = None
        self.url = ""
        self.link_host: str | None = None
        self._next_id = 1000
        self._lock = threading.RLock()

    def add_comment(self, body: str, *, author: str = BOT, issue: int = 7, minimized: str | None = None) -> int:
        """A comment, made by anyone at any time; its id."""
        with self._lock:
            self._next_id += 1
            number = self._next_id
            user = {
                **self.description.sample("simple-user"),
                "login": author,
                "type": "Bot" if "[" in author else "User",
            }
            self.comments[number] = {
                **self.description.sample("issue-comment"),
                "id": number,
                "html_url": f"{self.url}/{REPOSITORY}/pull/{issue}#issuecomment-{number}",
                "issue_url": f"{self.url}/repos/{REPOSITORY}/issues/{issue}",
                "created_at": "2026-08-01T10:00:00Z",
                "updated_at": "2026-08-01T10:00:00Z",
                "user": user,
                "body": body,
                "minimized": {"reason": minimized} if minimized else None,
            }
            return number

    def add_pull(self, number: int, *, sha: str, branch: str, head: str, state: str = "open") -> None:
        """A pull request from ``head`` (``owner/name``) at ``sha``."""
        sample = self.description.sample("pull-request-simple")
        repo = {**sample["head"]["repo"], "full_name": head}
        owner = head.partition("/")[0]
        self.pulls.append(
            {
                **sample,
                "number": number,
                "state": state,
                "head": {**sample["head"], "sha": sha, "ref": branch, "label": f"{owner}:{branch}", "repo": repo},
            }
        )

    def bodies(self, issue: int = 7) -> list[str]:
        """What stands on a pull request, oldest first."""
        return [each["body"] for each in self.comments.values() if each["issue_url"].endswith(f"/{issue}")]

    def writes(self) -> list[str]:
        """``POST 201`` and so on, for what wasn't a look."""
        return [
            f"{call.method} {call.status}" for call in self.calls if call.method != "GET" and "graphql" not in call.path
        ]

    def answer(self, call: Call) -> tuple[int, dict[str, str], Any]:
        """Status, headers and body for a request."""
        with self._lock:
            trouble = self._trouble_for(call)
            if trouble and not trouble.done:
                return trouble.status, trouble.headers, {"message": trouble.message}
            found = self._answer(call)
            if trouble:
                return trouble.status, trouble.headers, {"message": trouble.message}
            return found

    def _trouble_for(self, call: Call) -> Trouble | None:
        for trouble in self.troubles:
            if trouble.times and trouble.method == call.method and re.search(trouble.path, call.path):
                trouble.times -= 1
                return trouble
        return None

    def _answer(self, call: Call) -> tuple[int, dict[str, str], Any]:
        if call.headers.get("authorization") != f"Bearer {self.token}":
            return 401, {}, {"message": "Bad credentials"}
        if call.path == "/graphql":
            if self.viewer is None:
                return 200, {}, {"errors": [{"message": "Resource not accessible by integration"}]}
            assert call.body == {"query": VIEWER_QUERY}
            return 200, {}, {"data": {"viewer": {"login": self.viewer}}}
        if call.method == "GET" and not self.may_read:
            return 404, {}, {"message": "Not Found"}
        if call.method != "GET" and not self.may_write:
            return 403, {}, {"message": "Resource not accessible by integration"}
        if call.path == f"/repos/{REPOSITORY}/pulls":
            wanted = [
                pull
                for pull in self.pulls
                if pull["state"] == call.query.get("state", "open")
                and pull["head"]["label"] == call.query.get("head", pull["head"]["label"])
            ]
            return self._page(call, wanted)
        if found := re.fullmatch(rf"/repos/{REPOSITORY}/issues/(\d+)/comments", call.path):
            issue = int(found[1])
            if call.method == "GET":
                there = [each for each in self.comments.values() if each["issue_url"].endswith(f"/issues/{issue}")]
                return self._page(call, there)
            return self._write(None, call.body["body"], issue)
        if found := re.fullmatch(rf"/repos/{REPOSITORY}/issues/comments/(\d+)", call.path):
            number = int(found[1])
            if number not in self.comments:
                return 404, {}, {"message": "Not Found"}
            if call.method == "PATCH":
                return self._write(number, call.body["body"], 0)
            assert call.method == "DELETE"
            del self.comments[number]
            return 204, {}, None
        return 404, {}, {"message": "Not Found"}

    def _write(self, number: int | None, body: str, issue: int) -> tuple[int, dict[str, str], Any]:
        if len(body) > BODY_LIMIT:
            error = {"resource": "IssueComment", "code": "custom", "field": "body", "message": "body is too long"}
            return 422, {}, {"message": "Validation Failed", "errors": [error], "documentation_url": "https://docs"}
        if number is None:
            number = self.add_comment(body, issue=issue, author=self.viewer or BOT)
            status = 201
        else:
            # As a form of a browser's would: GitHub may give back other line ends than it got.
            self.comments[number] = {**self.comments[number], "body": body.replace("\n", "\r\n")}
            status = 200
        written = self.comments[number]
        if self.after_write is not None:
            hook, self.after_write = self.after_write, None
            hook(written)
        return status, {}, written

    def _page(self, call: Call, items: list[Any]) -> tuple[int, dict[str, str], Any]:
        size, page = int(call.query.get("per_page", "30")), int(call.query.get("page", "1"))
        size = min(size, 100)
        headers = {}
        if page * size < len(items):
            query = urlencode({**call.query, "page": page + 1})
            headers["Link"] = (
                f'<{self.link_host or self.url}{call.path}?{query}>; rel="next", <{self.url}{call.path}?page=9>; rel="last"'
            )
        return 200, headers, items[(page - 1) * size : page * size]


def serve(github: GitHub) -> ThreadingHTTPServer:
    """Start answering on 127.0.0.1; sets ``github.url``. ``shutdown`` ends it."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do(self) -> None:
            parts = urlsplit(self.path)
            raw = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            call = Call(
                method=self.command,
                path=parts.path,
                query={key: values[0] for key, values in parse_qs(parts.query).items()},
                body=json.loads(raw) if raw else None,
                headers={key.lower(): value for key, value in self.headers.items()},
            )
            described = call.path != "/graphql"
            self._hold(lambda: github.description.check_request(self.command, parts.path, parts.query, raw), described)
            github.calls.append(call)
            call.status, headers, body = github.answer(call)
            payload = b"" if body is None else json.dumps(body).encode()
            self._hold(
                lambda: github.description.check_answer(self.command, parts.path, call.status, payload), described
            )
            self.send_response(call.status)
            for name, value in {**headers, "Content-Length": str(len(payload))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(payload)

        do_GET = do_POST = do_PATCH = do_DELETE = do  # noqa: N815  # names of http.server

        def _hold(self, check: Callable[[], None], described: bool) -> None:
            if not described:
                return
            try:
                check()
            except AssertionError as breach:
                github.breaches.append(str(breach))

        def log_message(self, *args: Any) -> None:
            """Silent."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    github.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server

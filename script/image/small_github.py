"""As much of GitHub as one pull request needs: comments that stay, a token that may write and one that may not.

Whether the action speaks GitHub's language to the letter is for tests/github; here it is whether the image reaches it.
"""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

REPOSITORY = "octo/models"
PULL = 7
SHA = "0123456789abcdef0123456789abcdef01234567"
BOT = "github-actions[bot]"
WRITER = "ghs_0123456789abcdefghijklmnopqrstuvwxyz"
READER = "ghs_zyxwvutsrqponmlkjihgfedcba9876543210"


def head(repository: str = REPOSITORY) -> dict[str, Any]:
    """A pull request's side, as payloads and lists have it."""
    return {"sha": SHA, "ref": "topic", "repo": {"full_name": repository, "owner": {"login": repository.split("/")[0]}}}


def pull_request(repository: str = REPOSITORY, author: str = "ada") -> dict[str, Any]:
    """The payload of ``pull_request``; a fork's if it comes from another repository."""
    pull = {"number": PULL, "head": head(repository), "base": head(), "user": {"login": author}}
    return {"action": "synchronize", "number": PULL, "pull_request": pull}


def finished_run(repository: str = REPOSITORY) -> dict[str, Any]:
    """The payload of ``workflow_run`` after a pull request's run."""
    told = {"id": 500, "run_attempt": 1, "run_number": 50, "event": "pull_request", "conclusion": "success"}
    where = {"head_sha": SHA, "head_branch": "topic", "head_repository": head(repository)["repo"]}
    return {"action": "completed", "workflow_run": {**told, **where}}


class SmallGitHub:
    """``with SmallGitHub() as github``: its address is ``url``, what was written is in ``comments``."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.pulls_from = REPOSITORY
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> SmallGitHub:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def answer(self, method: str, path: str, token: str, body: Any) -> tuple[int, Any]:
        """Status and body."""
        comments = f"/repos/{REPOSITORY}/issues/{PULL}/comments"
        if token not in (WRITER, READER):
            return 401, {"message": "Bad credentials"}
        if (method, path) == ("POST", "/graphql"):
            return 200, {"data": {"viewer": {"login": BOT}}}
        if (method, path) == ("GET", comments):
            return 200, self.comments
        if (method, path) == ("GET", f"/repos/{REPOSITORY}/pulls"):
            return 200, [{"number": PULL, "state": "open", "head": head(self.pulls_from), "base": head()}]
        if token == READER:
            return 403, {"message": "Resource not accessible by integration"}
        if (method, path) == ("POST", comments):
            number = len(self.comments) + 1
            address = f"https://github.com/{REPOSITORY}/pull/{PULL}#issuecomment-{number}"
            self.comments.append({"id": number, "html_url": address, "user": {"login": BOT}, "body": body["body"]})
            return 201, self.comments[-1]
        for comment in self.comments:
            if (method, path) == ("PATCH", f"/repos/{REPOSITORY}/issues/comments/{comment['id']}"):
                comment["body"] = body["body"]
                return 200, comment
        return 404, {"message": "Not Found"}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        github = self

        class Handler(BaseHTTPRequestHandler):
            def _serve(self) -> None:
                sent = self.rfile.read(int(self.headers.get("content-length", 0)))
                token = self.headers.get("authorization", "").removeprefix("Bearer ")
                path = self.path.partition("?")[0]
                status, body = github.answer(self.command, path, token, json.loads(sent) if sent else None)
                text = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(text)))
                self.end_headers()
                self.wfile.write(text)

            do_GET = do_POST = do_PATCH = _serve  # noqa: N815  # http.server's names

            def log_message(self, *_: object) -> None:
                """The checks say what matters."""

        return Handler

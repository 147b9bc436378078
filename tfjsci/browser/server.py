"""The page's only server, on the loopback: modules, the release, artifacts and inputs out; outputs in.

Every address starts with a random token, so that no other page or program on the machine can read or post. Answers are
cacheable: the runtime asks for all shards at once and reads none before all have answered, and Chromium lets go of a
connection early only when it may buffer the answer in its cache. Cross-origin isolation gives wasm its threads and
``performance.now()`` its finest clock.
"""

from __future__ import annotations

import logging
import secrets
import shutil
import threading
from collections.abc import Sequence
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from tfjsci.browser.runtime import Runtime

PAGE = Path(__file__).parent / "page"

OUTPUT_BYTES_LIMIT = 2 << 30
"""Outputs of one run, in all: past this the page's own memory would have given up."""

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".wasm": "application/wasm",
}

_HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    # Addresses are new for each job, so what is cached is never stale.
    "Cache-Control": "private, max-age=86400, immutable",
    "X-Content-Type-Options": "nosniff",
    # A model must not make the page call anyone else; blob: workers and eval are what wasm threads need.
    "Content-Security-Policy": "default-src 'self' blob: data: 'unsafe-eval' 'wasm-unsafe-eval'",
}


class Exchange:
    """What one job may read, and what it sent: ``address`` is its own folder on the server."""

    def __init__(self, address: str, models: Sequence[Path], inputs: Sequence[bytes], scripts: Sequence[Path]) -> None:
        """``models`` are artifact folders, ``inputs`` are bodies, ``scripts`` files; all are addressed by their index."""
        self.address = address
        self.models = [model.resolve() for model in models]
        self.inputs = list(inputs)
        self.scripts = list(scripts)
        self.outputs: dict[int, bytes] = {}


class PageServer:
    """Listens from its making until ``close``."""

    def __init__(self, runtime: Runtime, log: logging.Logger) -> None:
        """Raises ``OSError`` when the loopback can't be listened on."""
        self._runtime = runtime
        self._log = log
        self._token = secrets.token_urlsafe(16)
        self._jobs = 0
        self._exchanges: dict[str, Exchange] = {}
        server = self

        class Handler(_Handler):
            owner = server

        self._http = _Listener(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="tfjsci-server", daemon=True
        )
        self._thread.start()

    @property
    def origin(self) -> str:
        """``http://127.0.0.1:<port>``."""
        return f"http://127.0.0.1:{self._http.server_address[1]}"

    @property
    def base(self) -> str:
        """The token's folder, as a path: ``/<token>``."""
        return f"/{self._token}"

    @property
    def page(self) -> str:
        """The page's whole address."""
        return f"{self.origin}{self.base}/page/index.html"

    def open(self, models: Sequence[Path], inputs: Sequence[bytes], scripts: Sequence[Path] = ()) -> Exchange:
        """A job's own folder: ``models/<i>/…``, ``inputs/<i>``, ``scripts/<i>``, ``outputs/<i>`` below its ``address``."""
        self._jobs += 1
        exchange = Exchange(f"{self.base}/jobs/{self._jobs}", models, inputs, scripts)
        self._exchanges[str(self._jobs)] = exchange
        return exchange

    def end(self, exchange: Exchange) -> None:
        """Forget a job: its addresses answer 404 from now on."""
        self._exchanges.pop(exchange.address.rpartition("/")[2], None)

    def close(self) -> None:
        """Stop listening."""
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def allows_host(self, host: str | None) -> bool:
        """Only our own names: a name that someone else's DNS points here is refused."""
        port = self._http.server_address[1]
        return host in (f"127.0.0.1:{port}", f"localhost:{port}")

    def find(self, parts: list[str]) -> Path | bytes | None:
        """What lies at the path ``parts`` (without the token): a file, a body, or nothing."""
        match parts:
            case ["page", name]:
                return _inside(PAGE, [name])
            case ["runtime", name]:
                return self._runtime.files.get(name)
            case ["jobs", number, "models", index, *rest]:
                folder = _at(self._models(number), index)
                return _inside(folder, rest) if folder else None
            case ["jobs", number, "inputs", index]:
                exchange = self._exchanges.get(number)
                return _at(exchange.inputs, index) if exchange else None
            case ["jobs", number, "scripts", index]:
                exchange = self._exchanges.get(number)
                script: Path | None = _at(exchange.scripts, index) if exchange else None
                return script if script and script.is_file() else None
            case _:
                return None

    def receive(self, parts: list[str]) -> tuple[Exchange, int] | None:
        """Where a posted body belongs, if anywhere."""
        match parts:
            case ["jobs", number, "outputs", index] if number in self._exchanges and index.isdecimal():
                return self._exchanges[number], int(index)
            case _:
                return None

    def path_parts(self, target: str) -> list[str] | None:
        """The request's path after the token, decoded; None when the token is missing or wrong."""
        parts = [unquote(part) for part in urlsplit(target).path.split("/")[1:]]
        return parts[1:] if parts and secrets.compare_digest(parts[0].encode(), self._token.encode()) else None

    def log(self, message: str) -> None:
        """One line in the log file, without the token."""
        self._log.debug("server: %s", message.replace(self._token, "…"))

    def _models(self, number: str) -> list[Path]:
        exchange = self._exchanges.get(number)
        return exchange.models if exchange else []


def _at(values: list[Any], index: str) -> Any:
    """``values[index]`` of a decimal index that is in range, else None."""
    return values[int(index)] if index.isdecimal() and int(index) < len(values) else None


def _inside(folder: Path, parts: list[str]) -> Path | None:
    """The file below ``folder``, where it really lies there: no ``..``, no link that leads out."""
    if any(part in ("", ".", "..") or "/" in part or "\\" in part or "\0" in part for part in parts):
        return None
    found = folder.joinpath(*parts).resolve()
    return found if found.is_file() and found.is_relative_to(folder.resolve()) else None


class _Listener(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # a page asks for all shards at once

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ARG002
        # A browser that was ended leaves half-read answers behind: for the log, not for the terminal.
        handler: Any = self.RequestHandlerClass
        handler.owner.log("a connection broke off")


class _Handler(BaseHTTPRequestHandler):
    owner: PageServer
    protocol_version = "HTTP/1.1"
    # Head and body are written apart: with Nagle's algorithm each answer would wait 40 ms for the head's acknowledgement.
    disable_nagle_algorithm = True
    server_version = "tfjsci"
    sys_version = ""

    def do_GET(self) -> None:
        self._answer(self._found())

    def do_HEAD(self) -> None:
        self._answer(self._found(), body=False)

    def do_POST(self) -> None:
        place = self.owner.receive(self._parts() or [])
        length = self.headers.get("Content-Length", "")
        if place is None or not length.isdecimal():
            self._refuse(HTTPStatus.NOT_FOUND)
        elif int(length) > OUTPUT_BYTES_LIMIT:
            self._refuse(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            exchange, index = place
            body = self.rfile.read(int(length))
            if len(body) != int(length):
                self.close_connection = True
                return
            exchange.outputs[index] = body
            self._answer(b"")

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        self.owner.log(format % args)

    def _parts(self) -> list[str] | None:
        return self.owner.path_parts(self.path) if self.owner.allows_host(self.headers.get("Host")) else None

    def _found(self) -> Path | bytes | None:
        parts = self._parts()
        return None if parts is None else self.owner.find(parts)

    def _answer(self, found: Path | bytes | None, *, body: bool = True) -> None:
        if found is None:
            self._refuse(HTTPStatus.NOT_FOUND)
        elif isinstance(found, bytes):
            self._head(len(found), "application/octet-stream")
            if body:
                self.wfile.write(found)
        else:
            with found.open("rb") as file:
                self._head(found.stat().st_size, _TYPES.get(found.suffix, "application/octet-stream"))
                if body:
                    shutil.copyfileobj(file, self.wfile, 1 << 20)

    def _head(self, length: int, kind: str) -> None:
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        for name, value in _HEADERS.items():
            self.send_header(name, value)
        self.end_headers()

    def _refuse(self, status: HTTPStatus) -> None:
        self.close_connection = True  # a body that was refused is not read
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.send_header("Connection", "close")
        self.end_headers()

"""The loopback server: what it hands out, to whom, with which headers; and everything else is a 404."""

from __future__ import annotations

import http.client
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from tfjsci.browser import server as server_module
from tfjsci.browser.runtime import Runtime
from tfjsci.browser.server import PageServer


@pytest.fixture
def runtime(tmp_path: Path) -> Runtime:
    folder = tmp_path / "release"
    folder.mkdir()
    (folder / "tf.min.js").write_text("tf")
    (folder / "x.wasm").write_bytes(b"\0asm")
    files = {path.name: path for path in folder.iterdir()}
    (folder / "secret.txt").write_text("not listed")
    return Runtime(version="1.2.3", folder=folder, files=files)


@pytest.fixture
def server(runtime: Runtime) -> Iterator[PageServer]:
    server = PageServer(runtime, logging.Logger("test"))
    yield server
    server.close()


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "deep").mkdir(parents=True)
    (folder / "model.json").write_text("{}")
    (folder / "a b.bin").write_bytes(b"\1\2")
    (folder / "deep" / "c.bin").write_bytes(b"\3")
    (tmp_path / "outside.bin").write_bytes(b"no")
    (folder / "link.bin").symlink_to(tmp_path / "outside.bin")
    return folder


Answer = tuple[int, bytes, dict[str, str]]


def ask(
    server: PageServer, path: str, *, method: str = "GET", body: bytes | None = None, host: str | None = None
) -> Answer:
    address = server.origin.removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=60)
    connection.request(method, path, body=body, headers={"Host": host or address})
    response = connection.getresponse()
    answer = response.status, response.read(), dict(response.getheaders())
    connection.close()
    return answer


def test_page_release_and_artifacts_are_served(server: PageServer, model: Path) -> None:
    job = server.open([model], [b"input"])
    for path, body, kind in [
        (f"{server.base}/runtime/tf.min.js", b"tf", "text/javascript; charset=utf-8"),
        (f"{server.base}/runtime/x.wasm", b"\0asm", "application/wasm"),
        (f"{job.address}/models/0/model.json", b"{}", "application/json"),
        (f"{job.address}/models/0/a%20b.bin", b"\1\2", "application/octet-stream"),
        (f"{job.address}/models/0/deep/c.bin?x=1", b"\3", "application/octet-stream"),
        (f"{job.address}/inputs/0", b"input", "application/octet-stream"),
    ]:
        status, found, headers = ask(server, path)
        assert (status, found, headers["Content-Type"]) == (200, body, kind), path
    status, page, headers = ask(server, server.page.removeprefix(server.origin))
    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"main.mjs" in page
    assert ask(server, f"{server.base}/page/main.mjs")[2]["Content-Type"] == "text/javascript; charset=utf-8"


def test_scripts_are_served_one_by_one_and_nothing_beside_them(server: PageServer, tmp_path: Path) -> None:
    (tmp_path / "my.js").write_text("tf.registerOp")
    (tmp_path / "other.js").write_text("no")
    job = server.open([], [], [tmp_path / "my.js", tmp_path / "gone.js"])
    status, body, headers = ask(server, f"{job.address}/scripts/0")
    assert (status, body, headers["Content-Type"]) == (200, b"tf.registerOp", "text/javascript; charset=utf-8")
    for tail in [
        "scripts/1",
        "scripts/2",
        "scripts/-1",
        "scripts/my.js",
        "scripts/0/other.js",
        "scripts/0/../other.js",
    ]:
        assert ask(server, f"{job.address}/{tail}")[0] == 404, tail
    assert ask(server, f"{server.open([], []).address}/scripts/0")[0] == 404


def test_answers_isolate_the_page_and_may_be_cached(server: PageServer) -> None:
    headers = ask(server, f"{server.base}/runtime/tf.min.js")[2]
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" not in headers["Cache-Control"]
    assert "max-age" in headers["Cache-Control"]
    assert "default-src 'self'" in headers["Content-Security-Policy"]


def test_without_the_token_there_is_nothing(server: PageServer) -> None:
    for path in ["/", "/page/index.html", "/wrong/page/index.html", f"{server.base}x/page/index.html"]:
        assert ask(server, path)[0] == 404, path


def test_only_our_own_host_names(server: PageServer) -> None:
    port = server.origin.rpartition(":")[2]
    path = f"{server.base}/runtime/tf.min.js"
    assert ask(server, path, host=f"localhost:{port}")[0] == 200
    for host in ["evil.example", f"evil.example:{port}", "127.0.0.1", f"127.0.0.1.evil.example:{port}"]:
        assert ask(server, path, host=host)[0] == 404, host


@pytest.mark.parametrize(
    "tail",
    [
        "models/0/../../outside.bin",
        "models/0/%2e%2e/outside.bin",
        "models/0/..%2foutside.bin",
        "models/0/deep/..%5c..%5coutside.bin",
        "models/0/link.bin",
        "models/0/%00",
        "models/0/deep",
        "models/0/",
        "models/0",
        "models/1/model.json",
        "models/-1/model.json",
        "inputs/1",
        "inputs/x",
        "",
    ],
)
def test_nothing_outside_of_the_artifact(server: PageServer, model: Path, tail: str) -> None:
    job = server.open([model], [b"input"])
    assert ask(server, f"{job.address}/{tail}")[0] == 404


def test_files_beside_the_release_and_the_page_are_not_served(server: PageServer) -> None:
    assert ask(server, f"{server.base}/runtime/secret.txt")[0] == 404
    assert ask(server, f"{server.base}/page/..%2fserver.py")[0] == 404
    assert ask(server, f"{server.base}/page/server.py")[0] == 404


def test_a_job_that_ended_is_forgotten(server: PageServer, model: Path) -> None:
    job, other = server.open([model], []), server.open([model], [])
    assert job.address != other.address
    server.end(job)
    assert ask(server, f"{job.address}/models/0/model.json")[0] == 404
    assert ask(server, f"{job.address}/outputs/0", method="POST", body=b"late")[0] == 404
    assert ask(server, f"{other.address}/models/0/model.json")[0] == 200


def test_outputs_arrive_whole(server: PageServer) -> None:
    job = server.open([], [])
    large = bytes(range(256)) * 20_000
    assert ask(server, f"{job.address}/outputs/0", method="POST", body=large)[0] == 200
    assert ask(server, f"{job.address}/outputs/1", method="POST", body=b"")[0] == 200
    assert job.outputs == {0: large, 1: b""}


def test_outputs_beyond_the_limit_are_refused(server: PageServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "OUTPUT_BYTES_LIMIT", 4)
    job = server.open([], [])
    assert ask(server, f"{job.address}/outputs/0", method="POST", body=b"1234")[0] == 200
    assert ask(server, f"{job.address}/outputs/1", method="POST", body=b"12345")[0] == 413
    assert job.outputs == {0: b"1234"}


def test_posting_anywhere_else_is_refused(server: PageServer) -> None:
    job = server.open([], [])
    for path in [f"{job.address}/inputs/0", f"{job.address}/outputs/x", f"{server.base}/page/main.mjs", "/outputs/0"]:
        assert ask(server, path, method="POST", body=b"1")[0] == 404, path


def test_head_tells_the_length_alone(server: PageServer) -> None:
    status, body, headers = ask(server, f"{server.base}/runtime/tf.min.js", method="HEAD")
    assert (status, body, headers["Content-Length"]) == (200, b"", "2")


def test_the_log_has_the_request_without_the_token(runtime: Runtime, caplog: pytest.LogCaptureFixture) -> None:
    log = logging.getLogger("tfjsci.test.server")
    server = PageServer(runtime, log)
    with caplog.at_level(logging.DEBUG, logger=log.name):
        ask(server, f"{server.base}/runtime/tf.min.js")
    server.close()
    assert "/…/runtime/tf.min.js" in caplog.text
    assert server.base not in caplog.text

"""Modules by address, from a server of our own: fetched once, checked, kept; and nothing left of what isn't one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_server import Answer, HubServer, packed, serving

from tfjsci.errors import CorruptModel, DownloadFailed, OutputUnwritable, PackageMissing
from tfjsci.load import download as download_module
from tfjsci.load.download import address_of
from tfjsci.load.hub_cache import cache_folder, fetched
from tfjsci.load.kaggle import fetched_from_kaggle

QUERY = "?tf-hub-format=compressed"


@pytest.fixture
def module(tmp_path: Path) -> bytes:
    folder = tmp_path / "module"
    (folder / "variables").mkdir(parents=True)
    (folder / "saved_model.pb").write_bytes(b"graph")
    (folder / "variables" / "variables.index").write_bytes(b"index")
    return packed(folder)


@pytest.fixture
def hub(module: bytes) -> Iterator[HubServer]:
    with serving({"/m/1": Answer(body=module)}) as server:
        yield server


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def failing(url: str, cache: Path, said: str, kind: type[Exception] = DownloadFailed) -> None:
    """It fails with these words, and the cache has nothing of it."""
    with pytest.raises(kind, match=said) as failed:
        fetched(address_of(url), cache=cache)
    assert failed.value.hint  # type: ignore[attr-defined]
    assert files(cache) == []
    assert list(cache.glob("hub/fetching-*")) == []


def test_fetched_once_and_kept(hub: HubServer, module: bytes, tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    folder = fetched(address_of(f"{hub.url}/m/1"), cache=cache)
    assert files(folder) == ["saved_model.pb", "variables/variables.index"]
    assert hub.asked == [f"/m/1{QUERY}"]
    assert fetched(address_of(f"{hub.url}/m/1"), cache=cache) == folder
    assert len(hub.asked) == 1, "the cache has it"
    sha256 = hashlib.sha256(module).hexdigest()
    assert folder.parent.name == sha256
    (entry,) = (cache / "hub" / "urls").iterdir()
    told = json.loads(entry.read_text("utf-8"))
    assert told == {"url": f"{hub.url}/m/1{QUERY}", "sha256": sha256, "bytes": len(module)}


def test_one_archive_under_two_addresses_is_kept_once(hub: HubServer, module: bytes, tmp_path: Path) -> None:
    hub.answers["/n.tar.gz"] = Answer(body=module)
    folders = {fetched(address_of(f"{hub.url}/{path}"), cache=tmp_path) for path in ("m/1", "n.tar.gz")}
    assert len(folders) == 1
    assert hub.asked[1] == "/n.tar.gz", "the address of an archive is asked for as it is"


def test_what_was_changed_in_the_cache_is_fetched_anew(hub: HubServer, tmp_path: Path) -> None:
    address = address_of(f"{hub.url}/m/1")
    for damage in (
        lambda folder: (folder / "saved_model.pb").write_bytes(b"other"),
        lambda folder: (folder / "saved_model.pb").unlink(),
        lambda folder: (folder / "more").write_bytes(b"x"),
        lambda folder: (folder.parent / "files.json").write_text("{", "utf-8"),
        lambda folder: next((tmp_path / "hub" / "urls").iterdir()).write_text("[]", "utf-8"),
    ):
        hub.asked.clear()
        damage(fetched(address, cache=tmp_path))
        hub.asked.clear()
        folder = fetched(address, cache=tmp_path)
        assert hub.asked == [f"/m/1{QUERY}"]
        assert (folder / "saved_model.pb").read_bytes() == b"graph"
        assert files(folder) == ["saved_model.pb", "variables/variables.index"]


def test_a_checksum_that_is_given_is_held(hub: HubServer, module: bytes, tmp_path: Path) -> None:
    right = hashlib.sha256(module).hexdigest()
    assert fetched(address_of(f"{hub.url}/m/1#sha256={right.upper()}"), cache=tmp_path / "a")
    failing(f"{hub.url}/m/1#sha256={'0' * 64}", tmp_path / "b", rf"another archive .* sha256 {right}")
    # what is kept under the address doesn't do either, when another one is asked for
    with pytest.raises(DownloadFailed, match="another archive"):
        fetched(address_of(f"{hub.url}/m/1#sha256={'0' * 64}"), cache=tmp_path / "a")
    for odd in ("#sha256=12", "#md5=0", f"#sha256={'x' * 64}"):
        with pytest.raises(DownloadFailed, match="sha256= and 64 hexadecimal"):
            address_of(f"{hub.url}/m/1{odd}")


def test_redirects(hub: HubServer, tmp_path: Path) -> None:
    hub.answers["/old"] = Answer(status=301, headers={"Location": "/m/1?signed=1"})
    assert fetched(address_of(f"{hub.url}/old"), cache=tmp_path)
    assert hub.asked == [f"/old{QUERY}", "/m/1?signed=1"]
    hub.answers["/round"] = Answer(status=302, headers={"Location": "/round"})
    failing(f"{hub.url}/round", tmp_path / "b", "more than 10 redirects")
    hub.answers["/away"] = Answer(status=302, headers={"Location": "http://host.example/m"})
    failing(f"{hub.url}/away", tmp_path / "c", r"http://host\.example isn't fetched from")
    hub.answers["/file"] = Answer(status=302, headers={"Location": "file:///etc/passwd"})
    failing(f"{hub.url}/file", tmp_path / "d", "isn't fetched from")


def test_answers_that_are_no_module(hub: HubServer, module: bytes, tmp_path: Path) -> None:
    page = b"<!DOCTYPE html><title>Sign in</title>"
    hub.answers |= {
        "/page": Answer(body=page, headers={"Content-Type": "text/html; charset=utf-8"}),
        "/hidden": Answer(body=page, headers={"Content-Type": "application/octet-stream"}),
        "/text": Answer(body=b"hello"),
        "/nothing": Answer(),
        "/closed": Answer(status=403),
        "/broken": Answer(status=500),
        "/half": Answer(body=module[: len(module) // 2], told=len(module)),
        "/cut": Answer(body=module[: len(module) // 2]),
    }
    failing(f"{hub.url}/missing", tmp_path / "a", "answered 404 Not Found")
    failing(f"{hub.url}/closed", tmp_path / "b", r"answered 403 Forbidden \(is it public")
    failing(f"{hub.url}/broken", tmp_path / "c", "answered 500")
    failing(f"{hub.url}/page", tmp_path / "d", "a page of HTML")
    failing(f"{hub.url}/hidden", tmp_path / "e", "a page of HTML")
    failing(f"{hub.url}/text", tmp_path / "f", "with something else")
    failing(f"{hub.url}/nothing", tmp_path / "g", "with nothing")
    failing(f"{hub.url}/half", tmp_path / "h", "broke off in the middle")
    failing(f"{hub.url}/cut", tmp_path / "i", "can't be unpacked", CorruptModel)


def test_more_bytes_than_any_module_has(hub: HubServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download_module, "MOST_BYTES", 50)
    failing(f"{hub.url}/m/1", tmp_path / "a", "more than 50 bytes")


def test_nobody_there(hub: HubServer, tmp_path: Path) -> None:
    with serving({}) as gone:
        pass
    failing(f"{gone.url}/m", tmp_path / "a", "can't be reached")


@pytest.mark.parametrize(
    "text", ["http://host.example/m", "ftp://host.example/m", "gs://bucket/m", "file:///etc/passwd", "https:///m", "http://127.0.0.1.host.example/m"]
)  # fmt: skip
def test_only_https_and_this_machine(text: str) -> None:
    with pytest.raises(DownloadFailed, match="isn't fetched from: only https"):
        address_of(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("https://host.example/m/1", f"https://host.example/m/1{QUERY}"),
        ("https://host.example/m?a=1", "https://host.example/m?a=1&tf-hub-format=compressed"),
        ("https://host.example/m?tf-hub-format=compressed", f"https://host.example/m{QUERY}"),
        ("https://host.example/m.tar.gz?signed=a%2Fb", "https://host.example/m.tar.gz?signed=a%2Fb"),
        ("HTTPS://host.example/m.tgz", "https://host.example/m.tgz"),
        ("http://[::1]:8000/m", f"http://[::1]:8000/m{QUERY}"),
    ],
)
def test_what_is_asked_for(text: str, url: str) -> None:
    assert address_of(text).url == url


def test_a_cache_that_cant_be_written(hub: HubServer, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputUnwritable, match=r"the cache .* can't be written"):
        fetched(address_of(f"{hub.url}/m/1"), cache=tmp_path / "file")
    assert hub.asked == []


def test_where_the_cache_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "/c")
    monkeypatch.delenv("TFJSCI_CACHE", raising=False)
    assert cache_folder() == Path("/c/tfjsci")
    monkeypatch.setenv("TFJSCI_CACHE", "/own")
    assert cache_folder() == Path("/own")


def test_kagglehub_is_asked_for_handles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(tmp_path))
    stand_in = tmp_path / "kagglehub.py"
    stand_in.write_text("raise ImportError('not installed')", "utf-8")
    with pytest.raises(PackageMissing, match="kagglehub, which fetches it, can't be imported") as missing:
        fetched_from_kaggle("owner/model/tensorFlow2/small")
    assert "tfjsci[kaggle]" in str(missing.value.hint)
    stand_in.write_text(
        "def model_download(handle):\n"
        "    if 'secret' in handle:\n"
        "        raise PermissionError('403 Client Error.\\n\\nYou don\\'t have access')\n"
        f"    return {str(tmp_path)!r} + '/' + handle\n",
        "utf-8",
    )
    import importlib
    import sys

    importlib.invalidate_caches()
    try:
        assert fetched_from_kaggle("a/b/c/d") == tmp_path / "a/b/c/d"
        with pytest.raises(DownloadFailed, match="kagglehub can't fetch a/secret/c/d: 403 Client Error"):
            fetched_from_kaggle("a/secret/c/d")
    finally:
        sys.modules.pop("kagglehub", None)

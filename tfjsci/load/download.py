"""One file over HTTP, whole or not at all: for modules of TensorFlow Hub's protocol, ``?tf-hub-format=compressed``.

https anywhere; plain http to this machine alone. A redirect is held to the same.
Source: tensorflow.org/hub/hosting ("compressed caching").
"""

from __future__ import annotations

import hashlib
import ipaddress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import httpx

from tfjsci._version import __version__
from tfjsci.errors import DownloadFailed
from tfjsci.load.archive import GZIP_MAGIC

TIMEOUT_SECONDS = 30.0
"""For the connection, and between two pieces of the answer."""

MOST_BYTES = 4 << 30
MOST_REDIRECTS = 10
_CHUNK_BYTES = 1 << 20
_FORMAT = "tf-hub-format"


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a module is fetched from, and the checksum that its archive must have, if one was given."""

    url: str
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class Downloaded:
    """What was written, and its checksum."""

    bytes: int
    sha256: str


def address_of(text: str) -> Address:
    """``https://host/module#sha256=…`` -> what is asked for. An address of a ``.tar.gz`` is asked for as it is.

    Raises ``DownloadFailed`` for what isn't https (nor http to this machine), and for a checksum that is none.
    """
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
    except ValueError as error:
        raise DownloadFailed(f"{text[:200]!r} is no address: {error}", hint="Give https://… as it is.") from error
    _require_allowed(parts.scheme.lower(), host)
    sha256 = None
    if parts.fragment:
        name, _, sha256 = parts.fragment.partition("=")
        sha256 = sha256.lower()
        if name != "sha256" or len(sha256) != 64 or set(sha256) - set("0123456789abcdef"):
            raise DownloadFailed(
                f"what is behind # in the address is not sha256= and 64 hexadecimal digits: {parts.fragment[:100]!r}",
                hint="Leave it out, or give the archive's checksum: sha256sum module.tar.gz.",
            )
    query = parts.query
    asked = {key for key, _ in parse_qsl(query, keep_blank_values=True)}
    # an address that is signed over its query doesn't bear more of it
    if _FORMAT not in asked and not parts.path.endswith((".tar.gz", ".tgz")):
        query = "&".join(filter(None, (query, urlencode({_FORMAT: "compressed"}))))
    return Address(url=urlunsplit((parts.scheme.lower(), parts.netloc, parts.path, query, "")), sha256=sha256)


def download(address: Address, file: Path) -> Downloaded:
    """Write what ``address`` answers to ``file``, which is gone again if anything is wrong with it.

    Raises ``DownloadFailed``: no answer, another status than 200, a redirect to where it may not go, a page of HTML or
    anything else that isn't gzip, an answer that ends early, one of more than ``MOST_BYTES``, another checksum.
    """
    try:
        return _download(address, file)
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def _download(address: Address, file: Path) -> Downloaded:
    url = httpx.URL(address.url)
    headers = {"User-Agent": f"tfjsci/{__version__}", "Accept-Encoding": "identity"}
    for _ in range(MOST_REDIRECTS + 1):
        _require_allowed(url.scheme, url.host)
        # a proxy is for other machines
        with (
            httpx.Client(timeout=TIMEOUT_SECONDS, trust_env=not _is_here(url.host)) as client,
            _answers(url),
            client.stream("GET", url, headers=headers) as response,
        ):
            if response.has_redirect_location:
                url = url.join(response.headers["Location"])
                continue
            _require_archive(url, response)
            return _written(address, url, response, file)
    raise DownloadFailed(
        f"{_shown(url)} was reached by more than {MOST_REDIRECTS} redirects", hint="Give the address at their end."
    )


class _answers:  # noqa: N801  # reads as what it is: with _answers(url)
    """httpx' errors as ours."""

    def __init__(self, url: httpx.URL) -> None:
        self._shown = _shown(url)

    def __enter__(self) -> None:
        return

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, httpx.TimeoutException):
            said, hint = f"didn't answer for {TIMEOUT_SECONDS:g} s", "Try again later."
        elif isinstance(error, httpx.RemoteProtocolError):
            said, hint = f"broke off in the middle of the answer ({error})", "Try again."
        elif isinstance(error, (httpx.HTTPError, httpx.InvalidURL)):
            said, hint = f"can't be reached: {error or type(error).__name__}", "Check the address and the network."
        else:
            return
        raise DownloadFailed(f"{self._shown} {said}", hint=hint) from error


def _require_allowed(scheme: str, host: str) -> None:
    if scheme == "https" and host:
        return
    if scheme == "http" and _is_here(host):
        return
    raise DownloadFailed(
        f"{scheme}://{host} isn't fetched from: only https is, and http from this machine",
        hint="Give the https address, or fetch the model yourself and give its path.",
    )


def _is_here(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _require_archive(url: httpx.URL, response: httpx.Response) -> None:
    if response.status_code != 200:
        more = " (is it public?)" if response.status_code in (401, 403) else ""
        raise DownloadFailed(
            f"{_shown(url)} answered {response.status_code} {response.reason_phrase}{more}",
            hint="Check the address: it is that of a module whose page offers it for TensorFlow, with its version.",
        )
    kind = response.headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if kind in ("text/html", "application/xhtml+xml"):
        raise _not_an_archive(url, "a page of HTML")


def _not_an_archive(url: httpx.URL, what: str) -> DownloadFailed:
    return DownloadFailed(
        f"{_shown(url)} answered with {what}, not with a module as .tar.gz",
        hint="Give an address that serves TensorFlow Hub's protocol (?tf-hub-format=compressed) or a .tar.gz; "
        "what a page offers for download can be given as a file.",
    )


def _written(address: Address, url: httpx.URL, response: httpx.Response, file: Path) -> Downloaded:
    digest, size, first = hashlib.sha256(), 0, b""
    with file.open("wb") as out:
        for piece in response.iter_raw(_CHUNK_BYTES):
            first = first or piece[:64]
            size += len(piece)
            if size > MOST_BYTES:
                raise DownloadFailed(
                    f"{_shown(url)} sends more than {MOST_BYTES:,} bytes",
                    hint="Fetch it yourself and give its path, if it is a model.",
                )
            digest.update(piece)
            out.write(piece)
    if not first.startswith(GZIP_MAGIC):
        html = first.lstrip().lower().startswith((b"<!doctype", b"<html", b"<head"))
        raise _not_an_archive(url, "a page of HTML" if html else "nothing" if not first else "something else")
    found = digest.hexdigest()
    if address.sha256 not in (None, found):
        raise DownloadFailed(
            f"{_shown(url)} answered with another archive than the checksum says: sha256 {found}",
            hint="It was changed since, or isn't what it should be. If it is, give its checksum behind #sha256=.",
        )
    return Downloaded(bytes=size, sha256=found)


def _shown(url: httpx.URL) -> str:
    """Without its query, which may hold what opens the door."""
    return str(url.copy_with(query=None, fragment=None, userinfo=b""))

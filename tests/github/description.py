"""GitHub's own OpenAPI description, trimmed to the operations that are used, as something to hold messages against.

npm has it (``@octokit/openapi``), pinned in ``openapi/package-lock.json``: ``npm pack`` fetches 29 MB in a few seconds, of
which one file is read, once; what is kept of it lies in pytest's cache.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from jsonschema import Draft202012Validator

PACKAGE = "@octokit/openapi"
MEMBER = "package/generated/api.github.com.json"
LOCK = Path(__file__).parent / "openapi" / "package-lock.json"

OPERATIONS = (
    ("get", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("post", "/repos/{owner}/{repo}/issues/{issue_number}/comments"),
    ("patch", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
    ("delete", "/repos/{owner}/{repo}/issues/comments/{comment_id}"),
    ("get", "/repos/{owner}/{repo}/pulls"),
)


def trimmed(folder: Path) -> dict[str, Any]:
    """The trimmed description out of ``folder``, or out of npm into ``folder``."""
    pinned = json.loads(LOCK.read_text(encoding="utf-8"))["packages"][f"node_modules/{PACKAGE}"]
    key = hashlib.sha256(f"{pinned['integrity']} {OPERATIONS}".encode()).hexdigest()[:16]
    file = folder / f"{key}.json"
    if not file.exists():
        whole = json.loads(_fetch(pinned["version"], pinned["integrity"]))
        file.write_text(json.dumps(_trim(whole)), encoding="utf-8")
    found: dict[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def _fetch(version: str, integrity: str) -> bytes:
    npm = shutil.which("npm")
    assert npm, "npm is not on PATH: install Node.js, which brings it"
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [npm, "pack", f"{PACKAGE}@{version}", "--ignore-scripts", "--loglevel=error"],
            cwd=scratch, check=True, capture_output=True, timeout=300,
        )  # fmt: skip
        (tarball,) = Path(scratch).glob("*.tgz")
        digest = base64.b64encode(hashlib.sha512(tarball.read_bytes()).digest()).decode()
        assert f"sha512-{digest}" == integrity, "not the package that the lock file pins"
        with tarfile.open(tarball) as archive:
            member = archive.extractfile(MEMBER)
            assert member is not None
            return member.read()


def _trim(whole: Mapping[str, Any]) -> dict[str, Any]:
    """The operations, and of the components what they lead to."""
    paths: dict[str, Any] = {}
    for method, path in OPERATIONS:
        paths.setdefault(path, {})[method] = whole["paths"][path][method]
    components: dict[str, Any] = {}
    todo = list(_references(paths))
    while todo:
        kind, name = todo.pop()
        if name not in components.setdefault(kind, {}):
            components[kind][name] = whole["components"][kind][name]
            todo += _references(components[kind][name])
    found: dict[str, Any] = _as_json_schema({"paths": paths, "components": components})
    return found


def _references(value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            if key == "$ref":
                kind, name = item.removeprefix("#/components/").split("/")
                if kind != "examples":
                    yield kind, name
            elif key not in ("examples", "example"):
                yield from _references(item)
    elif isinstance(value, list):
        for item in value:
            yield from _references(item)


def _as_json_schema(value: Any) -> Any:
    """OpenAPI 3.0's ``nullable`` as JSON Schema says it; examples go."""
    if isinstance(value, list):
        return [_as_json_schema(item) for item in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _as_json_schema(item) for key, item in value.items() if key not in ("examples", "example")}
    if plain.pop("nullable", False) is True:
        return {"anyOf": [plain, {"type": "null"}]}
    return plain


class Description:
    """Holds requests and answers against the description; a breach is an ``AssertionError`` that says which."""

    def __init__(self, trimmed_description: dict[str, Any]) -> None:
        self._all = trimmed_description
        self._validator = cache(self._make_validator)

    def operation(self, method: str, path: str) -> dict[str, Any]:
        """The operation that a request is for."""
        for template, operations in self._all["paths"].items():
            pattern = re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>[^/]+)", re.escape(template))
            found = re.fullmatch(pattern, path)
            if found and method.lower() in operations:
                operation: dict[str, Any] = operations[method.lower()]
                for name in ("issue_number", "comment_id"):
                    assert found.groupdict().get(name, "0").isdecimal(), path
                return operation
        raise AssertionError(f"GitHub describes no {method} {path}")

    def check_request(self, method: str, path: str, query: str, body: bytes) -> None:
        """Path, query and body are as described, and nothing else is in them."""
        operation = self.operation(method, path)
        known = {each["name"]: each for each in map(self._resolve, operation.get("parameters", ()))}
        for name, text in parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query)):
            assert name in known, f"{method} {path} has no parameter {name}"
            assert known[name]["in"] == "query"
            schema = known[name]["schema"]
            value = int(text) if schema.get("type") == "integer" else text
            self._hold(value, json.dumps(schema), f"{method} {path}?{name}")
        if "requestBody" not in operation:
            assert not body, f"{method} {path} takes no body"
            return
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        given = json.loads(body)
        assert set(given) <= set(schema["properties"]), f"{method} {path}: unknown keys in {sorted(given)}"
        self._hold(given, json.dumps(schema), f"{method} {path}: body")

    def check_answer(self, method: str, path: str, status: int, body: bytes) -> None:
        """The status is one that is described, and the body what it should be with it.

        Rate limits and a server's own troubles may come from anywhere and are described nowhere.
        """
        if status in (401, 429) or status >= 500:
            return
        responses = self.operation(method, path)["responses"]
        # Any call of a token without the right answers 403; it is described for some.
        if status == 403 and "403" not in responses:
            return
        if status == 404 and "404" not in responses:
            return
        assert str(status) in responses, f"{method} {path} never answers {status}"
        response = self._resolve(responses[str(status)])
        if "content" not in response:
            assert not body
            return
        schema = response["content"]["application/json"]["schema"]
        self._hold(json.loads(body), json.dumps(schema), f"{method} {path}: answer {status}")

    def sample(self, name: str) -> Any:
        """The least that a component's schema takes."""
        return self._sample({"$ref": f"#/components/schemas/{name}"})

    def _sample(self, schema: Mapping[str, Any]) -> Any:
        schema = self._resolve(schema)
        if "enum" in schema:
            return schema["enum"][0]
        for several in ("anyOf", "oneOf"):
            if several in schema:
                return None if {"type": "null"} in schema[several] else self._sample(schema[several][0])
        if "allOf" in schema:
            return self._sample(schema["allOf"][0])
        if schema.get("type") == "object" or "properties" in schema:
            return {key: self._sample(schema["properties"][key]) for key in schema.get("required", ())}
        return {"array": [], "string": "", "boolean": False, "integer": 1, "number": 1}[schema["type"]]

    def _resolve(self, value: Any) -> Any:
        while isinstance(value, dict) and "$ref" in value:
            _, _, kind, name = value["$ref"].split("/")
            value = self._all["components"][kind][name]
        return value

    def _hold(self, value: Any, schema: str, where: str) -> None:
        problems = [
            f"{'/'.join(map(str, each.path))}: {each.message}" for each in self._validator(schema).iter_errors(value)
        ]
        assert not problems, f"{where}: {problems[:3]}"

    def _make_validator(self, schema: str) -> Draft202012Validator:
        return Draft202012Validator({**json.loads(schema), "components": self._all["components"]})

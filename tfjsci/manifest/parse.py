"""``tfjsci.yml`` into a ``Manifest``, or every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.checks import cross_checks
from tfjsci.manifest.document import Document, read_document
from tfjsci.manifest.merge import merge
from tfjsci.manifest.messages import validation_problems
from tfjsci.manifest.problem import manifest_error
from tfjsci.manifest.resolve import resolve
from tfjsci.manifest.resolved import Manifest
from tfjsci.manifest.spec import ManifestFile


def load_manifest(path: Path) -> Manifest:
    """The manifest with defaults merged into each model. Whether the models' files exist is not looked at.

    Raises ``ManifestError`` with all problems, in the file's order, each with ``file:line`` and key path.
    """
    return parse_manifest(read_document(path), path)


def parse_manifest(document: Document, path: Path) -> Manifest:
    """The manifest of a document that was read from ``path``. Raises as ``load_manifest``."""
    problems = find_problems(document)
    if problems:
        raise manifest_error(path, problems)
    root = document.root
    models = root.child("models")
    assert models is not None
    assert isinstance(models.value, tuple)
    folder = path.absolute().parent
    merged = [merge(root.child("defaults"), model) for model in models.value]
    ref = root.at("baseline", "ref")
    return Manifest(
        path=path,
        models=tuple(resolve(model, folder) for model in merged),
        baseline_ref=None if ref is None else str(ref.value),
    )


def find_problems(document: Document) -> list[ManifestProblem]:
    """What is wrong with a document, empty if nothing is."""
    problems = list(document.problems)
    try:
        ManifestFile.model_validate(document.root.plain())
    except ValidationError as refused:
        problems += validation_problems(refused, document.root)
    return problems + list(cross_checks(document.root))

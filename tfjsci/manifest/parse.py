"""``tfjsci.yml`` into a ``Manifest``, or every mistake in it at once."""

from __future__ import annotations

from pathlib import Path

from pydantic import ValidationError

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.checks import cross_checks
from tfjsci.manifest.document import Document, read_document
from tfjsci.manifest.merge import merge
from tfjsci.manifest.messages import validation_problems
from tfjsci.manifest.metric_checks import metric_checks
from tfjsci.manifest.node import Node
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
    folder = path.absolute().parent
    ref = root.at("baseline", "ref")
    return Manifest(
        path=path,
        models=tuple(resolve(model, folder) for model in _merged(root)),
        baseline_ref=None if ref is None else str(ref.value),
    )


def find_problems(document: Document) -> list[ManifestProblem]:
    """What is wrong with a document, empty if nothing is."""
    problems = list(document.problems)
    try:
        ManifestFile.model_validate(document.root.plain())
    except ValidationError as refused:
        problems += validation_problems(refused, document.root)
    problems += cross_checks(document.root)
    if not problems:
        problems += [
            problem
            for position, model in enumerate(_merged(document.root))
            for problem in metric_checks(("models", position), model)
        ]
    return problems


def _merged(root: Node) -> list[Node]:
    """Each model with the defaults laid under it."""
    models = root.child("models")
    assert models is not None
    assert isinstance(models.value, tuple)
    return [merge(root.child("defaults"), model) for model in models.value]

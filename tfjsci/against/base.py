"""A base to hold models against: the folder of an earlier run, or a commit whose models are converted here.

Either may come from another branch, so both are a stranger's: code in its models never runs, whatever the command
allows for the models of this run.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from tfjsci.against.worktree import NoBaseError, worktree
from tfjsci.artifact.artifact import Artifact
from tfjsci.artifact.quantize import Quantizations, quantization_of
from tfjsci.baseline.comparison import BaseOrigin, DroppedModels
from tfjsci.baseline.source import BaseFolder, BaseRef, BaseSource
from tfjsci.catalog.catalog import Catalog
from tfjsci.compare.comparison import Comparison
from tfjsci.converter import convert, describe, write_variant
from tfjsci.errors import ManifestError, TfjsciError
from tfjsci.listed import plural
from tfjsci.load.load import LoadOptions
from tfjsci.manifest.parse import load_manifest
from tfjsci.manifest.resolved import FLOAT, ModelSpec
from tfjsci.results.run_result import ModelResult
from tfjsci.results.store import read_results
from tfjsci.rewrite.left_out import unknown_rule

RESULTS = "results.json"


class NewModelError(NoBaseError):
    """The base is there, and hasn't got this model."""


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """What the base has of one model. ``comparisons`` is empty where it was only converted.

    ``notes`` tell what of it is missing; ``cant_run`` why its artifacts can't be timed, if so.
    """

    artifacts: tuple[Artifact, ...]
    comparisons: tuple[Comparison, ...] = ()
    cant_run: str | None = None
    notes: tuple[str, ...] = ()


class Base(Protocol):
    """``unclear``: why there is no base after all; then nobody asks it for models."""

    @property
    def origin(self) -> BaseOrigin:
        """Where it is from."""
        ...

    @property
    def unclear(self) -> str | None:
        """Why there is none."""
        ...

    @property
    def models(self) -> Mapping[str, object]:
        """Its models by name; none where there is no base."""
        ...

    def model(self, spec: ModelSpec, variants: Sequence[str], catalog: Catalog | None = None) -> BaseModel:
        """The base's model of this name, of ``variants`` those that it has.

        Raises ``NewModelError``, ``NoBaseError`` and ``ModelError``.

        ``catalog``: of the release that it is going to run on.
        """
        ...


@contextmanager
def open_base(source: BaseSource | None) -> Iterator[Base | None]:
    """The base for as long as the run needs it, or None if none was asked for. A base that can't be had is one that says so."""
    if source is None:
        yield None
        return
    with ExitStack() as stack:
        yield _from_folder(source) if isinstance(source, BaseFolder) else _from_ref(source, stack)


@dataclass(frozen=True, kw_only=True)
class MissingBase:
    """Asked for, and not to be had."""

    origin: BaseOrigin
    unclear: str
    models: Mapping[str, object] = field(default_factory=dict)

    def model(self, spec: ModelSpec, variants: Sequence[str], catalog: Catalog | None = None) -> BaseModel:  # noqa: ARG002
        """Never there."""
        raise NoBaseError(self.unclear)


@dataclass(frozen=True, kw_only=True)
class FolderBase:
    """The results and artifacts of an earlier run."""

    origin: BaseOrigin
    folder: Path
    models: Mapping[str, ModelResult]
    unclear: None = None

    def model(self, spec: ModelSpec, variants: Sequence[str], catalog: Catalog | None = None) -> BaseModel:  # noqa: ARG002
        """As its results tell it; whether its files are those is looked at when they are to be run."""
        found = self.models.get(spec.name)
        if found is None:
            raise NewModelError("the base has no model of this name")
        if not found.artifacts:
            raise NoBaseError("the base has no artifact of this model: it couldn't be converted there")
        artifacts = tuple(
            replace(each, path=self.folder / each.path) for each in found.artifacts if each.variant in variants
        )
        notes = _dropped(spec, (each.variant for each in found.artifacts))
        return BaseModel(artifacts=artifacts, comparisons=found.comparisons, notes=notes)


@dataclass(frozen=True, kw_only=True)
class RefBase:
    """A commit's models, converted here when they are asked for, into a temporary folder."""

    origin: BaseOrigin
    output: Path
    models: Mapping[str, ModelSpec]
    unclear: None = None

    def model(self, spec: ModelSpec, variants: Sequence[str], catalog: Catalog | None = None) -> BaseModel:
        """Converted as the base's own manifest says, for the backends that are wanted now."""
        base = self.models.get(spec.name)
        if base is None:
            raise NewModelError("the base has no model of this name")
        converted = convert(
            base.source,
            backends=spec.backends,
            format=base.format,
            options=LoadOptions.of(base),
            catalog=catalog,
            # a rule that its manifest leaves out may be gone since
            without_rules=[name for name in base.without_rules if unknown_rule(name) is None],
            unroll_loops=base.unroll_loops,
        )
        wanted: dict[str, Quantizations] = {FLOAT: None}
        wanted |= {each.name: quantization_of(each) for each in base.quantize if each.auto is None}
        uncalibrated = {each.name for each in base.quantize if each.calibrate is not None}
        artifacts, notes = [], ["the base was converted, not compared: there is no SQNR of it"]
        notes += _dropped(spec, (each.name for each in base.quantize))
        notes += [
            f"the base's {each.name} isn't searched for again: paste what a run prints, and it can be compared"
            for each in base.quantize
            if each.auto is not None and each.name in variants
        ]
        for variant in (each for each in wanted if each in variants):
            folder = self.output / spec.name / variant
            try:
                written = write_variant(converted, folder, quantization=wanted[variant], shard_bytes=base.shard_bytes)
            except TfjsciError as error:
                notes.append(f"the base's {variant} couldn't be written: {error.message}")
                continue
            artifacts.append(describe(converted, written, variant))
            if variant in uncalibrated:
                notes.append(
                    f"the base's {variant} was rounded without its calibration, which hardly changes its sizes"
                )
        ops = sorted({op.op for op in converted.check.unsupported})
        cant_run = f"the base has ops that can't run in the browser: {', '.join(ops)}" if ops else None
        return BaseModel(artifacts=tuple(artifacts), cant_run=cant_run, notes=tuple(notes))


def _dropped(spec: ModelSpec, variants: Iterable[str]) -> tuple[str, ...]:
    """That the manifest has some of the base's variants no more."""
    kept = {FLOAT, *(each.name for each in spec.quantize)}
    return tuple(f"{variant} is no variant any more" for variant in variants if variant not in kept)


def dropped_models(base: Base, kept: Iterable[str]) -> DroppedModels | None:
    """The models that the base has beside those ``kept``, which are all of the manifest's, chosen for this run or not."""
    names = tuple(name for name in base.models if name not in {*kept})
    return DroppedModels(origin=base.origin, names=names) if names else None


def why_not_the_bases_files(artifact: Artifact) -> str | None:
    """Why the files in ``artifact.path`` aren't those that the results told of, or None: they are."""
    folder = artifact.path.resolve()
    digest = hashlib.sha256()
    for name in ("model.json", *artifact.shards):
        file = (folder / name).resolve()
        if not file.is_relative_to(folder):
            return "a file of the base's artifact leads out of its folder"
        try:
            digest.update(file.read_bytes())
        except OSError as error:
            return f"the base's artifact isn't beside its results: {error.strerror or error}"
    return None if digest.hexdigest() == artifact.sha256 else "the base's files aren't those that its results tell of"


def _from_folder(source: BaseFolder) -> Base:
    origin = BaseOrigin(kind="folder", name=str(source.path))
    try:
        run = read_results(source.path / RESULTS)
    except TfjsciError as error:
        return MissingBase(origin=origin, unclear=_first_line(error.message))
    return FolderBase(origin=origin, folder=source.path.absolute(), models={each.name: each for each in run.models})


def _from_ref(source: BaseRef, stack: ExitStack) -> Base:
    origin = BaseOrigin(kind="ref", name=source.ref)
    try:
        tree = stack.enter_context(worktree(source.manifest.absolute().parent, source.ref))
    except NoBaseError as error:
        return MissingBase(origin=origin, unclear=str(error))
    origin = replace(origin, commit=tree.commit)
    manifest = tree.here / source.manifest.name
    if not manifest.is_file():
        return MissingBase(origin=origin, unclear=f"it has no {source.manifest.name} there")
    try:
        models = load_manifest(manifest).models
    except ManifestError as error:
        return MissingBase(
            origin=origin, unclear=f"its {source.manifest.name} has {plural(len(error.problems), 'mistake')}"
        )
    # beside the worktree, in the temporary folder that goes with it
    return RefBase(origin=origin, output=tree.folder.parent / "artifacts", models={each.name: each for each in models})


def _first_line(text: str) -> str:
    return text.strip().splitlines()[0]

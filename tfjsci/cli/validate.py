"""``tfjsci validate``: every mistake in a manifest at once, and the files that it names but that aren't there."""

from __future__ import annotations

from collections.abc import Iterator
from glob import has_magic
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tfjsci.cli.options import Verbosity, manifest_argument, verbosity_options
from tfjsci.errors import ExitCode, ManifestProblem
from tfjsci.escape import visible
from tfjsci.manifest.problem import show_path
from tfjsci.source import Remote

if TYPE_CHECKING:
    from tfjsci.manifest.resolved import Manifest, ModelSpec


@click.command()
@manifest_argument
@verbosity_options
def validate(manifest: Path, verbosity: Verbosity) -> ExitCode:
    """Check MANIFEST (tfjsci.yml by default) and list every mistake in it. Nothing is loaded or run.

    \b
    Exit codes:
      0  no mistakes, and the files are there
      1  no mistakes, but a model or an input file wasn't found
      2  mistakes, or no such manifest
    """
    from tfjsci.manifest.parse import load_manifest
    from tfjsci.manifest.problem import show_problem
    from tfjsci.plan import require_rules

    loaded = load_manifest(manifest)
    require_rules(loaded)
    missing = list(missing_files(loaded))
    for problem in missing:
        click.echo(show_problem(manifest, problem), err=True)
    if verbosity is not Verbosity.QUIET:
        models = len(loaded.models)
        found = f"{len(missing)} {'file' if len(missing) == 1 else 'files'} not found" if missing else "files found"
        click.echo(f"{visible(str(manifest))}: no mistakes; {models} {'model' if models == 1 else 'models'}, {found}")
    if verbosity is Verbosity.VERBOSE:
        for model in loaded.models:
            click.echo(describe(model))
    return ExitCode.MODEL if missing else ExitCode.OK


def missing_files(manifest: Manifest) -> Iterator[ManifestProblem]:
    """A problem for each source, input file, folder of images, script and metric that isn't there, or can't be looked at."""
    for position, model in enumerate(manifest.models):
        named = [] if isinstance(model.source, Remote) else [("source", model.source, model.source_text)]
        named += _samples(model)
        named += [(show_path(("custom_ops", custom.op)), custom.script, custom.text) for custom in model.custom_ops]
        named += [
            (show_path(("compare", "metric", metric.name)), metric.path, metric.path.name)
            for metric in model.compare.metrics
        ]
        for key, path, text in named:
            trouble = _trouble(path)
            if trouble is not None:
                yield ManifestProblem(
                    line=model.key_lines.get(key, model.line),
                    path=f"models[{position}].{visible(key)}",
                    message=f"{visible(text)} {trouble}.",
                )


def _samples(model: ModelSpec) -> Iterator[tuple[str, Path, str]]:
    from tfjsci.manifest.resolved import ImageFiles, InputFile

    for name, source in model.inputs.items():
        if isinstance(source, InputFile):
            yield f"inputs.{name}", source.path, source.text
        elif isinstance(source, ImageFiles) and not has_magic(source.text):  # what a pattern matches, the run tells
            yield f"inputs.{name}", source.folder / source.text, source.text
    if model.labels is not None:
        yield "labels", model.labels.file.path, model.labels.file.text


def _trouble(path: Path) -> str | None:
    try:
        path.stat()
    except FileNotFoundError:
        return "was not found"
    except OSError as error:
        return f"can't be looked at: {error.strerror}"
    return None


def describe(model: ModelSpec) -> str:
    """What a run would do with a model, in one line."""
    variants = ", ".join(["float", *(variant.name for variant in model.quantize)])
    from tfjsci.manifest.resolved import Drawn

    files = sum(not isinstance(source, Drawn) for source in model.inputs.values())
    inputs = f"{files} input {'file' if files == 1 else 'files'}" if files else "random inputs"
    inputs += " and labels" if model.labels else ""
    return f"  {model.name}: {visible(model.source_text)} -> {variants} on {', '.join(model.backends)}; {inputs}"

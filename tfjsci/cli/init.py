"""``tfjsci init``: a first manifest for the models that are there, its schema for editors, and a workflow."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterable
from pathlib import Path

import click

from tfjsci.cli.options import MANIFEST_NAME, Verbosity, verbosity_options
from tfjsci.errors import ExitCode, UsageError
from tfjsci.escape import visible

SCHEMA_FOLDER = ".tfjsci"
"""Beside the manifest: an editor completes offline, and everyone who has the repository has the schema."""

WORKFLOW = Path(".github", "workflows", "tfjsci.yml")


@click.command()
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, exists=True, file_okay=False), default=".")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help=f"The manifest's path.  [default: DIR/{MANIFEST_NAME}]"
)
@click.option("--force", is_flag=True, help="Overwrite what is there.")
@click.option("--example", is_flag=True, help="Write a manifest also when there is no model yet.")
@verbosity_options
def init(folder: Path, output: Path | None, force: bool, example: bool, verbosity: Verbosity) -> ExitCode:
    """Look for models below DIR (here by default), and write a commented manifest for them.

    Also written: the manifest's JSON Schema beside it, in .tfjsci/, for editors; and .github/workflows/tfjsci.yml at
    the root of the Git repository (in DIR if it isn't in one). All three are meant to be committed. Nothing is
    overwritten without --force.
    """
    from tfjsci.manifest.found import find_models
    from tfjsci.manifest.shipped import SCHEMA_NAME, shipped_schema_text
    from tfjsci.manifest.starter import EXAMPLE, starter_manifest, starter_workflow
    from tfjsci.results.atomic import write_whole

    manifest = output if output is not None else folder / MANIFEST_NAME
    root = repository_root(folder)
    from_root = _relative(manifest, root)
    found = find_models(folder)
    if not found.models and not example:
        raise UsageError(
            f"{visible(str(folder))}: no .keras or .h5, no unpacked .keras and no saved_model.pb was found; nothing written",
            hint="Name the folder that holds them (tfjsci init DIR), or write an example with: tfjsci init --example",
        )
    models = [(model.name, _relative(model.path, manifest.parent)) for model in found.models]
    files = {
        manifest: starter_manifest(models or EXAMPLE, schema=f"{SCHEMA_FOLDER}/{SCHEMA_NAME}"),
        manifest.parent / SCHEMA_FOLDER / SCHEMA_NAME: shipped_schema_text(),
        root / WORKFLOW: starter_workflow(from_root),
    }
    existing = [path for path, text in files.items() if _differs(path, text)]
    if existing and not force:
        raise UsageError(
            f"already there: {', '.join(visible(str(path)) for path in existing)}; nothing written",
            hint="Overwrite with --force, or write elsewhere with --output.",
        )
    for path, text in files.items():
        write_whole(path, text)
    if verbosity is not Verbosity.QUIET:
        _tell(files.keys(), models, manifest=manifest, complete=found.complete, verbose=verbosity is Verbosity.VERBOSE)
    return ExitCode.OK


def repository_root(folder: Path) -> Path:
    """The nearest folder upwards that holds ``.git``, else ``folder`` itself: workflows live at a repository's root."""
    here = folder.absolute()
    for candidate in (here, *here.parents):
        if (candidate / ".git").exists():
            return folder if candidate == here else candidate
    return folder


def _relative(path: Path, start: Path) -> str:
    text = Path(os.path.relpath(path, start)).as_posix()
    if not text.isprintable() or "${{" in text:
        # a workflow would evaluate the one, and YAML couldn't hold the other
        raise UsageError(f"{visible(text)}: this path can't be written in a manifest or a workflow; nothing written")
    return text


def _differs(path: Path, text: str) -> bool:
    try:
        return path.read_text("utf-8") != text
    except (FileNotFoundError, NotADirectoryError):
        return False
    except (OSError, UnicodeDecodeError):
        return True


def _tell(
    written: Iterable[Path], models: list[tuple[str, str]], *, manifest: Path, complete: bool, verbose: bool
) -> None:
    for path in written:
        click.echo(f"wrote {visible(str(path))}")
    if verbose:
        for name, source in models:
            click.echo(f"  {name}: {visible(source)}")
    many = f"{len(models)} {'model' if len(models) == 1 else 'models'}"
    click.echo(f"{many} found." if models else "No model was found: put the path of one into the manifest.")
    if not complete:
        click.echo("There may be more: the search stops at 50 models and 20,000 folders.")
    named = "" if manifest == Path(MANIFEST_NAME) else f" {visible(shlex.quote(str(manifest)))}"
    click.echo(f"Next: tfjsci {'run' if models else 'validate'}{named}")

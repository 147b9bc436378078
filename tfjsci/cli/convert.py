"""``tfjsci convert``: one model to one folder, without a manifest or a browser."""

from __future__ import annotations

import tempfile
from pathlib import Path

import click

from tfjsci.cli.options import Verbosity, verbosity_options
from tfjsci.dtypes import BACKENDS
from tfjsci.units import parse_bytes, show_bytes


class _Size(click.ParamType):  # type: ignore[type-arg]  # generic only in newer releases of click
    name = "size"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """``4 MiB`` -> bytes, at least 1 KiB."""
        try:
            size = parse_bytes(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)
        if size < 1024:
            self.fail(f"{value!r} is less than 1 KiB", param, ctx)
        return size


@click.command()
@click.argument("source", type=click.Path(path_type=Path), metavar="INPUT")
@click.argument("output", type=click.Path(path_type=Path))
@click.option(
    "--format", "format_", type=click.Choice(["auto", "keras", "h5", "saved_model"]), default="auto", show_default=True
)
@click.option("--signature", help="SavedModel signature; default: serving_default, or the only one.")
@click.option("--quantize", type=click.Choice(["float16", "uint16", "uint8"]), help="Store the weights in fewer bytes.")
@click.option("--include", multiple=True, metavar="PATTERN", help="Quantise only weights that match (repeat for more).")
@click.option(
    "--exclude", multiple=True, metavar="PATTERN", help="Leave weights that match as they are (repeat for more)."
)
@click.option(
    "--backend", "backends", multiple=True, type=click.Choice(BACKENDS), help="Check ops for these; default: all four."
)
@click.option("--shard-bytes", type=_Size(), default="4 MiB", show_default=True, help="Largest weight file.")
@click.option(
    "--allow-code", is_flag=True, help="Let code that is inside the model file run. Only for files you trust."
)
@verbosity_options
def convert(
    source: Path,
    output: Path,
    format_: str,
    signature: str | None,
    quantize: str | None,
    include: tuple[str, ...],
    exclude: tuple[str, ...],
    backends: tuple[str, ...],
    shard_bytes: int,
    allow_code: bool,
    verbosity: Verbosity,
) -> None:
    """Convert INPUT (.keras, .h5 or a SavedModel folder) to a TensorFlow.js graph model in the folder OUTPUT.

    Nothing is compared: whether the numbers are right is what tfjsci run tells.
    """
    if (include or exclude) and quantize is None:
        raise click.UsageError("--include and --exclude need --quantize")
    from tfjsci import api
    from tfjsci.chatter import chatter_to

    with tempfile.TemporaryDirectory(prefix="tfjsci-") as folder:
        log = Path(folder) / "chatter.log"
        try:
            with chatter_to(log):
                api.convert(
                    source,
                    output,
                    format=format_,
                    signature=signature,
                    backends=backends or BACKENDS,  # type: ignore[arg-type]
                    quantize=quantize,
                    include=include,
                    exclude=exclude,
                    shard_bytes=shard_bytes,
                    allow_code=allow_code,
                )
        finally:
            if verbosity is Verbosity.VERBOSE and log.is_file():
                click.echo(log.read_text(encoding="utf-8", errors="replace"), err=True, nl=False)
    if verbosity is not Verbosity.QUIET:
        files = sorted(path for path in output.iterdir() if path.is_file())
        size = sum(path.stat().st_size for path in files)
        click.echo(f"{output / 'model.json'}: {len(files) - 1} shard(s), {show_bytes(size)} in all")

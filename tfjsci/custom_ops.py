"""Ops that the user's page registers itself: which scripts a model needs for them, and whether these may run."""

from __future__ import annotations

from collections.abc import Container, Sequence

from tfjsci.browser.protocol import CustomScript
from tfjsci.errors import CodeRefused, MissingScript
from tfjsci.manifest.resolved import ModelSpec


def scripts_of(spec: ModelSpec, ops: Container[str]) -> tuple[CustomScript, ...]:
    """The scripts of those custom ops that are among ``ops`` (a graph's), each once, in the manifest's order."""
    used = [custom for custom in spec.custom_ops if custom.op in ops]
    return tuple(
        CustomScript(
            path=path,
            name=next(custom.text for custom in used if custom.script == path),
            ops=tuple(custom.op for custom in used if custom.script == path),
        )
        for path in dict.fromkeys(custom.script for custom in used)
    )


def require_runnable(scripts: Sequence[CustomScript], *, allow_code: bool) -> None:
    """Scripts are code that the manifest brings along: raises ``CodeRefused`` unless the command itself allows that.

    Raises ``MissingScript`` where one isn't there.
    """
    if scripts and not allow_code:
        listed = "; ".join(f"{script.name} (for {', '.join(script.ops)})" for script in scripts)
        raise CodeRefused(
            f"scripts of custom_ops aren't run in the browser without --allow-code: {listed}",
            hint="Read them, then run with --allow-code (of the action: allow-code: true). "
            "--only convert,check,quantize needs no script.",
        )
    for script in scripts:
        if not script.path.is_file():
            raise MissingScript(
                f"there is no file {script.name}, which should register {', '.join(script.ops)}",
                hint="Check the path under custom_ops; it is relative to the manifest.",
            )


def notes_of(scripts: Sequence[CustomScript]) -> tuple[str, ...]:
    """What the report says of them."""
    return tuple(f"{op} is a custom op, registered by {script.name}" for script in scripts for op in script.ops)

"""Which base a run is held against, as the command line or the manifest names it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from tfjsci.errors import UsageError
from tfjsci.escape import one_line
from tfjsci.manifest.resolved import Manifest
from tfjsci.manifest.values import REF_PATTERN


@dataclass(frozen=True, kw_only=True)
class BaseFolder:
    """The output folder of an earlier run: results.json and models/."""

    path: Path


@dataclass(frozen=True, kw_only=True)
class BaseRef:
    """A commit of the repository that ``manifest`` lies in; its models are converted anew."""

    ref: str
    manifest: Path


BaseSource = BaseFolder | BaseRef


def choose_base(manifest: Manifest, *, folder: Path | None, ref: str | None) -> BaseSource | None:
    """The base to use: what is given here wins over the manifest's. Raises ``UsageError``."""
    if folder is not None and ref is not None:
        raise UsageError(
            "--baseline and --baseline-ref can't both be given",
            hint="--baseline takes the output folder of an earlier run, --baseline-ref a commit to convert.",
        )
    if folder is not None:
        return BaseFolder(path=folder)
    wanted = ref if ref is not None else manifest.baseline_ref
    return None if wanted is None else BaseRef(ref=require_ref(wanted), manifest=manifest.path)


def require_ref(ref: str) -> str:
    """``ref`` itself. Raises ``UsageError`` for what git would take for an option or a pattern, and never for a commit."""
    if re.fullmatch(REF_PATTERN, ref) is None:
        raise UsageError(
            f"the baseline's ref {one_line(ref)!r} is no name of a commit",
            hint="Give a branch, a tag or a commit, such as origin/main.",
        )
    return ref

"""Puts the TensorFlow.js release files into the wheel, so that an installed tfjsci needs no npm.

An editable install gets nothing here: in a checkout ``script/bootstrap`` installs them.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class RuntimeFilesHook(BuildHookInterface):  # type: ignore[type-arg]
    """Installs the files into the source tree where they aren't yet; ``artifacts`` in pyproject.toml then includes them."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Called before a wheel is built; ``version`` is ``standard`` or ``editable``."""
        if version == "editable" or self.target_name != "wheel":
            return
        done = runpy.run_path(str(Path(self.root) / "script" / "install_runtime.py"))["main"]()
        if done != 0:
            raise SystemExit("the wheel needs the TensorFlow.js release files: see the message above")

"""The optimising rules, one a file. Their order, with its reasons, is in :mod:`tfjsci.rewrite.pipeline`.

To add one: a file here with a ``RULE`` (or several, in ``RULES``), its name in a stage's list there, and a test of the same
name (docs/rules.md).
"""

from __future__ import annotations

import importlib

from tfjsci.rewrite.rule import Rule


def rules_of(*names: str) -> tuple[Rule, ...]:
    """The rules of the files of these names, in order: a file's ``RULES``, or its ``RULE`` where it has but one."""
    modules = [importlib.import_module(f"{__name__}.{name}") for name in names]
    return tuple(rule for module in modules for rule in getattr(module, "RULES", None) or (module.RULE,))

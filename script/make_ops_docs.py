"""The page docs/ops.md: each op of the catalogue by backend, and what attributes, shapes and dtypes do to it.

Written by ``script/make_catalog.py`` (``--docs``); tests/repo/test_catalog_fresh.py compares.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tfjsci.catalog.catalog import Catalog, Op
from tfjsci.catalog.restrictions import RESTRICTIONS, Restriction
from tfjsci.dtypes import BACKENDS, Backend

DOCS_FILE = Path(__file__).resolve().parent.parent / "docs" / "ops.md"

_INTRO = """\
<!-- Made by script/make_catalog.py: change tfjsci/catalog/ and run it again. -->
# Ops and backends

What TensorFlow.js {version} runs, as `tfjsci` checks it before a model is converted. {count} ops of TensorFlow have an
executor. An op that isn't listed runs nowhere.

- **yes**: it runs, and gives what TensorFlow gives.
- **no**: the backend has no kernel for it (named behind the op), or a caveat (its number) says that it never works.
- **a number**: it runs, but not always: see the [caveats](#caveats). Those that throw stop the model; those that are
  *silently wrong* give other numbers than TensorFlow without a word. Both fail the check.

Caveats on many ops at once (number of dimensions, strings, complex numbers) stand at the end, not in the tables.

Where a caveat asks for a rank, a dtype or a value that isn't known before the model runs, the check lets it pass, unless the
caveat says otherwise. `tests/browser/test_op_conformance.py` runs these claims in a real browser.
"""


_MANY = 12
"""A caveat on more ops than this is about the runtime, not about an op."""


def _is_general(restriction: Restriction) -> bool:
    return restriction.ops is None or len(restriction.ops) > _MANY


NUMBERED = sorted(RESTRICTIONS, key=_is_general)
"""In the order of the table, the general ones last."""


def ops_page(catalog: Catalog) -> str:
    """The whole page."""
    intro = _INTRO.format(version=catalog.version, count=len(catalog.ops))
    categories = sorted({op.category for op in catalog.ops.values()})
    tables = ("\n".join(_table(catalog, category)) for category in categories)
    return "\n".join([intro, *tables, "\n".join(_caveats())])


def _table(catalog: Catalog, category: str) -> Iterator[str]:
    yield f"## {category.replace('_', ' ').capitalize()}\n"
    yield f"| op | {' | '.join(BACKENDS)} | |"
    yield f"|---|{'---|' * len(BACKENDS)}---|"
    for op in catalog.ops.values():
        if op.category == category:
            cells = " | ".join(_cell(catalog, op, backend) for backend in BACKENDS)
            yield f"| `{op.name}` | {cells} | {_remark(catalog, op)} |"
    yield ""


def _cell(catalog: Catalog, op: Op, backend: Backend) -> str:
    if backend not in catalog.backends_of(op.name):
        return "no"
    met = [
        (number, restriction)
        for number, restriction in enumerate(NUMBERED, 1)
        if not _is_general(restriction) and op.name in (restriction.ops or ()) and backend in restriction.backends
    ]
    links = ", ".join(f"[{number}](#caveat-{number})" for number, _ in met)
    return f"no: {links}" if any(restriction.when is None for _, restriction in met) else links or "yes"


def _remark(catalog: Catalog, op: Op) -> str:
    if op.fails:
        return f"its own entry is broken: {op.fails}"
    missing = sorted({kernel for backend in BACKENDS for kernel in catalog.missing_kernels(op.name, backend)})
    ignored = [attr.name for attr in op.attrs if not attr.read and attr.type != "dtype"]
    remarks = [f"needs {', '.join(missing)}"] if missing else []
    remarks += [f"ignores {', '.join(f'`{name}`' for name in ignored)}"] if ignored else []
    return "; ".join(remarks)


def _caveats() -> Iterator[str]:
    yield "## Caveats\n"
    for number, restriction in enumerate(NUMBERED, 1):
        yield f'{number}. <a id="caveat-{number}"></a>{_subject(restriction)}'
        yield f"   **{restriction.effect}** on {', '.join(restriction.backends)}: {restriction.says}."
        yield f"   {restriction.hint}"
    yield ""


def _subject(restriction: Restriction) -> str:
    if restriction.ops is None:
        return "Any op:"
    return f"{', '.join(f'`{name}`' for name in sorted(restriction.ops))}:"

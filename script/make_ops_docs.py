"""The page docs/ops.md: each op of the catalogue by backend, and what attributes, shapes and dtypes do to it.

Written by ``script/make_catalog.py`` (``--docs``); tests/repo/test_catalog_fresh.py compares.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path

from tfjsci.catalog.catalog import Catalog
from tfjsci.catalog.impossible import why_not
from tfjsci.catalog.restrictions import RESTRICTIONS, Restriction
from tfjsci.dtypes import BACKENDS
from tfjsci.rewrite.lowerings import all_lowerings
from tfjsci.rewrite.support import LOWERED_ONLY, SUPPORTED, OpSupport, support_matrix

USAGE_FILE = Path(__file__).resolve().parent / "survey" / "op_usage.json"
OF_TEXT = ("String", "Regex", "Unicode", "Ragged", "SparseCross", "Lookup", "AsString")
CONTROL_FLOW = frozenset({"While", "StatelessWhile", "If", "StatelessIf", "Case", "StatelessCase"})
REWRITTEN = frozenset({"Case", "StatelessCase", "ReadVariableOp", "Assert"})
"""None is left in what is written: a choice of several is one of two each, a variable a weight; an assertion falls away."""

NOT_COMPUTING = frozenset({"Const", "Placeholder", "NoOp"})
DOCS_FILE = Path(__file__).resolve().parent.parent / "docs" / "ops.md"

_INTRO = """\
<!-- Made by script/make_catalog.py --docs: change tfjsci/catalog/ or tfjsci/rewrite/lowerings/ and run it again. -->
# Ops and backends

What a model converted by tfjsci runs on TensorFlow.js {version}: {count} ops, of which the release has {native}. The others
are *lowered*: the conversion says them in ops that the wanted backends have ([how](lowerings.md)). `tfjsci ops OP` prints a row
of this page with its caveats, `tfjsci check MODEL` holds a model against it.

- **native**: a kernel of the backend runs it, and gives what TensorFlow gives.
- **lowered**: the backend can't, or can't rightly, so the op is replaced, where a backend that is wanted needs that.
- **native, lowered**: natively where the kernel is right, lowered where a [caveat](#caveats) holds.
- **in part**: a caveat holds that no lowering covers; the examples that run neither way are [below](#what-runs-neither-way).
- **no**: it runs nowhere. So does an op that isn't listed.

Caveats on many ops at once (number of dimensions, strings, complex numbers) stand at the end, not in the tables. Where a
caveat asks for a rank, a dtype or a value that isn't known before the model runs, the check lets it pass, unless the caveat says
otherwise. Real browsers are asked whether all this is true: `tests/browser/test_op_conformance.py` runs each op alone on each
backend, `tests/browser/test_lowerings.py` runs what each lowering makes of its examples.
"""


_MANY = 12
"""A caveat on more ops than this is about the runtime, not about an op."""


def _is_general(restriction: Restriction) -> bool:
    return restriction.ops is None or len(restriction.ops) > _MANY


NUMBERED = sorted(RESTRICTIONS, key=_is_general)
"""In the order of the table, the general ones last."""


def ops_page(catalog: Catalog) -> str:
    """The whole page."""
    matrix = support_matrix(catalog, all_lowerings())
    intro = _INTRO.format(version=catalog.version, count=len(matrix), native=len(catalog.ops))
    categories = sorted({each.category for each in matrix.values()} - {LOWERED_ONLY})
    tables = ["\n".join(_table(catalog, matrix, category)) for category in [*categories, LOWERED_ONLY]]
    parts = [intro, "\n".join(_usage(matrix)), *tables, "\n".join(_neither(matrix)), "\n".join(_caveats())]
    return "\n".join(part for part in parts if part)


def _usage(matrix: Mapping[str, OpSupport]) -> Iterator[str]:
    """How much of what Keras and the zoo produce runs, and what of it doesn't."""
    usage = json.loads(USAGE_FILE.read_text(encoding="utf-8"))
    counts = {
        op: sum(uses[kind] for kind in ("layers", "keras_ops", "zoo"))
        for op, uses in usage["ops"].items()
        if op not in NOT_COMPUTING and op[0].isupper()  # the others are names of functions
    }
    missing = {op: n for op, n in counts.items() if not _runs(matrix.get(op)) and op not in REWRITTEN}
    cases = {name: set(case["ops"]) for name, case in usage["cases"].items() if "ops" in case}
    loops = sum(bool(ops & CONTROL_FLOW) for ops in cases.values())
    whole = sum(not (ops & missing.keys()) for ops in cases.values())
    of_numbers = [op for op in counts if not any(word in op for word in OF_TEXT) and not _of_loops(op)]
    right = [op for op in of_numbers if op not in missing]
    yield "## What Keras and real models use\n"
    yield (
        f"`script/survey/survey.py trace` traced {len(cases)} cases with TensorFlow {usage['tensorflow']} and Keras "
        f"{usage['keras']}: every public layer and function of `keras.ops` in its variants, and a zoo of models. They use "
        f"{len(counts)} ops. {len(counts) - len(missing)} ({_percent(len(counts) - len(missing), len(counts))}) run on all four "
        f"backends; strings, ragged tensors and loops apart, {len(right)} of {len(of_numbers)} "
        f"({_percent(len(right), len(of_numbers))}). "
        f"{whole} of the cases ({_percent(whole, len(cases))}) use no op but these ({loops} of them have loops or "
        "branches). The ops that don't:\n"
    )
    yield "| op | cases | why not |"
    yield "|---|---|---|"
    for op, n in sorted(missing.items(), key=lambda item: (-item[1], item[0])):
        yield f"| `{op}` | {n} | {why_not(op) or 'not written yet'} |"
    yield ""


def _of_loops(op: str) -> bool:
    return op in CONTROL_FLOW | {"ReadVariableOp", "Assert"} or op.startswith(("TensorList", "EmptyTensorList"))


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %"


def _runs(support: OpSupport | None) -> bool:
    return support is not None and all(support.on[backend] in SUPPORTED | {"in part"} for backend in BACKENDS)


def _table(catalog: Catalog, matrix: Mapping[str, OpSupport], category: str) -> Iterator[str]:
    yield f"## {category.replace('_', ' ').capitalize()}\n"
    yield f"| op | {' | '.join(BACKENDS)} | lowered by | caveats |"
    yield f"|---|{'---|' * len(BACKENDS)}---|---|"
    for each in matrix.values():
        if each.category == category:
            cells = " | ".join(each.on[backend] for backend in BACKENDS)
            by = ", ".join(f"[{name}](lowerings.md#{name})" for name in each.by)
            yield f"| `{each.op}` | {cells} | {by} | {_remark(catalog, each.op)} |"
    yield ""


def _remark(catalog: Catalog, op: str) -> str:
    entry = catalog.ops.get(op)
    if entry is None:
        return ""
    if entry.fails:
        return f"its own entry is broken: {entry.fails}"
    missing = sorted({kernel for backend in BACKENDS for kernel in catalog.missing_kernels(op, backend)})
    ignored = [attr.name for attr in entry.attrs if not attr.read and attr.type != "dtype"]
    met = [number for number, each in enumerate(NUMBERED, 1) if not _is_general(each) and op in (each.ops or ())]
    remarks = [", ".join(f"[{number}](#caveat-{number})" for number in met)] if met else []
    remarks += [f"needs {', '.join(missing)}"] if missing else []
    remarks += [f"ignores {', '.join(f'`{name}`' for name in ignored)}"] if ignored else []
    return "; ".join(remarks)


def _neither(matrix: Mapping[str, OpSupport]) -> Iterator[str]:
    """The examples of ops that run neither natively nor lowered."""
    yield "## What runs neither way\n"
    yield "Examples of `tests/browser/op_cases`, by name (`Op/variant`), and the backends that can't run them.\n"
    yield "| example | backends |"
    yield "|---|---|"
    for each in matrix.values():
        refused: dict[str, list[str]] = {}
        for backend, cases in each.refused.items():
            for case in cases:
                refused.setdefault(case, []).append(backend)
        for case, backends in refused.items():
            yield f"| `{case}` | {', '.join(backends)} |"
    yield ""


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

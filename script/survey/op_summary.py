"""The survey's ops for a reader: how many cases use each, whether the runtime can run it, and what is in the way."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence

from op_usage import Traced

from tfjsci.catalog.check import OpCheck


def summary(traced: Sequence[Traced]) -> str:
    """A table sorted by the number of cases, then what is unsupported with its reasons and some of the cases."""
    done = [each for each in traced if not each.failed]
    lines = [
        f"{len(traced)} cases, {len(traced) - len(done)} of them failed in Keras, TensorFlow or tfjsci's loading",
        "before: cases where the check refuses the op in the loaded graph; after: in the rewritten one (today's rules)",
        "",
        f"{'op':32}{'cases':>6}{'layers':>8}{'ops':>6}{'zoo':>6}{'before':>8}{'after':>7}",
    ]
    cases = _cases(done)
    before, after = _refused(done, 0), _refused(done, 1)
    for op, users in sorted(cases.items(), key=lambda item: (-len(item[1]), item[0])):
        kinds = Counter(each.case.kind for each in users)
        counts = f"{len(users):>6}{kinds['layers']:>8}{kinds['keras_ops']:>6}{kinds['zoo']:>6}"
        mark = f"{len(before.get(op, ())):>8}{len(after.get(op, ())):>7}"
        inside = sum(op not in each.ops for each in users)
        lines.append(f"{op:32}{counts}{mark}" + (f"  ({inside} only inside loops)" if inside else ""))
    lines += ["", "Refused after rewriting, by op and reason:"]
    lines += _reasons(done)
    lines += ["", "Rewriting breaks:"]
    lines += [f"  {each.case.name}: {each.broken}" for each in done if each.broken]
    lines += ["", "Failed:"]
    lines += [f"  {each.case.name}: {each.failed}" for each in traced if each.failed]
    return "\n".join(lines) + "\n"


def _cases(done: Sequence[Traced]) -> dict[str, list[Traced]]:
    cases: dict[str, list[Traced]] = defaultdict(list)
    for each in done:
        for op in {**each.ops, **each.inside}:
            cases[op].append(each)
    return cases


def _refused(done: Sequence[Traced], which: int) -> dict[str, set[str]]:
    refused: dict[str, set[str]] = defaultdict(set)
    for each in done:
        for check in each.checks[which : which + 1]:
            for unsupported in check.unsupported:
                refused[unsupported.op].add(each.case.name)
    return refused


def _reasons(done: Sequence[Traced]) -> Iterator[str]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for each in done:
        for unsupported in _last(each.checks).unsupported:
            backends = ", ".join(unsupported.backends)
            found[unsupported.op, unsupported.reason, backends].append(each.case.name)
    counted = Counter({op: 0 for op, _, _ in found})
    for (op, _, _), names in found.items():
        counted[op] += len(names)
    for (op, reason, backends), names in sorted(found.items(), key=lambda item: (-counted[item[0][0]], item[0])):
        some = ", ".join(names[:4]) + (" …" if len(names) > 4 else "")
        yield f"  {op} ({len(names)} cases; {backends}): {reason}\n      {some}"


def _last(checks: Sequence[OpCheck]) -> OpCheck:
    return checks[-1] if checks else OpCheck(ops={}, unsupported=())

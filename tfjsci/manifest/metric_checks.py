"""What a model holds metrics of its own to: each must be one that it has, and it must be known which values are better.

Works on a model with the defaults merged in: the metric may stand in the one and its limit in the other.
"""

from __future__ import annotations

from collections.abc import Iterator

from tfjsci.errors import ManifestProblem
from tfjsci.manifest.node import Node
from tfjsci.manifest.problem import Key, show_path, show_value
from tfjsci.nearest import did_you_mean


def metric_checks(path: tuple[Key, ...], model: Node) -> Iterator[ManifestProblem]:
    """Every mistake of this kind in the model at ``path``, whose types are right."""
    compare = model.child("compare")
    if compare is None:
        return
    metrics = _mapping(compare.child("metric"))
    if metrics is None:  # one function, whose name is the metric's
        metrics = {str(compare.plain()["metric"]).rpartition(":")[2]: Node("", compare.line)}
    for at, held in _limits(compare):
        for name, limit in (_mapping(held.child("metric")) or {}).items():
            where = show_path((*path, "compare", *at, "metric", name))
            if name not in metrics:
                known = f"There are: {', '.join(metrics)}." if metrics else "Metrics are told under compare.metric."
                yield ManifestProblem(
                    line=limit.line,
                    path=where,
                    message=f"{show_value(name)} is no metric of this model.",
                    hint=did_you_mean(name[:100], metrics).strip() or known,
                )
            elif metrics[name].child("better") is None:
                yield ManifestProblem(
                    line=limit.line,
                    path=where,
                    message="is that the least or the most?",
                    hint=f"Say which values are better: `metric: {{{name}: {{function: …, better: higher}}}}`, or lower.",
                )


def _limits(compare: Node) -> Iterator[tuple[tuple[Key, ...], Node]]:
    """Every mapping of thresholds, with its path below ``compare``."""
    sections: list[tuple[tuple[Key, ...], Node | None]]
    sections = [((name,), compare.child(name)) for name in ("conversion", "backends")]
    sections += [(("quantized", name), node) for name, node in (_mapping(compare.child("quantized")) or {}).items()]
    for at, node in sections:
        if node is not None and isinstance(node.value, dict):
            yield at, node
            for name, output in (_mapping(node.child("outputs")) or {}).items():
                yield (*at, "outputs", name), output


def _mapping(node: Node | None) -> dict[str, Node] | None:
    if node is None:
        return {}
    return node.value if isinstance(node.value, dict) else None

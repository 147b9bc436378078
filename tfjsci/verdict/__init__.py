"""Facts and limits in, judgements with reasons out. Pure: nothing is run, nothing is rendered.

Which limit holds: the manifest's, metric by metric, and what stands under an output's name before what holds for all
outputs. Where it says nothing about a metric, ``sqnr_db`` and ``cosine`` keep their built-in limits (``tolerances``), which
have a bound for an error and most of them one for a warning; ``top1`` keeps its own only where the manifest says nothing at
all about that comparison and the inputs are real samples. Backends against each other, labels and the user's own metrics
are held to nothing that the manifest doesn't say. A level of ``off`` makes no judgement. Outputs without numbers (missing,
another shape or dtype, NaN or infinity on one side alone) always fail.
"""

from __future__ import annotations

from collections.abc import Sequence

from tfjsci.artifact.artifact import Artifact
from tfjsci.benchmark.benchmark import Benchmark
from tfjsci.compare.comparison import Comparison
from tfjsci.manifest.resolved import ModelSpec
from tfjsci.verdict.budget import judge_leak, judge_sizes, judge_times
from tfjsci.verdict.fidelity import judge_fidelity
from tfjsci.verdict.judgement import PROBLEM, Judgement, Outcome, exit_code_of, outcome_of, worst

__all__ = ["PROBLEM", "Judgement", "Outcome", "exit_code_of", "judge", "outcome_of", "worst"]


def judge(
    spec: ModelSpec,
    artifacts: Sequence[Artifact],
    comparisons: Sequence[Comparison],
    benchmarks: Sequence[Benchmark],
    random_inputs: bool,
    backend_pairs: Sequence[Comparison] = (),
) -> tuple[Judgement, ...]:
    """Every limit held against every fact that it is about: fidelity, sizes, times, leaks, in this order."""
    return (
        *(each for comparison in comparisons for each in judge_fidelity(spec, comparison, random_inputs)),
        *(each for pair in backend_pairs for each in judge_fidelity(spec, pair, random_inputs)),
        *(each for artifact in artifacts for each in judge_sizes(spec, artifact)),
        *(each for benchmark in benchmarks for each in judge_times(spec, benchmark)),
        *(each for benchmark in benchmarks for each in judge_leak(spec, benchmark)),
    )

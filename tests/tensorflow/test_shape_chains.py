"""Random chains of shape arithmetic through the whole of rewriting: the same numbers as before, at the sizes that were drawn."""

from __future__ import annotations

import numpy as np
from fused_reference import assert_same_numbers, outputs_of
from hypothesis import given, reject, settings
from shape_chains import Chain, chains

from tfjsci.graph.graph import DType, Graph
from tfjsci.graph.graphdef import infer_types
from tfjsci.rewrite.evaluate import evaluate_in_tensorflow
from tfjsci.rewrite.fold_constants import NotComputable
from tfjsci.rewrite.pipeline import rewrite
from tfjsci.rewrite.symbolic.size import Atom


def reshaped(chain: Chain) -> Graph:
    """All that was reckoned as outputs, and a Fill of each vector that could be a shape."""
    draft = chain.draft
    outputs = [node.name for node in draft.nodes if node.op not in ("Const", "Placeholder")]
    one = draft.const("one", 1.0)
    for name in list(outputs):
        value = chain.values[name]
        if value.ndim == 1 and 0 < len(value) < 6 and value.min() >= 0 and np.prod(value) < 1000:
            outputs.append(draft.op("Fill", f"fill_{name}", name, one, T=DType("float32"), index_type=DType("int32")))
    return draft.graph(*outputs[-8:])


@settings(deadline=None, max_examples=30)
@given(chains())
def test_the_numbers_are_the_same(drawn: tuple[Chain, dict[Atom, int]]) -> None:
    chain, _ = drawn
    before = reshaped(chain)
    x, n = chain.values["x"], chain.values["n"].astype(np.int32)
    try:
        outputs_of(before, x=x, n=n)
    except NotComputable:
        reject()  # TensorFlow's own inference refuses what could be a shape and has a negative number in it
    after = rewrite(before, evaluate=evaluate_in_tensorflow, infer=infer_types).graph
    assert_same_numbers(before, after, x=x, n=n)

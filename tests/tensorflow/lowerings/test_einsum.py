from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lowering_cases import (
    FEW,
    Example,
    assert_right_in_tensorflow,
    floats,
    ints,
    lowered_by,
    one_op,
    refused,
    rewritten,
)

from tfjsci.graph.graph import ShapeAttr

WITHOUT_WASM = ("webgl", "webgpu", "cpu")


def einsum(equation: str, *inputs: Any, **rest: Any) -> Example:
    return one_op("Einsum", *inputs, equation=equation, N=len(inputs), **rest)


@st.composite
def examples(draw: st.DrawFn) -> Example:
    """Any equation of one or two inputs, of at most 5 letters."""
    letters = draw(st.permutations("abCcZ"))
    size = {letter: draw(st.integers(1, 4)) for letter in letters}
    dots = [draw(st.integers(1, 3)) for _ in range(draw(st.integers(0, 2)))]
    count = draw(st.integers(1, 2))
    terms, values, unknown = [], [], {}
    for i in range(count):
        own = draw(st.lists(st.sampled_from(letters), min_size=1, max_size=3, unique=draw(st.integers(0, 3)) > 0))
        at = draw(st.integers(0, len(own))) if dots and draw(st.booleans()) else None
        shape = [size[letter] for letter in own]
        term = "".join(own)
        if at is not None:
            spread = [n if draw(st.integers(0, 3)) else 1 for n in dots[draw(st.integers(0, len(dots))) :]]
            shape[at:at] = spread
            term = f"{term[:at]}...{term[at:]}"
        seed = draw(st.integers(0, 9))
        values.append((floats if draw(st.integers(0, 3)) else ints)(*shape, seed=seed))
        terms.append(term)
        unknown[i] = [axis for axis in range(len(shape)) if not draw(st.integers(0, 2))]
    values = [value.astype(values[0].dtype) for value in values]
    seen = "".join(dict.fromkeys("".join(terms).replace(".", "")))
    out = list(draw(st.permutations(seen)))[: draw(st.integers(0, len(seen)))]
    if out and not draw(st.integers(0, 9)):
        out.append(out[0])
    if any("..." in term for term in terms):
        out.insert(draw(st.integers(0, len(out))), "...")
    constant = [1] if count == 2 and draw(st.booleans()) else []
    return einsum(f"{','.join(terms)}->{''.join(out)}", *values, constant=constant, unknown=unknown)


EXAMPLES = examples()
QUERY, KEY, SCORES = floats(2, 3, 2, 4), floats(2, 5, 2, 4, seed=1), floats(2, 2, 3, 5)
CORNERS = (
    einsum("abc,cde->abde", floats(2, 3, 4), floats(4, 2, 3), constant=[1], unknown={0: [0]}),
    einsum("abc,cde->abde", floats(2, 3, 4), floats(4, 2, 3), constant=[1], unknown={0: [0, 1]}),
    einsum("abcd,cde->abe", floats(2, 3, 2, 4), floats(2, 4, 5), constant=[1], unknown={0: [0, 1]}),
    einsum("aecd,abcd->acbe", KEY, QUERY, unknown={0: [0, 1], 1: [0, 1]}),
    einsum("BNTS,BSNH->BTNH", SCORES, KEY, unknown={0: [0], 1: [0]}),
    einsum("...ij,jk->...ik", floats(2, 3, 2, 3), floats(3, 4), unknown={0: [0]}),
    einsum("i...j,...jk->ik...", floats(2, 3, 1, 4), floats(5, 4, 3)),
    einsum("bTd,btd->bTt", floats(2, 3, 4), floats(2, 5, 4), unknown={0: [0], 1: [0]}),
    einsum("bii,ij->bj", floats(2, 3, 3), floats(3, 2), unknown={0: [0]}),
    einsum("bi->bii", floats(2, 3), unknown={0: [0, 1]}),
    einsum("ij,jk->ik", ints(2, 3), ints(3, 4)),
    einsum("ij,kl->jl", floats(2, 3), floats(4, 2)),
)


@FEW
@given(EXAMPLES)
def test_it_is_a_matrix_product(example: Example) -> None:
    assert_right_in_tensorflow(example, "einsum")


@pytest.mark.parametrize("example", CORNERS, ids=lambda example: example.text)
def test_corners(example: Example) -> None:
    assert_right_in_tensorflow(example, "einsum")


MANY = (
    "a,b->ab", "ab,b->a", "ab,bc->ac", "ab,cb->ac", "abc,cd->abd", "abc,dc->abd", "abcd,abde->abce", "abcd,abed->abce",
    "abcd,acbe->adbe", "abcd,adbe->acbe", "abcd,aecd->acbe", "abcd,aecd->aceb", "abc,dce->abde", "abc,dec->abde",
    "abcd,ced->abe", "abcd,ecd->abe", "abcde,aebf->adbcf", "abcde,afce->acdbf", "btkgh,bskh->bkgts", "bkgts,bskh->btkgh",
    "i,i->", "ij->ji", "ij->", "ii->", "ii->i", "iji->j", "iii->i", "i->iii", "ij,ij->", "ij,ji->i", "ij,ij->ij", "ij,j->ij",
    "ijk,j->ik", "ij,ik->jk", "bij,bjk->kib", "ijkl,jl->ik", "ij,jkl->", ",i->i", "i,->i", ",->", "->", "ij,jk->k",
)  # fmt: skip


@pytest.mark.parametrize("equation", MANY)
@pytest.mark.parametrize("open_sizes", ["none", "batch", "all"])
def test_well_known_equations(equation: str, open_sizes: str) -> None:
    terms = equation.partition("->")[0].split(",")
    size = {letter: 2 + i % 4 for i, letter in enumerate(sorted(set(equation) - set(",->")))}
    values = [floats(*(size[letter] for letter in term), seed=i) for i, term in enumerate(terms)]
    unknown: dict[int, Sequence[int]] = {}
    if open_sizes != "none":
        unknown = {i: range(len(term) if open_sizes == "all" else min(1, len(term))) for i, term in enumerate(terms)}
    assert_right_in_tensorflow(einsum(equation, *values, unknown=unknown), "einsum")


def every_node(example: Example) -> list[str]:
    return [node.op for node in rewritten(example).graph.nodes if node.op not in ("Const", "Placeholder")]


def test_a_projection_is_one_product_of_matrices() -> None:
    x, w = floats(2, 3, 4), floats(4, 2, 3)
    batch = einsum("abc,cde->abde", x, w, constant=[1], unknown={0: [0]})
    assert sorted(every_node(batch)) == ["MatMul", "Reshape", "Reshape"]
    both = einsum("abc,cd->abd", x, floats(4, 5), constant=[1], unknown={0: [0, 1]})
    assert every_node(both) == ["BatchMatMulV2"]  # where a Reshape would have to read two sizes
    turned = einsum("abc,dec->abde", x, floats(2, 3, 4), constant=[1], unknown={0: [0]})
    assert sorted(every_node(turned)) == ["MatMul", "Reshape", "Reshape"]  # a constant is turned beforehand
    back = einsum("abcd,cde->abe", floats(2, 3, 2, 4), floats(2, 4, 5), constant=[1], unknown={0: [0]})
    assert sorted(every_node(back)) == ["MatMul", "Reshape", "Reshape"]


def test_attention_moves_the_heads_and_nothing_else() -> None:
    open_sizes = {0: [0, 1], 1: [0, 1]}
    scores = einsum("aecd,abcd->acbe", KEY, QUERY, unknown=open_sizes)
    assert sorted(every_node(scores)) == ["BatchMatMulV2", "Transpose", "Transpose"]
    context = einsum("acbe,aecd->abcd", SCORES, KEY, unknown={0: [0, 2, 3], 1: [0, 1]})
    assert sorted(every_node(context)) == ["BatchMatMulV2", "Transpose", "Transpose"]


@pytest.mark.parametrize(
    "equation",
    [
        "ij,jk->ik",
        "ij,kj->ik",
        "ji,jk->ik",
        "ji,kj->ki",
        "bij,bjk->bik",
        "bij,bkj->bki",
        "bji,bjk->bik",
        "...ij,...jk->...ik",
    ],
)
def test_flags_do_what_a_transpose_would(equation: str) -> None:
    shape = (2, 3, 3) if "b" in equation or "." in equation else (3, 3)
    assert len(every_node(einsum(equation, floats(*shape), floats(*shape, seed=1)))) == 1


def of_unknown_rank(example: Example) -> Example:
    nodes = tuple(
        replace(node, attrs={**node.attrs, "shape": ShapeAttr(None)}) if node.op == "Placeholder" else node
        for node in example.graph.nodes
    )
    return replace(example, graph=replace(example.graph, nodes=nodes))


@pytest.mark.parametrize("equation", ["ij,jk->ik", "ij,kj->ki", "ij,ij->i", "ij,k->ikj"])
def test_the_equation_tells_ranks_that_nobody_else_knows(equation: str) -> None:
    size = {"i": 2, "j": 3, "k": 4}
    shapes = [tuple(size[label] for label in term) for term in equation.partition("->")[0].split(",")]
    example = einsum(equation, *(floats(*shape, seed=i) for i, shape in enumerate(shapes)))
    assert_right_in_tensorflow(of_unknown_rank(example), "einsum")


def test_declines_an_ellipsis_of_unknown_length() -> None:
    assert "Einsum" in refused(of_unknown_rank(einsum("...i,ij->...j", floats(2, 3), floats(3, 4))))


def test_it_is_taken_where_the_backends_have_it_too() -> None:
    x, y = floats(2, 3), floats(3, 4)
    assert lowered_by(einsum("ij,jk->ik", x, y, backends=WITHOUT_WASM)) == ["einsum"]
    assert lowered_by(one_op("MatMul", x, y)) == []


def test_declines_complex_numbers() -> None:
    z = floats(2, 3).astype(np.complex64)
    assert refused(einsum("ij,jk->ik", z, z.T)) != ""  # taken apart, it is one of real numbers, but its inputs aren't


@pytest.mark.browser
@pytest.mark.parametrize(
    ("masks", "length"),
    [
        ("none", None),
        ("both", None),
        *(
            pytest.param(*each, marks=pytest.mark.slow)
            for each in (("causal", 7), ("causal", None), ("mask", 7), ("scores", None))
        ),
    ],
)
def test_keras_attention_is_right_on_every_backend(
    browser_session: Any, tmp_path: Path, masks: str, length: int | None
) -> None:
    from tfjsci.compare.compare import compare_outputs
    from tfjsci.converter import convert, write_variant
    from tfjsci.dtypes import BACKENDS, GPU_BACKENDS
    from tfjsci.graph.tensorflow import keras

    k = keras()
    k.utils.set_random_seed(0)
    x = k.Input((length, 12), name="x")
    mask = k.Input((length, length), dtype="bool", name="mask") if masks in ("mask", "both") else None
    attention = k.layers.MultiHeadAttention(3, 4, dropout=0.1 if masks == "scores" else 0.0)
    y = attention(x, x, attention_mask=mask, use_causal_mask=masks in ("causal", "both", "scores"))
    y = k.layers.LayerNormalization()(x + y)
    y = k.layers.Dense(8, activation="relu")(y)
    k.Model(x if mask is None else [x, mask], y).save(tmp_path / "m.keras")
    converted = convert(tmp_path / "m.keras", backends=BACKENDS)
    assert not converted.check.unsupported
    folder = write_variant(converted, tmp_path / "float").folder
    rng = np.random.default_rng(0)
    sample = {"x": rng.normal(size=(3, 7, 12)).astype(np.float32)}
    if mask is not None:
        sample["mask"] = rng.uniform(size=(3, 7, 7)) < 0.7
        sample["mask"][1] = False  # a sequence of nothing but padding
    reference = [converted.loaded.original(sample)]
    for backend in BACKENDS:
        (found,) = browser_session.predict(folder, backend, [sample], deadline_seconds=120)
        (output,) = compare_outputs(reference, [found.outputs], topk=False)
        assert output.sqnr_db is not None
        assert output.sqnr_db > (60 if backend in GPU_BACKENDS else 80), backend


def test_attention_of_keras_takes_few_nodes(tmp_path: Path) -> None:
    from tfjsci.converter import convert
    from tfjsci.dtypes import BACKENDS
    from tfjsci.graph.tensorflow import keras

    k = keras()
    x = k.Input((7, 12), name="x")
    k.Model(x, k.layers.MultiHeadAttention(3, 4)(x, x, use_causal_mask=True)).save(tmp_path / "m.keras")
    graph = convert(tmp_path / "m.keras", backends=BACKENDS).graph
    free = {"Const", "Placeholder", "Reshape"}
    assert Counter(node.op for node in graph.nodes if node.op not in free) == {
        "_FusedMatMul": 4,  # query, key, value and output, with their biases
        "Transpose": 4,  # the heads of each
        "BatchMatMulV2": 2,  # the scores' scale is in the queries' kernel
        "SelectV2": 1,
        "Softmax": 1,
    }

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from fused_reference import assert_same_numbers, outputs_of
from graph_draft import weights
from lowering_cases import rewritten
from stream_draft import CHANNELS, EXAMPLES, INT, MOVES, TOKENS, VOCABULARY, Stream, encoder, ids, through

from tfjsci.graph.graph import DType, Graph, ShapeAttr
from tfjsci.graph.graphdef import infer_types
from tfjsci.rewrite import centred_streams
from tfjsci.rewrite.centred_streams import NAME, with_centred_streams
from tfjsci.rewrite.stream import stream_of


def inferred(graph: Graph) -> Graph:
    return graph.with_types(infer_types(graph))


def centred(graph: Graph, *, declines: bool = False) -> tuple[Graph, int]:
    """The graph afterwards, and how many norms take no mean any more; whether any declined is as expected."""
    after, count, refusals = with_centred_streams(inferred(graph))
    assert bool(refusals) == declines
    return after, count


def declined(graph: Graph) -> str:
    """Why nothing was done: the graph is the very same."""
    graph = inferred(graph)
    after, count, refusals = with_centred_streams(graph)
    assert count == 0
    assert after is graph
    return "; ".join(dict.fromkeys(refusal.reason for refusal in refusals))


def test_no_norm_of_a_stream_takes_the_mean() -> None:
    before = encoder()
    after, count = centred(before)
    assert count == 3
    left = {node.name for node in before} - {node.name for node in after}
    assert left == {
        f"{norm}_{what}" for norm in ("block0_norm", "block1_norm", "last") for what in ("apart", "mean", "mean_axis")
    }
    assert after["block0_norm"].inputs == ("rows", "block0_norm_inverse")
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_every_weight_of_the_stream_is_centred_and_no_other() -> None:
    before = encoder()
    after, _ = centred(before)
    for name in ("table", "ids_positions", "block0_out_w", "block0_out_b", "block1_out_w", "block1_out_b"):
        np.testing.assert_allclose(after.constants[name].value.mean(-1), 0, atol=1e-7)
        assert np.abs(before.constants[name].value.mean(-1)).max() > 0.01
        assert after.constants[name].sources == (name,)
    for name in ("block0_in_w", "block0_in_b", "y_w", "y_b"):
        assert after.constants[name] is before.constants[name]


@pytest.mark.parametrize("name", MOVES)
def test_what_moves_channels_or_adds_to_them_belongs_to_it(name: str) -> None:
    before = through(MOVES[name])
    after, count = centred(before)
    assert count == 1
    assert "y_mean" not in after
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_the_mean_of_a_large_number_cancels_no_more() -> None:
    """100 a channel, of which the norm leaves nothing."""
    draft = Stream()
    x = draft.typed("AddV2", "x", draft.embedded(), draft.const("much", np.full((TOKENS, CHANNELS), 1e4)))
    before = draft.graph(draft.norm_of("y", x))
    after, _ = centred(before)
    draft = Stream()
    exact = draft.graph(draft.norm_of("y", draft.embedded()))
    (wanted,), (old,), (new,) = (outputs_of(graph, **ids()) for graph in (exact, before, after))
    assert np.abs(old - wanted).max() > 1e-4
    assert np.abs(new - wanted).max() < 1e-6


def test_a_norm_that_is_an_output_is_one_afterwards() -> None:
    draft = Stream()
    x = draft.embedded()
    before = draft.graph(draft.norm_of("y", x), "y_apart")
    after, count = centred(before)
    assert count == 1
    assert after.outputs == ("y", "y_apart")
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_two_streams_are_two() -> None:
    """One of them has a Relu in it."""
    draft = Stream()
    one = draft.norm_of("one", draft.embedded("ids"))
    other = draft.norm_of("other", draft.typed("Relu", "bent", draft.embedded("more", table="second")))
    graph = inferred(draft.graph(one, other))
    after, count, refusals = with_centred_streams(graph)
    assert count == 1
    assert "one_mean" not in after
    assert "other_mean" in after
    assert [(refusal.rule, refusal.node, refusal.reason) for refusal in refusals] == [
        (NAME, "other_apart", "bent (Relu) is no sum of layers")
    ]


# --- near misses -------------------------------------------------------------------------------------------------------


def scaled_by_channel(d: Stream, x: str) -> str:
    return d.typed("Mul", "moved", x, d.const("factor", weights(CHANNELS)))


def a_number_added(d: Stream, x: str) -> str:
    return d.typed("AddV2", "moved", x, d.const("plus", np.float32(2)))


def a_number_for_each_place_added(d: Stream, x: str) -> str:
    return d.typed("AddV2", "moved", x, d.const("plus", weights(TOKENS, 1)))


def padded_with_ones(d: Stream, x: str) -> str:
    paddings = d.const("paddings", np.array([[0, 0], [1, 2], [0, 0]], np.int32))
    return d.typed("PadV2", "moved", x, paddings, d.const("one", np.float32(1)), Tpaddings=INT)


def padded_channels(d: Stream, x: str) -> str:
    half = d.typed("Slice", "half", x, d.whole("begin", 0, 0, 0), d.whole("size", -1, -1, CHANNELS // 2), Index=INT)
    paddings = d.const("paddings", np.array([[0, 0], [0, 0], [0, CHANNELS // 2]], np.int32))
    return d.typed("Pad", "moved", half, paddings, Tpaddings=INT)


def joined_along_channels(d: Stream, x: str) -> str:
    half = d.typed("Slice", "half", x, d.whole("begin", 0, 0, 0), d.whole("size", -1, -1, CHANNELS // 2), Index=INT)
    return d.op("ConcatV2", "moved", half, half, d.number("axis", 2), T=DType("float32"), Tidx=INT, N=2)


def tiled_channels(d: Stream, x: str) -> str:
    half = d.typed("Slice", "half", x, d.whole("begin", 0, 0, 0), d.whole("size", -1, -1, CHANNELS // 2), Index=INT)
    return d.typed("Tile", "moved", half, d.whole("times", 1, 1, 2), Tmultiples=INT)


def transposed_channels(d: Stream, x: str) -> str:
    eight = d.op("ConcatV2", "eight", x, x, d.number("axis", 1), T=DType("float32"), Tidx=INT, N=2)
    square = d.typed("Slice", "square", eight, d.whole("begin", 0, 0, 0), d.whole("size", -1, CHANNELS, -1), Index=INT)
    return d.typed("Transpose", "moved", square, d.whole("order", 0, 2, 1), Tperm=INT)


def one_channel_of_eight_places(d: Stream, x: str) -> str:
    """What is left is as wide as there are channels, and they are places."""
    eight = d.op("ConcatV2", "eight", x, x, d.number("axis", 1), T=DType("float32"), Tidx=INT, N=2)
    square = d.typed("Slice", "square", eight, d.whole("begin", 0, 0, 0), d.whole("size", -1, CHANNELS, -1), Index=INT)
    ends = [d.whole(*each) for each in (("from", 0, 0, 1), ("to", 0, 0, 2), ("strides", 1, 1, 1))]
    masks = {"begin_mask": 3, "end_mask": 3, "ellipsis_mask": 0, "new_axis_mask": 0, "shrink_axis_mask": 4}
    return d.typed("StridedSlice", "moved", square, *ends, Index=INT, **masks)


def depthwise(d: Stream, x: str) -> str:
    image = d.reshaped("image", x, 1, 2, 3, CHANNELS)
    made = d.depthwise("each", image, d.const("kernel", weights(2, 2, CHANNELS, 1)))
    return d.reshaped("moved", made, 1, TOKENS, CHANNELS)


@pytest.mark.parametrize(
    ("move", "reason"),
    [
        (scaled_by_channel, "moved (Mul) is no sum of layers"),
        (a_number_added, "moved (AddV2) is no sum of layers"),
        (a_number_for_each_place_added, "moved (AddV2) is no sum of layers"),
        (padded_with_ones, "moved (PadV2) is no sum of layers"),
        (padded_channels, "moved (Pad) is no sum of layers"),
        (joined_along_channels, "moved (ConcatV2) is no sum of layers"),
        (tiled_channels, "moved (Tile) is no sum of layers"),
        (transposed_channels, "moved (Transpose) is no sum of layers"),
        (one_channel_of_eight_places, "moved (StridedSlice) is no sum of layers"),
        (depthwise, "each (DepthwiseConv2dNative) is no sum of layers"),
    ],
)
def test_what_mixes_channels_or_treats_them_differently_is_no_part(
    move: Callable[[Stream, str], str], reason: str
) -> None:
    assert declined(through(move)) == reason


def output(d: Stream, x: str) -> str:
    return x


def a_layer(d: Stream, x: str) -> str:
    return d.dense("beside", x, 3)


def a_relu(d: Stream, x: str) -> str:
    return d.typed("Relu", "beside", x)


def one_channel(d: Stream, x: str) -> str:
    return d.typed("Slice", "beside", x, d.whole("begin", 0, 2), d.whole("size", -1, 1), Index=INT)


def the_mean(d: Stream, x: str) -> str:
    return d.typed("Tanh", "beside", d.mean("own_mean", x))


def the_mean_subtracted_from_another(d: Stream, x: str) -> str:
    return d.typed("Sub", "beside", d.dense("layer", d.typed("Tanh", "bent", "block0_norm")), d.mean("own_mean", x))


def the_table(d: Stream, _: str) -> str:
    """Tied to the embedding, as language models are."""
    return d.matmul("beside", "block0_norm", "table", transpose_b=True)


def a_bias(d: Stream, _: str) -> str:
    return d.typed("Mul", "beside", "block0_norm", "block0_out_b")


def a_weight(d: Stream, _: str) -> str:
    return d.bias_add("beside", d.matmul("again", "block0_norm", "block0_out_w"), "block0_in_b")


@pytest.mark.parametrize(
    ("beside", "reason"),
    [
        (a_layer, "beside_product (MatMul) reads it as well"),
        (a_relu, "beside (Relu) reads it as well"),
        (one_channel, "beside isn't as wide"),
        (the_mean, "somebody else reads the mean own_mean"),
        (the_mean_subtracted_from_another, "somebody else reads the mean own_mean"),
    ],
)
def test_nobody_else_may_read_it(beside: Callable[[Stream, str], str], reason: str) -> None:
    assert declined(encoder(beside)) == reason


@pytest.mark.parametrize(
    ("beside", "count", "kept", "means"),
    [
        (output, 1, {"rows": 0}, 2),  # the norm of block 1 takes the mean of what is an output, and another reads that
        (the_table, 3, {"table": 1}, 1),  # what is looked up is centred by itself, once for three norms
        (a_bias, 3, {"block0_out_b": 1}, 1),
        (a_weight, 3, {"block0_out_w": 1}, 1),
    ],
)
def test_what_others_want_as_it_is_is_brought_in(
    beside: Callable[[Stream, str], str], count: int, kept: dict[str, int], means: int
) -> None:
    before = encoder(beside)
    after, found = centred(before, declines=beside is output)
    assert found == count
    assert sum(node.op == "Sub" for node in after) == means
    for name, same in kept.items():
        assert not same or after.constants[name] is before.constants[name]
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_its_shape_may_be_read() -> None:
    """As a layer on an open number of tokens does."""
    before = encoder(lambda d, x: d.op("Shape", "beside", x, T=DType("float32"), out_type=INT))
    after, count = centred(before)
    assert count == 3
    assert after["beside"].inputs == ("block0",)
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_what_is_no_layer_is_brought_in_where_it_pays() -> None:
    """Centred by itself once, it spares two norms their mean; and none where it is read by one."""
    draft = Stream()
    x = draft.typed("Relu", "bent", draft.embedded())
    y = draft.typed("AddV2", "plus", x, draft.const("c", weights(TOKENS, CHANNELS, seed=3)))
    one = draft.graph(draft.norm_of("one", y))
    assert declined(one) == "bent (Relu) is no sum of layers"
    z = draft.typed("AddV2", "more", y, draft.const("d", weights(TOKENS, CHANNELS, seed=4)))
    before = draft.graph("one", draft.norm_of("other", z))
    after, count = centred(before)
    assert count == 2
    assert [node.name for node in after if node.op == "Sub"] == ["bent/centred"]
    assert after["plus"].inputs == ("bent/centred", "c")
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_what_is_brought_in_twice_must_spare_three() -> None:
    draft = Stream()
    sums = draft.typed(
        "AddV2", "sum", draft.typed("Relu", "r", draft.embedded("ids")), draft.typed("Tanh", "t", "ids_placed")
    )
    more = draft.typed("AddV2", "more", sums, draft.const("d", weights(TOKENS, CHANNELS, seed=4)))
    norms = [draft.norm_of("one", sums), draft.norm_of("two", more)]
    assert declined(draft.graph(*norms)) == "t (Tanh) is no sum of layers, and so it is with 1 more of its parts"
    last = draft.typed("AddV2", "last", more, draft.const("e", weights(TOKENS, CHANNELS, seed=5)))
    before = draft.graph(*norms, draft.norm_of("three", last))
    after, count = centred(before)
    assert count == 3
    assert sum(node.op == "Sub" for node in after) == 2
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_two_parts_of_one_node_are_two() -> None:
    """What is brought in is told apart by the tensor: a Split has several."""
    draft = Stream()
    wide = draft.op(
        "ConcatV2", "wide", draft.typed("Tanh", "t", draft.embedded()), draft.typed("Relu", "r", "ids_placed"),
        draft.number("axis", 2), T=DType("float32"), Tidx=INT, N=2,
    )  # fmt: skip
    halves = draft.typed("Split", "halves", draft.number("along", 2), wide, num_split=2)
    x = draft.typed("AddV2", "sum", halves, f"{halves}:1")
    norms = [draft.norm_of("norm0", x)]
    for i in (1, 2):
        x = draft.typed("AddV2", f"more{i}", x, draft.const(f"c{i}", weights(TOKENS, CHANNELS, seed=i)))
        norms.append(draft.norm_of(f"norm{i}", x))
    before = draft.graph(*norms)
    after, count = centred(before)
    assert count == 3
    assert len(set(after["sum"].inputs)) == 2
    assert_same_numbers(before, after, rtol=1e-6, **ids())


def test_a_stream_that_cannot_be_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of its norms is told of: with a thousand of them, to look anew for each would take minutes."""
    asked = []
    monkeypatch.setattr(centred_streams, "stream_of", lambda *args: asked.append(args[-1].name) or stream_of(*args))
    reason = declined(encoder(a_relu, blocks=4))
    assert reason == "beside (Relu) reads it as well"
    assert len(asked) == 1


def test_what_is_made_of_the_stream_is_not_brought_into_it() -> None:
    """An output that the stream goes through: before it the norms stay as they are."""
    before = encoder(output, blocks=3)
    after, count, refusals = with_centred_streams(inferred(before))
    assert count == 2
    assert [refusal.reason for refusal in refusals] == ["block0 (AddV2) is wanted as it is"] * 2
    assert "block0_norm_mean" in after
    assert "block1_norm_mean" in after
    assert_same_numbers(before, after, rtol=1e-6, **ids())


@pytest.mark.parametrize(("axis", "keeps"), [(1, True), (2, False)])
def test_the_mean_is_of_the_channels(axis: int, keeps: bool) -> None:
    """Of places, it isn't a norm of channels."""
    draft = Stream()
    before = draft.graph(draft.norm_of("y", draft.embedded(), axis))
    if keeps:
        assert declined(before) == ""
    else:
        assert centred(before)[1] == 1


def test_a_table_that_is_looked_up_by_channel_is_none() -> None:
    draft = Stream()
    draft.op("Placeholder", "which", dtype=INT, shape=ShapeAttr((CHANNELS,)))
    found = draft.op(
        "GatherV2", "found", draft.const("table", weights(TOKENS, VOCABULARY)), "which", draft.number("axis", 1),
        Tparams=DType("float32"), Tindices=INT, Taxis=INT, batch_dims=0,
    )  # fmt: skip
    assert declined(draft.graph(draft.norm_of("y", found))) == "found (GatherV2) is no sum of layers"


def test_an_unknown_width_is_none() -> None:
    draft = Stream()
    x = draft.input("x", (None, None))
    assert declined(draft.graph(draft.norm_of("y", x))) == "how many channels it has isn't known, or it is one"


# --- in a conversion ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", EXAMPLES)
def test_a_conversion_does_it(name: str) -> None:
    after = rewritten(EXAMPLES[name])
    alone = name == "per_batch"  # of one layer a rule does it
    assert after.counts["centre_in_kernel_reshaped_without_bias" if alone else NAME]
    assert all(node.op != "Sub" or name == "subtracted" for node in after.graph)


def test_left_out_by_name() -> None:
    example = EXAMPLES["two blocks"]
    before, after = rewritten(example, without=frozenset({NAME})), rewritten(example)
    assert sum(node.op == "Sub" for node in before.graph) == 3
    assert after.counts[NAME] == 3

"""What a weight is multiplied with, and where that can't be said."""

from __future__ import annotations

from graph_draft import Draft, weights

from tfjsci.calibrate.loops import loop_readings, with_sums
from tfjsci.calibrate.order import in_turns
from tfjsci.calibrate.patches import Windows
from tfjsci.calibrate.readings import Reading, readings_of
from tfjsci.graph.graph import DType, FunctionBody, FunctionName, Graph, ShapeAttr, TensorType


def test_products_of_either_layout() -> None:
    draft = Draft()
    x = draft.input("x", (None, 4))
    w, v = draft.const("w", weights(4, 4)), draft.const("v", weights(3, 4))
    graph = draft.graph(draft.matmul("b", draft.matmul("a", x, w), v, transpose_b=True))
    assert readings_of(graph, "w") == (Reading(activation="x", layout="in-out"),)
    assert readings_of(graph, "v") == (Reading(activation="a", layout="out-in"),)


def test_a_weight_on_the_left_is_no_form() -> None:
    draft = Draft()
    x, w = draft.input("x", (4, 2)), draft.const("w", weights(3, 4))
    graph = draft.graph(draft.matmul("a", w, x))
    assert readings_of(graph, "w") == "MatMul reads it"


def test_convolutions_with_what_their_attributes_say() -> None:
    draft = Draft()
    x = draft.input("x", (None, 8, 8, 2))
    w, d = draft.const("w", weights(3, 3, 2, 4)), draft.const("d", weights(3, 2, 4, 1))
    padding = {"padding": b"EXPLICIT", "explicit_paddings": (0, 0, 1, 2, 0, 3, 0, 0)}
    a = draft.op(
        "Conv2D", "a", x, w, strides=(1, 2, 1, 1), dilations=(1, 1, 1, 1), data_format=b"NHWC", **padding
    )  # fmt: skip
    graph = draft.graph(draft.depthwise("b", a, d, strides=2, dilations=(1, 1, 1, 1)))
    explicit = Windows(size=(3, 3), strides=(2, 1), padding=((1, 2), (0, 3)))
    assert readings_of(graph, "w") == (Reading(activation="x", layout="convolution", windows=explicit),)
    same = Windows(size=(3, 2), strides=(2, 2), padding="SAME")
    assert readings_of(graph, "d") == (Reading(activation="a", layout="depthwise", windows=same),)


def test_a_convolution_of_groups_or_with_channels_first_is_no_form() -> None:
    draft = Draft()
    x = draft.input("x", (None, 8, 8, 4))
    w = draft.const("w", weights(3, 3, 2, 4))
    graph = draft.graph(
        draft.conv("a", x, w), types={"x": TensorType(dtype="float32", shape=(None, 8, 8, 4))}
    )  # fmt: skip
    assert readings_of(graph, "w") == "it is a convolution of groups"
    assert readings_of(graph.with_types({}), "w") != "it is a convolution of groups"
    first = Draft()
    x, w = first.input("x", (None, 2, 8, 8)), first.const("w", weights(3, 3, 2, 4))
    assert readings_of(first.graph(first.conv("a", x, w, data_format=b"NCHW")), "w") == "its channels aren't last"


def test_each_reader_of_a_shared_weight_and_one_odd_reader_is_enough() -> None:
    draft = Draft()
    x, w = draft.input("x", (None, 4)), draft.const("w", weights(4, 4))
    a = draft.matmul("a", x, w)
    b = draft.matmul("b", a, w)
    graph = draft.graph(b)
    assert [each.activation for each in readings_of(graph, "w") if isinstance(each, Reading)] == ["x", "a"]
    draft.typed("AddV2", "c", b, w)
    assert readings_of(draft.graph("c"), "w") == "AddV2 reads it"
    assert readings_of(draft.graph("b", "w"), "w") == "it is an output"
    draft.matmul("t", b, w, transpose_b=True)
    assert readings_of(_without(draft, "c").graph("t"), "w") == "it is read in several layouts"


def test_a_weight_of_a_loops_body_has_no_activations_here() -> None:
    draft = Draft()
    x, w = draft.input("x", (None, 4)), draft.const("w", weights(4, 4))
    draft.matmul("a", x, w)
    inner = Draft()
    state, v = inner.input("state", (None, 4)), inner.const("w", weights(4, 4))
    body = FunctionBody(name="body", inputs=("state",), graph=inner.graph(inner.matmul("next", state, v)))
    assert isinstance(readings_of(draft.graph("a"), "w"), tuple)
    assert readings_of(draft.graph("a", functions={"body": body}), "w") == "it is read in a loop or branch"


def test_turns_go_from_the_inputs_on() -> None:
    draft = Draft()
    x = draft.input("x", (None, 4))
    names = [draft.const(name, weights(4, 4)) for name in ("last", "q", "k", "shared")]
    q, k = draft.matmul("a", x, "q"), draft.matmul("b", x, "k")
    s = draft.matmul("s1", draft.typed("Relu", "r", draft.typed("AddV2", "sum", q, k)), "shared")
    graph = draft.graph(draft.matmul("z", draft.matmul("s2", s, "shared"), "last"))
    readings = {name: found for name in names if isinstance(found := readings_of(graph, name), tuple)}
    assert in_turns(graph, readings) == (("q", "k"), ("shared",), ("last",))
    # what isn't rounded makes no turn
    assert in_turns(graph, {name: readings[name] for name in ("last", "q")}) == (("q",), ("last",))


def _without(draft: Draft, name: str) -> Draft:
    draft.nodes = [node for node in draft.nodes if node.name != name]
    return draft


def test_a_loop_sums_up_what_its_body_multiplies_with() -> None:
    graph = _loop()
    (reading,) = loop_readings(graph, "v")
    assert reading == Reading(activation="state", layout="in-out", loop="loop")
    summing, tensors = with_sums(graph, {reading: 4})
    assert tensors == {reading: "loop:1"}
    body, cond = summing.functions["body"], summing.functions["cond"]
    assert (body.inputs, body.graph.outputs) == (("state", "sum"), ("next", "sum/result"))
    assert (cond.inputs, cond.graph.outputs) == (("state", "sum"), ("less",))
    loop = summing["loop"]
    assert loop.inputs == ("x", "loop/sum")
    assert loop.attrs["T"] == (DType("float32"), DType("float32"))
    assert loop.attrs["output_shapes"] == (ShapeAttr((None, 4)), ShapeAttr((4, 4)))


def test_turns_take_a_loop_for_a_layer() -> None:
    graph = _loop()
    readings = {"v": loop_readings(graph, "v"), "w": readings_of(graph, "w"), "u": readings_of(graph, "u")}
    found = {name: each for name, each in readings.items() if isinstance(each, tuple)}
    assert in_turns(graph, found) == (("u",), ("v",), ("w",))


def _loop() -> Graph:
    """x·u through a loop whose body multiplies with v, and then with w."""
    inner, cond = Draft(), Draft()
    inner.input("state", (None, 4))
    inner.const("v", weights(4, 4))
    cond.input("state", (None, 4))
    cond.op("Less", "less", "state", cond.const("most", 1.0), T=DType("float32"))
    functions = {
        "body": FunctionBody(name="body", inputs=("state",), graph=inner.graph(inner.matmul("next", "state", "v"))),
        "cond": FunctionBody(name="cond", inputs=("state",), graph=cond.graph("less")),
    }
    draft = Draft()
    x = draft.matmul("x", draft.input("given", (None, 4)), draft.const("u", weights(4, 4)))
    draft.const("w", weights(4, 4))
    draft.op(
        "While",
        "loop",
        x,
        body=FunctionName("body"),
        cond=FunctionName("cond"),
        T=(DType("float32"),),
        output_shapes=(ShapeAttr((None, 4)),),
    )
    return draft.graph(draft.matmul("out", "loop", "w"), functions=functions)

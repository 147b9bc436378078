"""Weights as a quantisation stores them: codes per tensor in the format, packed ones for the initializer, and what stands in."""

from __future__ import annotations

from functools import partial
from typing import Any

import numpy as np
import pytest
from graph_draft import Draft, weights

from tfjsci.artifact.codes import PACKED_NOTE, encoded, packed_weights, packing_notes, unpacked
from tfjsci.artifact.quantize import Quantization
from tfjsci.dtypes import SchemeName
from tfjsci.format.encoding import Encoded
from tfjsci.graph.graph import Constant, FunctionBody, Graph
from tfjsci.quantize.channels import channel_axes
from tfjsci.quantize.quantizer import quantize_weight, with_codes
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.weight import Float16Weight

VALUE = np.random.default_rng(0).normal(size=(32, 8)).astype(np.float32)


def as_runtime(stored: Encoded) -> Any:
    """tfjs-core's decodeWeight, written down again: double, then float32."""
    how = stored.entry["quantization"]
    codes = np.frombuffer(stored.data, {"uint8": "u1", "uint16": "<u2", "float16": "<f2"}[how["dtype"]])
    wide = codes.astype(np.float64)
    if how["dtype"] != "float16":
        wide = wide * how["scale"] + how["min"]
    return wide.astype(np.float32).reshape(stored.entry["shape"])


def stored(name: SchemeName, value: Any = VALUE, **options: Any) -> Encoded:
    wanted = Quantization(scheme=Scheme(name=name, **options), include=("w*",))
    return encoded("w", Constant(value=value), wanted)


def graph() -> Graph:
    """A product with ``w``, and one with ``v`` in a loop's body."""
    inside = Draft()
    x, v = inside.input("x"), inside.const("v", weights(8, 8))
    body = FunctionBody(name="body", inputs=(x,), graph=inside.graph(inside.matmul("y", x, v)))
    draft = Draft()
    first = draft.matmul("first", draft.input("a"), draft.const("w", VALUE))
    return draft.graph(draft.op("While", "loop", first), functions={"body": body})


class TestPerTensor:
    @pytest.mark.parametrize("name", ["uint8", "uint16"])
    def test_what_the_runtime_makes_of_it_is_what_we_reckon_with(self, name: SchemeName) -> None:
        values = quantize_weight(VALUE, Scheme(name=name), axes=()).values()
        np.testing.assert_array_equal(as_runtime(stored(name)), values)
        assert stored(name).stored_dtype == name

    def test_the_graph_tells_whose_errors_are_balanced(self) -> None:
        """And the near miss: without one there are no channels to balance."""
        scheme = Scheme(name="uint8")
        wanted = Quantization(scheme=scheme, include=("w*",))
        balanced, nearest = (quantize_weight(VALUE, scheme, axes=axes).values() for axes in ((1,), ()))
        assert not np.array_equal(balanced, nearest)
        found = encoded("w", Constant(value=VALUE), wanted, channels=partial(channel_axes, graph()))
        np.testing.assert_array_equal(as_runtime(found), balanced)
        np.testing.assert_array_equal(as_runtime(encoded("w", Constant(value=VALUE), wanted)), nearest)

    def test_a_scalar_and_a_constant(self) -> None:
        assert as_runtime(stored("uint8", np.array(3e38, np.float32))).item() == np.float32(3e38)
        assert as_runtime(stored("uint16", np.full((3,), 0.1, np.float32))).tolist() == [np.float32(0.1)] * 3

    def test_beyond_float16_is_cut_unless_it_is_to_be_upstreams(self) -> None:
        mask = np.array([-1e9, 0.5], np.float32)
        assert as_runtime(stored("float16", mask)).tolist() == [-65504, 0.5]
        assert as_runtime(stored("float16", mask, exact_upstream=True)).tolist() == [-np.inf, 0.5]

    def test_a_value_in_float16_that_is_there_already_is_taken(self) -> None:
        """Cut off where float16 ends; and the near miss: what is known of another weight changes nothing."""
        moved = Float16Weight.of(VALUE * np.float32(1e6), Scheme(name="float16"))
        found = encoded("w", Constant(value=VALUE), Quantization(scheme=Scheme(name="float16")), {"w": moved})
        assert found.stored_dtype == "float16"
        np.testing.assert_array_equal(as_runtime(found), moved.values())
        assert np.abs(as_runtime(found)).max() == 65504
        other = encoded("w", Constant(value=VALUE), Quantization(scheme=Scheme(name="float16")), {"v": moved})
        np.testing.assert_array_equal(as_runtime(other), VALUE.astype(np.float16).astype(np.float32))

    def test_codes_that_are_there_already_are_taken(self) -> None:
        weight = quantize_weight(VALUE, Scheme(name="uint8"), axes=())
        mine = with_codes(weight, np.zeros_like(weight.codes))
        found = encoded("w", Constant(value=VALUE), None, {"w": mine})
        np.testing.assert_array_equal(as_runtime(found), mine.values())


class TestPacked:
    def test_what_an_initializer_can_make_has_a_scale_per_channel(self) -> None:
        found = packed_weights(graph(), Quantization(scheme=Scheme(name="int4")), {})
        assert list(found) == ["w"]
        np.testing.assert_array_equal(
            found["w"].values(), quantize_weight(VALUE, Scheme(name="int4"), axes=(1,)).values()
        )

    def test_a_scheme_of_the_format_packs_nothing(self) -> None:
        assert packed_weights(graph(), Quantization(scheme=Scheme(name="uint8")), {}) == {}

    def test_codes_that_are_there_already_are_taken_whatever_is_asked(self) -> None:
        mine = quantize_weight(VALUE, Scheme(name="int6"), axes=(1,))
        assert packed_weights(graph(), None, {"w": mine}) == {"w": mine}

    def test_in_a_loop_a_scheme_per_tensor_stands_in_and_that_is_told(self) -> None:
        wanted = Quantization(scheme=Scheme(name="int4", group=16))
        (note,) = (each for each in packing_notes(graph(), wanted) if each.startswith("stored as"))
        assert note.startswith("stored as uint8 per tensor, not int4: v (")
        inside = graph().functions["body"].graph.constants["v"]
        assert encoded("v", inside, wanted).stored_dtype == "uint8"
        assert packing_notes(graph(), Quantization(scheme=Scheme(name="uint8"))) == ()

    def test_what_packed_weights_ask_of_the_page_is_told(self) -> None:
        assert packing_notes(graph(), Quantization(scheme=Scheme(name="int6")))[0] == PACKED_NOTE
        nothing_packed = Quantization(scheme=Scheme(name="int6"), include=("v",))
        assert PACKED_NOTE not in packing_notes(graph(), nothing_packed)

    @pytest.mark.parametrize(
        ("name", "instead"), [("uint16-per-channel", "uint16"), ("uint8-per-channel", "uint8"), ("int6", "uint8")]
    )
    def test_what_stands_in_has_no_fewer_bits(self, name: SchemeName, instead: str) -> None:
        assert unpacked(Scheme(name=name, ranges="min-max")) == Scheme(name=instead, ranges="min-max")  # type: ignore[arg-type]
        assert unpacked(Scheme(name="float16")) == Scheme(name="float16")

"""Packed weights: what the initializer graph makes of the bytes is what ``values()`` says, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from tfjsci.artifact.bits import pack
from tfjsci.artifact.packed import PackedWeights, pack_weights, zero_points
from tfjsci.graph.graph import node_of
from tfjsci.quantize.quantizer import quantize_weight
from tfjsci.quantize.scheme import Scheme
from tfjsci.quantize.weight import QuantizedWeight

RANDOM = np.random.default_rng(7)

INT4, INT6, UINT8, UINT16 = (Scheme(name=n) for n in ("int4", "int6", "uint8-per-channel", "uint16-per-channel"))


def normal(*shape: int) -> Any:
    return RANDOM.normal(0.1, 0.3, shape).astype(np.float32)


def rough(scheme: Scheme, offset: float) -> QuantizedWeight:
    """A scale with all of float32's bits and an offset that is no whole number of steps."""
    codes = RANDOM.integers(0, 256, (6, 4)).astype(np.uint8)
    scale, start = np.float32([[0.1, 1 / 3, 1e-3, 7e-7]]), np.float32([[offset] * 4])
    return QuantizedWeight(scheme=scheme, shape=(6, 4), grouped=(6, 4), codes=codes, scale=scale, offset=start)


OPS: dict[str, Any] = {
    "AddV2": np.add,
    "Mul": np.multiply,
    "Sub": np.subtract,
    "Floor": np.floor,
    "ConcatV2": lambda a, b, axis: np.concatenate([a, b], int(axis)),
    "Reshape": lambda x, shape: x.reshape(shape),
}


def run(packed: PackedWeights) -> dict[str, Any]:
    """Every tensor of the initializer, as the runtime has it: float32 and int32."""
    values: dict[str, Any] = {}
    for node in packed.nodes:
        inputs = [values[tensor] for tensor in node.inputs]
        if node.op == "Const":
            stored = packed.stored[node.name]
            kind = stored.entry.get("quantization", stored.entry)["dtype"]
            data = np.frombuffer(bytes(stored.data), kind).reshape(stored.entry["shape"])
            least = stored.entry.get("quantization", {}).get("min", 0)
            values[node.name] = data.astype(stored.entry["dtype"]) + np.array(least, stored.entry["dtype"])
        elif node.op == "SplitV":
            x, sizes, _ = inputs
            assert sizes.sum() == x.size
            parts = np.split(x, np.cumsum(sizes)[:-1])
            values.update({f"{node.name}:{i}" if i else node.name: part for i, part in enumerate(parts)})
        else:
            values[node.name] = OPS[node.op](*inputs)
    return values


def checked(weights: Mapping[str, QuantizedWeight], **options: Any) -> PackedWeights:
    packed = pack_weights(weights, taken=(), **options)
    made = run(packed)
    for name, weight in weights.items():
        assert made[name].dtype == np.float32
        np.testing.assert_array_equal(made[name], weight.values())
        assert made[name].shape == weight.shape
    assert {name for name, node in ((n.name, n) for n in packed.nodes) if node.op == "Const"} == set(packed.stored)
    return packed


def stored_bytes(packed: PackedWeights, scheme: str) -> int:
    return sum(len(stored.data) for stored in packed.stored.values() if stored.stored_dtype == scheme)


def test_six_bits_are_four_codes_in_three_planes() -> None:
    codes = np.uint8([1, 2, 3, 0b111001, 0])  # quarters of two: 1 2, 3 57, 0 and filling, filling
    assert pack(codes, 6).tolist() == [1, 2, 3, 0b111001, 0, 0]
    assert pack(np.uint8([1, 2, 3, 0b111001]), 6).tolist() == [1 | 1 << 6, 2 | 2 << 6, 3 | 3 << 6]


def test_four_bits_are_two_codes_the_first_half_below() -> None:
    assert pack(np.uint8([1, 2, 3, 15, 9]), 4).tolist() == [1 | 15 << 4, 2 | 9 << 4, 3]


@pytest.mark.parametrize("scheme", [INT4, INT6, UINT8, UINT16], ids=lambda scheme: scheme.name)
def test_per_channel_schemes(scheme: Scheme) -> None:
    values = {
        "a": (normal(3, 3, 5, 7), (3,)),
        "b": (normal(3, 3, 5, 1), (2, 3)),
        "c": (normal(9), (0,)),
        "d": (normal(4, 5), ()),
    }
    checked({name: quantize_weight(value, scheme, axes=axes) for name, (value, axes) in values.items()})
    checked({"one": quantize_weight(normal(4, 4), scheme, axes=(1,))})  # nothing to split


@pytest.mark.parametrize("name", ["int4", "int6"])
def test_groups_and_pools_of_a_few(name: Any) -> None:
    scheme = Scheme(name=name, group=16)
    weights = {f"w{i}": quantize_weight(normal(32, 6 + i), scheme, axes=(1,)) for i in range(4)}
    assert weights["w0"].grouped == (2, 16, 6)
    packed = checked(weights, pool_codes=600)
    pools = [node.name for node in packed.nodes if node.op == "ConcatV2"]
    assert len(pools) == 2
    assert sum(node.op == "ConcatV2" for node in checked(weights).nodes) == 1


def test_a_zero_beyond_the_codes_takes_a_byte_too_if_those_of_all_channels_are_near_each_other() -> None:
    offsets = {"near": ([[0.5, -16.0]], 1), "far": ([[100.0, -100.0]], 2)}
    weights = {
        name: QuantizedWeight(
            scheme=UINT8,
            shape=(9, 2),
            grouped=(9, 2),
            codes=RANDOM.integers(0, 256, (9, 2)).astype(np.uint8),
            scale=np.float32([[0.25, 0.25]]),
            offset=np.float32(offset),
        )
        for name, (offset, _) in offsets.items()
    }
    packed = checked(weights)
    for name, (_, each) in offsets.items():
        assert len(packed.stored[f"{name}/zero"].data) == 2 * each
    assert packed.stored["near/zero"].entry["quantization"]["min"] == -2


def test_one_sided_channels_begin_at_a_whole_step() -> None:
    value = np.abs(normal(3, 3, 40, 1)) + np.float32(0.05)
    for scheme in (INT4, UINT8):
        packed = checked({"w": quantize_weight(value, scheme, axes=(2, 3))})
        assert "w/zero" in packed.stored


def test_no_whole_number_above_2048_is_formed() -> None:
    weights = {
        f"{scheme.name}/{i}": quantize_weight(normal(16, 9), scheme, axes=(1,))
        for scheme in (INT4, INT6, UINT8, UINT16)
        for i in range(2)
    }
    packed = checked(weights)
    for name, value in run(packed).items():
        assert np.abs(value).max() <= 255 or name in {"packed/sizes"} or "split" in name or value.dtype == np.int32, (
            name
        )


def test_a_zero_point_is_a_byte_and_a_scale_half_where_nothing_is_lost() -> None:
    even = QuantizedWeight(
        scheme=INT4,
        shape=(8, 2),
        grouped=(8, 2),
        codes=RANDOM.integers(0, 16, (8, 2)).astype(np.uint8),
        scale=np.float32([[0.25, 0.5]]),
        offset=np.float32([[-1.0, -3.5]]),
    )
    assert stored_bytes(checked({"w": even}), "int4") == 8 + 2 * (1 + 2)
    assert stored_bytes(checked({"w": rough(UINT8, -0.05)}), "uint8-per-channel") == 24 + 4 * (4 + 4)


def test_a_zero_point_has_to_give_the_same_for_every_code() -> None:
    scale, offset = np.float32([0.5, 0.25]), np.float32([-4, -0.25])
    found = zero_points(scale, offset, 8)
    assert found is not None
    assert found.tolist() == [8, 1]
    assert zero_points(scale, np.float32([-4, -0.125]), 8) is None  # half a step
    assert zero_points(scale, np.float32([896, -896]), 8) is None  # too far away
    third = np.float32([1 / 3])
    assert zero_points(third, -third * 7, 8) is None  # whole, but the products round


def test_names_in_use_are_left_alone() -> None:
    weights = {
        "w": quantize_weight(normal(4, 4), INT4, axes=(1,)),
        "w/codes": quantize_weight(normal(3, 4), UINT8, axes=()),
    }
    taken = {"packed/int4", "w/scale", "packed/axis"}
    packed = pack_weights(weights, taken=taken)
    names = [node.name for node in packed.nodes]
    assert len(set(names)) == len(names)
    assert not taken & set(names)
    assert all(node_of(tensor) in names for node in packed.nodes for tensor in node.inputs)
    made = run(packed)
    for name, weight in weights.items():
        np.testing.assert_array_equal(made[name], weight.values())


def test_the_same_weights_give_the_same_nodes_and_bytes() -> None:
    weights = {"a": quantize_weight(normal(4, 4), INT6, axes=(1,)), "b": quantize_weight(normal(5), UINT16, axes=())}
    assert pack_weights(weights, taken=()) == pack_weights(weights, taken=())

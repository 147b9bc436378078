"""Quantised weights as an initializer graph: bytes, which the runtime loads as floats from 0 to 255, and the ops that follow.

A byte is a weight of the manifest with scale 1 and minimum 0, so every release reads it. Codes of eight bits are scaled
where they lie. Narrower ones are packed (:mod:`tfjsci.artifact.bits`) into few long tensors, taken apart at once, and split.
Sixteen bits are two planes of bytes. So no whole number above 2048 is ever formed, and all of them are exact on GPUs that
have 16-bit floats alone.

What the ops compute is, bit for bit, ``QuantizedWeight.values()``.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from tfjsci.artifact.bits import pack
from tfjsci.format.encoding import Encoded, encode
from tfjsci.graph.graph import Array, DType, Node, unused_name
from tfjsci.quantize.grid import STEPS_AWAY
from tfjsci.quantize.scheme import BITS, Scheme
from tfjsci.quantize.weight import Floats, QuantizedWeight, Scales

POOL_CODES = 1 << 19
"""How many codes are taken apart at once. On a GPU a few long tensors cost fewer shaders than many; on wasm each part that is
split off costs a copy of the whole (its Slice reads all of its input), so that they mustn't be too long."""

_FLOAT, _INT = DType("float32"), DType("int32")

_Attrs = dict[str, DType | int]


@dataclass(frozen=True, kw_only=True)
class PackedWeights:
    """``nodes`` of an initializer graph, in order; each weight is made by the node of its name.

    ``stored`` has the bytes of each Const, in the order of the file; their ``stored_dtype`` is the name of the scheme that they
    are of, if of one.
    """

    nodes: tuple[Node, ...]
    stored: Mapping[str, Encoded]


def pack_weights(
    weights: Mapping[str, QuantizedWeight], *, taken: Collection[str], pool_codes: int = POOL_CODES
) -> PackedWeights:
    """The nodes that make ``weights``, all of schemes that need the initializer; no other node has a name in ``taken``."""
    making = _Making(taken={*taken, *weights})
    pools: dict[Scheme, list[str]] = {}
    for name, weight in weights.items():
        bits = code_bits(weight.scheme)
        if bits < 8:
            pools.setdefault(Scheme(name=weight.scheme.name), []).append(name)
        elif bits == 8:
            making.scaled(name, weight, making.bytes(f"{name}/codes", weight.codes, weight.scheme))
        else:
            making.scaled_planes(name, weight)
    for scheme, names in pools.items():
        for chunk in _chunks([(name, int(weights[name].codes.size)) for name in names], pool_codes):
            making.pool({name: weights[name] for name in chunk}, scheme)
    stored = dict(sorted(making.stored.items(), key=lambda item: _kind(item[1])))
    return PackedWeights(nodes=tuple(making.nodes), stored=stored)


def _kind(stored: Encoded) -> str:
    """Bytes of one dtype lie together in the file: gzip and brotli have a code for each stretch of it."""
    return str(stored.entry.get("quantization", stored.entry)["dtype"])


def code_bits(scheme: Scheme) -> int:
    """How many bits a code of the scheme has."""
    return BITS[scheme.name]


def zero_points(scale: Floats, offset: Floats, bits: int) -> Floats | None:
    """The codes that stand for 0, of ``offset``'s shape, with which ``(code - zero) * scale`` is ``code * scale + offset``.

    They may lie beyond the codes that there are. None where one isn't a whole number, or so large that a float of 16 bits
    couldn't count on from it, or where one code of ``bits`` bits would come out otherwise in float32.
    """
    with np.errstate(all="ignore"):
        zero = np.rint(-offset / scale)
        if not (np.abs(zero) <= STEPS_AWAY).all():
            return None
        codes = np.arange(2**bits, dtype=np.float32)
        same = all(np.array_equal((code - zero) * scale, code * scale + offset) for code in codes)
    return zero + np.float32(0) if same else None  # no -0


def _single(numbers: Scales) -> Floats:
    """A scale or an offset, which are float32 where the initializer applies them."""
    return np.asarray(numbers, np.float32)


def _chunks(sizes: Sequence[tuple[str, int]], limit: int) -> Iterator[list[str]]:
    """Names in order, so many together as have ``limit`` codes; one with more than half of these stands alone, unsplit."""
    chunk: list[str] = []
    room = limit
    for name, size in sizes:
        if size > limit // 2:
            yield [name]
            continue
        if size > room:
            yield chunk
            chunk, room = [], limit
        chunk.append(name)
        room -= size
    if chunk:
        yield chunk


@dataclass(kw_only=True)
class _Making:
    """Nodes and bytes as they come together. A method that makes a tensor returns its name."""

    taken: set[str]
    nodes: list[Node] = field(default_factory=list)
    stored: dict[str, Encoded] = field(default_factory=dict)
    _shared: dict[tuple[str, tuple[int, ...], bytes], str] = field(default_factory=dict)

    def pool(self, weights: Mapping[str, QuantizedWeight], scheme: Scheme) -> None:
        """Codes of several weights in one tensor of bytes, taken apart together and split."""
        bits = code_bits(scheme)
        codes = np.concatenate([weight.codes.reshape(-1).astype(np.uint8) for weight in weights.values()])
        stem = self._fresh(f"packed/{scheme.name}")
        packed = self.bytes(stem, pack(codes, bits), scheme)
        unpacked, length = (self._halves if bits == 4 else self._quarters)(stem, packed, codes.size)
        sizes = [int(weight.codes.size) for weight in weights.values()]
        for (name, weight), part in zip(weights.items(), self._split(stem, unpacked, sizes, length), strict=False):
            shaped = self._reshaped(self._fresh(f"{name}/codes"), part, weight.grouped)
            self.scaled(name, weight, shaped)

    def scaled(self, name: str, weight: QuantizedWeight, codes: str) -> None:
        """``(codes - zero) * scale`` where that is the same, zero being whole; else ``codes * scale + offset``."""
        scheme = weight.scheme
        scale, offset = _single(weight.scale), _single(weight.offset)
        factor = self._numbers(f"{name}/scale", scale, scheme)
        if (zero := zero_points(scale, offset, code_bits(scheme))) is not None:
            start = self._whole_numbers(f"{name}/zero", zero, scheme)
            self._last(
                name, weight, "Mul", self._float("Sub", self._fresh(f"{name}/steps"), codes, start), factor, T=_FLOAT
            )
        else:
            start = self._numbers(f"{name}/offset", offset, scheme)
            product = self._float("Mul", self._fresh(f"{name}/scaled"), codes, factor)
            self._last(name, weight, "AddV2", product, start, T=_FLOAT)

    def scaled_planes(self, name: str, weight: QuantizedWeight) -> None:
        """``(high * (256 * scale) + offset) + low * scale``."""
        scheme, codes = weight.scheme, weight.codes.astype(np.uint16)
        scale = _single(weight.scale)
        coarse = self._numbers(f"{name}/coarse_scale", scale * np.float32(256), scheme)
        fine = self._numbers(f"{name}/scale", scale, scheme)
        offset = self._numbers(f"{name}/offset", _single(weight.offset), scheme)
        high = self.bytes(f"{name}/high", codes >> 8, scheme)
        low = self.bytes(f"{name}/low", codes & 255, scheme)
        start = self._float("Mul", self._fresh(f"{name}/coarse"), high, coarse)
        start = self._float("AddV2", self._fresh(f"{name}/start"), start, offset)
        rest = self._float("Mul", self._fresh(f"{name}/fine"), low, fine)
        self._last(name, weight, "AddV2", start, rest, T=_FLOAT)

    def bytes(self, name: str, codes: Array, scheme: Scheme) -> str:
        """A Const of bytes, which are floats in the runtime."""
        quantization = {"dtype": "uint8", "scale": 1, "min": 0, "original_dtype": "float32"}
        entry = {"shape": list(codes.shape), "dtype": "float32", "quantization": quantization}
        data = np.ascontiguousarray(codes, np.uint8).tobytes()
        return self._const(self._fresh(name), Encoded(data=data, entry=entry, stored_dtype=scheme.name))

    def _whole_numbers(self, name: str, values: Floats, scheme: Scheme) -> str:
        """A Const of whole numbers, counted from the least: bytes, where they don't lie too far apart."""
        least = float(values.min()) if values.size else 0.0
        dtype = np.dtype("<u1" if values.size == 0 or float(values.max()) - least <= 255 else "<u2")
        quantization = {
            "dtype": f"uint{8 * dtype.itemsize}",
            "scale": 1,
            "min": int(least),
            "original_dtype": "float32",
        }
        entry = {"shape": list(values.shape), "dtype": "float32", "quantization": quantization}
        data = np.ascontiguousarray(values - least).astype(dtype).tobytes()
        return self._const(self._fresh(name), Encoded(data=data, entry=entry, stored_dtype=scheme.name))

    def _numbers(self, name: str, value: Floats, scheme: Scheme) -> str:
        """A Const of floats, in half the bytes where that loses nothing."""
        with np.errstate(over="ignore"):
            exact = bool((value.astype(np.float16).astype(np.float32) == value).all())
        stored = encode(value, "float16") if exact else encode(value)
        return self._const(self._fresh(name), replace(stored, stored_dtype=scheme.name))

    def _halves(self, stem: str, packed: str, count: int) -> tuple[str, int]:
        """high = floor(x / 16), low = x - 16 high; the codes of the low halves come first."""
        high, low = self._apart(stem, packed, 16)
        return self._joined(stem, low, high), 2 * -(-count // 2)

    def _quarters(self, stem: str, packed: str, count: int) -> tuple[str, int]:
        """What is above six bits in the three planes is the last quarter, its lowest two bits in the first plane."""
        ends, first = self._apart(stem, packed, 64)
        each = -(-count // 4)
        one, four, sixteen = self._split(f"{stem}/ends", ends, [each] * 3, 3 * each)
        last = self._float("AddV2", self._fresh(f"{stem}/lower"), one, self._times(stem, four, 4))
        last = self._float("AddV2", self._fresh(f"{stem}/last"), last, self._times(stem, sixteen, 16))
        return self._joined(stem, first, last), 4 * each

    def _apart(self, stem: str, packed: str, base: int) -> tuple[str, str]:
        """floor(x / base) and what is left; the quotient is a product with a power of two, which is exact."""
        quotient = self._op("Floor", self._fresh(f"{stem}/above"), self._times(stem, packed, 1 / base), T=_FLOAT)
        rest = self._float("Sub", self._fresh(f"{stem}/below"), packed, self._times(stem, quotient, base))
        return quotient, rest

    def _times(self, stem: str, tensor: str, factor: float) -> str:
        number = self._constant("factor", np.float32(factor))
        return self._float("Mul", self._fresh(f"{stem}/times"), tensor, number)

    def _joined(self, stem: str, first: str, second: str) -> str:
        name = self._fresh(f"{stem}/codes")
        return self._op("ConcatV2", name, first, second, self._whole("axis", 0), N=2, T=_FLOAT, Tidx=_INT)

    def _split(self, stem: str, tensor: str, sizes: Sequence[int], length: int) -> list[str]:
        """Parts of a tensor [length]; what the sizes leave is a part more."""
        if (rest := length - sum(sizes)) > 0:
            sizes = [*sizes, rest]
        if len(sizes) == 1:
            return [tensor]
        attrs: _Attrs = {"num_split": len(sizes), "T": _FLOAT, "Tlen": _INT}
        split = self._fresh(f"{stem}/parts")
        self._op("SplitV", split, tensor, self._whole("sizes", list(sizes)), self._whole("axis", 0), **attrs)
        return [f"{split}:{place}" for place in range(len(sizes))]

    def _last(self, name: str, weight: QuantizedWeight, op: str, *inputs: str, **attrs: DType | int) -> None:
        """What the weight is the outcome of, under its own name and in its own shape."""
        if weight.grouped == weight.shape:
            self._op(op, name, *inputs, **attrs)
        else:
            self._reshaped(name, self._op(op, self._fresh(f"{name}/grouped"), *inputs, **attrs), weight.shape)

    def _reshaped(self, name: str, tensor: str, shape: tuple[int, ...]) -> str:
        return self._op("Reshape", name, tensor, self._whole("shape", list(shape)), T=_FLOAT, Tshape=_INT)

    def _float(self, op: str, name: str, first: str, second: str) -> str:
        return self._op(op, name, first, second, T=_FLOAT)

    def _op(self, op: str, name: str, *inputs: str, **attrs: DType | int) -> str:
        self.nodes.append(Node(name=name, op=op, inputs=inputs, attrs=attrs))
        return name

    def _whole(self, name: str, value: int | list[int]) -> str:
        return self._constant(name, np.asarray(value, np.int32))

    def _constant(self, name: str, value: Array) -> str:
        """A Const that all who need the same have in common."""
        value = np.asarray(value)
        key = (value.dtype.name, value.shape, value.tobytes())
        if key not in self._shared:
            self._shared[key] = self._const(self._fresh(f"packed/{name}"), encode(value))
        return self._shared[key]

    def _const(self, name: str, stored: Encoded) -> str:
        self.stored[name] = stored
        return self._op("Const", name, dtype=DType(stored.entry["dtype"]))

    def _fresh(self, wanted: str) -> str:
        name = unused_name(wanted, self.taken)
        self.taken.add(name)
        return name

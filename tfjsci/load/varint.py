"""Protobuf's numbers of base 128. Source: protobuf.dev/programming-guides/encoding."""

from __future__ import annotations

LONGEST_BYTES = 10
"""64 bits, seven a byte."""


def varint(data: bytes, place: int) -> tuple[int, int]:
    """The number that begins at ``place``, lowest digits first, and the place behind it.

    Raises ``IndexError`` where ``data`` ends too early, and ``ValueError`` for a number that is longer than any.
    """
    value = 0
    for shift in range(0, 7 * LONGEST_BYTES, 7):
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
    raise ValueError("a number in it is longer than any")


def varint_bytes(value: int) -> bytes:
    """The same number, written."""
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])

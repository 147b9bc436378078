"""What is claimed of the schemes, and what was measured of it: one value for the tests and for the tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import mean

from ..trained.nets import NETS

Row = Mapping[str, float | None]
Found = Mapping[str, Mapping[str, Row]]
"""By net, then by variant."""

BYTES = 1.03
"""The same bytes: no more than so many times upstream's."""

INT4_BYTES = 0.55
"""Of ours uint8's."""

PER_CHANNEL_DB, DEPTHWISE_DB, FEEDBACK_DB = 4.0, 5.0, 4.0
TOP1 = 0.99


@dataclass(frozen=True, kw_only=True)
class Claim:
    """``measured`` by net, or of the mean; each is to be at least ``limit``, or with ``most`` at most."""

    name: str
    limit: float
    measured: Mapping[str, float]
    most: bool = False

    @property
    def missed(self) -> dict[str, float]:
        """Where it doesn't hold."""
        return {
            net: value
            for net, value in self.measured.items()
            if (value > self.limit if self.most else value < self.limit)
        }


def claims(found: Found) -> list[Claim]:
    """All of them, over the nets that were measured."""
    runs = [net for net in found if "failure" not in found[net]["upstream, uint8"]]
    depthwise = [net for net in runs if NETS[net].depthwise]
    digits = [net for net in found if NETS[net].digits]

    def each(measure: Callable[[str], float], nets: list[str] | None = None) -> dict[str, float]:
        return {net: measure(net) for net in (list(found) if nets is None else nets)}

    def against_upstream(measure: Callable[[str], float]) -> dict[str, float]:
        return each(measure, runs)

    def gain(one: str, other: str) -> Callable[[str], float]:
        return lambda net: _db(found[net][one]) - _db(found[net][other])

    def share(one: str, other: str) -> Callable[[str], float]:
        return lambda net: _number(found[net][one], "brotli_bytes") / _number(found[net][other], "brotli_bytes")

    per_channel = against_upstream(gain("ours, uint8-per-channel", "upstream, uint8"))
    calibrated = against_upstream(gain("ours, uint8-per-channel, calibrated", "upstream, uint8"))
    return [
        Claim(
            name="uint8 per tensor: dB above upstream's uint8",
            limit=0.0,
            measured=against_upstream(gain("ours, uint8", "upstream, uint8")),
        ),
        Claim(
            name="uint8 per tensor: bytes over upstream's uint8",
            limit=BYTES,
            measured=against_upstream(share("ours, uint8", "upstream, uint8")),
            most=True,
        ),
        Claim(
            name="uint8 per tensor, calibrated: dB above upstream's uint8",
            limit=0.0,
            measured=against_upstream(gain("ours, uint8, calibrated", "upstream, uint8")),
        ),
        Claim(
            name="uint8 per tensor, calibrated: bytes over upstream's uint8",
            limit=BYTES,
            measured=against_upstream(share("ours, uint8, calibrated", "upstream, uint8")),
            most=True,
        ),
        Claim(
            name="uint8-per-channel: dB above upstream's uint8, mean of all nets",
            limit=PER_CHANNEL_DB,
            measured={"mean": mean(per_channel.values())},
        ),
        Claim(
            name="uint8-per-channel: dB above upstream's uint8, mean of the depthwise nets",
            limit=DEPTHWISE_DB,
            measured={"mean": mean(per_channel[net] for net in depthwise)} if depthwise else {},
        ),
        Claim(
            name="uint8-per-channel, calibrated: dB above upstream's uint8, mean of all nets",
            limit=PER_CHANNEL_DB,
            measured={"mean": mean(calibrated.values())},
        ),
        Claim(
            name="uint8-per-channel, calibrated: dB above upstream's uint8, mean of the depthwise nets",
            limit=DEPTHWISE_DB,
            measured={"mean": mean(calibrated[net] for net in depthwise)} if depthwise else {},
        ),
        Claim(
            name="int4, calibrated: top-1 agreement, classifiers of digits",
            limit=TOP1,
            measured=each(lambda net: _number(found[net]["ours, int4, calibrated"], "top1"), digits),
        ),
        Claim(
            name="int4, calibrated: dB above plain int4, mean of all nets",
            limit=FEEDBACK_DB,
            measured={"mean": mean(each(gain("ours, int4, calibrated", "ours, int4")).values())},
        ),
        Claim(
            name="int4, calibrated: bytes over ours uint8's",
            limit=INT4_BYTES,
            measured=each(share("ours, int4, calibrated", "ours, uint8")),
            most=True,
        ),
    ]


def _db(row: Row) -> float:
    value = row["sqnr_db"]
    return float("inf") if value is None else value


def _number(row: Row, key: str) -> float:
    value = row[key]
    assert value is not None
    return value

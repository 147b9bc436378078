"""How many weights are stored in each dtype, and in how many bytes, counted while they are written."""

from __future__ import annotations

from tfjsci.artifact.artifact import WeightSummary


class Tally:
    """One for each artifact."""

    def __init__(self) -> None:
        """Nothing is counted yet."""
        self._counts: dict[str, int] = {}
        self._bytes: dict[str, int] = {}

    def add(self, dtype: str, *, count: int, stored_bytes: int) -> None:
        """So many weights more of this dtype (a scheme's name, where the format has none), and their bytes."""
        self._counts[dtype] = self._counts.get(dtype, 0) + count
        self._bytes[dtype] = self._bytes.get(dtype, 0) + stored_bytes

    def summaries(self) -> tuple[WeightSummary, ...]:
        """By dtype."""
        return tuple(
            WeightSummary(dtype=dtype, count=self._counts[dtype], stored_bytes=self._bytes[dtype])
            for dtype in sorted(self._counts)
        )

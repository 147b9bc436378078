"""The quantiles against the printed table (Abramowitz and Stegun, table 26.10) and against SciPy."""

from __future__ import annotations

import pytest
from scipy import stats

from tfjsci.benchmark.student import t_inside, t_quantile


@pytest.mark.parametrize(
    ("freedom", "two_sided_95"),
    [(1, 12.706), (2, 4.303), (3, 3.182), (5, 2.571), (10, 2.228), (30, 2.042), (120, 1.980)],
)
def test_the_table(freedom: int, two_sided_95: float) -> None:
    assert t_quantile(0.975, freedom=freedom) == pytest.approx(two_sided_95, abs=5e-4)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 8, 39, 100, 501])
@pytest.mark.parametrize("share", [0.5, 0.6, 0.9, 0.975, 0.9995])
def test_scipy_agrees(freedom: int, share: float) -> None:
    assert t_quantile(share, freedom=freedom) == pytest.approx(float(stats.t.ppf(share, freedom)), rel=1e-9, abs=1e-12)


def test_the_quantile_undoes_the_probability() -> None:
    assert t_inside(t_quantile(0.975, freedom=6), freedom=6) == pytest.approx(0.95)
    assert t_inside(0.0, freedom=6) == 0.0


@pytest.mark.parametrize(("share", "freedom"), [(0.4, 3), (1.0, 3), (0.9, 0)])
def test_what_has_no_quantile_is_refused(share: float, freedom: int) -> None:
    with pytest.raises(ValueError, match="no quantile"):
        t_quantile(share, freedom=freedom)

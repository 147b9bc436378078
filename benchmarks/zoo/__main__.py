"""``python -m benchmarks.zoo``: measures what isn't measured yet, and writes the tables into ``benchmarks/README.md``.

Timings mean something on a quiet machine only. ``--quick`` takes few runs, for a look; a full run measures those again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tfjsci.browser.session import BrowserSession
from tfjsci.dtypes import BACKENDS, Backend
from tfjsci.errors import TfjsciError

from .converting import ALONE, Who, converted
from .estimate import minutes
from .first import first_inference, shaders
from .growth import SIZES, growth
from .nets import NETS
from .places import ZOO
from .results import Figures
from .rightness import rightness, runs
from .sizes import sizes
from .steady import TIMED, steady
from .table import write_tables
from .timed_conversion import timed_conversion

MEASURES = ("artifacts", "rightness", "shaders", "steady", "first", "conversion", "growth")


class Zoo:
    """What was asked for, and the browser that it is measured in."""

    def __init__(
        self, session: BrowserSession, *, nets: Sequence[str], backends: Sequence[Backend], quick: bool
    ) -> None:
        self.session = session
        self.nets = nets
        self.backends = backends
        self.quick = quick

    def artifacts(self) -> None:
        for net in self.nets:
            for who in self._who(net):
                done = converted(net, who)
                _say(f"{net}, {who}", {"failure": done.failure} if done.failure else {"seconds": done.seconds})
                if not done.failure:
                    _say("", sizes(net, who))

    def rightness(self) -> None:
        for net in self.nets:
            for who in ("ours", "upstream"):
                for backend in self.backends:
                    _say(f"{net}, {who} on {backend}", rightness(self.session, net, who, backend))
            for backend, who in ALONE.items():
                if NETS[net].also_without_rules and backend in self.backends:
                    _say(f"{net}, {who} on {backend}", rightness(self.session, net, who, backend))

    def shaders(self) -> None:
        for net in self.nets:
            for who in ("ours", "upstream"):
                if runs(self.session, net, who, "webgl"):
                    _say(f"{net}, {who}", shaders(net, who, ZOO / "logs"))

    def steady(self) -> None:
        for net in self.nets:
            for backend in TIMED:
                if backend in self.backends and runs(self.session, net, "ours", backend):
                    for against in self._who(net)[1:]:
                        if runs(self.session, net, against, backend):
                            what = f"{net} against {against} on {backend}"
                            with _told(what):
                                _say(what, steady(self.session, net, against, backend, quick=self.quick))
                    if NETS[net].also_without_rules:
                        self._alone(net, backend)

    def _alone(self, net: str, backend: Backend) -> None:
        who = ALONE[backend]
        if runs(self.session, net, who, backend) and runs(self.session, net, "without rules", backend):
            what = f"{net}, {who}, against without rules on {backend}"
            with _told(what):
                _say(what, steady(self.session, net, "without rules", backend, quick=self.quick, who=who))

    def first(self) -> None:
        for net in self.nets:
            if all(runs(self.session, net, who, "webgl") for who in ("ours", "upstream")):
                with _told(net):
                    _say(net, first_inference(self.session, net, quick=self.quick))

    def conversion(self) -> None:
        for net in self.nets:
            _say(net, timed_conversion(net, quick=self.quick))

    def growth(self) -> None:
        for nodes in SIZES:
            _say(f"{nodes} nodes", growth(nodes, quick=self.quick))

    def _who(self, net: str) -> tuple[Who, ...]:
        """The artifacts that each backend runs: ours first, then what it is raced against."""
        return ("ours", "upstream", "without rules") if NETS[net].also_without_rules else ("ours", "upstream")


def main(arguments: Sequence[str]) -> int:
    """Measure, then write the tables."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.zoo", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="few runs: for a look, not for a claim")
    parser.add_argument("--net", action="append", choices=list(NETS), help="this net (may be repeated; default: all)")
    parser.add_argument("--measure", action="append", choices=MEASURES, help="this measure (default: all, in order)")
    parser.add_argument("--backend", action="append", choices=BACKENDS, help="this backend (default: all)")
    parser.add_argument("--no-table", action="store_true", help="leave benchmarks/README.md alone")
    asked = parser.parse_args(arguments)
    with BrowserSession(log_file=ZOO / "logs" / "zoo.log") as session:
        nets, measures = asked.net or list(NETS), asked.measure or MEASURES
        zoo = Zoo(session, nets=nets, backends=asked.backend or BACKENDS, quick=asked.quick)
        if not asked.quick:
            print(f"steady and first inference will take {minutes(nets, measures):.0f} min at most", flush=True)
        for measure in measures:
            start = time.monotonic()
            print(f"\n== {measure}", flush=True)
            run: Callable[[], None] = getattr(zoo, measure)
            run()
            print(f"== {measure}: {time.monotonic() - start:.0f} s", flush=True)
    if not asked.no_table:
        write_tables(Path(__file__).parents[1] / "README.md")
    return 0


@contextmanager
def _told(what: str) -> Iterator[None]:
    """A browser that dies costs one result, not the run: said, not kept, measured the next time."""
    try:
        yield
    except TfjsciError as error:
        _say(what, {"failure": error.message})


def _say(what: str, figures: Figures) -> None:
    told = {
        key: f"{value:.4g}" if isinstance(value, float) else value
        for key, value in figures.items()
        if key not in {"of", "quick", "samples", "renderer", "stages"}
    }
    print(f"{what}: {', '.join(f'{key} {value}' for key, value in told.items())}", flush=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

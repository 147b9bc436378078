"""What the suites share: the models, upstream's environment, a way to run a driver, and where a browser comes from."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from models import make_models
from trained.nets import NETS
from zoo.places import CACHE
from zoo.upstream import upstream_python as made_upstream

HERE = Path(__file__).parent
sys.path.append(str(HERE.parent / "tests"))  # rule_costs draws its graphs as the tests do


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--net",
        action="append",
        choices=list(NETS),
        help="of the suites of trained nets: measure this one, and take the others as they were measured last (may be repeated)",
    )


@pytest.fixture(scope="session")
def nets_to_measure(pytestconfig: pytest.Config) -> list[str]:
    """The trained nets that ``--net`` names, or all of them."""
    return pytestconfig.getoption("--net") or list(NETS)


@pytest.fixture(scope="session")
def models() -> Path:
    make_models(CACHE / "models")
    return CACHE / "models"


@pytest.fixture(scope="session")
def upstream_python() -> Path:
    """The Python of a virtual environment with tensorflowjs 4.22.0 (made once; about 2.5 GB)."""
    return made_upstream()


@pytest.fixture(scope="session")
def drive() -> Callable[[Path | str, str, Path, Path], dict[str, float]]:
    """Run a driver in a process of its own and read its line: ``drive(python, "ours", source, output)``."""

    def run(python: Path | str, driver: str, source: Path, output: Path) -> dict[str, float]:
        environment = {**os.environ, "PYTHONPATH": str(HERE.parent), "TF_CPP_MIN_LOG_LEVEL": "2"}
        script = HERE / "drivers" / f"{driver}.py"
        done = subprocess.run(
            [python, script, source, output], env=environment, stdout=subprocess.PIPE, check=True, text=True
        )
        measured: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return measured

    return run


@pytest.fixture(scope="session")
def artifacts(
    models: Path,
    upstream_python: Path,
    drive: Callable[[Path | str, str, Path, Path], dict[str, float]],
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[tuple[str, str], Path]:
    """MobileNetV2's artifact by both converters: ``artifacts["ours", "MobileNetV2"]``."""
    folder = tmp_path_factory.mktemp("artifacts")
    made = {}
    for who, python in (("ours", sys.executable), ("upstream", upstream_python)):
        made[who, "MobileNetV2"] = folder / who / "MobileNetV2"
        drive(python, who, models / "MobileNetV2", folder / who / "MobileNetV2")
    return made

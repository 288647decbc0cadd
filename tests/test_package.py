"""What is built can be installed elsewhere: it holds the library, the scenarios and the licence."""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution."""
    out = tmp_path_factory.mktemp("dist")
    done = subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-t", "sdist", "-d", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_wheel_holds_library_scenarios_and_licence(built: Path) -> None:
    (wheel,) = built.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    library = {f"cartsim/library/{path.name}" for path in (ROOT / "cartsim/library").glob("*.yaml")}
    shipped = {
        f"cartsim/shipped_scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*.yaml")
    }
    assert library
    assert shipped
    assert library | shipped | {"cartsim/py.typed"} <= names
    assert any(name.endswith("licenses/LICENSE") for name in names)
    assert not [name for name in names if "tests/" in name or name.endswith(".pyc")]


def test_the_source_distribution_can_be_tested(built: Path) -> None:
    (archive,) = built.glob("*.tar.gz")
    with tarfile.open(archive) as opened:
        names = {name.partition("/")[2] for name in opened.getnames()}
    needed = {"README.md", "LICENSE", ".ci/run", "docs/conf.py", "tests/test_package.py"}
    assert needed | {f"scenarios/{path.name}" for path in (ROOT / "scenarios").glob("*")} <= names

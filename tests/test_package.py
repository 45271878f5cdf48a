"""What is installed: the wheel holds all that a site needs, and the command costs only what it uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_help_imports_nothing_that_it_does_not_use() -> None:
    heavy = [
        "werkzeug",
        "jinja2",
        "markdown_it",
        "yaml",
        "pydantic",
        "rich",
        "pygments",
        "watchfiles",
        "asyncio",
    ]
    code = (
        "import sys\nfrom engine.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        f"print([name for name in {heavy} if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "freeze" in result.stdout
    assert result.stdout.splitlines()[-1] == "[]"


@pytest.mark.parametrize("name", ["pydantic", "rich", "watchfiles"])
def test_a_freeze_without_a_schema_imports_no(name: str, tmp_path: Path) -> None:
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages" / "index.md").write_text("# Hello\n")
    code = (
        "import sys\nfrom engine.cli import main\n"
        f"try:\n    main(['freeze', {str(tmp_path)!r}])\nexcept SystemExit as stop:\n    assert not stop.code\n"
        f"print({name!r} in sys.modules)"
    )
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.splitlines()[-1] == "False"


def test_every_name_of_the_face_can_be_imported() -> None:
    import engine

    for name in engine.__all__:
        assert getattr(engine, name) is not None
    with pytest.raises(AttributeError):
        engine.no_such_name


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sdist, built from a copy of what git tracks, and the wheel, built from the sdist."""
    source = tmp_path_factory.mktemp("source") / "engine"
    ignored = shutil.ignore_patterns(".git", ".venv", "dist", ".engine", "__pycache__", ".*_cache", "results")
    shutil.copytree(ROOT, source, symlinks=True, ignore=ignored)
    out = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return out


@pytest.fixture(scope="module")
def unpacked(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is in the sdist."""
    [sdist] = built.glob("*.tar.gz")
    out = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(out, filter="data")
    return next(out.iterdir())


@pytest.fixture(scope="module")
def command(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The command, installed from the wheel into an environment that has nothing else."""
    [wheel] = built.glob("*.whl")
    home = tmp_path_factory.mktemp("home") / "venv"
    venv.create(home, with_pip=True)
    installed = run(home, str(home / "bin" / "pip"), "install", "-q", str(wheel))
    assert installed.returncode == 0, installed.stderr
    return home / "bin" / "engine"


def run(cwd: Path, *command: str) -> subprocess.CompletedProcess[str]:
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_REQUIRE"))
    }
    return subprocess.run(command, env=environ, cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.long
def test_the_wheel_holds_every_template_and_asset(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for path in files_below("engine"):
        assert path in held


@pytest.mark.long
def test_the_wheel_tells_pytest_of_the_plugin(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    with zipfile.ZipFile(wheel) as held:
        [told] = [held.read(name).decode() for name in held.namelist() if name.endswith("/entry_points.txt")]
    assert "[pytest11]\nengine = engine.testing.plugin" in told


@pytest.mark.long
@pytest.mark.parametrize("folder", ["engine", "docs", "sites", "tests", "tools"])
def test_the_sdist_holds_every_file(unpacked: Path, folder: str) -> None:
    missing = [path for path in files_below(folder) if not (unpacked / path).is_file()]
    assert missing == []


def files_below(folder: str) -> list[str]:
    """The files of the repository below a folder, links to directories followed."""
    found = [
        os.path.relpath(os.path.join(below, name), ROOT)
        for below, folders, names in os.walk(ROOT / folder, followlinks=True)
        for name in names
        if not {"__pycache__", "dist", ".engine", "node_modules"} & {*Path(below).relative_to(ROOT).parts}
    ]
    return sorted(path for path in found if not path.endswith((".pyc", ".db")))


@pytest.mark.long
@pytest.mark.parametrize("site", ["docs", "sites/example"])
def test_the_wheel_freezes_the_sites_of_the_sdist(
    unpacked: Path, command: Path, tmp_path: Path, site: str
) -> None:
    out = tmp_path / "out"
    frozen = run(tmp_path, str(command), "freeze", str(unpacked / site), "-o", str(out))
    assert frozen.returncode == 0, frozen.stderr
    assert (out / "index.html").is_file()

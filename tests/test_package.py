"""What is installed: the wheel holds all that a site needs, and the command costs only what it uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "sites" / "example"


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
    """The wheel and the sdist, built from a copy of what git tracks."""
    source = tmp_path_factory.mktemp("source") / "engine"
    ignored = shutil.ignore_patterns(".git", ".venv", "dist", ".engine", "__pycache__", ".*_cache", "results")
    shutil.copytree(ROOT, source, ignore=ignored)
    out = tmp_path_factory.mktemp("built")
    command = [sys.executable, "-m", "build", "--outdir", str(out), str(source)]
    subprocess.run(command, check=True, capture_output=True, text=True)
    return out


@pytest.mark.long
def test_the_wheel_holds_every_template_and_asset(built: Path) -> None:
    [wheel] = built.glob("*.whl")
    held = set(zipfile.ZipFile(wheel).namelist())
    for path in sorted((ROOT / "engine").rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            assert path.relative_to(ROOT).as_posix() in held


@pytest.mark.long
def test_the_wheel_in_a_fresh_environment_freezes_the_example(built: Path, tmp_path: Path) -> None:
    [wheel] = built.glob("*.whl")
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    environ = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "PIP_REQUIRE"))
    }

    def run(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, env=environ, cwd=tmp_path, capture_output=True, text=True, check=False)

    installed = run(str(home / "bin" / "pip"), "install", "-q", str(wheel))
    assert installed.returncode == 0, installed.stderr
    shutil.copytree(
        EXAMPLE, tmp_path / "example", ignore=shutil.ignore_patterns("dist", ".engine", "__pycache__")
    )
    frozen = run(str(home / "bin" / "engine"), "freeze", "example")
    assert frozen.returncode == 0, frozen.stderr
    assert (tmp_path / "example" / "dist" / "index.html").is_file()

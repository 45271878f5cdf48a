"""A site adds commands to those of the engine, which run in its context."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from commands import REPOSITORY
from doors import write_site
from engine.cli import ALIASES, COMMANDS, cli
from engine.extensions.registry import ENGINES_OWN

APP = """
    import click
    from engine import Fault, SiteError, current_app, pages, url_for

    def setup(app):
        @app.command()
        @click.argument("name")
        @click.option("--times", default=1)
        def greet(name, times):
            '''Greet somebody, and no one else.'''
            click.echo(f"Hello {name} from {current_app.config.title}! " * times)

        app.add_command(stock)

        @app.command("secret", hidden=True)
        def hidden():
            click.echo("found")

    @click.group()
    def stock():
        '''What is on the shelves.'''

    @stock.command("list")
    def listed():
        click.echo(f"{len(pages)} {url_for('/about')}")

    @stock.command()
    def fails():
        raise click.ClickException("no shelf")

    @stock.command()
    def empty():
        raise SiteError(Fault("stock", "data/stock.yaml", "there is no bread", "Bake some", 3))
"""
SITE = {"site.toml": 'title = "Crust"\n', "app.py": APP, "pages/index.md": "x", "pages/about.md": "x"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return write_site(tmp_path / "site", SITE)


def run(*args: str | Path, cwd: Path = REPOSITORY, **environment: str) -> Result:
    with contextlib.chdir(cwd):
        return CliRunner(env=environment).invoke(cli, [*map(str, args)], prog_name="engine")


def said(*args: str | Path, cwd: Path = REPOSITORY, **environment: str) -> str:
    ended = run(*args, cwd=cwd, **environment)
    assert ended.exit_code == 0, ended.stderr
    return ended.stdout


def test_the_names_that_a_site_cannot_have_are_those_of_the_engine() -> None:
    assert {*COMMANDS, *ALIASES} == ENGINES_OWN


def test_help_lists_the_commands_of_the_site_where_one_stands(root: Path, tmp_path: Path) -> None:
    here = said("--help", cwd=root)
    listed = here.partition("\nSite commands:\n")[2].split("\n")
    assert listed == ["  greet  Greet somebody, and no one else.", "  stock  What is on the shelves.", ""]
    assert said("--site", root, "--help").endswith(here.partition("\nCommands:")[2])
    assert "greet" in said("-h", cwd=tmp_path, ENGINE_SITE=str(root))
    assert "Site commands" not in said("--help", cwd=tmp_path)


def test_a_command_runs_in_the_context_of_the_site(root: Path, tmp_path: Path) -> None:
    assert said("greet", "Ann", "--times", "2", cwd=root) == "Hello Ann from Crust! Hello Ann from Crust! \n"
    assert said("--site", root, "stock", "list") == "2 /about/\n"
    assert said("secret", cwd=tmp_path, ENGINE_SITE=str(root)) == "found\n"
    assert said("greet", "--help", cwd=root).startswith("Usage: engine greet [OPTIONS] NAME\n")
    failed = run("stock", "fails", cwd=root)
    assert (failed.exit_code, failed.stderr) == (1, "Error: no shelf\n")


def test_a_command_tells_faults_as_those_of_the_engine_do(root: Path) -> None:
    failed = run("stock", "empty", cwd=root)
    assert (failed.exit_code, failed.stderr) == (
        1,
        "data/stock.yaml:3: there is no bread. Bake some.\n1 fault.\n",
    )


def test_a_command_reads_the_layer_of_its_environment(root: Path) -> None:
    (root / "site.staging.toml").write_text('title = "Staging"\n')
    assert said("greet", "Ann", cwd=root, ENGINE_ENV="staging") == "Hello Ann from Staging! \n"


def test_the_option_for_the_site_counts_where_a_command_of_the_engine_names_none(
    root: Path, tmp_path: Path
) -> None:
    (tmp_path / "pages").mkdir()
    for options, environment in ((("--site", str(root)), {}), ((), {"ENGINE_SITE": str(root)})):
        assert "/about" in said(*options, "routes", cwd=tmp_path, **environment)
        assert said(*options, "routes", str(tmp_path), cwd=root, **environment) == ""


@pytest.mark.parametrize("where", ["site", "outside"])
def test_a_name_that_nobody_has_is_wrong_usage(root: Path, where: str) -> None:
    ended = run("greeet", cwd=root if where == "site" else root.parent)
    assert ended.exit_code == 2
    assert "No such command 'greeet'" in ended.stderr


def test_the_command_that_was_meant_is_told(root: Path) -> None:
    assert "No such command 'freez'. Did you mean 'freeze'?" in run("freez", cwd=root).stderr
    assert "No such command 'gret'. Did you mean 'greet'?" in run("gret", cwd=root).stderr


def test_a_command_of_what_is_no_site_is_told_so(tmp_path: Path) -> None:
    refused = run("--site", "elsewhere", "greet", cwd=tmp_path)
    assert refused.exit_code == 2
    assert "No such command 'greet'. elsewhere is no site: it has no pages/." in refused.stderr


def test_a_site_at_fault_breaks_no_help_and_runs_nothing_of_its_own(root: Path) -> None:
    (root / "app.py").write_text("import click\n\n1 / 0\n")
    ended = run("--help", cwd=root)
    assert ended.exit_code == 0
    assert "  freeze " in ended.stdout
    assert "They are not known: app.py:3: raised ZeroDivisionError" in " ".join(ended.stdout.split())
    ended = run("greet", "Ann", cwd=root)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert (
        "app.py:3: raised ZeroDivisionError when it was imported: division by zero.\n1 fault." in ended.stderr
    )
    write_site(root, {**SITE, "pages/bad.md": "---\ndate: soon\n---\n"})
    assert "greet" in said("--help", cwd=root)
    ended = run("greet", "Ann", cwd=root)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "pages/bad.md:2:1: " in ended.stderr


def test_settings_that_cannot_be_read_break_no_help(tmp_path: Path) -> None:
    write_site(tmp_path, {"site.odd.toml/keep": "", "pages/index.md": "x"})
    assert "  freeze " in said("--help", cwd=tmp_path)


@pytest.mark.parametrize(
    ("call", "what"),
    [
        ("app.command('freeze')(print)", "`freeze` is a command of the engine; name it otherwise"),
        ("app.command('build')(print)", "`build` is a command of the engine; name it otherwise"),
        ("app.command('a')(print)\n    app.command('a')(print)", "there are two commands `a`"),
        ("app.add_command(click.Command(None))", "the command has no name"),
    ],
)
def test_a_name_that_is_taken_is_a_fault_at_its_line(
    faults: Callable[..., list[str]], call: str, what: str
) -> None:
    line = 4 + call.count("\n")
    app = f"import click\n\ndef setup(app):\n    {call}\n"
    assert faults({"app.py": app}) == [f"app.py:{line}: `setup()` raised ValueError: {what}."]


def test_the_engine_wins_where_a_site_takes_a_name_of_its(root: Path) -> None:
    (root / "app.py").write_text("def setup(app):\n    app.command('routes')(print)\n")
    ended = run("routes", cwd=root)
    assert (ended.exit_code, ended.stdout) == (1, "")
    assert "app.py:2: `setup()` raised ValueError: `routes` is a command of the engine" in ended.stderr


def test_help_outside_of_a_site_imports_nothing_for_it(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("raise SystemExit(3)\n")
    code = (
        "import sys\nfrom engine.cli import main\n"
        "try:\n    main(['--help'])\nexcept SystemExit:\n    pass\n"
        "print(sorted(name for name in sys.modules if name.startswith('engine')))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": str(REPOSITORY)},
    )
    assert done.stdout.splitlines()[-1] == "['engine', 'engine.cli', 'engine.cli.where']"

"""`app.test_cli_runner()`: the engine's commands on the site of an app."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from doors import Files
from engine import create_app, url_for

FILES: Files = {"pages/index.md": "# Home\n\n[About](about.md)", "pages/about.md": "# About"}


def test_a_command_is_run_on_the_site_of_the_app(site: Callable[[Files], Path]) -> None:
    result = create_app(site(FILES)).test_cli_runner().invoke(args=["routes"])
    assert result.exit_code == 0
    assert [line.split()[0] for line in result.output.splitlines()] == ["/about", "/"]


def test_a_command_that_names_a_site_is_run_on_that(site: Callable[[Files], Path], tmp_path: Path) -> None:
    runner = create_app(site(FILES)).test_cli_runner()
    result = runner.invoke(args=["routes", str(tmp_path)])
    assert (result.exit_code, "no pages/ directory" in result.output) == (1, True)


def test_the_exit_code_and_the_faults_are_those_of_the_terminal(site: Callable[[Files], Path]) -> None:
    root = site({**FILES, "pages/about.md": "# About\n\n[Nothing](/nothing/)"})
    result = create_app(root).test_cli_runner().invoke(args=["check"])
    assert result.exit_code == 1
    assert result.stderr.endswith("about.md:3:11: links to /nothing/, which does not exist.\n1 fault.\n")


def test_a_command_writes_where_it_is_told(site: Callable[[Files], Path], tmp_path: Path) -> None:
    runner = create_app(site(FILES), secret_key="a key for this test").test_cli_runner()
    result = runner.invoke(args=["freeze", "--output", str(tmp_path / "out")])
    assert result.exit_code == 0, result.output
    assert (tmp_path / "out/about/index.html").is_file()


def test_a_command_of_the_site_is_run_as_well(site: Callable[[Files], Path]) -> None:
    module = """
        import click
        from engine import url_for
        def setup(app):
            @app.command()
            @click.argument("name")
            def greet(name):
                click.echo(f"{name}, come to {url_for('/about')}.")
    """
    result = create_app(site({**FILES, "app.py": module})).test_cli_runner().invoke(args=["greet", "Ada"])
    assert (result.exit_code, result.output) == (0, "Ada, come to /about/.\n")


def test_a_command_that_is_given_itself_runs_in_the_context_of_the_app(site: Callable[[Files], Path]) -> None:
    @click.command()
    @click.argument("name")
    def greet(name: str) -> None:
        click.echo(f"{name}, come to {url_for('/about', _external=True)}.")

    runner = create_app(site(FILES), base_url="https://example.org").test_cli_runner()
    assert runner.invoke(greet, ["Ada"]).output == "Ada, come to https://example.org/about/.\n"

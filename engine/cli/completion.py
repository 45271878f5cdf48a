"""`engine completion`: what a shell reads to complete the lines of this command."""

from __future__ import annotations

import click
from click.shell_completion import get_completion_class

SHELLS = ("bash", "zsh", "fish")
VARIABLE = "_ENGINE_COMPLETE"
"""By which the script asks the command; click makes it of the command's name."""


@click.command("completion")
@click.argument("shell", type=click.Choice(SHELLS))
@click.pass_context
def command(ctx: click.Context, shell: str) -> None:
    """Print the script that makes a shell complete the names of commands and options.

    bash: eval "$(engine completion bash)" in ~/.bashrc; zsh the same in ~/.zshrc;
    fish: engine completion fish > ~/.config/fish/completions/engine.fish
    """
    kind = get_completion_class(shell)
    assert kind is not None
    click.echo(kind(ctx.find_root().command, {}, "engine", VARIABLE).source())

"""The program: its commands, and the one place where it ends.

torch and FastAPI take seconds to import, so only the commands that need them do, when they run: --help does not.
"""

import os
from collections.abc import Sequence

import typer

from app import __version__
from app.cli import commands, keys, serve, usage
from app.cli.help import command_class, group_class
from app.cli.output import write, write_error
from app.cli.words import Words, language_of

COMMANDS = {
    "forward": commands.forward,
    "show": commands.show,
    "explain": commands.explain,
    "draw": commands.draw,
    "presets": commands.presets,
    "export": commands.export,
    "convert": commands.convert,
    "serve": serve.register,
    "health": serve.register_health,
    "key": keys.register,
}


def build(words: Words) -> typer.Typer:
    """The command line in one language."""
    program = typer.Typer(
        name="adelante",
        cls=group_class(words),
        invoke_without_command=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @program.callback(help=words("cli.help"))
    def adelante(
        context: typer.Context,
        lang: str | None = commands.lang_option(words),
        version: bool = typer.Option(
            False, "--version", help=words("cli.help.version"), is_eager=True, callback=_show_version
        ),
    ) -> None:
        usage.check_language(lang)
        if context.invoked_subcommand is None:
            write_error(context.get_help() + "\n")
            raise typer.Exit(usage.STATUS)

    kind = command_class(words)
    for register in COMMANDS.values():
        register(program, words, kind)
    return program


def _show_version(asked: bool) -> None:
    if asked:
        write(f"adelante {__version__}\n")
        raise typer.Exit


def run(arguments: Sequence[str]) -> int:
    """Does what the arguments say; the status to end with: 0, 1 for bad input, 2 for a call that can't be meant."""
    words = Words(language_of(arguments, os.environ))
    try:
        ended = build(words)(args=list(arguments), prog_name="adelante", standalone_mode=False)
    except Exception as error:
        command = next((each for each in arguments if each in COMMANDS), None)
        write_error(usage.told(words, error, f"adelante {command}" if command else "adelante"))
        return usage.STATUS
    return ended if isinstance(ended, int) else 0

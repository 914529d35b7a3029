"""adelante key: a new API key, and the line that lets a server know it."""

import typer
from typer.core import TyperCommand

from app.cli import usage
from app.cli.commands import lang_option
from app.cli.output import write, write_error
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.keys import is_key_name, key_line, new_key


def register(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("key", cls=kind, help=words("cli.key.help"))
    def command(
        name: str | None = typer.Argument(
            None, metavar=words("cli.key.name"), help=words("cli.key.name.help"), show_default=False
        ),
        lang: str | None = lang_option(words),
    ) -> None:
        usage.check_language(lang)
        if name is None:
            raise UsageFault("cli.usage.missing", argument=words("cli.key.name"))
        if not is_key_name(name):
            raise UsageFault("cli.usage.key-name", value=name[:100])
        key = new_key()
        # The line goes to standard output, so that `adelante key NAME >> keys` adds it to a file and shows the key.
        write_error(words("cli.key.made", key=key) + "\n")
        write(key_line(name, key) + "\n")

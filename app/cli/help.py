"""The help texts: laid out here, because typer's own headings are English only."""

from typing import Any

import typer
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from typer.core import TyperCommand, TyperGroup

from app.cli.output import rendered
from app.cli.words import Words


def command_class(words: Words) -> type[TyperCommand]:
    """Commands that explain themselves in this language."""

    class Command(TyperCommand):
        def format_help(self, ctx: Any, formatter: Any) -> None:
            formatter.write(_help(words, self, ctx))

    return Command


def group_class(words: Words) -> type[TyperGroup]:
    """The program itself, which lists its commands."""

    class Group(TyperGroup):
        def format_help(self, ctx: Any, formatter: Any) -> None:
            formatter.write(_help(words, self, ctx))

    return Group


def _help(words: Words, command: TyperCommand | TyperGroup, context: typer.Context) -> str:
    parameters: list[Any] = [each for each in command.get_params(context) if not getattr(each, "hidden", False)]
    arguments = [each for each in parameters if each.param_type_name == "argument"]
    options = [each for each in parameters if each.param_type_name == "option"]
    commands: dict[str, Any] = getattr(command, "commands", {})
    called = [context.command_path, *(f"[{each.metavar}]" for each in arguments)]
    called += [words("cli.help.command-place")] if commands else []
    called += [words("cli.help.options-place")] if options else []
    parts: list[RenderableType] = [Text(" ".join(called), "bold"), "", *_paragraphs(command.help or "")]
    parts += _section(words("cli.help.commands"), [(name, _first(each.help)) for name, each in commands.items()])
    parts += _section(words("cli.help.arguments"), [(each.metavar, each.help) for each in arguments])
    parts += _section(words("cli.help.options"), [_option(words, each) for each in options])
    return rendered(Group(*parts)).rstrip("\n")


def _first(text: str | None) -> str:
    return (text or "").partition("\n")[0]


def _paragraphs(text: str) -> list[RenderableType]:
    return [Text(line) for line in text.split("\n")]


def _option(words: Words, option: Any) -> tuple[str, str]:
    names = ", ".join(sorted(option.opts, key=len))
    if option.secondary_opts:
        names += " / " + ", ".join(option.secondary_opts)
    if not option.is_flag and option.metavar:
        names += f" {option.metavar}"
    return names, words("cli.help.help") if option.name == "help" else option.help or ""


def _section(title: str, rows: list[tuple[str, str]]) -> list[RenderableType]:
    if not rows:
        return []
    table = Table.grid(padding=(0, 3, 0, 0))
    table.add_column(no_wrap=True, style="cyan")
    table.add_column(overflow="fold")
    for name, text in rows:
        table.add_row(name, text)
    return ["", Text(title, "bold"), Padding(table, (0, 0, 0, 2))]

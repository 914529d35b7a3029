"""Bad input on the command line: the API's problem documents, told in words on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import typer
from rich.console import RenderableType
from rich.padding import Padding
from rich.text import Text

from adelante.network.errors import NetworkError, NetworkFault
from app.api.http.problems import Problem, problem_document, problem_of
from app.cli.choices import asked_as_options
from app.cli.output import ERROR, rendered, visible, write_error
from app.cli.words import Words
from app.compute.service import ComputeBusy, ComputeTimeout

STATUS = 1


@contextmanager
def faults_told(words: Words, *, as_json: bool) -> Iterator[None]:
    """What is wrong with a network or its inputs ends the program with status 1 and goes to standard error."""
    try:
        yield
    except (Problem, NetworkError, NetworkFault, ComputeBusy, ComputeTimeout) as error:
        problem = problem_of(error)
        document = problem_document(words.language, problem.type, problem.faults, choices=problem.choices)
        write_error(orjson.dumps(document).decode() + "\n" if as_json else _told(words, document))
        raise typer.Exit(STATUS) from None


def _told(words: Words, document: dict[str, Any]) -> str:
    """Title, then for each fault: where it is, what it is, torch's own words, the way out."""
    errors: list[dict[str, Any]] = document.get("errors", [])
    asked: list[dict[str, Any]] = document.get("choices", [])
    if asked:
        # The way out is an option of the command line, and not what a client of the API would send.
        errors = [_without_hint(error) for error in errors]
    lines = [line for error in errors for line in _lines(words, error)] or [Text(document["detail"])]
    # A fault of the whole file or call says it all in its own sentence.
    title = lines.pop(0) if len(errors) == 1 and not errors[0]["pointer"] else Text(document["title"])
    title.stylize("bold")
    parts: list[RenderableType] = [Text.assemble((f"{ERROR}: ", "bold red"), title)]
    parts += [Padding(line, (0, 0, 0, 2)) for line in lines]
    # A hint or a list of what is known is the way out; where a fault has neither, its type has one.
    if asked:
        parts += [Padding(part, (0, 0, 0, 2)) for question in asked for part in asked_as_options(words, question)]
    elif not any("hint" in error or "known" in error for error in errors):
        remedy = words(f"problem.{document['type'].rpartition('/')[2]}.remedy", root="")
        parts.append(Padding(Text(f"→ {remedy}"), (0, 0, 0, 2)))
    return rendered(*parts, stream=sys.stderr)


def _without_hint(error: dict[str, Any]) -> dict[str, Any]:
    left = {name: value for name, value in error.items() if name != "hint"}
    return {**left, "detail": error["detail"].removesuffix(error.get("hint", "")).rstrip()}


def _lines(words: Words, error: dict[str, Any]) -> Iterator[Text]:
    sentence: str = error["detail"]
    hint: str | None = error.get("hint")
    if hint is not None:
        sentence = sentence.removesuffix(hint).rstrip()
    torch_says = words("fault.torch-says", words=error["torch"]) if "torch" in error else None
    if torch_says is not None:
        sentence = sentence.removesuffix(torch_says).rstrip()
    if error["pointer"]:
        yield Text(words("cli.error.at", pointer=visible(error["pointer"])), "cyan")
    yield Text(visible(sentence))
    if torch_says is not None:
        yield Text(torch_says, "dim")
    if hint is not None:
        yield Text(f"→ {visible(hint)}", "green")

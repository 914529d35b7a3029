"""Commands that are called wrongly: what to say, in the reader's language."""

import re
from typing import Any

from adelante.locale import LANGUAGES
from app.cli.output import ERROR, visible
from app.cli.words import Words

STATUS = 2


class UsageFault(Exception):
    """A call that can't be meant; `key` names the sentence in the catalogs."""

    def __init__(self, key: str, **values: Any) -> None:
        super().__init__(key)
        self.key = key
        self.values = values


def one_of(option: str, value: str, known: tuple[str, ...]) -> str:
    """The value. Raises UsageFault unless it is known."""
    if value not in known:
        raise UsageFault("cli.usage.not-one-of", option=option, value=value, known=", ".join(known))
    return value


def whole(option: str, text: str, low: int, high: int) -> int:
    """The whole number that the text is. Raises UsageFault unless it lies between low and high."""
    if not re.fullmatch(r"[0-9]{1,9}", text) or not low <= int(text) <= high:
        raise UsageFault("cli.usage.not-whole", option=option, value=text, low=low, high=high)
    return int(text)


def sizes_in(text: str | None) -> dict[str, int] | None:
    """Sizes by their names: steps=16,rows=8. Raises UsageFault where they are not written so."""
    if text is None:
        return None
    found = {}
    for each in text.split(","):
        name, _, size = each.rpartition("=")
        if not name or not re.fullmatch(r"[0-9]{1,9}", size.strip()):
            raise UsageFault("cli.usage.not-sizes", value=text)
        found[name.strip()] = int(size)
    return found


def check_language(value: str | None) -> None:
    """Raises UsageFault for a language that there is none of."""
    if value is not None:
        one_of("--lang", value, LANGUAGES)


def told(words: Words, error: Exception, command: str) -> str:
    """What is wrong with the call, and how to see how it is meant.

    typer's own errors are put into words here, so that both languages have them; what is none of them is raised again.
    """
    if isinstance(error, UsageFault):
        sentence = words(error.key, **error.values)
    elif hasattr(error, "sentence"):  # a SettingFault; its module would bring pydantic
        sentence = error.sentence(words.language)
    elif hasattr(error, "format_message"):
        sentence = _sentence(words, error)
    else:
        raise error
    return f"{ERROR}: {visible(sentence)}\n{words('cli.usage.see', command=f'{command} --help')}\n"


def _sentence(words: Words, error: Any) -> str:
    message: str = error.format_message()
    option = getattr(error, "option_name", None)
    match type(error).__name__:
        case "NoSuchOption":
            near = ", ".join(sorted(error.possibilities or ()))
            sentence = words("cli.usage.no-such-option", option=option)
            return f"{sentence} {words('cli.usage.near', near=near)}" if near else sentence
        case "BadOptionUsage":
            takes = "does not take" not in message
            return words("cli.usage.needs-value" if takes else "cli.usage.takes-no-value", option=option)
    if (found := re.match(r"No such command '(.*?)'", message)) is not None:
        known = ", ".join(error.ctx.command.list_commands(error.ctx))
        return words("cli.usage.no-such-command", command=found[1], known=known)
    if (found := re.search(r"unexpected extra argument.*? \((.*)\)$", message)) is not None:
        return words("cli.usage.extra", arguments=found[1])
    return message

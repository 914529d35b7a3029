"""What a file leaves open, as the options of the command line that decide it."""

from typing import Any

from rich.text import Text

from app.cli.output import visible
from app.cli.words import Words

_TITLES = {
    "order": "cli.choose-order",
    "head": "cli.choose-head",
    "activation": "cli.choose-activation",
    "sizes": "cli.choose-sizes",
}
_MOST_LAYERS = 12


def asked_as_options(words: Words, question: dict[str, Any]) -> list[Text]:
    """The layers with their shapes, then each answer as it can be typed, the likely one first."""
    layers = [f"{each['name'] or '·'} ({each['shape'][0]} → {each['shape'][1]})" for each in question["layers"]]
    shown = ", ".join(layers[:_MOST_LAYERS]) + (", …" if len(layers) > _MOST_LAYERS else "")
    lines = [Text(visible(words("cli.choose-layers", layers=shown)))] if layers else []
    if question["options"]:
        lines.append(Text(f"→ {words(_TITLES[question['name']])}", "green"))
    for option in question["options"]:
        lines.append(Text(f"  --{question['name']} {_quoted(visible(_typed(option)))}", "cyan"))
    return lines


def _typed(option: str | list[str] | dict[str, int]) -> str:
    if isinstance(option, dict):
        return ",".join(f"{name}={size}" for name, size in option.items())
    return option if isinstance(option, str) else ",".join(option)


def _quoted(text: str) -> str:
    return f"'{text}'" if " " in text else text

"""How well a preset knows what it learnt, in sentences: what was measured on rows that it did not learn from."""

from collections.abc import Mapping
from typing import Any

from babel.numbers import format_percent

from adelante.locale import translate
from adelante.locale.numbers import shortest


def known_in_words(language: str, known: Mapping[str, Any]) -> str:
    """Sentences about `Preset.known`; none where nothing was learnt."""
    if not known:
        return ""

    def said(name: str, **values: object) -> str:
        return translate(language, f"known.{name}", **values)

    def share(value: float) -> str:
        return format_percent(value, locale=language, decimal_quantization=False)

    rows = known["rows"]
    if known["measure"] == "accuracy":
        told = [said("accuracy", value=share(known["value"]), rows=rows)]
    else:
        told = [said("error", value=shortest(language, known["value"]), rows=rows)]
    if "limit" in known:
        told.append(said("limit", value=share(known["limit"])))
    if "drawn" in known:
        told.append(said("drawn", value=share(known["drawn"])))
    if "longer" in known:
        shares = ", ".join(said("bits", length=length, value=share(each)) for length, each in known["longer"].items())
        told.append(said("longer", length=known["length"], shares=shares))
    elif "length" in known:
        told.append(said("only", length=known["length"]))
    return " ".join(told)

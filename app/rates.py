"""Rates as settings name them: 20/second, 600/minute."""

import re

_UNIT_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400}
_RATE = re.compile(r"([1-9]\d{0,8})\s*(?:/|per)\s*(?:([1-9]\d{0,4})\s*)?(second|minute|hour|day)s?")


def normal_rates(value: object) -> str:
    """One rate or several, with commas between: "600/60s, 20/1s". Raises ValueError for what is none."""
    if not isinstance(value, str):
        raise ValueError("a text belongs here")
    rates = []
    for part in value.lower().split(","):
        match = _RATE.fullmatch(part.strip())
        if match is None:
            raise ValueError("no rate")
        rates.append(f"{match[1]}/{int(match[2] or 1) * _UNIT_SECONDS[match[3]]}s")
    return ", ".join(rates)


def rates_of(text: str) -> list[tuple[int, int]]:
    """What `normal_rates` wrote: how many, in how many seconds."""
    pairs = (part.split("/") for part in text.split(", "))
    return [(int(count), int(seconds.removesuffix("s"))) for count, seconds in pairs]

"""The comments of generated programs in the product's languages."""

from adelante.code.comments import Say
from adelante.locale import translate


def comments_in(language: str) -> Say:
    def say(key: str, /, **values: object) -> str:
        return translate(language, f"code.{key}", **values)

    return say

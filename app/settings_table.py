"""`python -m app.settings_table` writes docs/settings.md and docs/ajustes.md; a test keeps both true."""

from pathlib import Path

from adelante.locale import translate
from app.settings import Settings, takes_of, variable

FILES = {"en": Path("docs/settings.md"), "es": Path("docs/ajustes.md")}


def table(language: str) -> str:
    """All settings as a page of Markdown in one language."""

    def t(name: str) -> str:
        return translate(language, f"settings.{name}")

    headings = [t(f"table.{column}") for column in ("variable", "default", "takes", "does")]
    rows = [headings, ["---"] * len(headings)]
    for name, field in Settings.model_fields.items():
        takes, values = takes_of(name)
        taken = translate(language, f"settings.takes.{takes}", **values)
        rows.append([f"`{variable(name)}`", _default(language, field.default), taken, t(name)])
    lines = ["| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows]
    return "\n".join([f"# {t('table.title')}", "", t("table.opening"), "", *lines, ""])


def _default(language: str, value: object) -> str:
    if value is None:
        return translate(language, "settings.table.unset")
    if value in ((), ""):
        return translate(language, "settings.table.none")
    if isinstance(value, tuple):
        value = ",".join(value)
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


if __name__ == "__main__":
    for language, path in FILES.items():
        path.write_text(table(language))

"""`python -m app.presets_table` writes docs/datasets.md and docs/conjuntos.md; a test keeps both true."""

from pathlib import Path
from typing import Any

from adelante.datasets import DATA_SET_NAMES, data_set_named
from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES, preset_named
from app.api.write.datasets import data_set_description
from app.locale import translate

FILES = {"en": Path("docs/datasets.md"), "es": Path("docs/conjuntos.md")}


def page(language: str) -> str:
    """All presets and data sets as a page of Markdown in one language."""

    def t(name: str) -> str:
        return translate(language, f"presets-page.{name}")

    presets = [[t("name"), t("network"), t("data-set"), t("held-out"), t("look")], ["---"] * 5]
    for name in PRESET_NAMES:
        preset = preset_named(name)
        known = preset.known
        right = _known(language, known) if known else ""
        look = translate(language, f"preset.{name}.description")
        source = preset.data_set or ""
        presets.append([f"`{name}`", _shape(language, preset.network), source and f"`{source}`", right, look])
    sets = [[t("name"), t("rows"), t("inputs"), t("classes"), t("origin"), t("licence")], ["---"] * 6]
    for name in DATA_SET_NAMES:
        told = data_set_description(language, data_set_named(name))
        columns = ", ".join(each["name"] + (f" ({each['unit']})" if each["unit"] else "") for each in told["columns"])
        rows = f"{told['rows']} ({told['held_out']})"
        shape = " × ".join(map(str, told["shape"]))
        classes = ", ".join(told["class_names"]) or told["target"]
        sets.append([f"`{name}`", rows, f"{shape}: {columns}", classes, told["origin"], told["licence"]])
    parts = [f"# {t('title')}", t("opening"), f"## {t('presets')}", t("presets-note"), _table(presets)]
    parts += [t("made"), f"## {t('data-sets')}", t("data-sets-note"), _table(sets)]
    return "\n\n".join(parts) + "\n"


def _known(language: str, known: dict[str, Any]) -> str:
    """98.2 % of 450 rows; of what has no classes its error."""
    value = f"{100 * known['value']:.1f}" if known["measure"] == "accuracy" else f"{known['value']:.3f}"
    value = value.replace(".", translate(language, "presets-page.point"))
    return translate(language, f"presets-page.{known['measure']}", value=value, rows=known["rows"])


def _shape(language: str, network: Network) -> str:
    """4-6-3; of what is no chain the shape of an input, and how many numbers were learnt."""
    if isinstance(network, DenseNetwork):
        return "-".join(map(str, network.sizes))
    shape = " × ".join(map(str, network.inputs[0].shape))
    learnt = sum(each.numel() for each in network.parameters.values())
    return translate(language, "presets-page.learnt", shape=shape, count=learnt)


def _table(rows: list[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in rows)


if __name__ == "__main__":
    for language, path in FILES.items():
        path.write_text(page(language))

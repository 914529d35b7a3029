"""`python -m app.presets_table` writes docs/datasets.md and docs/conjuntos.md; a test keeps both true."""

from pathlib import Path

from adelante import datasets
from adelante.datasets import DATA_SET_NAMES, data_set_named
from adelante.locale import translate
from adelante.network.dense.network import DenseNetwork
from adelante.network.network import Network
from adelante.network.presets import PRESET_NAMES, preset_named
from adelante.network.presets.trained import FOLDER
from app.api.write.datasets import data_set_description
from app.api.write.known import known_in_words

DATA = Path(datasets.__file__).parent
FILES = {"en": Path("docs/datasets.md"), "es": Path("docs/conjuntos.md")}


def page(language: str) -> str:
    """All presets and data sets as a page of Markdown in one language."""

    def t(name: str) -> str:
        return translate(language, f"presets-page.{name}")

    presets = [[t("name"), t("network"), t("data-set"), t("held-out"), t("look")], ["---"] * 5]
    for name in PRESET_NAMES:
        preset = preset_named(name)
        right = known_in_words(language, preset.known)
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
    parts += [t("made"), _sizes(language), f"## {t('data-sets')}", t("data-sets-note"), _table(sets)]
    return "\n\n".join(parts) + "\n"


def _sizes(language: str) -> str:
    """How much the files take that come with the product."""
    weights = [file.stat().st_size for file in FOLDER.iterdir()]
    data = sum(file.stat().st_size for file in DATA.iterdir() if file.suffix in (".safetensors", ".csv"))
    kilobytes = {"weights": sum(weights), "largest": max(weights), "data": data}
    values = {name: round(size / 1000) for name, size in kilobytes.items()}
    return translate(language, "presets-page.sizes", **values)


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

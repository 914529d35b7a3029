"""Fisher's iris flowers: four lengths in centimetres of 150 flowers of three species."""

from importlib.resources import files

import torch

from adelante.datasets.dataset import Column, DataSet, Maker, drawn_of_each

_SPECIES = ("setosa", "versicolor", "virginica")
_SPLIT_SEED = 4


def iris() -> DataSet:
    """Inputs (150, 4), three classes of 50."""
    lines = files("adelante.datasets").joinpath("iris.csv").read_text("ascii").splitlines()[1:]
    rows = [line.split(",") for line in lines]
    targets = torch.tensor([_SPECIES.index(row[4]) for row in rows])
    return DataSet(
        name="iris",
        inputs=torch.tensor([[float(value) for value in row[:4]] for row in rows]),
        targets=targets,
        held_out=drawn_of_each(targets, _SPLIT_SEED),
        columns=(
            Column("sepal length", 4, 8, "cm"),
            Column("sepal width", 2, 4.5, "cm"),
            Column("petal length", 1, 7, "cm"),
            Column("petal width", 0, 2.5, "cm"),
        ),
        target="species",
        class_names=_SPECIES,
        origin="iris",
        licence="CC-BY-4.0",
    )


MAKERS: dict[str, Maker] = {"iris": iris}

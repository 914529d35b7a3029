"""The pad's pen and the data set's recipe: against the recipe written out pixel by pixel, and by what networks read."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from adelante.datasets import data_set_named
from adelante.datasets.digits import enlarged
from adelante.datasets.handwriting import PAD, PEN, ink_of, inked, picture_of, written
from adelante.network.forward import forward
from adelante.network.presets import preset_named
from adelante.network.presets.make.redrawn import middle_lines, traced
from tests.long import examples, long

Bits = list[list[int]]


def test_the_pen_is_a_disk_that_goes_straight() -> None:
    line = np.array([[0.25, 0.3], [0.7, 0.62]])
    row, column = np.mgrid[0:PAD, 0:PAD] + 0.5
    pixels = np.stack([column, row], -1) / PAD
    along = np.clip(((pixels - line[0]) @ (line[1] - line[0])) / ((line[1] - line[0]) ** 2).sum(), 0, 1)
    away = np.linalg.norm(pixels - (line[0] + along[..., None] * (line[1] - line[0])), axis=-1)
    ink = inked([line.tolist()]).numpy()
    # Whole pixels: within one of the edge it may be either.
    assert (ink[away < PEN / 2 - 1.5 / PAD] == 1).all()
    assert (ink[away > PEN / 2 + 1.5 / PAD] == 0).all()


def test_ink_at_the_edge_of_the_pad_stays_on_it() -> None:
    ink = inked([[(0.0, 0.0), (1.0, 1.0)], [(0.0, 1.0)]])
    assert ink.shape == (PAD, PAD)
    assert ink[0, 0] == ink[-1, -1] == ink[-1, 0] == 1
    assert ink[0, -1] == 0


@given(st.integers(0, 2**32 - 1), st.integers(1, 70), st.integers(1, 70), st.floats(0.02, 0.9))
@settings(max_examples=examples(20, 60), deadline=None)
def test_the_recipe_is_the_programs_that_made_the_data_set(seed: int, height: int, width: int, share: float) -> None:
    ink = (torch.rand((height, width), generator=torch.Generator().manual_seed(seed)) < share).to(torch.uint8)
    found = written(ink)
    upright = by_pixels(ink.tolist())
    assert found.upright.tolist() == upright
    assert found.picture.tolist() == [
        [sum(upright[r][c] for r in range(4 * i, 4 * i + 4) for c in range(4 * j, 4 * j + 4)) for j in range(8)]
        for i in range(8)
    ]


def by_pixels(ink: Bits) -> Bits:
    """32x32 as NIST's form-based system normalises a character: boxed, zoomed, weighed, sheared, pixel by pixel."""
    rows = [r for r, line in enumerate(ink) if any(line)]
    columns = [c for c in range(len(ink[0])) if any(line[c] for line in ink)]
    if not rows:
        return [[0] * 32 for _ in range(32)]
    box = [line[columns[0] : columns[-1] + 1] for line in ink[rows[0] : rows[-1] + 1]]
    tall = zoomed(box, 32)
    wide = transposed(zoomed(transposed(tall), 20))
    bits = [[0] * 6 + line + [0] * 6 for line in wide]
    count = sum(map(sum, bits))
    times = (2 if count > 560 else 1) if count > 412 else 0 if count >= 256 else 2 if count < 108 else 1
    for _ in range(times):
        bits = grown(bits) if count < 256 else worn(bits)
    return sheared(bits)


def transposed(bits: Bits) -> Bits:
    return [list(column) for column in zip(*bits, strict=True)]


def zoomed(lines: Bits, wanted: int) -> Bits:
    factor = wanted / len(lines)
    if factor > 1:
        found: Bits = []
        for k, line in enumerate(lines):
            found += [line] * (int((k + 1) * factor - 0.5) + 1 - len(found))
        return found
    return [lines[min(int(k * (len(lines) / wanted) + 0.5), len(lines) - 1)] for k in range(wanted)]


def beside(bits: Bits, r: int, c: int) -> list[int]:
    places = ((r - 1, c), (r + 1, c), (r, c - 1), (r, c + 1))
    return [bits[i][j] if 0 <= i < 32 and 0 <= j < 32 else 0 for i, j in places]


def grown(bits: Bits) -> Bits:
    return [[int(bits[r][c] or any(beside(bits, r, c))) for c in range(32)] for r in range(32)]


def worn(bits: Bits) -> Bits:
    return [[int(bits[r][c] and all(beside(bits, r, c))) for c in range(32)] for r in range(32)]


def sheared(bits: Bits) -> Bits:
    rows = [r for r, line in enumerate(bits) if any(line)]
    if not rows or rows[-1] - rows[0] + 1 <= 5:
        return bits
    top, bottom = rows[0] + 2, rows[-1] - 2
    if top == bottom or not any(bits[top]) or not any(bits[bottom]):
        return bits
    slope = (bits[top].index(1) - bits[bottom].index(1)) / (bottom - top)
    found = []
    for r, line in enumerate(bits):
        far = (r - 16) * slope
        move = int(abs(far) + 0.5) * (1 if far > 0 else -1)
        found.append([line[c - move] if 0 <= c - move < 32 else 0 for c in range(32)])
    return found


@pytest.mark.parametrize("dark", [True, False])
def test_ink_of_a_photograph_is_what_differs_from_its_paper(dark: bool) -> None:
    ink = inked([[(0.3, 0.2), (0.6, 0.8)]])
    paper, pen = (230.0, 40.0) if dark else (10.0, 200.0)
    noise = 20 * torch.rand(ink.shape, generator=torch.Generator().manual_seed(0))
    grey = torch.where(ink == 1, pen, paper) + noise
    assert torch.equal(ink_of(grey), ink)
    assert ink_of(torch.full((5, 5), 7.0)).sum() == 0


def test_nothing_drawn_is_an_empty_picture() -> None:
    found = written(inked([]))
    assert (found.box, found.grown, found.slant, int(found.picture.sum())) == ((0, 0, 0, 0), 0, 0.0, 0)


def right(name: str, pictures: Tensor) -> float:
    network = preset_named(name).network
    given = enlarged(pictures) if name == "digits-large" else pictures
    _, digits = data_set_named("digits").held_out_rows
    return float((forward(network, given)[network.outputs[0]].argmax(1) == digits).float().mean())


@pytest.fixture(scope="module")
def drawn() -> Tensor:
    """The held-out digits drawn again: along the middle of their lines, with the pad's pen."""
    pictures, _ = data_set_named("digits").held_out_rows
    # Each is so small that threads would only wait for one another.
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    found = torch.stack([traced(picture) for picture in pictures[:, 0]])[:, None]
    torch.set_num_threads(threads)
    return found


@pytest.mark.parametrize("name", [long("digits"), "digits-conv", long("digits-large")])
def test_drawn_digits_are_read_as_the_data_sets_own(name: str, drawn: Tensor) -> None:
    pictures, _ = data_set_named("digits").held_out_rows
    known: dict[str, Any] = preset_named(name).known
    assert round(right(name, drawn), 4) == known["drawn"]
    assert right(name, drawn) >= right(name, pictures) - 0.03


def test_where_and_how_large_it_is_drawn_changes_little() -> None:
    """Smaller and in a corner: a pen that is thick beside the digit leaves less of it."""
    pictures, digits = data_set_named("digits").held_out_rows
    small = []
    for picture in pictures[:60, 0]:
        lines = [torch.as_tensor(line) * 0.6 + 0.02 for line in middle_lines(picture)]
        small.append(written(inked(lines)).picture)
    network = preset_named("digits-conv").network
    read = forward(network, torch.stack(small)[:, None])[network.outputs[0]].argmax(1)
    assert (read == digits[:60]).float().mean() >= 0.85


def test_only_pictures_of_digits_can_be_drawn() -> None:
    ink = inked([[(0.5, 0.2), (0.5, 0.8)]])
    own = written(ink).picture
    for shape in ((1, 8, 8), (8, 8), (64,)):
        found = picture_of(ink, shape)
        assert found is not None
        assert found.shape == shape
        assert torch.equal(found.reshape(8, 8), own)
    large = picture_of(ink, (784,))
    assert large is not None
    assert torch.equal(large.reshape(1, 1, 28, 28), enlarged(own[None, None]))
    assert all(picture_of(ink, shape) is None for shape in ((3,), (3, 8, 8), (9, 9), ()))

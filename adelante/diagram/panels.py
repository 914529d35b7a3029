"""Bodies that are no neurons: their cells, the numbers of large ones, and in words what is left out."""

from math import isnan

import torch

from adelante.diagram import cells
from adelante.diagram.bodies import Body, Panel
from adelante.diagram.layout import NOTE
from adelante.diagram.scene import Look, Scene
from adelante.diagram.svg import element, text
from adelante.diagram.text import cut, text_width
from adelante.diagram.words import size_text
from adelante.locale import translate

# A smaller cell has no room for its number.
_NUMBER = 34.0, 15.0
_NOTE_SIZE = 11.0


def panels(scene: Scene, place: int) -> str:
    """A column's panels, with what is told beneath them."""
    placed, value = scene.layout.placed[place], scene.shown[place]
    body, parts, is_whole = placed.body, [], not value.is_floating_point()
    for panel, rows in zip(body.panels, cells.shown(value, body), strict=True):
        at = Panel(placed.x + panel.x, placed.y + panel.y, panel.width, panel.height)
        parts.append(cells.painted(rows, body, at, scene.inks))
        if scene.numbers:
            parts.append(_numbers(scene, rows, body, at, is_whole=is_whole and body.by == (1, 1)))
    parts.append(_ring(scene, place))
    lines = [line for note in notes(scene, place) for line in _in_room(note, scene.layout.room)]
    for k, note in enumerate(lines):
        y = placed.bottom + 8 + NOTE * (k + 0.75)
        parts.append(
            text(placed.middle, y, note, _NOTE_SIZE, scene.inks.muted, text_anchor="middle", **scene.halo(3.0))
        )
    return "".join(parts)


def _in_room(note: str, room: float) -> list[str]:
    """A note on one line, or its first word over the others between columns that stand near."""
    # Narrower than the serif fonts that widths are guessed for.
    size = 0.88 * _NOTE_SIZE
    return [note] if text_width(size, note) <= room else [cut(line, size, room) for line in note.split(" ", 1)]


def _numbers(scene: Scene, rows: cells.Rows, body: Body, at: Panel, *, is_whole: bool) -> str:
    wide, high = at.width / body.columns, at.height / body.rows
    if wide < _NUMBER[0] or high < _NUMBER[1]:
        return ""
    size = min(13.0, high * 0.6, wide / 3.6)
    parts = []
    for r, row in enumerate(rows):
        for c, value in enumerate(row):
            written = scene.within(int(value) if is_whole else value, 4, 2)
            ink = scene.inks.paper if isnan(value) else scene.inks.ink
            x, y = at.x + (c + 0.5) * wide, at.y + (r + 0.5) * high + 0.35 * size
            parts.append(text(x, y, written, size, ink, text_anchor="middle"))
    return "".join(parts)


def _ring(scene: Scene, place: int) -> str:
    """Around the selected cell, or the block that it is in."""
    placed, chosen = scene.layout.placed[place], scene.chosen
    if chosen is None or chosen.column != place or chosen.flat is None:
        return ""
    cell = placed.body.cell(chosen.flat)
    if cell is None:
        return ""
    box: Look = {"x": placed.x + cell.x - 1.5, "y": placed.y + cell.y - 1.5, "width": cell.width + 3}
    box |= {"height": cell.height + 3, "fill": "none"}
    inks = scene.inks
    under = element("rect", **box, stroke=inks.paper, stroke_width=4.0)
    return under + element("rect", **box, stroke=inks.ink, stroke_width=2.0)


def notes(scene: Scene, place: int) -> list[str]:
    """What the picture of a body leaves out: further pictures, blocks, and of a long row its mean and largest."""
    body, found = scene.layout.placed[place].body, []
    if body.pictures > len(body.panels):
        found.append(f"+ {size_text([body.pictures - len(body.panels)])}")
    if body.by != (1, 1):
        size = str(body.by[0]) if body.down else " × ".join(map(str, body.by))
        found.append(translate(scene.words.language, "world.block-mean", size=size))
    if body.down and scene.numbers:
        found += summary(scene, place)
    return found


def summary(scene: Scene, place: int) -> list[str]:
    """The mean and the largest number of a tensor; which one that is, by its name or its place in the row."""
    flat = scene.shown[place].reshape(-1).detach().to("cpu", torch.float64)
    if not len(flat):
        return []
    at = int(flat.masked_fill(flat.isnan(), -torch.inf).argmax())
    column, words = scene.columns[place], scene.words
    named = words.names.classes if column.tensor in scene.network.outputs else ()
    name = named[at] if len(named) == len(flat) else str(at + 1)
    mean, largest = (words.number(float(each)) for each in (flat.mean(), flat[at]))
    return [words.say("mean", value=mean), words.say("largest", value=largest, name=name)]

"""How a tensor is drawn, by its shape alone: few numbers as neurons, a row as a strip, others as small pictures."""

from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil, isqrt, prod

MOST_NEURONS = 16
# So many pictures of a tensor are drawn; how many more there are is told.
MOST_TILES = 8
# Of more cells than these, blocks of them are drawn: in all, along one side, and of a strip.
MOST_CELLS = 6400
_MOST_SIDE = 128
_MOST_STRIP = 1024
# A row of numbers that is a square of at least this side was a picture.
_LEAST_PICTURE = 7
_STRIP_ROWS = 64
_STRIP_HEIGHT = 440.0
_TILE_GAP = 6.0
_FEW = 6


@dataclass(frozen=True)
class Panel:
    """A rectangle of cells within its body, in pixels; `index` says which of several pictures it is."""

    x: float
    y: float
    width: float
    height: float
    index: int = 0


@dataclass(frozen=True)
class Body:
    """`rows` × `columns` cells in each panel, one for each block of `by` numbers; of neurons, one panel for each.

    `down`: cells are counted down the columns, as in a strip, of which `cells` says how many there are. `pictures` is
    how many pictures the tensor has, of which the panels are the first. `names`: whether there is room in and around
    neurons for their names and biases; `numbered`: for a number in them.
    """

    sort: str
    width: float
    height: float
    rows: int
    columns: int
    panels: tuple[Panel, ...]
    cells: int
    by: tuple[int, int] = (1, 1)
    down: bool = False
    pictures: int = 1
    pitch: float = 0.0
    named: bool = False
    numbered: bool = False

    @property
    def radius(self) -> float:
        """Half of a neuron's width."""
        return self.panels[0].width / 2 if self.panels else 0.0

    def middle(self, neuron: int) -> tuple[float, float]:
        """Where a neuron's centre is."""
        panel = self.panels[neuron]
        return panel.x + panel.width / 2, panel.y + panel.height / 2

    def cell(self, flat: int) -> Panel | None:
        """Where the number at this place of the tensor is drawn; None where its picture is one of those left out."""
        if self.sort == "neurons":
            return self.panels[flat]
        if self.down:
            shown = flat // self.by[0]
            row, column, panel = shown % self.rows, shown // self.rows, self.panels[0]
        else:
            across = self.across
            per_picture = self.high * across
            picture, within = divmod(flat, per_picture)
            if picture >= len(self.panels):
                return None
            row, column, panel = within // across // self.by[0], within % across // self.by[1], self.panels[picture]
        width, height = panel.width / self.columns, panel.height / self.rows
        return Panel(panel.x + column * width, panel.y + row * height, width, height)

    high: int = 0
    across: int = 0
    """The sides of one picture in numbers, before they are drawn in blocks."""


@dataclass(frozen=True)
class Room:
    """What a body may take, in pixels, and how much larger than usual things are drawn. `picture`: a row may be one."""

    width: float
    height: float
    scale: float = 1.0
    picture: bool = False


def body_of(shape: tuple[int, ...], room: Room) -> Body:
    """How a tensor of this shape is drawn; the work does not grow with it."""
    wide = [size for size in shape if size != 1]
    count = prod(shape)
    if count == 0:
        return Body("empty", 40 * room.scale, 40 * room.scale, 0, 0, (), 0)
    if len(wide) > 1:
        return _pictures(prod(wide[:-2]), wide[-2], wide[-1], room, square=len(shape) != 2)
    if count <= MOST_NEURONS:
        return _neurons(count, room)
    if len(shape) == 2 and shape[0] == 1:
        # One channel of a signal: its steps stand side by side, as they do where there are several.
        return _pictures(1, 1, count, room, square=False)
    side = isqrt(count)
    if room.picture and side * side == count and side >= _LEAST_PICTURE:
        return _pictures(1, side, side, room, square=True)
    return _strip(count, room)


LARGEST_RADIUS = 40.0
ROOMY_RADIUS = 21.0
NUMBERED_RADIUS = 18.0
NAME_HEIGHT = 38.0
# What a name takes beneath its neuron.
_NAME = 26.0
_LARGEST_PITCH = 150.0


def least_pitch(count: int) -> float:
    """From one neuron to the next in a picture of the usual size: the more there are the nearer they stand."""
    return max(46.0, min(112.0, 640 / count))


def _neurons(count: int, room: Room) -> Body:
    pitch = min(room.height / count, _LARGEST_PITCH * room.scale)
    across = room.width / 2
    radius = min(LARGEST_RADIUS * room.scale, (pitch - NAME_HEIGHT) / 2, across)
    named = radius >= ROOMY_RADIUS
    if not named:
        radius = max(5.0, min(ROOMY_RADIUS - 1, (pitch - 6) / 2, across))
    side = 2 * radius
    above = (pitch - side - (_NAME if named else 0)) / 2
    panels = tuple(Panel(0, k * pitch + above, side, side, k) for k in range(count))
    numbered = radius >= NUMBERED_RADIUS
    return Body("neurons", side, count * pitch, 1, 1, panels, count, pitch=pitch, named=named, numbered=numbered)


def _strip(count: int, room: Room) -> Body:
    by = ceil(count / _MOST_STRIP)
    cells = ceil(count / by)
    rows = min(cells, _STRIP_ROWS)
    columns = ceil(cells / rows)
    rows = ceil(cells / columns)
    height = min(room.height, _STRIP_HEIGHT * room.scale, rows * 14 * room.scale)
    width = min(room.width, (26 if columns == 1 else max(5, 18 - columns) * columns) * room.scale)
    panel = Panel(0, 0, width, height)
    return Body("strip", width, height, rows, columns, (panel,), cells, by=(by, 1), down=True, high=count, across=1)


def _pictures(count: int, high: int, across: int, room: Room, *, square: bool) -> Body:
    tiles = min(count, MOST_TILES)
    by = _blocks(tiles, high, across, square=square)
    rows, columns = ceil(high / by[0]), ceil(across / by[1])
    lanes = 1 if tiles <= 4 else 2
    down = ceil(tiles / lanes)
    # A few cells are large enough for their numbers.
    cell_width, cell_height = (44, 26) if count == 1 and max(high, across) <= _FEW else (20, 20)
    most_width = min(room.width, (lanes * 76 if tiles > 1 else 220 if cell_width > 20 else 190) * room.scale)
    most_height = min(room.height, (down * 88 if tiles > 1 else 380) * room.scale)
    width = (most_width - (lanes - 1) * _TILE_GAP) / lanes
    height = (most_height - (down - 1) * _TILE_GAP) / down
    if square and max(high, across) <= 4 * min(high, across):
        cell = min(width / across, height / high, max(cell_width, 26) * room.scale)
        width, height = cell * across, cell * high
    else:
        width = max(min(width, across * cell_width * room.scale), 12.0)
        height = max(min(height, high * cell_height * room.scale), 12.0)
    panels = tuple(
        Panel(k // down * (width + _TILE_GAP), k % down * (height + _TILE_GAP), width, height, k) for k in range(tiles)
    )
    return Body(
        "pictures",
        lanes * (width + _TILE_GAP) - _TILE_GAP,
        down * (height + _TILE_GAP) - _TILE_GAP,
        rows,
        columns,
        panels,
        tiles * rows * columns,
        by=by,
        pictures=count,
        high=high,
        across=across,
    )


def _blocks(tiles: int, high: int, across: int, *, square: bool) -> tuple[int, int]:
    """How many numbers high and wide the blocks are of which one cell is drawn; (1, 1) where every number has one."""
    most = MOST_CELLS // tiles
    by = [ceil(high / _MOST_SIDE), ceil(across / _MOST_SIDE)]
    if square and min(high, across) > 1:
        by = [max(by), max(by)]
    while ceil(high / by[0]) * ceil(across / by[1]) > most:
        if square:
            by = [by[0] + 1, by[1] + 1]
        else:
            by[0 if high / by[0] >= across / by[1] else 1] += 1
    return min(by[0], high), min(by[1], across)


def picture_starts(body: Body) -> Iterator[tuple[int, int]]:
    """Where the numbers of each picture that is drawn begin and end, in the tensor as a row."""
    size = body.high * body.across
    return ((panel.index * size, (panel.index + 1) * size) for panel in body.panels)

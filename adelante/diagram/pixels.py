"""The still picture as PNG, for what shows no SVG.

What draws it (resvg) keeps Python's lock meanwhile and can't be interrupted, so a server has it done in a process of
its own (`png_apart`).
"""

import json
import re
from collections.abc import Generator

from adelante.network.errors import Fault, NetworkError
from adelante.process import NotStarted, ProcessFailed, answer_of
from adelante.raster import rasterized

_CHILD = "adelante.raster"
DEFAULT_SCALE, MOST_SCALE = 2, 4
MOST_PIXELS = 2**25
# A pixel has four bytes, and the smallest of pictures some more around them.
_MOST_BYTES_OF_A_PIXEL, _BYTES_AROUND = 4, 100_000
_SECONDS = 20
_SIZE = re.compile(r'<svg\b[^>]*? width="(\d+)" height="(\d+)"')
# What Inter has letters for: of Latin, Greek and Cyrillic, and signs of mathematics. Tags and numbers are of these too.
_HAS_NO_LETTER = re.compile(
    "[^\t\n\r -~\u00a0-\u00ac\u00ae-\u0148\u014a-\u01c3\u01c5-\u0254\u0300-\u0304\u0306-\u030a\u030c\u0323\u0327\u0328"
    "\u0384-\u038a\u038c\u038e-\u03a1\u03a3-\u03d7\u0400-\u0479\u0480-\u049d\u04a0-\u04ff\u1e00-\u1e9b\u1ea0-\u1f15"
    "\u2000-\u200b\u2010-\u2027\u202f-\u2055\u2070\u2071\u2074-\u208e\u2090-\u209c\u20a0-\u20af\u2113\u2116\u2122\u2126"
    "\u2190-\u2199\u21d0\u21d2\u21d4\u2202\u2205\u2206\u220f\u2211\u2212\u221a\u221e\u222b\u2248\u2260\u2264\u2265"
    "\u2295-\u2298\u25a0-\u25a2\u25b2\u25b6\u25bc\u25c0\u25cb\u25cf\u2605\u2606\u2713\u2717]"
)


def png(svg: str, scale: int = DEFAULT_SCALE) -> bytes:
    """A picture that `adelante.draw` gave as a PNG file, `scale` (1 to 4) of its pixels to one of the SVG's.

    Raises NetworkError where it would have over 33,554,432 pixels, or has letters that Inter lacks (Latin, Greek and
    Cyrillic ones and signs of mathematics are there), ValueError for another scale or text.
    """
    check_png(svg, scale)
    return rasterized(svg, scale)


def png_apart(svg: str, scale: int) -> Generator[None, None, bytes]:
    """The same in a process of its own, step by step; closed before its end, it kills the process.

    Raises also NetworkError (busy) where the machine starts none, or it ends without a picture.
    """
    width, height = check_png(svg, scale)
    most = _MOST_BYTES_OF_A_PIXEL * width * height * scale**2 + _BYTES_AROUND
    data = svg.encode()
    told = json.dumps({"size": len(data), "scale": scale})
    try:
        found = yield from answer_of(_CHILD, told, data, seconds=_SECONDS, most=most)
    except NotStarted as error:
        raise NetworkError(Fault("busy", "png-not-started", "", {"reason": str(error)}, hint="png-failed")) from None
    except ProcessFailed:
        raise NetworkError(Fault("busy", "png-failed", "", hint="png-failed")) from None
    return bytes(found)


def check_png(svg: str, scale: int) -> tuple[int, int]:
    """Width and height in pixels of the SVG. Raises as `png` does."""
    size = _SIZE.match(svg)
    if size is None:
        raise ValueError("png takes an SVG document that adelante.draw gave.")
    if scale not in range(1, MOST_SCALE + 1):
        raise ValueError(f"scale is 1 to {MOST_SCALE}, not {scale}.")
    missing = _HAS_NO_LETTER.search(svg)
    if missing is not None:
        raise NetworkError(Fault("invalid-value", "png-letters", "", {"letter": missing[0]}, hint="png-letters"))
    width, height = int(size[1]), int(size[2])
    if width * height * scale**2 > MOST_PIXELS:
        values = {"width": width * scale, "height": height * scale, "limit": MOST_PIXELS}
        raise NetworkError(Fault("too-large", "png-large", "/scale", values, hint="png-large"))
    return width, height

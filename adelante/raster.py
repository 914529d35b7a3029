"""An SVG picture of ours as PNG: resvg draws it, with the letters of Inter.

The same picture gives the same pixels wherever it is drawn: no font of the machine is asked. Nothing here imports
torch, so a process that only draws (`main`) begins at once.
"""

import json
import os
import sys


def rasterized(svg: str, scale: int) -> bytes:
    """A PNG file, `scale` of its pixels to one of the SVG's."""
    # Here, not above: what only asks whether a picture can be drawn needs neither.
    import fontpkg
    import resvg_py

    fonts = [os.fspath(fontpkg.path("Inter", style=style)) for style in ("normal", "italic")]
    return bytes(
        resvg_py.svg_to_bytes(
            svg_string=svg,
            zoom=scale,
            skip_system_fonts=True,
            font_files=fonts,
            font_family="Inter",
            sans_serif_family="Inter",
            serif_family="Inter",
        )
    )


def main(told: str) -> None:
    """What the process does: the picture comes in by standard input, and its pixels leave by standard output."""
    order = json.loads(told)
    svg = sys.stdin.buffer.read(order["size"]).decode()
    sys.stdout.buffer.write(rasterized(svg, order["scale"]))
    sys.stdout.buffer.flush()
    os._exit(0)

"""The studio's built files: their hashed names, and how they are served."""

import json
import os
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from app.preferences import qualities

STATIC = Path(__file__).parent.parent / "static"
ENTRY = "src/main.ts"
EARLY_ENTRY = "src/early.ts"
# The page of a network of any kind, where that is known before it asks; and what it shows beside the network.
WORLD_ENTRIES = ("src/world/main.ts", "src/later/beside.ts")
LESSONS_ENTRY = "src/lessons/main.ts"
_FOREVER = "public, max-age=31536000, immutable"
# To a sandboxed frame, which has no origin, its own server's scripts are those of another; they are public anyway.
_FOR_ALL = {"Access-Control-Allow-Origin": "*"}
_METHODS = ("GET", "HEAD")
_COMPRESSED = (("br", ".br"), ("gzip", ".gz"))


@cache
def entry(source: str = ENTRY) -> tuple[str, list[str]]:
    """The addresses of an entry's script and of its styles, those of the chunks that it shares with others first.

    Raises RuntimeError where the studio was not built, saying how to build it.
    """
    [*_, script], styles = needed(source)
    return script, styles


@cache
def needed(*sources: str) -> tuple[list[str], list[str]]:
    """The addresses of all scripts that these modules need at once, and of their styles; what others need comes first.

    Raises RuntimeError where the studio was not built, saying how to build it.
    """
    manifest = STATIC / "build" / "manifest.json"
    if not manifest.exists():
        raise RuntimeError("the studio is not built: run `make run`, or `npm ci && npm run build` in app/frontend")
    chunks: dict[str, dict[str, Any]] = json.loads(manifest.read_text())
    names: dict[str, None] = {}
    styles: dict[str, None] = {}

    def collect(name: str) -> None:
        if name in names:
            return
        for imported in chunks[name].get("imports", []):
            collect(imported)
        names[name] = None
        styles.update(dict.fromkeys(chunks[name].get("css", [])))

    for source in sources:
        collect(source)
    return [f"/static/build/{chunks[name]['file']}" for name in names], [f"/static/build/{style}" for style in styles]


class Static(StaticFiles):
    """Static files; those with a hash in their name never change, and go out as they were compressed at build time."""

    @cached_property
    def _compressed(self) -> dict[str, bytes]:
        """By path, what was compressed at build time: some 600 kB, of which a page asks for twenty files at once."""
        files = (file for _, suffix in _COMPRESSED for file in (STATIC / "build" / "assets").glob(f"*{suffix}"))
        return {f"build/assets/{file.name}": file.read_bytes() for file in files}

    async def get_response(self, path: str, scope: Scope) -> Response:
        if scope["method"] not in _METHODS:
            raise HTTPException(405, headers={"Allow": ", ".join(_METHODS)})
        path = path.replace(os.sep, "/")
        hashed = path.startswith("build/assets/")
        vary = {"Vary": "Accept-Encoding"}
        if hashed:
            for encoding, suffix in _by_preference(Headers(scope=scope).getlist("accept-encoding")):
                if (content := self._compressed.get(path + suffix)) is not None:
                    kind = "text/css" if path.endswith(".css") else "text/javascript"
                    headers = {"Content-Encoding": encoding, "Cache-Control": _FOREVER, **vary, **_FOR_ALL}
                    return Response(content, headers=headers, media_type=kind)
        response = await super().get_response(path, scope)
        response.headers["Cache-Control"] = _FOREVER if hashed else "no-cache"
        response.headers.update(vary | _FOR_ALL if hashed else _FOR_ALL)
        return response


def _by_preference(accept_encoding: list[str]) -> list[tuple[str, str]]:
    """The encodings that the client takes, what it likes best first and of equal ones the smaller."""
    wishes = qualities(",".join(accept_encoding))
    liked = {encoding: wishes.get(encoding, wishes.get("*", 0.0)) for encoding, _ in _COMPRESSED}
    return sorted((each for each in _COMPRESSED if liked[each[0]] > 0), key=lambda each: -liked[each[0]])

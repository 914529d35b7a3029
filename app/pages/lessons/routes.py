"""The course's pages: the contents, each lesson, and what judges a guess; the same routes in every language."""

from collections.abc import Callable, Coroutine, Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

import torch
from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, Response
from starlette.templating import Jinja2Templates

from adelante.locale import LANGUAGES, STUDIO_TEXTS, messages, own_name, translate
from adelante.locale.numbers import decimal_mark, shortest
from app.api.http.body import read_json_body
from app.api.http.problems import Problem
from app.api.read.decode import decode_json
from app.api.write.activations import activation_list
from app.api.write.encode import encode_json
from app.api.write.presets import preset_list
from app.compute.service import ComputeService
from app.pages.assets import LESSONS_ENTRY, entry
from app.pages.lessons import figures
from app.pages.lessons.course import LESSONS, index_address, lesson_at
from app.pages.lessons.exercise import Choice, Exercise, Numbers, Shape, Unreadable, Verdict, judge
from app.pages.lessons.exercises import EXERCISES
from app.pages.lessons.lab import OPERATION_GROUPS
from app.pages.lessons.numbers import counted, data, fixed, percent
from app.pages.lessons.pieces import PIECES, LabPiece, RacePiece, StudioPiece, rows, studio_data
from app.pages.lessons.program import run, source
from app.pages.lessons.programs import PROGRAMS
from app.pages.security import PAGE_HEADERS
from app.root_path import address_root

_FOLDER = Path(__file__).parent
_LARGEST_GUESS_BYTES = 4096
_THEMES = ("light", "dark")
_UNREADABLE = {
    Numbers: "lessons.unreadable-numbers",
    Shape: "lessons.unreadable-shape",
    Choice: "lessons.unreadable-choice",
}
_SIDES = {"low": "lessons.wrong-low", "high": "lessons.wrong-high"}

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates([_FOLDER.parent.parent / "templates", _FOLDER])

Handler = Callable[..., Coroutine[Any, Any, Response]]


async def contents(request: Request, language: str) -> Response:
    """The lessons in their order."""
    addresses = {code: index_address(code) for code in LANGUAGES}
    return page(request, "lesson_index.html", language, addresses, at_index=True)


async def lesson(request: Request, language: str) -> Response:
    """One lesson. Its address names it in the page's language."""
    path = translate(language, "lessons.path")
    this = lesson_at(language, path, request.path_params["slug"])
    if this is None:
        raise HTTPException(404)
    if this.key == "gpu":
        # Measured where passes run, so that nobody's slider waits for it; afterwards it is known.
        await request.app.compute.run(figures.race, cost=figures.RACE_COST)
    position = LESSONS.index(this)
    context: dict[str, Any] = {
        "lesson": this,
        "before": LESSONS[position - 1] if position > 0 else None,
        "after": LESSONS[position + 1] if position + 1 < len(LESSONS) else None,
    }
    addresses = {code: this.address(code) for code in LANGUAGES}
    return page(request, "lesson.html", language, addresses, pieces=this.pieces, **context)


async def lab(request: Request, language: str) -> Response:
    """The tensor lab by itself, for programs of the reader's own."""
    addresses = {code: _address(code, "lessons.lab-path") for code in LANGUAGES}
    context = {"groups": OPERATION_GROUPS, "limits": request.app.settings}
    return page(request, "lesson_lab.html", language, addresses, pieces=("lab",), **context)


async def teachers(request: Request, language: str) -> Response:
    """How to give a class a link with a question, and how to serve a class."""
    addresses = {code: _address(code, "lessons.teachers-path") for code in LANGUAGES}
    sessions = request.app.settings.live_max_sessions
    handed = {
        "lessons": [{"title": each.title(language), "address": each.address(language)} for each in LESSONS],
        "presets": [{"name": each["name"], "title": each["title"]} for each in preset_list(language)],
        "class_address": _address(language, "lessons.class-path"),
    }
    return page(request, "lesson_teachers.html", language, addresses, handed=handed, sessions=sessions)


async def classroom(request: Request, language: str) -> Response:
    """A network from a teacher's link: the link's fragment stays in the browser, so the page is the same for all."""
    addresses = {code: _address(code, "lessons.class-path") for code in LANGUAGES}
    handed = {"activations": activation_list(language), "messages": messages(language, *STUDIO_TEXTS)}
    return page(request, "lesson_class.html", language, addresses, handed=handed)


def _address(language: str, key: str) -> str:
    return f"/{language}/{translate(language, key)}"


async def guess(request: Request, language: str) -> Response:
    """Judges {"guess": ["0,1595"]}: {"right": [true], "all_right", "text"}."""
    exercise = EXERCISES.get(request.path_params["name"])
    if exercise is None:
        raise HTTPException(404)
    settings = request.app.settings.model_copy(update={"max_body_bytes": _LARGEST_GUESS_BYTES})
    document = decode_json(await read_json_body(request, settings), settings.max_depth)
    given = document.get("guess") if isinstance(document, dict) else None
    if not isinstance(given, list) or not all(isinstance(text, str) for text in given):
        raise Problem("bad-request")
    try:
        verdict = judge(exercise, given)
    except Unreadable:
        answer = {"readable": False, "right": [], "all_right": False, "text": _how_to_write(exercise, language)}
    else:
        answer = {
            "readable": True,
            "right": verdict.right,
            "all_right": verdict.all_right,
            "text": _words(exercise, verdict, language),
        }
    headers = {"Content-Language": language, "Cache-Control": "no-store"}
    return Response(encode_json(answer), headers=headers, media_type="application/json")


def _how_to_write(exercise: Exercise, language: str) -> str:
    return translate(language, _UNREADABLE[type(exercise.kind)])


def _words(exercise: Exercise, verdict: Verdict, language: str) -> str:
    if verdict.all_right:
        return translate(language, "lessons.right")
    if verdict.slip:
        return translate(language, f"exercise.{exercise.name}.slip-{verdict.slip}")
    if verdict.side:
        return translate(language, _SIDES[verdict.side])
    return translate(language, "lessons.wrong-some" if any(verdict.right) else "lessons.wrong")


@router.get("/lessons/product/{size:int}")
async def product(size: int, request: Request) -> Response:
    """The time of one product of two (size, size) matrices on this server, and how many multiplications it is."""
    piece = PIECES["race"]
    assert isinstance(piece, RacePiece)
    if size not in piece.sizes:
        raise HTTPException(404)
    compute: ComputeService = request.app.compute
    measured = await compute.run(partial(figures.timed_product, size), cost=figures.TIMED_RUNS * size**3)
    document = {"size": size, "products": size**3, "milliseconds": measured, "device": "cpu"}
    return Response(encode_json(document), headers={"Cache-Control": "no-store"}, media_type="application/json")


def page(
    request: Request,
    template: str,
    language: str,
    addresses: dict[str, str],
    *,
    pieces: Sequence[str] = (),
    handed: dict[str, Any] | None = None,
    **context: Any,
) -> HTMLResponse:
    """One page of the course. `addresses` is where it stands in each language, `handed` what more its script needs."""
    script, styles = entry(LESSONS_ENTRY)
    theme = request.cookies.get("adelante_theme")
    mine = _handed(language, pieces)
    more = handed or {}
    mine = {**mine, **more, "messages": {**mine["messages"], **more.get("messages", {})}}
    context |= {
        "language": language,
        "root": address_root(request.scope),
        "mark": decimal_mark(language),
        "languages": LANGUAGES,
        "addresses": addresses,
        "index_address": index_address(language),
        "lab_address": _address(language, "lessons.lab-path"),
        "teachers_address": _address(language, "lessons.teachers-path"),
        "lessons": LESSONS,
        "theme": theme if theme in _THEMES else None,
        "script": script,
        "styles": styles,
        # A closing tag inside a string would end the script element that carries the data.
        "data": encode_json(mine).decode().replace("<", "\\u003c"),
        **_helpers(language),
    }
    headers = {**PAGE_HEADERS, "Content-Language": language}
    return templates.TemplateResponse(request, template, context, headers=headers)


def _helpers(language: str) -> dict[str, Any]:
    """What templates call: texts, numbers, programs, and torch's figures."""
    return {
        "t": partial(translate, language),
        "html": lambda key, **values: Markup(translate(language, key, **values)),  # noqa: S704 - the catalogs are the product's own
        "n": partial(data, language),
        "fixed": partial(fixed, language),
        "shortest": partial(shortest, language),
        "count": counted,
        "percent": partial(percent, language),
        "name_of": own_name,
        "programs": PROGRAMS,
        "exercises": EXERCISES,
        "pieces": PIECES,
        "rows": rows,
        "source": source,
        "run": run,
        "figures": figures,
        "gpu": torch.accelerator.is_available(),
    }


def _handed(language: str, names: Sequence[str]) -> dict[str, Any]:
    """What the page hands to its script."""
    words: dict[str, str] = {}
    for prefix in ("lessons.script-", "studio.theme", "studio.no-answer"):
        words |= messages(language, prefix)
    handed: dict[str, Any] = {"language": language, "messages": words}
    if not names:
        return handed
    pieces: dict[str, Any] = {}
    for name in names:
        piece = PIECES[name]
        if isinstance(piece, StudioPiece):
            with torch.inference_mode():
                pieces[name] = {"kind": "studio", **studio_data(piece)}
        elif isinstance(piece, LabPiece):
            pieces[name] = {
                "kind": "lab",
                "scenes": [asdict(scene) for scene in piece.scenes],
                "open": piece.open,
            }
        else:
            race = figures.race()
            loop = {"size": race.size, "products": race.products, "milliseconds": race.loop}
            pieces[name] = {"kind": "race", "sizes": piece.sizes, "loop": loop}
    handed["messages"] = {**handed["messages"], **messages(language, *STUDIO_TEXTS)}
    return {**handed, "pieces": pieces, "activations": activation_list(language)}


def _add_routes() -> None:
    """The addresses are words of each language, so each has routes of its own."""
    for language in LANGUAGES:
        address = index_address(language)
        for path, handler, method in (
            (address, contents, "GET"),
            (address + "/{slug}", lesson, "GET"),
            (_address(language, "lessons.lab-path"), lab, "GET"),
            (_address(language, "lessons.teachers-path"), teachers, "GET"),
            (_address(language, "lessons.class-path"), classroom, "GET"),
            (f"/{language}/exercises/{{name}}", guess, "POST"),
        ):
            router.add_route(path, _in(language, handler), methods=[method])


def _in(language: str, handler: Handler) -> Callable[[Request], Coroutine[Any, Any, Response]]:
    async def answer(request: Request) -> Response:
        return await handler(request, language)

    return answer


_add_routes()

"""/, /es/ and /en/: the studio; /embed: the same for frames; /problems/{type}: what a problem means; /api/docs."""

from functools import cache, partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson
import torch
from fastapi import APIRouter, FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.templating import Jinja2Templates

from adelante.locale import LANGUAGES, STUDIO_TEXTS, WORLD_TEXTS, messages, own_name, translate
from adelante.locale.numbers import decimal_mark
from adelante.network.dense.names import neuron_names
from adelante.network.forward import forward
from adelante.network.presets import CHAIN_NAMES, chain_named
from app.api.http.asking import Asked
from app.api.http.guard import Guard
from app.api.http.problems import STATUSES, problem_of, problem_response
from app.api.write.activations import activation_list
from app.api.write.encode import encode_json, trace_document
from app.api.write.presets import preset_in, preset_list
from app.negotiation import negotiate
from app.pages.asked import asked_network
from app.pages.assets import EARLY_ENTRY, ENTRY, WORLD_ENTRIES, entry, needed
from app.pages.lessons.course import index_address
from app.pages.lessons.numbers import fixed
from app.pages.security import EMBED_POLICY, PAGE_HEADERS
from app.root_path import TREES, address_root, root_of, without_root

router = APIRouter(include_in_schema=False)
templates = Jinja2Templates(Path(__file__).parent.parent / "templates")
_THEMES = ("light", "dark")


@router.get("/")
async def home(request: Request) -> Response:
    """The studio in the language that the browser prefers."""
    return await _studio(request, negotiate(request.headers.get("accept-language")), vary=True)


@router.get("/embed")
async def embed(request: Request) -> Response:
    """The diagram alone, for another page's frame; the address's fragment says which network."""
    return await _studio(request, negotiate(request.headers.get("accept-language")), vary=True, embed=True)


@router.get("/{language}/embed")
async def embed_in(language: str, request: Request) -> Response:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return await _studio(request, language, embed=True)


@router.get("/{language}/")
async def home_in(language: str, request: Request) -> Response:
    """The studio in the language of the address."""
    if language not in LANGUAGES:
        raise HTTPException(404)
    return await _studio(request, language)


@router.get("/{language}")
async def home_without_slash(language: str, request: Request) -> Response:
    if language not in LANGUAGES:
        raise HTTPException(404)
    return RedirectResponse(f"{address_root(request.scope)}/{language}/", 308)


@router.get("/problems/{type}")
async def problem_page(type: str, request: Request) -> Response:
    """What a problem's type means and what to do."""
    if type not in STATUSES:
        raise HTTPException(404)
    return _problem(request, type, negotiate(request.headers.get("accept-language")))


def _problem(request: Request, type: str, language: str) -> Response:
    words = {"title": f"problem.{type}.title", "detail": f"problem.{type}.detail", "remedy": f"problem.{type}.remedy"}
    texts = {name: translate(language, key, root=address_root(request.scope)) for name, key in words.items()}
    status = " / ".join(map(str, STATUSES[type]))
    return _page(request, "problem.html", language, vary=True, type=type, status=status, **texts)


def answer_lost_readers(app: FastAPI) -> None:
    """Who asks for a page where there is none gets one that says so; everyone else the problem's document.

    Under the API's addresses browsers get the document too: it says what is not there, a network or a dataset.
    """

    async def answer(request: Request, error: Exception) -> Response:
        first = without_root(request.scope["path"], root_of(request.scope)).lstrip("/").partition("/")[0]
        reads = request.method in ("GET", "HEAD") and "text/html" in request.headers.get("accept", "")
        if not reads or first in TREES:
            return problem_response(request, problem_of(error))
        accepted = request.headers.get("accept-language")
        page = _problem(request, "not-found", first if first in LANGUAGES else negotiate(accepted))
        page.status_code = 404
        page.headers["Vary"] = "Accept, Accept-Language, Cookie"
        return page

    app.add_exception_handler(404, answer)


@router.get("/api/docs")
async def api_docs(request: Request) -> Response:
    """The operations of the API, from its OpenAPI document."""
    return _page(request, "api_docs.html", negotiate(request.headers.get("accept-language")), vary=True)


@cache
def _in_language(language: str, *, world: bool) -> dict[str, orjson.Fragment]:
    """What a page is told in its language whatever it shows, written once; `world`: with the words for any network."""
    texts = (*STUDIO_TEXTS, *WORLD_TEXTS) if world else STUDIO_TEXTS
    told = {
        "language": language,
        "languages": [{"code": code, "name": own_name(code)} for code in LANGUAGES],
        "messages": messages(language, *texts),
        "presets": preset_list(language),
        "activations": activation_list(language),
        "course_address": index_address(language),
    }
    return {name: orjson.Fragment(encode_json(each)) for name, each in told.items()}


async def _studio(request: Request, language: str, *, vary: bool = False, embed: bool = False) -> Response:
    query = request.query_params
    if "network" not in query and query.get("preset", CHAIN_NAMES[0]) not in CHAIN_NAMES:
        # On the page for networks of every kind a preset is asked for as a network; the same path, whatever it is.
        # Where there is none of this name, the page says so.
        return RedirectResponse(f"?network={quote(query['preset'], safe='')}", 302)
    name = query.get("network", query.get("preset", CHAIN_NAMES[0]))
    preset = chain_named(name if name in CHAIN_NAMES else CHAIN_NAMES[0])
    with torch.inference_mode():
        trace = forward(preset.network, preset.inputs)
    guard: Guard | None = request.app.guard
    secret = guard is not None and guard.keys.are_for(Asked.PASS)
    asked = await asked_network(query.get("network"), language, request.app.networks, secret=secret)
    data: dict[str, Any] = {
        **_in_language(language, world=asked is not None),
        "preset": preset_in(language, preset),
        "trace": trace_document(preset.network, trace, layers=True),
        "embed": embed,
        **({} if asked is None else {"network": asked[0]}),
    }
    world = asked is not None and "sizes" not in asked[0] and "outline" in asked[0]
    entries = WORLD_ENTRIES if world else (ENTRY,)
    scripts, styles = needed(*entries)
    script = entry(entries[0])[0]
    ahead = [each for each in scripts if each != script]
    # A closing tag inside a string would end the script element that carries the data.
    text = encode_json(data).decode().replace("<", "\\u003c")
    rows = [
        (name, value)
        for names, values in zip(
            neuron_names(preset.network.sizes, preset.input_names, preset.output_names),
            _values(preset.inputs, trace.activations),
            strict=True,
        )
        for name, value in zip(names, values, strict=True)
    ]
    title = translate(language, f"preset.{preset.name}.title")
    if asked is not None:
        title, rows = translate(language, "studio.own-network"), asked[1]
    shown = {"title": title, "rows": rows, "embed": embed}
    # The socket needs no key that only scripts know.
    live = world and (guard is None or not guard.keys.any)
    files = {"early": entry(EARLY_ENTRY)[0], "script": script, "styles": styles, "ahead": ahead, "live": live}
    page = _page(request, "studio.html", language, vary=vary, data=text, **files, **shown)
    if embed:
        page.headers["Content-Security-Policy"] = EMBED_POLICY
    return page


def _values(inputs: torch.Tensor, activations: list[torch.Tensor]) -> list[list[float]]:
    return [inputs.tolist(), *(a.tolist() for a in activations)]


def _page(request: Request, template: str, language: str, *, vary: bool, **context: Any) -> HTMLResponse:
    def t(key: str, **values: Any) -> str:
        return translate(language, key, **values)

    theme, text_size = (request.cookies.get(f"adelante_{choice}") for choice in ("theme", "text"))
    context |= {
        "language": language,
        "root": address_root(request.scope),
        "t": t,
        "number": partial(fixed, language),
        "mark": decimal_mark(language),
        "course_address": index_address(language),
        "languages": LANGUAGES,
        "theme": theme if theme in _THEMES else None,
        "text_size": text_size if text_size == "large" else None,
    }
    headers = {**PAGE_HEADERS, "Content-Language": language}
    if vary:
        headers["Vary"] = "Accept-Language, Cookie"
    return templates.TemplateResponse(request, template, context, headers=headers)

"""Problem documents (RFC 9457): one clear answer to bad input, in the reader's language.

Every type has a status, a title and a page that explains it; every fault carries a JSON pointer.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import HTTPConnection, Request
from starlette.responses import Response
from starlette.routing import Match, Mount

from adelante.formats.choices import ChoiceNeeded, Question, SizesNeeded
from adelante.formats.kinds import FOREIGN
from adelante.locale import translate
from adelante.locale.faults import words_of, writable
from adelante.network.errors import Fault, NetworkError, NetworkFault
from app.api.http.questions import question_documents
from app.compute.memory import out_of_memory
from app.compute.pool import Abandoned
from app.compute.service import ComputeBusy, ComputeTimeout
from app.negotiation import negotiate
from app.root_path import PATH_CHARACTERS, root_of, without_root

if TYPE_CHECKING:
    # The command line has these documents too, and waits for no FastAPI.
    from fastapi import FastAPI

STATUS: dict[str, int] = {
    "invalid-json": 400,
    "bad-request": 400,
    "key-needed": 401,
    "origin-not-allowed": 403,
    "not-found": 404,
    "unknown-network": 404,
    "unknown-data-set": 404,
    "unknown-upload": 404,
    "method-not-allowed": 405,
    "not-acceptable": 406,
    "body-timeout": 408,
    "upload-offset": 409,
    "too-large": 413,
    "unsupported-media-type": 415,
    "unknown-host": 421,
    "shape-mismatch": 422,
    "ragged-array": 422,
    "not-a-number": 422,
    "out-of-range": 422,
    "empty": 422,
    "unknown-activation": 422,
    "unknown-kind": 422,
    "unknown-layer": 422,
    "unknown-field": 422,
    "missing-field": 422,
    "invalid-value": 422,
    "unsupported-device": 422,
    "unsupported-dtype": 422,
    "unsupported-file": 422,
    "upgrade-required": 426,
    "too-many-requests": 429,
    "internal": 500,
    "store-unavailable": 503,
    "busy": 503,
    "timeout": 503,
}
# A file of another kind altogether is of an unsupported media type; one of a known kind has content that is refused.
_STATUS_OF_FAULT = {
    **dict.fromkeys(FOREIGN, 415),
    "store-no-room": 507,
    "head-timeout": 408,
    "head-too-large": 431,
}
STATUSES: dict[str, tuple[int, ...]] = {
    **{type: (status,) for type, status in STATUS.items()},
    "unsupported-file": (415, 422),
    "store-unavailable": (503, 507),
    "bad-request": (400, 408),
    "too-large": (413, 431),
}
_TYPE_OF_STATUS = {404: "not-found", 405: "method-not-allowed", 406: "not-acceptable"}
MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 1
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")


class Problem(Exception):
    """Bad input, or a server that cannot serve it now. `faults` may be empty where the title says it all.

    `choices` are the questions whose answers would make it good input.
    """

    def __init__(
        self,
        type: str,
        faults: Sequence[Fault] | Fault = (),
        headers: Mapping[str, str] | None = None,
        choices: Sequence[Question] = (),
    ) -> None:
        super().__init__(type)
        self.type = type
        self.faults: tuple[Fault, ...] = (faults,) if isinstance(faults, Fault) else tuple(faults)
        self.headers = dict(headers or {})
        self.choices = tuple(choices)


# What the parts below raise on purpose; anything else is a fault of the server.
HANDLED = (Problem, NetworkError, NetworkFault, ComputeBusy, ComputeTimeout, Abandoned, HTTPException)


def status_of(type: str, faults: Sequence[Fault] = ()) -> int:
    """The HTTP status of a problem: its type's, or its first fault's where that has one of its own."""
    return _STATUS_OF_FAULT.get(faults[0].key, STATUS[type]) if faults else STATUS[type]


def problem_document(
    language: str,
    type: str,
    faults: Sequence[Fault] = (),
    instance: str | None = None,
    choices: Sequence[Question] = (),
    root: str = "",
) -> dict[str, Any]:
    """The document's members; `detail` is the first fault's sentence, `errors` lists all of them.

    `root` is the path under which a proxy shows the product, as addresses begin with it.
    """
    errors = [_error(language, fault) for fault in faults]
    document: dict[str, Any] = {
        "type": f"{root}/problems/{type}",
        "title": translate(language, f"problem.{type}.title"),
        "status": status_of(type, faults),
        "detail": errors[0]["detail"] if errors else translate(language, f"problem.{type}.detail"),
    }
    if instance is not None:
        document["instance"] = instance
    if errors:
        document["errors"] = errors
    if choices:
        document["choices"] = question_documents(choices)
    return document


def _error(language: str, fault: Fault) -> dict[str, Any]:
    words = words_of(language, fault)
    error: dict[str, Any] = {"pointer": writable(fault.pointer)}
    if fault.torch_words is not None:
        error["torch"] = fault.torch_words
    if words.hint is not None:
        error["hint"] = words.hint
    error["detail"] = words.all
    for name in ("expected", "got", "known", "limit", "setting"):
        if name in fault.values:
            error[name] = writable(fault.values[name])
    return error


def sentence(language: str, fault: Fault) -> str:
    """What is wrong and what to do, as a problem document says it of one fault."""
    return words_of(language, fault).all


def problem_response(request: HTTPConnection, problem: Problem) -> Response:
    """The problem as an answer in the language that the request prefers."""
    language, scope = request.headers.get("accept-language"), request.scope
    status, headers, content = problem_content(problem, language, scope["path"], root_of(scope))
    return Response(content, status, headers, MEDIA_TYPE)


def problem_content(
    problem: Problem, accept_language: str | None, path: str | None, root: str = ""
) -> tuple[int, dict[str, str], bytes]:
    """The status, the headers and the document of a problem that the request for a path under the root met."""
    language = negotiate(accept_language)
    instance = None if path is None else quote(path, safe=PATH_CHARACTERS)
    shown = quote(root, safe=PATH_CHARACTERS)
    document = problem_document(language, problem.type, problem.faults, instance, problem.choices, shown)
    if path is not None and without_root(path, root).startswith("/v2"):
        # The Open Inference Protocol's clients look here.
        document["error"] = document["detail"]
    headers = {**problem.headers, "Content-Language": language, "Vary": "Accept-Language"}
    return document["status"], headers, orjson.dumps(document)


def problem_of(error: Exception) -> Problem:
    """The problem that an exception of the parts below stands for; an unexpected one is told as internal."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NetworkError):
        type = error.faults[0].type
        again = {"Retry-After": str(RETRY_AFTER_SECONDS)} if STATUS[type] == 503 else None
        return Problem(type, error.faults, again, error.questions if isinstance(error, ChoiceNeeded) else ())
    if isinstance(error, NetworkFault):
        questions = error.questions if isinstance(error, SizesNeeded) else ()
        return Problem(error.fault.type, error.fault, choices=questions)
    if isinstance(error, ComputeBusy | Abandoned):
        return Problem("busy", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    if isinstance(error, ComputeTimeout):
        return Problem("timeout", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    if out_of_memory(error):
        return Problem("busy", headers={"Retry-After": str(RETRY_AFTER_SECONDS)})
    if isinstance(error, HTTPException):
        return Problem(_TYPE_OF_STATUS.get(error.status_code, "bad-request"), headers=error.headers)
    return Problem("internal")


def _methods(request: Request) -> list[str]:
    """The methods that the request's address has: the router itself tells those of the first operation there alone."""
    routes = [route for route in request.app.routes if not isinstance(route, Mount)]

    # Where a mounted application refused, the path is already cut to what it sees.
    whole = {**request.scope, "root_path": root_of(request.scope)}

    def has(method: str) -> bool:
        scope = {**whole, "method": method}
        return any(route.matches(scope)[0] is Match.FULL for route in routes)

    # HEAD is answered wherever GET is (see front.py), without routes of its own.
    return [method for method in _METHODS if has("GET" if method == "HEAD" else method)]


def answer_problems(app: "FastAPI") -> None:
    """Makes every error of the application a problem document."""

    async def answer(request: Request, error: Exception) -> Response:
        problem = problem_of(error)
        methods = _methods(request) if problem.type == "method-not-allowed" else None
        if methods:
            problem.headers["Allow"] = ", ".join(methods)
            if request.method == "PUT" and request.url.path.endswith("/networks"):
                fault = Fault("method-not-allowed", "put-instead-of-post", "")
                problem = Problem(problem.type, fault, problem.headers)
        return problem_response(request, problem)

    for kind in (*HANDLED, Exception):
        app.add_exception_handler(kind, answer)

"""The composition root: settings in, a ready ASGI application out. `uvicorn app.main:app` works."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from fastapi import FastAPI
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import __version__
from app.api import catalog, code, exchange, explain, forward, grid, live, random, sweep
from app.api.problems import answer_problems
from app.compute.service import ComputeService
from app.pages import routes
from app.pages.assets import STATIC, Static
from app.pages.lessons import routes as lessons
from app.settings import Settings, settings_from_environment


class RequestId:
    """Gives each answer an X-Request-ID: the client's own where it sent a usable one."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        given = next((value for name, value in scope["headers"] if name == b"x-request-id"), b"")
        usable = 0 < len(given) <= 100 and all(33 <= byte < 127 for byte in given)
        request_id = given if usable else uuid4().hex.encode()

        async def send_with_id(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"x-request-id", request_id)]
            await send(message)

        await self._app(scope, receive, send_with_id)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole product as one ASGI application."""
    settings = settings or settings_from_environment()
    compute = ComputeService(settings)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        compute.close()

    app = FastAPI(
        title="Adelante",
        version=__version__,
        description="Forward passes of neural networks: inputs, weights and biases in, every activation out.",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.compute = compute
    app.add_middleware(RequestId)
    answer_problems(app)
    for topic in (catalog, forward, explain, sweep, grid, random, code, live, routes):
        app.include_router(topic.router)
    app.include_router(lessons.router)
    app.mount("/static", Static(directory=STATIC), name="static")
    app.openapi = _with_components(app.openapi)  # type: ignore[method-assign]
    return app


def _with_components(openapi: Callable[[], dict[str, Any]]) -> Callable[[], dict[str, Any]]:
    """The OpenAPI document with the schemas that the routes' own request bodies refer to."""

    def complete() -> dict[str, Any]:
        document = openapi()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schemas.update(forward.component_schemas())
        schemas.update(exchange.components(*explain.MODELS, *sweep.MODELS, *grid.MODELS, *random.MODELS, *code.MODELS))
        return document

    return complete


app = create_app()

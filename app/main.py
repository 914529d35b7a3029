"""The composition root: settings in, a ready ASGI application out. `uvicorn app.main:app` works."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from fastapi import FastAPI

from app import __version__
from app.api import (
    catalog,
    code,
    explain,
    forward,
    grid,
    inference,
    live,
    metrics,
    networks,
    openapi,
    random,
    sweep,
    tensors,
)
from app.api.fast_forward import Moulds
from app.api.front import Application, Direct
from app.api.metrics import Metrics
from app.api.problems import answer_problems
from app.api.protocol import DIRECT_ANSWERS, DirectAnswers
from app.api.readers import READERS, Readers
from app.compute.service import ComputeService
from app.live.budget import LIVE_BUDGET, Budget
from app.pages import routes
from app.pages.assets import STATIC, Static
from app.pages.lessons import routes as lessons
from app.settings import Settings, settings_from_environment
from app.store.networks import Networks

# Topics whose routes read and describe their bodies themselves.
DESCRIBED = (forward, explain, sweep, grid, random, code, networks, tensors, inference)


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole product as one ASGI application."""
    settings = settings or settings_from_environment()
    compute = ComputeService(settings)
    live_budget = Budget(settings.live_memory_bytes, "ADELANTE_LIVE_MEMORY_BYTES")
    kept = Networks(settings.store, settings.store_cache_bytes, settings.store_max_bytes)

    @asynccontextmanager
    async def lifespan(served: Application) -> AsyncIterator[dict[str, Any]]:
        await compute.probe()
        readers = Readers(settings)
        watching = asyncio.create_task(readers.watch())
        yield {
            DIRECT_ANSWERS: DirectAnswers(served.answers_at_once()),
            READERS: readers,
            LIVE_BUDGET: live_budget,
        }
        watching.cancel()
        compute.close()
        kept.close()

    app = Application(
        title="Adelante",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.settings = settings
    app.compute = compute
    app.networks = kept
    app.live_budget = live_budget
    at_once = partial(
        forward.forward_now, max_depth=settings.max_depth, networks=kept, compute=compute, moulds=Moulds()
    )
    app.direct = {("POST", "/api/v1/forward"): Direct(forward.post_forward, at_once)}
    app.metrics = _metrics(compute, kept)
    answer_problems(app)
    for topic in (
        catalog,
        forward,
        explain,
        sweep,
        grid,
        random,
        code,
        networks,
        tensors,
        inference,
        metrics,
        live,
        routes,
    ):
        app.include_router(topic.router)
    app.include_router(lessons.router)
    app.mount("/static", Static(directory=STATIC), name="static")
    openapi.describe(app, *(model for topic in DESCRIBED for model in topic.MODELS))
    return app


def _metrics(compute: ComputeService, kept: Networks) -> Metrics:
    numbers = Metrics()
    numbers.watch("adelante_dear_passes", "Expensive passes that run or wait", lambda: compute.expensive)
    numbers.watch("adelante_work_bytes", "Memory of expensive passes and unsent answers", lambda: compute.memory)
    numbers.watch("adelante_live_sessions", "Open live sockets", live.open_sessions)
    numbers.watch("adelante_kept_ready_bytes", "Memory of kept networks that are ready", lambda: kept.ready_bytes)
    return numbers


app = create_app()

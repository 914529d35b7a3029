"""The composition root: settings in, a ready ASGI application out. `uvicorn app.main:app` works."""

import asyncio
import gc
import logging
import multiprocessing
import os
import re
import signal
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import TYPE_CHECKING, Any

from uvicorn.config import STARTUP_FAILURE

from app import __version__
from app.api.http import metrics
from app.api.http.admission import Admission
from app.api.http.connections import CONNECTIONS, Connections
from app.api.http.cors import Cors
from app.api.http.drain import DRAIN, Drain
from app.api.http.forwarded import Forwarded
from app.api.http.front import Application, Direct
from app.api.http.metrics import Metrics
from app.api.http.problems import answer_problems
from app.api.http.protocol import DIRECT_ANSWERS, DirectAnswers
from app.api.http.readers import READERS, Readers
from app.api.openapi import common as openapi
from app.api.read.fast_forward import RequestCache
from app.api.routes import (
    catalog,
    changed_networks,
    code,
    datasets,
    explain,
    forward,
    grid,
    handwriting,
    inference,
    live,
    networks,
    random,
    sweep,
    tensors,
)
from app.compute.service import ComputeService
from app.live.budget import LIVE_BUDGET, Budget
from app.locale import language_of_locale, translate
from app.pages import routes
from app.pages.assets import STATIC, Static
from app.pages.lessons import routes as lessons
from app.settings import SettingFault, Settings, settings_from_environment, warnings_about
from app.store.folders import StoreUnusable
from app.store.networks import Networks

# The status with which the command line ends too where it is called wrongly.
_WRONG_SETTING = 2
_PATIENCE_SECONDS = 20
_log = logging.getLogger("uvicorn.error")

# Topics whose routes read and describe their bodies themselves.
DESCRIBED = (forward, explain, sweep, grid, random, code, networks, changed_networks, tensors, inference, handwriting)


def create_app(settings: Settings | None = None) -> Application:
    """The whole product as one ASGI application. Raises SettingFault."""
    settings = settings or settings_from_environment()
    compute = ComputeService(settings)
    live_budget = Budget(settings.live_memory_bytes, "ADELANTE_LIVE_MEMORY_BYTES")
    kept = _networks(settings)

    @asynccontextmanager
    async def lifespan(served: Application) -> AsyncIterator[dict[str, Any]]:
        await compute.probe()
        # What is loaded by now stays loaded: searching it for garbage would stop the server for a tenth of a second.
        if gc.get_freeze_count() == 0:
            gc.collect()
            gc.freeze()
        readers = Readers(settings)
        watching = asyncio.create_task(readers.watch())
        operations = served.answers_at_once() if settings.shortcut else {}
        yield {
            DIRECT_ANSWERS: DirectAnswers(operations),
            CONNECTIONS: Connections(settings),
            READERS: readers,
            LIVE_BUDGET: live_budget,
            DRAIN: served.drain,
        }
        watching.cancel()
        compute.close()
        kept.close()

    app = Application(
        title="Adelante",
        version=__version__,
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    app.settings = settings
    app.admission = Admission(settings)
    app.forwarded = Forwarded(settings)
    app.drain = Drain(settings.drain_seconds)
    app.cors = Cors(settings.allowed_origins) if settings.allowed_origins else None
    app.compute = compute
    app.networks = kept
    app.live_budget = live_budget
    at_once = partial(forward.forward_now, settings=settings, networks=kept, compute=compute, cache=RequestCache())
    app.direct = {("POST", "/api/v1/forward"): Direct(forward.post_forward, at_once)}
    app.metrics = _metrics(compute, kept)
    answer_problems(app)
    for topic in (
        catalog,
        datasets,
        forward,
        explain,
        sweep,
        grid,
        handwriting,
        random,
        code,
        networks,
        changed_networks,
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


def _networks(settings: Settings) -> Networks:
    try:
        return Networks(settings.store, settings.store_cache_bytes, settings.store_max_bytes)
    except StoreUnusable as error:
        raise SettingFault("ADELANTE_STORE", settings.store, "store-here", reason=error.reason) from None


def _metrics(compute: ComputeService, kept: Networks) -> Metrics:
    numbers = Metrics()
    numbers.watch("adelante_dear_passes", "Expensive passes that run or wait", lambda: compute.expensive)
    numbers.watch("adelante_work_bytes", "Memory of expensive passes and unsent answers", lambda: compute.memory)
    numbers.watch("adelante_live_sessions", "Open live sockets", live.open_sessions)
    numbers.watch("adelante_kept_ready_bytes", "Memory of kept networks that are ready", lambda: kept.ready_bytes)
    return numbers


if TYPE_CHECKING:
    app: Application


def __getattr__(name: str) -> Any:
    """`app`, made when a server asks for it: `adelante serve` and the tests make applications of their own."""
    if name != "app":
        raise AttributeError(name)
    globals()[name] = served = _served_by_others()
    return served


def __dir__() -> list[str]:
    return [*globals(), "app"]


def _served_by_others() -> Application:
    """The application for uvicorn and its like. A setting that is wrong ends them with one sentence."""
    language = language_of_locale(os.environ)
    for sentence in warnings_about(os.environ, language):
        _log.warning("%s", sentence)
    try:
        application = create_app()
    except SettingFault as fault:
        worker = multiprocessing.parent_process() is not None
        if worker and not _speaks(multiprocessing.current_process().name, _processes(sys.argv, os.environ)):
            _wait_for_the_end()
        sys.stderr.write(f"Error: {fault.sentence(language)}\n")
        # A worker that ends with any other status is started again, for ever.
        raise SystemExit(STARTUP_FAILURE if worker else _WRONG_SETTING) from None
    if not application.networks.shared and _processes(sys.argv, os.environ) > 1:
        _log.warning("%s", translate(language, "settings.several-processes"))
    return application


def _speaks(worker: str, workers: int) -> bool:
    """Whether this worker says what is wrong: one of those that start together and fail alike.

    They are called SpawnProcess-1, SpawnProcess-2 and so on; the numbers of those that replace others go on from there.
    """
    number = worker.rpartition("-")[2]
    return not number.isdigit() or (int(number) - 1) % workers == 0


def _wait_for_the_end() -> None:
    """Leaves it to another worker to say what is wrong: then uvicorn stops this one too. Returns if none does."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    time.sleep(_PATIENCE_SECONDS)


def _processes(arguments: Sequence[str], environment: Mapping[str, str]) -> int:
    """How many processes of the application the server was told to start."""
    told = re.search(r"(?:^|\s)(?:--workers[= ]|-w[= ]?)(\d+)(?:\s|$)", " ".join(arguments[1:]))
    number = told[1] if told is not None else environment.get("WEB_CONCURRENCY", "")
    return int(number) if number.isdigit() else 1

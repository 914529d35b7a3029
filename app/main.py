"""The composition root: settings in, a ready ASGI application out. `uvicorn app.main:app` works."""

import asyncio
import gc
import logging
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from adelante.network.errors import NetworkError
from app import __version__, tracing
from app.api.http import metrics
from app.api.http.admission import Admission
from app.api.http.connections import CONNECTIONS, Connections
from app.api.http.cors import Cors
from app.api.http.drain import DRAIN, Drain
from app.api.http.forwarded import Forwarded
from app.api.http.front import Application, Direct
from app.api.http.guard import Guard
from app.api.http.metrics import Metrics
from app.api.http.places import Places
from app.api.http.problems import answer_problems
from app.api.http.protocol import DIRECT_ANSWERS, DirectAnswers
from app.api.http.readers import READERS, Readers
from app.api.http.uploads import Uploads
from app.api.openapi import common as openapi
from app.api.read.fast_forward import RequestCache
from app.api.routes import (
    catalog,
    changed_networks,
    code,
    datasets,
    diagram,
    explain,
    forward,
    grid,
    handwriting,
    inference,
    live,
    loss,
    networks,
    random,
    sweep,
    tensors,
    uploads,
)
from app.compute import garbage
from app.compute.service import ComputeService
from app.live.budget import LIVE_BUDGET, Budget
from app.negotiation import language_of_locale
from app.pages import routes
from app.pages.assets import STATIC, Static
from app.pages.lessons import routes as lessons
from app.processes import end_start, processes_told, sharing, store_fault
from app.settings import SettingFault, Settings, settings_from_environment, warnings_about
from app.store.folders import StoreUnusable
from app.store.networks import Networks
from app.store.quota import UsesUnknown

_log = logging.getLogger("uvicorn.error")
# An object store lists at a price.
_COUNT_SECONDS = 300
_LAST_SPANS_SECONDS = 5

# Topics whose routes read and describe their bodies themselves.
DESCRIBED = (
    forward,
    loss,
    explain,
    sweep,
    grid,
    random,
    code,
    diagram,
    networks,
    changed_networks,
    tensors,
    inference,
    handwriting,
)


def create_app(settings: Settings | None = None, metrics_folder: Path | None = None) -> Application:
    """The whole product as one ASGI application. Raises SettingFault.

    `metrics_folder` is where it and the processes beside it put their numbers, so that each can tell those of all, and
    their count of what a store takes that keeps none.
    """
    settings = settings or settings_from_environment()
    compute = ComputeService(settings)
    live_budget = Budget(settings.live_memory_bytes, "ADELANTE_LIVE_MEMORY_BYTES")
    kept = _networks(settings, metrics_folder)

    @asynccontextmanager
    async def lifespan(served: Application) -> AsyncIterator[dict[str, Any]]:
        tracing.begin(os.environ)
        await compute.probe()
        # What is loaded by now stays loaded: searching it for garbage would stop the server for a tenth of a second.
        if gc.get_freeze_count() == 0:
            gc.collect()
            gc.freeze()
        readers = Readers(settings)
        watched = (readers.watch(), served.metrics.share(), _count_store(kept), garbage.collect())
        watching = [asyncio.create_task(work) for work in watched]
        if settings.store_when_full == "evict":
            watching.append(asyncio.create_task(_renew_uses(kept, settings.store_keep_seconds)))
        # A span is made on the way that the short cut leaves out.
        operations = served.answers_at_once() if settings.shortcut and not tracing.active() else {}
        with garbage.on_our_time():
            yield {
                DIRECT_ANSWERS: DirectAnswers(operations),
                CONNECTIONS: Connections(settings),
                READERS: readers,
                LIVE_BUDGET: live_budget,
                DRAIN: served.drain,
            }
        for task in watching:
            task.cancel()
        served.metrics.close()
        compute.close()
        kept.close()
        if tracing.active():
            with suppress(TimeoutError):
                await asyncio.wait_for(asyncio.to_thread(tracing.end), _LAST_SPANS_SECONDS)

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
    app.guard = None if (guard := Guard(settings)).idle else guard
    app.forwarded = Forwarded(settings)
    app.drain = Drain(settings.drain_seconds)
    app.cors = Cors(settings.allowed_origins) if settings.allowed_origins else None
    app.compute = compute
    app.networks = kept
    app.bodies = Budget(settings.max_bodies_bytes, "ADELANTE_MAX_BODIES_BYTES")
    app.uploads = Uploads(settings)
    app.live_budget = live_budget
    app.live_places = Places(settings.live_max_sessions_per_client)
    at_once = partial(forward.forward_now, settings=settings, networks=kept, compute=compute, cache=RequestCache())
    app.direct = {
        ("POST", "/api/v1/forward"): Direct(forward.post_forward, at_once),
        ("POST", "/v2/models/{name}/infer"): Direct(inference.infer),
    }
    app.metrics = _metrics(compute, kept, live_budget, metrics_folder)
    answer_problems(app)
    routes.answer_lost_readers(app)
    for topic in (
        catalog,
        datasets,
        forward,
        loss,
        explain,
        sweep,
        grid,
        handwriting,
        random,
        code,
        diagram,
        networks,
        changed_networks,
        uploads,
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


def _networks(settings: Settings, beside: Path | None) -> Networks:
    try:
        evict_after = settings.store_keep_seconds if settings.store_when_full == "evict" else None
        return Networks(settings.store, settings.store_cache_bytes, settings.store_max_bytes, evict_after, beside)
    except UsesUnknown:
        raise SettingFault("ADELANTE_STORE_WHEN_FULL", settings.store_when_full, "refuse-there") from None
    except StoreUnusable as error:
        raise store_fault(settings, error) from None


def _metrics(compute: ComputeService, kept: Networks, lived: Budget, folder: Path | None) -> Metrics:
    numbers = Metrics(folder)
    numbers.watch("adelante_dear_passes", "Expensive passes that run or wait", lambda: compute.expensive)
    numbers.watch("adelante_waiting_passes", "Expensive passes that have not begun", lambda: compute.waiting)
    numbers.watch("adelante_work_bytes", "Memory of expensive passes and unsent answers", lambda: compute.memory)
    numbers.watch("adelante_live_sessions", "Open live sockets", live.open_sessions)
    numbers.watch("adelante_live_bytes", "Memory of live sessions: networks, traces, what waits", lambda: lived.used)
    numbers.watch("adelante_kept_ready_bytes", "Memory of kept networks that are ready", lambda: kept.ready_bytes)
    numbers.watch("adelante_store_bytes", "Bytes of kept networks in the store, as last counted", lambda: kept.used)
    numbers.count_of("adelante_store_evictions", "Kept networks that gave way to others", lambda: kept.evictions)
    numbers.watch("adelante_store_max_bytes", "Bytes that the store may take", lambda: kept.most)
    numbers.count_of("adelante_kept_dropped", "Networks that left memory for others", lambda: kept.dropped)
    numbers.count_of("adelante_store_failures", "Reads and writes that the store failed", lambda: kept.failures)
    numbers.tallied("adelante_batch_rows", "Inputs of one pass", lambda: {"": compute.batches})
    numbers.tallied("adelante_queue_seconds", "Wait of expensive passes for a thread", lambda: {"": compute.waits})
    numbers.tallied("adelante_compute_seconds", "Time of expensive passes", lambda: compute.seconds, "device")
    numbers.tallied("adelante_live_answer_seconds", "From a change to its values", lambda: {"": live.ANSWERS})
    return numbers


async def _count_store(kept: Networks) -> None:
    """Keeps the number of the store's bytes new for as long as it runs."""
    while True:
        with suppress(NetworkError):  # it is away, and answers say so
            await kept.count()
        await asyncio.sleep(_COUNT_SECONDS)


async def _renew_uses(kept: Networks, seconds: float) -> None:
    """Has other processes know what this one uses, well before they would take it for unused."""
    while True:
        await asyncio.sleep(seconds / 4)
        with suppress(NetworkError):
            await kept.renew()


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
    processes = processes_told(sys.argv, os.environ)
    try:
        settings = sharing(settings_from_environment(), processes)
        metrics = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
        return create_app(settings, Path(metrics) if metrics and processes > 1 else None)
    except SettingFault as fault:
        end_start(fault, language, processes)

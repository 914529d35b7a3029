"""The same application on Ray Serve: `serve run app.cluster:app` (the extra `ray`). Nothing else imports this.

Plain replicas behind a load balancer come first (deploy/kubernetes); docs/scale.md says from figures when Ray pays.
Passes that wait for the same network are joined within each replica, as everywhere (app/compute/joining.py), and not by
Ray's `@serve.batch`: it joins calls of one replica too, but of any networks, and costs a lone call 0.1 ms.
"""

import os
from functools import cache
from typing import Any

from starlette.types import ASGIApp, Receive, Scope, Send

from app.main import create_app
from app.negotiation import language_of_locale
from app.settings import SettingFault, Settings, settings_from_environment

_WRONG_SETTING = 2


class Stateful:
    """An application whose requests find what its lifespan gave them, as servers do and Ray Serve does not."""

    def __init__(self, application: ASGIApp) -> None:
        self._application = application
        self._state: dict[str, Any] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        state = self._state if scope["type"] == "lifespan" else self._state.copy()
        await self._application({**scope, "state": state}, receive, send)


def deployment_options(settings: Settings) -> dict[str, Any]:
    """What Ray is told of a replica: its share of cores and cards, how many there may be, when there are more.

    A live socket counts as one request for as long as it is open. Raises SettingFault where they can't share networks.
    """
    if settings.store.startswith("memory:") and settings.ray_max_replicas > 1:
        raise SettingFault("ADELANTE_STORE", settings.store, "store-shared")
    actor: dict[str, Any] = {"num_cpus": settings.ray_cpus}
    if settings.ray_replicas_per_gpu:
        actor["num_gpus"] = 1 / settings.ray_replicas_per_gpu
    scaling = {
        "min_replicas": min(settings.ray_min_replicas, settings.ray_max_replicas),
        "max_replicas": settings.ray_max_replicas,
        "target_ongoing_requests": settings.ray_target_requests,
        "upscale_delay_s": 10,
        # A replica that goes makes its learners reconnect: not before a lesson's pause has ended.
        "downscale_delay_s": 900,
    }
    return {
        "ray_actor_options": actor,
        "autoscaling_config": scaling,
        "max_ongoing_requests": settings.live_max_sessions + settings.queue_length,
        "graceful_shutdown_timeout_s": settings.shutdown_seconds,
        "health_check_period_s": 10,
    }


def replica_application(settings: Settings) -> ASGIApp:
    """The application as one replica has it: Ray's cores are its threads, its part of a card's memory is its limit."""
    share = settings.ray_replicas_per_gpu
    if share > 1:
        import torch

        if torch.cuda.is_available():
            torch.cuda.set_per_process_memory_fraction(1 / share)
    return Stateful(create_app(settings.model_copy(update={"threads": settings.threads or settings.ray_cpus})))


def deployed(settings: Settings) -> Any:
    """A Ray Serve application; the settings of whoever runs it go to every replica."""
    from ray import serve

    def build() -> ASGIApp:
        return replica_application(settings)

    return serve.deployment(name="adelante", **deployment_options(settings))(serve.ingress(build)()).bind()


@cache
def _served() -> Any:
    try:
        return deployed(settings_from_environment())
    except SettingFault as fault:
        print(f"Error: {fault.sentence(language_of_locale(os.environ))}", flush=True)
        raise SystemExit(_WRONG_SETTING) from None


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(name)
    return _served()

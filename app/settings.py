"""Every setting, typed, read from ADELANTE_* environment variables (ADELANTE_PORT, ADELANTE_MAX_BATCH, …).

What each does and what follows from it stands in the catalogs (settings.po), in both languages; docs/settings.md and
docs/ajustes.md are made of this and of those (`python -m app.settings_table`).
"""

import json
import os
import re
from collections.abc import Mapping
from difflib import get_close_matches
from functools import cache
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from adelante.locale import translate
from app.keys import normal_key_line
from app.listening import DEFAULT_HOST, DEFAULT_PORT, bare, is_service_link
from app.origins import host_pattern, normal_origin, proxy
from app.rates import normal_rates
from app.root_path import normal_root

PREFIX = "ADELANTE_"
_DAY_SECONDS = 86_400
# At most this many characters of a wrong value are shown.
_SHOWN = 200
_UVICORN_PROXIES = "FORWARDED_ALLOW_IPS"
# They are read when the package is built, not when it runs.
_OTHERS = {"ADELANTE_STUDIO_BUILT"}
# What Kubernetes and Docker's links set for a Service or container whose name starts with "adelante".
_SERVICE_LINKS = re.compile(
    r"ADELANTE(_\w+)?_(SERVICE_(HOST|PORT(_\w+)?)|PORT_\d+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?|ENV_\w+|NAME)"
)


class SettingFault(Exception):
    """A variable that can't be what it is. `takes` names the text of what it takes instead."""

    def __init__(self, variable: str, value: str, takes: str, **values: Any) -> None:
        super().__init__(variable)
        self.variable = variable
        self.value = value if len(value) <= _SHOWN else f"{value[:_SHOWN]}…"
        self.takes = takes
        self.values = values

    def sentence(self, language: str) -> str:
        """ADELANTE_PORT can't be many: it takes a whole number from 0 to 65535."""
        takes = translate(language, f"settings.takes.{self.takes}", **self.values)
        return translate(language, "settings.wrong", name=self.variable, value=self.value, takes=takes)


def _listed(value: object) -> object:
    """A list as people write one: with commas, as JSON, or nothing."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return json.loads(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _each(normal: Any) -> BeforeValidator:
    def check(value: object) -> object:
        parts = _listed(value)
        if not isinstance(parts, (list, tuple)) or not all(isinstance(part, str) for part in parts):
            raise ValueError("a list of texts belongs here")
        return tuple(normal(part) for part in parts)

    return BeforeValidator(check)


def _lower(value: object) -> object:
    return value.strip().lower() if isinstance(value, str) else value


Device = Annotated[str, BeforeValidator(_lower), Field(pattern=r"^(auto|cpu|cuda|cuda:[0-9]{1,3}|mps)$")]
Origins = Annotated[tuple[str, ...], NoDecode, _each(normal_origin)]
Hosts = Annotated[tuple[str, ...], NoDecode, _each(host_pattern)]
Proxies = Annotated[tuple[str, ...], NoDecode, _each(proxy)]
Root = Annotated[str, BeforeValidator(lambda value: normal_root(value) if isinstance(value, str) else value)]
Keys = Annotated[tuple[str, ...], NoDecode, _each(normal_key_line)]
KeysFor = Annotated[Literal["none", "deletes", "writes", "everything"], BeforeValidator(_lower)]
Rate = Annotated[str, BeforeValidator(normal_rates)]
Level = Annotated[Literal["critical", "error", "warning", "info", "debug"], BeforeValidator(_lower)]
LogFormat = Annotated[Literal["console", "json"], BeforeValidator(_lower)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, le=_DAY_SECONDS)]


class Settings(BaseSettings):
    """What a deployer may change. Limits are inclusive: a request at the limit is served."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True)

    host: Annotated[str, AfterValidator(bare)] = DEFAULT_HOST
    port: int = Field(default=DEFAULT_PORT, ge=0, le=65535)
    allowed_origins: Origins = ()
    allowed_hosts: Hosts = ()
    root_path: Root = ""
    trusted_proxies: Proxies = ("127.0.0.1", "::1")

    api_keys: Keys = ()
    api_keys_file: str | None = None
    keys_for: KeysFor = "writes"
    rate_limit: Rate | None = None
    key_rate_limit: Rate | None = None
    rate_store: str = "memory://"

    device: Device = "auto"
    threads: int | None = Field(default=None, ge=1, le=1024)
    workers: int = Field(default=1, ge=1, le=1024)
    processes: int = Field(default=1, ge=1, le=256)
    queue_length: Count = 64
    pass_timeout_seconds: Seconds = 30.0
    max_pass_seconds: Seconds = 10.0
    work_memory_bytes: int = Field(default=2**29, ge=2**24)

    max_body_bytes: int = Field(default=64 * 2**20, ge=1024)
    body_timeout_seconds: Seconds = 20.0
    max_bodies_bytes: int = Field(default=2**29, ge=2**20)
    upload_seconds: Seconds = 3600.0
    max_uploads: Count = 64
    max_uploads_per_client: Count = 16
    max_uploads_bytes: int = Field(default=2**28, ge=2**20)
    max_drained_bytes: int = Field(default=256 * 2**20, ge=0)
    max_header_bytes: int = Field(default=65_536, ge=1024)
    header_timeout_seconds: Seconds = 20.0
    max_connections: Count = 10_000
    shortcut: bool = True
    max_parameters: Count = 50_000_000
    max_layers: Count = 4096
    max_batch: Count = 65_536
    max_activations: Count = 200_000_000
    max_sweep_steps: int = Field(default=4096, ge=2)
    max_grid_steps: int = Field(default=512, ge=2)
    max_derived_values: Count = 20_000_000
    max_listed_values: Count = 1_000_000
    max_listed_non_finite: int = Field(default=1000, ge=0)
    max_answer_bytes: int = Field(default=2**27, ge=2**22)
    max_unsent_bytes: int = Field(default=2**28, ge=2**20)
    write_timeout_seconds: Seconds = 20.0
    max_lab_steps: Count = 256
    max_lab_tensor_elements: Count = 16_384
    max_lab_elements: Count = 65_536
    # No array has more dimensions than 64.
    max_depth: int = Field(default=32, ge=4, le=64)
    max_json_values: int = Field(default=100_000, ge=40_000)
    file_seconds: int = Field(default=60, ge=1, le=_DAY_SECONDS)
    file_memory_bytes: int = Field(default=2**30, ge=2**26)

    store: str = "memory://"
    store_cache_bytes: int = Field(default=2**30, ge=0)
    store_max_bytes: int | None = Field(default=None, ge=1024)
    store_when_full: Annotated[Literal["refuse", "evict"], BeforeValidator(_lower)] = "refuse"
    store_keep_seconds: Seconds = 600.0

    live_max_sessions: Count = 1000
    live_max_sessions_per_client: int | None = Field(default=None, ge=1)
    live_max_changes_per_second: int | None = Field(default=None, ge=1)
    live_max_watches: Count = 128
    live_max_watched_values: Count = 4_000_000
    live_session_bytes: int = Field(default=2**28, ge=2**20)
    live_memory_bytes: int = Field(default=2**29, ge=2**20)
    ray_cpus: int = Field(default=1, ge=1, le=1024)
    ray_replicas_per_gpu: int = Field(default=0, ge=0, le=100)
    ray_min_replicas: Count = 1
    ray_max_replicas: Count = 8
    ray_target_requests: Count = 100
    drain_seconds: float = Field(default=0.0, ge=0, le=3600)
    shutdown_seconds: Seconds = 8.0
    log_level: Level = "warning"
    log_format: LogFormat = "console"

    @model_validator(mode="before")
    @classmethod
    def _without_what_says_nothing(cls, values: dict[str, Any]) -> dict[str, Any]:
        """Empty variables count as unset (an empty host is every address), and so does a port of Kubernetes' making."""
        kept = {name: value for name, value in values.items() if value != "" or name == "host"}
        if isinstance(kept.get("port"), str) and is_service_link(kept["port"]):
            del kept["port"]
        # uvicorn's own variable, for those who set it before there was one of ours.
        if os.environ.get(_UVICORN_PROXIES):
            kept.setdefault("trusted_proxies", os.environ[_UVICORN_PROXIES])
        return kept


@cache
def settings_from_environment() -> Settings:
    """The process's settings. Raises SettingFault."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = str(first["loc"][0])
        takes, values = takes_of(name)
        raise SettingFault(variable(name), str(first["input"]), takes, **values) from None


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()


def takes_of(name: str) -> tuple[str, dict[str, Any]]:
    """What a setting takes: the text's name (settings.takes.…) and what stands in its places."""
    if name in _TAKES:
        return _TAKES[name], {}
    if name == "keys_for":
        return "one-of", {"known": "none, deletes, writes, everything"}
    if name == "store_when_full":
        return "one-of", {"known": "refuse, evict"}
    if name == "log_level":
        return "one-of", {"known": "critical, error, warning, info, debug"}
    if name == "log_format":
        return "one-of", {"known": "console, json"}
    bounds: dict[str, Any] = {}
    for each in Settings.model_fields[name].metadata:
        bounds |= {bound: getattr(each, bound) for bound in ("gt", "ge", "le") if hasattr(each, bound)}
    if "gt" in bounds:
        return "above", {"low": bounds["gt"], "high": bounds["le"]}
    if "le" in bounds:
        return "from-to", {"low": bounds["ge"], "high": bounds["le"]}
    return "from", {"low": bounds["ge"]}


_TAKES = {
    "host": "host",
    "device": "device",
    "store": "store",
    "allowed_origins": "origins",
    "allowed_hosts": "hosts",
    "root_path": "root",
    "trusted_proxies": "proxies",
    "api_keys": "keys",
    "api_keys_file": "keys-file",
    "rate_limit": "rate",
    "key_rate_limit": "rate",
    "rate_store": "rate-store",
    "shortcut": "bool",
}


def warnings_about(environment: Mapping[str, str], language: str) -> list[str]:
    """A sentence for each variable that looks like a setting but is not one."""
    known = [variable(name) for name in Settings.model_fields]
    sentences = []
    for name, value in sorted(environment.items()):
        upper = name.upper()
        if not upper.startswith(PREFIX) or upper in (*known, *_OTHERS):
            continue
        if _SERVICE_LINKS.fullmatch(upper) or is_service_link(value):
            continue
        near = [
            variable(name) for name in get_close_matches(upper.removeprefix(PREFIX).lower(), Settings.model_fields, 1)
        ]
        key = "settings.misspelt" if near else "settings.unknown"
        sentences.append(translate(language, key, name=name, **({"near": near[0]} if near else {})))
    return sentences

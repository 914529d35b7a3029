"""Every setting, typed, read from ADELANTE_* environment variables (ADELANTE_PORT, ADELANTE_MAX_BATCH, …)."""

from functools import cache
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What a deployer may change. Limits are inclusive: a request at the limit is served."""

    model_config = SettingsConfigDict(env_prefix="ADELANTE_", frozen=True)

    host: str = Field(default="127.0.0.1", description="address to listen on")
    port: int = Field(default=8000, ge=0, le=65535, description="TCP port; 0 takes a free one")

    device: str = Field(
        default="auto", description="where passes run unless a request says otherwise: auto, cpu, cuda, cuda:N, mps"
    )
    threads: int | None = Field(
        default=None, ge=1, description="torch's threads within one operation; unset: chosen at start"
    )
    workers: int = Field(default=1, ge=1, description="threads that run dear passes")
    queue_length: int = Field(default=64, ge=1, description="dear passes that may wait; more are answered busy")
    pass_timeout_seconds: float = Field(default=30.0, gt=0, description="a pass that takes longer is answered timeout")

    max_body_bytes: int = Field(default=64 * 2**20, ge=1024, description="request body, after decompression, in bytes")
    max_parameters: int = Field(default=50_000_000, ge=1, description="weights and biases of one network")
    max_layers: int = Field(default=64, ge=1, description="layers of one network")
    max_batch: int = Field(default=65_536, ge=1, description="input vectors of one request")
    max_activations: int = Field(
        default=200_000_000, ge=1, description="batch times the widths of all layers: the numbers one trace may hold"
    )
    max_sweep_steps: int = Field(default=4096, ge=2, description="values of one sweep")
    max_grid_steps: int = Field(default=512, ge=2, description="values along each side of a response grid")
    max_derived_values: int = Field(
        default=20_000_000, ge=1, description="numbers that a sweep, a grid or the gradients may hold"
    )
    max_listed_values: int = Field(
        default=1_000_000, ge=1, description="numbers that an explanation's terms or generated code may list"
    )
    max_lab_steps: int = Field(default=256, ge=1, description="steps of one request to the tensor lab")
    max_lab_tensor_elements: int = Field(default=16_384, ge=1, description="numbers in one tensor of the lab")
    max_lab_elements: int = Field(
        default=65_536, ge=1, description="numbers in the results of all steps of one request to the lab, views too"
    )
    max_depth: int = Field(default=32, ge=4, description="nesting of a JSON document")
    max_json_values: int = Field(
        default=100_000,
        ge=40_000,
        description="objects, arrays, texts and names of a JSON document; the numbers of its arrays are not counted",
    )
    body_timeout_seconds: float = Field(
        default=20.0, gt=0, description="seconds within which another kilobyte of a body must arrive"
    )
    max_header_bytes: int = Field(default=65_536, ge=1024, description="a request's line and headers, in bytes")
    header_timeout_seconds: float = Field(
        default=20.0, gt=0, description="seconds that a connection may take to send a request's line and headers"
    )
    max_connections: int = Field(
        default=10_000,
        ge=1,
        description="open connections, fewer where the process may open fewer files; those without a request give way",
    )
    max_drained_bytes: int = Field(
        default=256 * 2**20,
        ge=0,
        description="bytes of a refused body that are read and thrown away, so that its sender can read the refusal",
    )
    shortcut: bool = Field(
        default=True, description="small forward passes are answered past the framework, at half the cost"
    )

    store: str = Field(
        default="memory://", description="where networks are kept: memory://, a folder, or any fsspec URL"
    )
    store_cache_bytes: int = Field(
        default=2**30, ge=0, description="memory for ready tensors of stored networks, in bytes"
    )
    store_max_bytes: int = Field(default=2**33, ge=1024, description="the files of all stored networks, in bytes")

    live_max_sessions: int = Field(default=1000, ge=1, description="live sockets open at once")
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="other origins whose pages may open the live socket (JSON list)"
    )
    log_level: Literal["critical", "error", "warning", "info", "debug"] = "warning"


@cache
def settings_from_environment() -> Settings:
    """The process's settings. Raises pydantic.ValidationError naming the variable that is wrong."""
    return Settings()

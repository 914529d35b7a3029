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
    workers: int = Field(default=1, ge=1, description="threads that run expensive passes")
    queue_length: int = Field(default=64, ge=1, description="expensive passes that may wait; more are answered busy")
    pass_timeout_seconds: float = Field(default=30.0, gt=0, description="a pass that takes longer is answered timeout")
    max_pass_seconds: float = Field(
        default=10.0, gt=0, description="a pass that this machine is expected to compute for longer is refused"
    )
    work_memory_bytes: int = Field(
        default=2**29, ge=2**24, description="memory of all expensive passes and their answers together, in bytes"
    )
    max_answer_bytes: int = Field(
        default=2**27, ge=2**22, description="body of one answer, before compression, in bytes"
    )
    max_listed_non_finite: int = Field(
        default=1000, ge=0, description="places that an answer's non_finite lists; the rest is counted"
    )
    write_timeout_seconds: float = Field(
        default=20.0, gt=0, description="a client that reads less than 64 KiB of its answer within this is dropped"
    )
    max_unsent_bytes: int = Field(
        default=2**28, ge=2**20, description="answers that wait for clients to read them, all together, in bytes"
    )
    shutdown_seconds: int = Field(
        default=5, ge=1, description="after SIGTERM, what is still unanswered is given up after this"
    )

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
    body_timeout_seconds: float = Field(default=20.0, gt=0, description="a body that takes longer to arrive is refused")

    store: str = Field(
        default="memory://", description="where networks are kept: memory://, a folder, or any fsspec URL"
    )
    store_cache_bytes: int = Field(
        default=2**30, ge=0, description="memory for ready tensors of stored networks, in bytes"
    )
    store_max_bytes: int = Field(default=2**33, ge=1024, description="the files of all stored networks, in bytes")

    live_max_sessions: int = Field(default=1000, ge=1, description="live sockets open at once")
    live_session_bytes: int = Field(
        default=2**28, ge=2**20, description="what one live session changes, watches and has waiting, in bytes"
    )
    live_memory_bytes: int = Field(
        default=2**29, ge=2**20, description="the same of all live sessions together, in bytes"
    )
    live_max_watches: int = Field(default=128, ge=1, description="what one live session may watch at once")
    live_max_watched_values: int = Field(
        default=4_000_000, ge=1, description="numbers that one live session's watches may compute at each change"
    )
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="other origins whose pages may open the live socket (JSON list)"
    )
    log_level: Literal["critical", "error", "warning", "info", "debug"] = "warning"


@cache
def settings_from_environment() -> Settings:
    """The process's settings. Raises pydantic.ValidationError naming the variable that is wrong."""
    return Settings()

"""The command line, run in this process as a person would type it."""

import io
import sys
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from app.cli.program import run


@dataclass(frozen=True)
class Result:
    """What a command ended with and wrote."""

    status: int
    out: bytes
    err: str

    @property
    def text(self) -> str:
        return self.out.decode()


Adelante = Callable[..., Result]


@pytest.fixture
def adelante(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Adelante:
    """Runs `adelante ARGUMENTS…` in English; `stdin` is what comes through standard input."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG", "COLUMNS", "FORCE_COLOR"):
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = run([str(argument) for argument in arguments])
        captured = capsysbinary.readouterr()
        return Result(status, captured.out, captured.err.decode())

    return call

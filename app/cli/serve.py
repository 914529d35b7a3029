"""adelante serve: the page and the API. adelante health: whether they answer."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import typer
from typer.core import TyperCommand

from app.cli import usage
from app.cli.commands import lang_option
from app.cli.output import ERROR, write, write_error
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.listening import is_ready, leave_note, port_variable, remove_note

if TYPE_CHECKING:
    import uvicorn

# What uvicorn's own command exits with.
_NOT_STARTED = 3
_NOT_BOUND = {"EADDRINUSE": "cli.serve.taken", "EACCES": "cli.serve.not-allowed"}


def register(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("serve", cls=kind, help=words("cli.serve.help"))
    def command(
        host: str | None = typer.Option(
            None, "--host", metavar=words("cli.serve.host"), help=words("cli.serve.host.help")
        ),
        port: str | None = typer.Option(None, "--port", metavar="N", help=words("cli.serve.port.help")),
        lang: str | None = lang_option(words),
    ) -> None:
        usage.check_language(lang)
        _serve(words, host, _port(port))


def register_health(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("health", cls=kind, help=words("cli.health.help"))
    def command(
        host: str | None = typer.Option(
            None, "--host", metavar=words("cli.serve.host"), help=words("cli.health.host.help")
        ),
        port: str | None = typer.Option(None, "--port", metavar="N", help=words("cli.health.port.help")),
        lang: str | None = lang_option(words),
    ) -> None:
        usage.check_language(lang)
        if not is_ready(host, _port(port), os.environ):
            write_error(f"{ERROR}: {words('cli.health.not-ready')}\n")
            raise typer.Exit(1)


def _port(option: str | None) -> int | None:
    """What the option says, else the platform's variable; None where neither says a port. Raises UsageFault."""
    if option is not None:
        return usage.whole("--port", option, 0, 65535)
    name = port_variable(os.environ)
    return None if name is None else usage.whole(name, os.environ[name].strip(), 0, 65535)


def _serve(words: Words, host: str | None, port: int | None) -> None:
    from app.cli.settings import read_settings

    settings = read_settings(words)
    import uvicorn

    from app.cli.listen import NoSuchAddress, NotBound, bind
    from app.main import create_app

    address, number = settings.host if host is None else host, settings.port if port is None else port
    config = uvicorn.Config(
        create_app(settings.model_copy(update={"host": address, "port": number})),
        http="app.api.http.protocol:Protocol",
        log_level=settings.log_level,
        access_log=False,
        server_header=False,
        # The application reads what proxies say itself (forwarded.py).
        proxy_headers=False,
        # Compressing 300 KB of float32 takes 6 ms, longer than the pass and the sending, and saves a tenth.
        ws_per_message_deflate=False,
        ws="app.api.http.live_protocol:LiveProtocol",
        # Twice the limit: a frame that is a little too large is answered with a problem, and the session goes on.
        ws_max_size=2 * settings.max_body_bytes,
        # A little earlier `Readers` drops all connections; this is for what goes on without one.
        timeout_graceful_shutdown=settings.shutdown_seconds,  # type: ignore[arg-type]  # it is only waited for
    )
    config.load()
    try:
        listening = bind(address, number)
    except NoSuchAddress:
        name = "--host" if host is not None else "ADELANTE_HOST"
        raise UsageFault("settings.wrong", name=name, value=address, takes=words("settings.takes.host")) from None
    except NotBound as fault:
        key = _NOT_BOUND.get(fault.reason, "cli.serve.not-bound")
        write_error(f"{ERROR}: {words(key, port=fault.port, reason=fault.reason)}\n")
        raise typer.Exit(_NOT_STARTED) from None

    def started() -> None:
        write(words("cli.serve.running", url=listening.url) + "\n")
        leave_note(address, listening.port)

    server = _server(config, started)
    try:
        server.run(listening.sockets)
    finally:
        remove_note()
    if not server.started:
        raise typer.Exit(_NOT_STARTED)


def _server(config: uvicorn.Config, started: Callable[[], None]) -> uvicorn.Server:
    from app.cli.draining import DrainingServer

    class Server(DrainingServer):
        """uvicorn's server, which says when it takes requests. Ctrl+C and SIGTERM end it well."""

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            started()

        @contextmanager
        def capture_signals(self) -> Iterator[None]:
            before = {each: signal.signal(each, self.handle_exit) for each in (signal.SIGINT, signal.SIGTERM)}
            try:
                yield
            finally:
                for each, handler in before.items():
                    signal.signal(each, handler)

    return Server(config)

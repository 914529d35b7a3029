"""adelante serve: the page and the API. adelante health: whether they answer."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import typer
from typer.core import TyperCommand

from app.cli import usage
from app.cli.commands import lang_option
from app.cli.output import ERROR, write, write_error
from app.cli.usage import UsageFault
from app.cli.words import Words
from app.listening import bare, is_ready, leave_note, port_variable, remove_note

if TYPE_CHECKING:
    import uvicorn

    from app.cli.listen import Listening
    from app.settings import Settings

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
        processes: str | None = typer.Option(None, "--processes", metavar="N", help=words("cli.serve.processes.help")),
        lang: str | None = lang_option(words),
    ) -> None:
        usage.check_language(lang)
        number = None if processes is None else usage.whole("--processes", processes, 1, 256)
        _serve(words, host, _port(port), number)


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


def _serve(words: Words, host: str | None, port: int | None, processes: int | None) -> None:
    from app.cli.settings import read_settings
    from app.processes import sharing

    settings = read_settings(words)
    address, number = settings.host if host is None else bare(host), settings.port if port is None else port
    settings = sharing(settings, settings.processes if processes is None else processes)
    settings = settings.model_copy(update={"host": address, "port": number})
    start = _serve_alone if settings.processes == 1 else _serve_together
    if not start(words, settings, named=host is not None):
        raise typer.Exit(_NOT_STARTED)


def _serve_alone(words: Words, settings: Settings, *, named: bool) -> bool:
    """Serves from this process, until a signal comes; whether it could start."""
    from app.cli.server import Server
    from app.main import create_app

    config = _config(settings, create_app(settings))
    config.load()
    listening = _bound(words, settings, named=named)
    server = Server(config, _started(words, settings, listening))
    try:
        server.run(listening.sockets)
    finally:
        remove_note()
    return server.started


def _serve_together(words: Words, settings: Settings, *, named: bool) -> bool:
    """The same from several."""
    from functools import partial

    from app.cli.workers import serve_together
    from app.processes import check_store

    check_store(settings)
    listening = _bound(words, settings, named=named)
    started = _started(words, settings, listening)
    try:
        workers = serve_together(settings, words.language, listening.sockets, partial(_config, settings), started)
    finally:
        remove_note()
    return not workers.failed


def _config(settings: Settings, application: Any, **more: Any) -> uvicorn.Config:
    import uvicorn

    from app.logs import configuration

    return uvicorn.Config(
        application,
        http="app.api.http.protocol:Protocol",
        log_config=configuration(settings.log_format, settings.log_level),
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
        **more,
    )


def _bound(words: Words, settings: Settings, *, named: bool) -> Listening:
    """The sockets of the settings' address; `named`: the command line says it. Raises UsageFault."""
    from app.cli.listen import NoSuchAddress, NotBound, bind

    try:
        return bind(settings.host, settings.port)
    except NoSuchAddress:
        name, takes = "--host" if named else "ADELANTE_HOST", words("settings.takes.host")
        raise UsageFault("settings.wrong", name=name, value=settings.host, takes=takes) from None
    except NotBound as fault:
        key = _NOT_BOUND.get(fault.reason, "cli.serve.not-bound")
        write_error(f"{ERROR}: {words(key, port=fault.port, reason=fault.reason)}\n")
        raise typer.Exit(_NOT_STARTED) from None


def _started(words: Words, settings: Settings, listening: Listening) -> Callable[[], None]:
    def started() -> None:
        write(words("cli.serve.running", url=listening.url) + "\n")
        leave_note(settings.host, listening.port)

    return started

"""adelante serve: the page and the API."""

import gc
from contextlib import suppress

import typer
from typer.core import TyperCommand

from app.cli import usage
from app.cli.commands import lang_option
from app.cli.output import write
from app.cli.words import Words

# What uvicorn's own command exits with.
_NOT_STARTED = 3


def register(program: typer.Typer, words: Words, kind: type[TyperCommand]) -> None:
    @program.command("serve", cls=kind, help=words("cli.serve.help"))
    def command(
        host: str | None = typer.Option(
            None, "--host", metavar=words("cli.serve.host"), envvar="ADELANTE_HOST", help=words("cli.serve.host.help")
        ),
        port: str | None = typer.Option(
            None, "--port", metavar="N", envvar="ADELANTE_PORT", help=words("cli.serve.port.help")
        ),
        lang: str | None = lang_option(words),
    ) -> None:
        usage.check_language(lang)
        chosen = None if port is None else usage.whole("--port", port, 0, 65535)
        import uvicorn

        from app.cli.settings import read_settings

        settings = read_settings()
        address, number = host or settings.host, settings.port if chosen is None else chosen
        shown = f"[{address}]" if ":" in address else address
        write(words("cli.serve.running", url=f"http://{shown}:{number}") + "\n")
        config = uvicorn.Config(
            "app.main:app",
            host=address,
            port=number,
            http="app.api.protocol:Protocol",
            log_level=settings.log_level,
            access_log=False,
            server_header=False,
            # Float32 values shrink by a tenth at 6 ms of work for 300 KB: more than the pass and the sending.
            ws_per_message_deflate=False,
            ws="app.api.live_protocol:LiveProtocol",
            ws_max_size=settings.max_body_bytes,
            # By then `Readers` has dropped all connections; this is for what goes on without one.
            timeout_graceful_shutdown=settings.shutdown_seconds + 1,
        )
        # What is loaded by now stays: to look at all of it again for garbage stops the server for a tenth of a second.
        config.load()
        gc.collect()
        gc.freeze()
        server = uvicorn.Server(config)
        with suppress(KeyboardInterrupt):
            server.run()
        if not server.started:
            raise typer.Exit(_NOT_STARTED)

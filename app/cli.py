"""`adelante`: the command line, a thin face over the same parts."""

from typing import Annotated

import typer

app = typer.Typer(name="adelante", no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)


@app.callback()
def adelante() -> None:
    """What happens inside a neural network during its forward pass."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(envvar="ADELANTE_HOST", help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(envvar="ADELANTE_PORT", min=0, max=65535, help="TCP port.")] = None,
) -> None:
    """Serve the page and the API until interrupted."""
    # torch and FastAPI take seconds to import; --help should not.
    import uvicorn

    from app.settings import settings_from_environment

    settings = settings_from_environment()
    host, port = host or settings.host, settings.port if port is None else port
    shown = f"[{host}]" if ":" in host else host
    typer.echo(f"Adelante: http://{shown}:{port}  (Ctrl+C stops it)")
    uvicorn.run("app.main:app", host=host, port=port, log_level=settings.log_level, access_log=False)


def main() -> None:
    """The console script."""
    app()


if __name__ == "__main__":
    main()

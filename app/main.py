"""The composition root: settings in, a ready ASGI application out. `uvicorn app.main:app` works."""

from fastapi import FastAPI

from app import __version__
from app.settings import Settings, settings_from_environment


def create_app(settings: Settings | None = None) -> FastAPI:
    """The whole product as one ASGI application."""
    settings = settings or settings_from_environment()
    app = FastAPI(title="Adelante", version=__version__, docs_url="/api/docs", openapi_url="/api/v1/openapi.json")
    app.state.settings = settings
    return app


app = create_app()

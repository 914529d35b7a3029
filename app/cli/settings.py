"""The ADELANTE_* settings, which the command line shares with the server."""

from pydantic import ValidationError

from app.cli.usage import UsageFault
from app.settings import Settings, settings_from_environment


def read_settings() -> Settings:
    """Raises UsageFault, which names the first variable that is wrong."""
    try:
        return settings_from_environment()
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        name = f"ADELANTE_{'_'.join(str(part) for part in first['loc']).upper()}"
        raise UsageFault("cli.usage.setting", name=name, value=str(first["input"])) from None

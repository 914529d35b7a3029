"""The ADELANTE_* settings, which the command line shares with the server."""

import os

from app.cli.output import write_error
from app.cli.words import Words
from app.settings import Settings, settings_from_environment, warnings_about


def read_settings(words: Words) -> Settings:
    """The settings; variables that are none are told. Raises SettingFault, which names the first that is wrong."""
    for sentence in warnings_about(os.environ, words.language):
        write_error(f"{sentence}\n")
    return settings_from_environment()

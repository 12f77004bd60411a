"""Installation: what one running broker knows besides its database. Built once at start, handed to every operation."""

from dataclasses import dataclass

from flask import Flask, current_app

from broker.catalogue import Catalogue
from broker.keys import Keys
from broker.settings import Settings

_EXTENSION = "poortwachter"


@dataclass(frozen=True)
class Installation:
    """Settings, catalogue and secret keys of this installation."""

    settings: Settings
    catalogue: Catalogue
    keys: Keys

    def install(self, app: Flask) -> None:
        """Make it the installation of `app`."""
        app.extensions[_EXTENSION] = self


def installation() -> Installation:
    """The installation of the current application."""
    found = current_app.extensions[_EXTENSION]
    assert isinstance(found, Installation)
    return found

"""running_broker: the broker around one command, with the operator as the acting one."""

import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager

from broker import audit, create_app
from broker.database import db
from broker.installation import Installation, installation


@contextmanager
def running_broker() -> Iterator[Installation]:
    """The installation that the environment describes, with its database at hand; every event names the operator.

    Raises:
        SettingsError, CatalogueError: it cannot start.
    """
    app = create_app()
    operator = audit.Acting(kind="operator", label=f"os:{operating_system_user()}"[:64])
    with app.app_context(), audit.acting(operator):
        try:
            yield installation()
        finally:
            db.session.remove()
            db.engine.dispose()


def operating_system_user() -> str:
    """The name of the user of this process as the system knows it; the environment is not believed."""
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())

"""`python -m modules.plusminmee.reseal`: seal everything anew under the newest key, after a new one was put in front of
PLUSMINMEE_SEALING_KEYS and every program was restarted. May be stopped and run again.

Owns: what is said, and the exit status. Does not own the walk (seal_anew.py).
"""

import sys

from sqlalchemy.exc import DBAPIError

from modules.kit import ModuleSettings, ModuleSettingsError
from modules.kit.database import BusyError, database
from modules.plusminmee import create_app
from modules.plusminmee.keeping import keeping
from modules.plusminmee.seal_anew import seal_anew


def main() -> int:
    """0 when all stands under the newest key, 1 when something does not yet, 2 when a setting is missing or bad."""
    try:
        app = create_app(ModuleSettings.from_environment("PLUSMINMEE"))
    except ModuleSettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    broken = 0
    with app.app_context():
        try:
            for each in seal_anew(database(), keeping()):
                broken += each.broken
                unopened = f", {each.broken} that no key opens" if each.broken else ""
                sys.stdout.write(f"{each.place}: {each.anew} sealed anew{unopened}\n")
                sys.stdout.flush()
        except (BusyError, DBAPIError) as error:
            sys.stderr.write(f"the database could not be had ({type(error).__name__}): run it again to go on\n")
            return 1
        except KeyboardInterrupt:
            sys.stderr.write("stopped: run it again to go on\n")
            return 1
        newest = keeping().sealer.newest
    if broken:
        sys.stderr.write(f"{broken} values were touched or damaged, and stay as they are\n")
        return 1
    sys.stdout.write(f"all stands under {newest}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""`python -m modules.plusminmee.clockwork`: what PlusMinMee does by itself, beside its pages: letters leave, days pass.

Owns: the order and the pace. Does not own any of what is done. Several may run at once; each thing is done once.
"""

import itertools
import signal
import sys
import threading

import structlog
from sqlalchemy.exc import DBAPIError

from modules.kit import ModuleSettings, ModuleSettingsError, holders_even_resting, holders_now
from modules.kit.database import BusyError, Database, database
from modules.kit.logs import configure_logs
from modules.kit.outgoing import BrokerUnreachableError
from modules.plusminmee import create_app
from modules.plusminmee.about import APPLICATION
from modules.plusminmee.erase_group import erase_next_group, warn_of_erasure
from modules.plusminmee.erase_incidents import erase_incidents
from modules.plusminmee.erase_professionals import erase_professionals
from modules.plusminmee.keeping import keeping
from modules.plusminmee.post import HandOver, way_out
from modules.plusminmee.recheck_members import NightlyRecheck
from modules.plusminmee.send_letters import send_letters
from modules.plusminmee.settings import MailSettings
from modules.plusminmee.sweep_files import sweep_files
from modules.plusminmee.tell_left_alone import LeftAlone
from modules.plusminmee.tell_monitoring import tell_monitoring
from modules.plusminmee.tell_reminders import tell_reminders

log = structlog.get_logger("modules.plusminmee")

PACE_SECONDS = 1.0
DAYS_EVERY, SWEEP_EVERY = 60, 3600
"""Turns, so about a minute and an hour; the first one is at the start."""


def main() -> int:
    """Run until told to stop; 2 when a setting is missing or bad."""
    configure_logs()
    try:
        settings, mail = ModuleSettings.from_environment("PLUSMINMEE"), MailSettings.from_environment()
        app = create_app(settings)
    except ModuleSettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    log.info("clock_started")
    hand_over = way_out(mail)
    recheck, left_alone = NightlyRecheck(), LeftAlone()
    for turn in itertools.count():
        if stop.is_set():
            break
        with app.app_context():
            if turn % SWEEP_EVERY == 0:
                sweep(database())
                forget(database())
            if turn % DAYS_EVERY == 0:
                follow_days(database())
                follow_nights(database(), recheck)
                follow_losses(database(), left_alone)
            tick(database(), hand_over, sender=mail.sender, address=f"{settings.base_url}{APPLICATION.path}")
        stop.wait(PACE_SECONDS)
    return 0


def sweep(database: Database) -> None:
    """Take away the files that no row knows."""
    try:
        swept = database.perform(sweep_files, keeping())
        log.info("files_swept", files=swept)
    except (BusyError, DBAPIError) as error:
        log.warning("clock_waits", error=type(error).__name__)


def follow_days(database: Database) -> None:
    """Tell what a day brings. A database that cannot be had is asked again a minute later."""
    try:
        database.perform(tell_monitoring)
        database.perform(tell_reminders)
        database.perform(warn_of_erasure)
        database.perform(erase_incidents)
    except (BusyError, DBAPIError) as error:
        log.warning("clock_waits", error=type(error).__name__)


def follow_nights(database: Database, recheck: NightlyRecheck) -> None:
    """Ask the broker once a night who still has the right."""
    try:
        recheck.run_when_due(database, holders_even_resting)
    except (BusyError, DBAPIError) as error:
        log.warning("clock_waits", error=type(error).__name__)


def forget(database: Database) -> None:
    """Forget who has no right any more and is named nowhere. A broker that does not answer is asked again the next hour."""
    try:
        log.info("professionals_erased", count=erase_professionals(database, holders_even_resting))
    except (BusyError, DBAPIError, BrokerUnreachableError) as error:
        log.warning("clock_waits", error=type(error).__name__)


def follow_losses(database: Database, left_alone: LeftAlone) -> None:
    """Tell who may take over a group that has no beheerder any more."""
    try:
        left_alone.tell_when_due(database, holders_now)
    except (BusyError, DBAPIError) as error:
        log.warning("clock_waits", error=type(error).__name__)


def tick(database: Database, hand_over: HandOver, *, sender: str, address: str) -> None:
    """Do what is due now. A database that cannot be had is asked again at the next tick."""
    try:
        while (files := database.perform(erase_next_group)) is not None:
            log.info("group_erased", files=len(files))
            for name in files:
                keeping().files.erase(name)
        send_letters(database, hand_over, sender=sender, address=address)
    except (BusyError, DBAPIError) as error:
        log.warning("clock_waits", error=type(error).__name__)


if __name__ == "__main__":
    sys.exit(main())

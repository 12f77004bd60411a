"""How the state of a right is shown: one chip for each, the same on every page. Owns the words, not the states (`grant_state`)."""

import uuid
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from broker import clock
from broker.access.grant import Grant
from broker.access.list_rights import SOON, RightLine
from broker.access.live_rights import grant_state, label_join
from broker.catalogue import Catalogue
from look.language import gettext as _
from look.language import ngettext

Chip = tuple[str, str]


def state_chip(line: RightLine) -> Chip:
    """(kind, word) of the chip for one line; a right that runs and ends soon says in how many days."""
    return chip_of(line.state, line.valid_until)


def chip_of(state: str, valid_until: datetime | None) -> Chip:
    """The same of a state and the end that is known of it."""
    if state == "active" and valid_until is not None and valid_until <= clock.now() + SOON:
        left = (clock.last_day(valid_until) - clock.local_date(clock.now())) // timedelta(days=1)
        return "ending", ngettext("Stopt over 1 dag", "Stopt over %(n)s dagen", left) if left else _("Stopt vandaag")
    return _chip(state)


def state_of(session: Session, catalogue: Catalogue, grant_id: uuid.UUID) -> Chip:
    """The chip of one right, as it stands now."""
    now = clock.now()
    row = session.execute(label_join(now).where(Grant.id == grant_id)).one()
    return _chip(grant_state(*row, catalogue=catalogue, instant=now))


def _chip(state: str) -> Chip:
    return {
        "active": ("running", ""),
        "planned": ("planned", ""),
        "suspended": ("suspended", ""),
        "waiting_for_label": ("waiting_for_label", ""),
        "waiting_for_identity": ("waiting", _("Nog niet aangemeld")),
        "affiliation_ended": ("attention", _("Werkt hier niet meer")),
        "organisation_ended": ("attention", _("Organisatie gestopt")),
        "not_offered": ("attention", _("Niet meer aangeboden")),
        "expired": ("lapsed", ""),
        "ended": ("ended", ""),
    }[state]

"""Operation: a coordinator opens a round for answers, once the privacy points and the charter are read (M10)."""

import uuid
from datetime import UTC, date, datetime

from sqlalchemy.orm import Session

from look.language import gettext as _
from modules.jeugdmonitor.errors import NotReadyError
from modules.jeugdmonitor.find_rounds import lock_round
from modules.jeugdmonitor.manual import CHARTER, POINTS_VERSION
from modules.jeugdmonitor.model import PrivacyReading, Round
from modules.jeugdmonitor.write_event import require_seen, write_event
from modules.kit.person import SignedIn

FEWEST_QUESTIONS = 3


def why_not_ready(round_: Round, today: date) -> str:
    """The sentence that says why this draft cannot be opened yet, or nothing."""
    if len(round_.questions) < FEWEST_QUESTIONS:
        return _("Kies eerst minstens %(least)s vragen.", least=FEWEST_QUESTIONS)
    if round_.last_day < today:
        return _("De periode is al voorbij. Kies eerst een andere laatste dag.")
    return ""


def open_round(
    session: Session, person: SignedIn, round_id: uuid.UUID, *, seen_version: int, read: bool, today: date
) -> None:
    """Open the round as it was shown; from now on its questions stay as they are.

    `read`: the person says to have read the privacy points and the charter; kept with the versions of both.

    Raises:
        NotFoundError: no such round of the person's municipality.
        ChangedMeanwhileError: somebody changed or opened it since.
        NotReadyError: it asks too little, its period is over, or the points were not read.
    """
    round_ = lock_round(session, person, round_id)
    require_seen(round_, seen_version, state="draft")
    why = why_not_ready(round_, today)
    if why or not read:
        raise NotReadyError(why or _("Lees eerst de privacypunten en het charter."))
    now = datetime.now(UTC)
    session.add(
        PrivacyReading(
            round_id=round_id,
            points_version=POINTS_VERSION,
            charter_version=CHARTER.version,
            read_at=now,
            person_sub=person.sub,
            person_name=person.full_name,
        )
    )
    round_.state, round_.opened_at = "open", now
    write_event(session, round_, person, "opened")

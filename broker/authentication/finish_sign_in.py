"""finish_sign_in: somebody proved who they are; find or link the Person and give this browser a session.

One transaction: linking, what linking ends, the session and its event. Does not own the proof itself (`upstream`).
"""

import uuid
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.end_self_decided import end_self_decided
from broker.access.follow_names_at_work import follow_names_at_work
from broker.access.open_doubts import open_doubts
from broker.access.tell_rights_changed import tell_rights_changed
from broker.authentication.browser_session import BrowserSession, new_token, token_hash
from broker.authentication.end_session import end_row
from broker.authentication.take_sign_in import TakenSignIn
from broker.authentication.upstream import ProvedSignIn
from broker.database import to_change
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.link_identity import LinkOutcome, link_identity, usable_number
from broker.people.person import Person
from broker.text import Text

LEVEL_NOT_REACHED = Text("Hiervoor is een sterkere digitale sleutel nodig.", "This needs a stronger digital key.")

NAME_DIFFERS = Text(
    "Bij de eerste aanmelding van persoon {person} was de naam anders dan de ingevoerde."
    " Vraag wie de persoon toevoegde om dit na te kijken.",
    "At the first sign-in of person {person} the name differed from the one entered."
    " Ask whoever added this person to look into it.",
)


@dataclass(frozen=True, slots=True)
class SignInOutcome:
    """`token` is the new value of the cookie; None when the Person may not come in yet (`state` is then `doubted`)."""

    person_id: uuid.UUID
    state: str
    token: str | None = field(repr=False)


def finish_sign_in(
    session: Session, installation: Installation, taken: TakenSignIn, proved: ProvedSignIn, cookie: str | None
) -> SignInOutcome:
    """Sign somebody in. `cookie` is what the browser held before: that session rises or is replaced, and its id dies.

    Raises:
        ForbiddenError: `level_not_reached`, weaker than was asked, or than the session that would be replaced (UP7).
        ConflictError: `identity_conflict`.
    """
    if proved.identity.level < taken.requested_level:
        raise ForbiddenError("level_not_reached", LEVEL_NOT_REACHED, provider=taken.provider_code)
    linked = link_identity(session, installation, proved.identity)
    with audit.acting(replace(audit.current_acting(), kind="person", person_id=linked.person_id)):
        if linked.state != "matched":
            _keep_out(session, installation, linked, proved)
            return SignInOutcome(linked.person_id, linked.state, token=None)
        if linked.newly_linked:
            end_self_decided(session, installation, linked.person_id)
            tell_rights_changed(session, session.get_one(Person, linked.person_id), "linked", key=uuid.uuid4())
        follow_names_at_work(session, installation, linked.person_id)
        token = _begin(session, installation, linked.person_id, proved, cookie)
    return SignInOutcome(linked.person_id, linked.state, token)


def _begin(
    session: Session, installation: Installation, person_id: uuid.UUID, proved: ProvedSignIn, cookie: str | None
) -> str:
    now = clock.now()
    before = _held(session, cookie)
    rising = before is not None and before.living(now) and before.person_id == person_id
    if before is not None and not rising:
        end_row(session, installation, before, now, "replaced" if before.living(now) else "expired")
    if before is not None and rising:
        if proved.identity.level < before.level:
            raise ForbiddenError("level_not_reached", LEVEL_NOT_REACHED, provider=proved.identity.provider_code)
        row = before
    else:
        row = BrowserSession(id=uuid.uuid4(), person_id=person_id, created_at=now)
        session.add(row)
    token = new_token()
    row.token_hash = token_hash(token)
    _write_proof(installation, row, proved, now)
    audit.record(
        session,
        "authentication:session:step_up" if rising else "authentication:session:start",
        subject_id=person_id,
        details={"session": row.id, "provider": row.provider_code, "acr": row.acr, "level": row.level},
    )
    return token


def _held(session: Session, cookie: str | None) -> BrowserSession | None:
    """The row of the cookie, locked; only one of two sign-ins at once can raise it."""
    if cookie is None:
        return None
    return session.scalar(
        to_change(
            select(BrowserSession).where(
                BrowserSession.token_hash == token_hash(cookie), BrowserSession.ended_at.is_(None)
            )
        )
    )


def _write_proof(installation: Installation, row: BrowserSession, proved: ProvedSignIn, now: datetime) -> None:
    identity = proved.identity
    number = usable_number(installation.catalogue, identity)
    row.provider_code = identity.provider_code
    row.acr, row.level, row.amr = proved.acr, identity.level, list(proved.amr)
    row.auth_time, row.last_seen = proved.auth_time, now
    row.given_name, row.family_name = identity.given_name, identity.family_name
    row.number_sealed = installation.keys.seal(number, row.number_place) if number else None


def _keep_out(session: Session, installation: Installation, linked: LinkOutcome, proved: ProvedSignIn) -> None:
    event = audit.record(
        session,
        "authentication:session:refuse",
        subject_id=linked.person_id,
        details={"provider": proved.identity.provider_code, "reason": f"person_{linked.state}"},
    )
    put_mail(
        session,
        "operator_told",
        installation.settings.operator_email,
        key=f"doubted:{linked.person_id}",
        facts={"sentence": both(NAME_DIFFERS.with_facts(person=linked.person_id))},
        subject_id=event.subject_id,
    )
    open_doubts(session, installation, linked.person_id)

"""finish_sign_in: somebody proved who they are; find or link the Person and give this browser a session.

One transaction: linking, what linking ends, the session and its event. Does not own the proof itself (`upstream`).
"""

import uuid
from dataclasses import dataclass, field, replace

from sqlalchemy.orm import Session

from broker import audit
from broker.access.end_self_decided import end_self_decided
from broker.access.follow_names_at_work import follow_names_at_work
from broker.access.open_doubts import open_doubts
from broker.access.tell_rights_changed import tell_rights_changed
from broker.authentication.begin_session import LEVEL_NOT_REACHED, Proof, begin_session
from broker.authentication.passkey import forget_passkeys_of_ended
from broker.authentication.take_sign_in import TakenSignIn
from broker.authentication.upstream import ProvedSignIn
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.link_identity import LinkOutcome, link_identity, usable_number
from broker.people.person import Person
from broker.text import Text

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
            forget_passkeys_of_ended(session, linked.person_id)
            end_self_decided(session, installation, linked.person_id)
            tell_rights_changed(session, session.get_one(Person, linked.person_id), "linked", key=uuid.uuid4())
        follow_names_at_work(session, installation, linked.person_id)
        proof = _proof(installation, proved)
        token = begin_session(session, installation, linked.person_id, proof, cookie, taken.application_code)
    return SignInOutcome(linked.person_id, linked.state, token)


def _proof(installation: Installation, proved: ProvedSignIn) -> Proof:
    identity = proved.identity
    return Proof(
        provider_code=identity.provider_code,
        acr=proved.acr,
        level=identity.level,
        amr=proved.amr,
        auth_time=proved.auth_time,
        given_name=identity.given_name,
        family_name=identity.family_name,
        number=usable_number(installation.catalogue, identity),
    )


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

"""issue_code: give an application a code for a person who signed in, in one capacity. Creates the ClientSession
with it."""

import uuid
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from secrets import token_urlsafe

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.live_rights import live_rights
from broker.authentication.authorization_code import AuthorizationCode
from broker.authentication.client_session import ClientSession
from broker.authentication.session import SignedIn
from broker.catalogue import Client
from broker.errors import ForbiddenError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

_NO_RIGHT = Text("U hebt nog geen recht voor deze toepassing.", "You have no right for this application yet.")


@dataclass(frozen=True, slots=True)
class CodeRequest:
    """What was asked and chosen: all of it checked before, the rights and the job once more here."""

    client: Client
    redirect_uri: str
    scopes: frozenset[str]
    organisation_id: uuid.UUID | None
    nonce: str | None
    code_challenge: str | None


def issue_code(session: Session, installation: Installation, who: SignedIn, asked: CodeRequest) -> str:
    """The code, 256 bits in base64url; only its digest is kept.

    The Person is locked FOR SHARE before the rights are read: whoever ends a right locks it too, so either there is
    no code, or its ClientSession is there to be revoked (threats OA1).

    Raises:
        ForbiddenError: `no_right`; the right or the job ended meanwhile, or the person is not matched.
    """
    state = session.scalar(select(Person.state).where(Person.id == who.person_id).with_for_update(read=True, of=Person))
    if state != "matched" or not _may_enter(session, installation, who.person_id, asked):
        raise ForbiddenError("no_right", _NO_RIGHT)
    application = installation.catalogue.applications[asked.client.application_code]
    now = clock.now()
    client_session = ClientSession(
        id=uuid.uuid4(),
        browser_session_id=who.session_id,
        client_id=asked.client.client_id,
        application_code=application.code,
        person_id=who.person_id,
        organisation_id=asked.organisation_id,
        provider_code=who.provider_code,
        acr=who.acr,
        level=who.level,
        amr=list(who.amr),
        auth_time=who.auth_time,
        scopes=" ".join(sorted(asked.scopes)),
        created_at=now,
        expires_at=now + timedelta(seconds=application.lifetimes.session),
    )
    session.add(client_session)
    session.flush()
    code = token_urlsafe(32)
    session.add(
        AuthorizationCode(
            code_hash=sha256(code.encode()).hexdigest(),
            client_session_id=client_session.id,
            client_id=asked.client.client_id,
            redirect_uri=asked.redirect_uri,
            code_challenge=asked.code_challenge,
            nonce=asked.nonce,
            issued_at=now,
            expires_at=now + timedelta(seconds=application.lifetimes.code),
        )
    )
    audit.record(
        session,
        "oidc:code:issue",
        subject_id=who.person_id,
        organisation_id=asked.organisation_id,
        details={"client": asked.client.client_id, "sid": client_session.id, "acr": who.acr},
    )
    return code


def _may_enter(session: Session, installation: Installation, person_id: uuid.UUID, asked: CodeRequest) -> bool:
    if asked.client.access == "right":
        rights = live_rights(session, installation.catalogue, person_id, asked.client.application_code)
        return any(right.organisation_id == asked.organisation_id for right in rights)
    if asked.organisation_id is None:
        return True
    now = clock.now()
    job = session.scalar(
        select(Affiliation.id)
        .join(Organisation, Organisation.id == Affiliation.organisation_id)
        .where(
            Affiliation.person_id == person_id,
            Affiliation.organisation_id == asked.organisation_id,
            Affiliation.ended_at.is_(None),
            Affiliation.valid_from <= now,
            or_(Affiliation.valid_until.is_(None), Affiliation.valid_until > now),
            Organisation.ended_at.is_(None),
        )
    )
    return job is not None

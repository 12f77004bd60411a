"""send_announcement: the owner of an application writes to everybody who has a right in it that counts (seed-sentences M8).

The addresses are never shown to the sender, only how many people it is for. Spreading is `spread_announcement`.
"""

import uuid
from dataclasses import asdict, dataclass
from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.announcement import BODY_LENGTH, SUBJECT_LENGTH, Announcement, addressed
from broker.access.grant import Grant
from broker.access.live_rights import label_join
from broker.catalogue import Application
from broker.database import to_change
from broker.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError, TooManyError
from broker.installation import Installation
from broker.notifications import both, put_mail
from broker.people.identifiers import IdentifierError, clean_line, clean_text
from broker.people.living_mandates import MandateView, living_mandates
from broker.people.mandate import APPLICATION_OWNER, Mandate, application_scope
from broker.people.person import Person
from broker.text import Text

A_DAY = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """What was written. `right_code` and `target_group` are "" for everybody; the English is optional, whole or not at all."""

    application_code: str
    subject_nl: str
    body_nl: str
    subject_en: str = ""
    body_en: str = ""
    right_code: str = ""
    target_group: str = ""


def owned_application(
    session: Session, installation: Installation, actor: uuid.UUID, application_code: str
) -> tuple[Application, MandateView]:
    """The application, and the mandate under which `actor` owns it.

    Raises:
        NotFoundError: no such application, or not theirs.
    """
    application = installation.catalogue.applications.get(application_code)
    held = living_mandates(session, person_id=actor, kinds=(APPLICATION_OWNER,))
    mandate = next((view for view in held if view.scope_key == application_scope(application_code)), None)
    if application is None or mandate is None:
        raise NotFoundError("application_unknown")
    return application, mandate


def cleaned_draft(application: Application, draft: Draft) -> Draft:
    """`draft` as it will be sent.

    Raises:
        InvalidError: with every field that cannot be used.
    """
    wrong: dict[str, Text] = {}

    def clean(field: str, typed: str, *, line: bool) -> str:
        try:
            if not typed.strip():
                return ""
            return clean_line(typed, SUBJECT_LENGTH) if line else clean_text(typed, BODY_LENGTH)
        except IdentifierError as error:
            wrong[field] = error.text
            return ""

    cleaned = Draft(
        draft.application_code,
        subject_nl=clean("subject_nl", draft.subject_nl, line=True),
        body_nl=clean("body_nl", draft.body_nl, line=False),
        subject_en=clean("subject_en", draft.subject_en, line=True),
        body_en=clean("body_en", draft.body_en, line=False),
        right_code=draft.right_code,
        target_group=draft.target_group,
    )
    if not cleaned.subject_nl:
        wrong.setdefault("subject_nl", SUBJECT_MISSING)
    if not cleaned.body_nl:
        wrong.setdefault("body_nl", BODY_MISSING)
    if bool(cleaned.subject_en) != bool(cleaned.body_en):
        wrong.setdefault("body_en" if cleaned.subject_en else "subject_en", ENGLISH_HALF)
    if cleaned.right_code and cleaned.right_code not in application.rights:
        wrong["right_code"] = CHOOSE_FROM_LIST
    groups = {code.target_group for code in application.entitlement_codes.values()}
    if cleaned.target_group and cleaned.target_group not in groups:
        wrong["target_group"] = CHOOSE_FROM_LIST
    if wrong:
        raise InvalidError("announcement_invalid", CHECK_THE_FORM, wrong)
    return cleaned


def count_recipients(session: Session, draft: Draft) -> int:
    """How many people it is for, at this moment."""
    now = clock.now()
    people = label_join(now).with_only_columns(func.count(Grant.person_id.distinct()))
    return (
        session.scalar(people.where(*addressed(draft.application_code, draft.right_code, draft.target_group, now))) or 0
    )


def send_test_copy(session: Session, installation: Installation, actor: uuid.UUID, draft: Draft) -> None:
    """One copy, to the writer alone, at their own address.

    Raises:
        NotFoundError, InvalidError: as `send_announcement`.
        ForbiddenError: we have no address of theirs.
    """
    application, mandate = owned_application(session, installation, actor, draft.application_code)
    draft = cleaned_draft(application, draft)
    if mandate.email is None:
        raise ForbiddenError("no_address", NO_ADDRESS)
    put_mail(
        session,
        "announcement",
        mandate.email,
        key=f"announcement-test:{uuid.uuid4()}",
        language=mandate.language,
        facts=facts_of(draft) | {"test": True},
    )


def send_announcement(session: Session, installation: Installation, actor: uuid.UUID, draft: Draft) -> uuid.UUID:
    """Write it down to be spread; its id.

    Raises:
        NotFoundError: not an application of `actor`.
        ForbiddenError: the mandate ended meanwhile.
        InvalidError: with every field that cannot be used.
        ConflictError: just this was sent within the day.
        TooManyError: so many were sent within the day.
    """
    application, mandate = owned_application(session, installation, actor, draft.application_code)
    session.execute(select(Mandate.id).where(Mandate.id == mandate.mandate_id).with_for_update(read=True))
    try:
        owned_application(session, installation, actor, draft.application_code)
    except NotFoundError as error:
        raise ForbiddenError("mandate_ended", MANDATE_ENDED) from error
    draft = cleaned_draft(application, draft)
    session.scalar(
        to_change(select(Person.id).where(Person.id == actor))
    )  # one of theirs at a time: a second click is seen
    _limit(session, draft)
    announcement = Announcement(
        id=uuid.uuid4(),
        application_code=application.code,
        right_code=draft.right_code,
        target_group=draft.target_group,
        subject_nl=draft.subject_nl,
        body_nl=draft.body_nl,
        subject_en=draft.subject_en,
        body_en=draft.body_en,
        sent_by=actor,
        sent_at=clock.now(),
    )
    session.add(announcement)
    session.flush()
    audit.record(
        session,
        "access:announcement:send",
        subject_id=announcement.id,
        details={"application": application.code, "right": draft.right_code, "target_group": draft.target_group},
    )
    return announcement.id


def _limit(session: Session, draft: Draft) -> None:
    """Nobody reads the same twice, nor more than A_DAY from one application."""
    sent = session.scalars(
        select(Announcement).where(
            Announcement.application_code == draft.application_code,
            Announcement.sent_at > clock.now() - timedelta(days=1),
        )
    ).all()
    if any(all(getattr(each, name) == value for name, value in asdict(draft).items()) for each in sent):
        raise ConflictError("announced_already", ANNOUNCED_ALREADY)
    if len(sent) >= A_DAY:
        raise TooManyError("too_many_announcements", TOO_MANY, retry_after=86400)


def facts_of(written: Draft | Announcement) -> dict[str, object]:
    """The facts of the mail; who reads English gets the Dutch where no English was written."""
    return {
        "application_code": written.application_code,
        "announced_subject": both(Text(written.subject_nl, written.subject_en or written.subject_nl)),
        "announced_words": both(Text(written.body_nl, written.body_en or written.body_nl)),
    }


ANNOUNCED_ALREADY = Text("Dit bericht vertrok vandaag al.", "This message was sent today already.")
TOO_MANY = Text(
    "Vandaag vertrokken al vijf berichten. Morgen kunt u er weer een sturen.",
    "Five messages were sent today already. You can send one again tomorrow.",
)
SUBJECT_MISSING = Text("Schrijf een onderwerp.", "Write a subject.")
BODY_MISSING = Text("Schrijf uw bericht.", "Write your message.")
ENGLISH_HALF = Text(
    "Schrijf ook dit in het Engels, of laat beide leeg.", "Write this in English too, or leave both empty."
)
CHOOSE_FROM_LIST = Text("Kies uit de lijst.", "Choose from the list.")
CHECK_THE_FORM = Text("Kijk het bericht na.", "Please check the message.")
NO_ADDRESS = Text(
    "Wij kennen geen e-mailadres van u om de proef naar te sturen.",
    "We know no email address of yours to send the test copy to.",
)
MANDATE_ENDED = Text(
    "U bent geen toepassingsverantwoordelijke meer. Er is niets verstuurd.",
    "You are no longer the owner of this application. Nothing was sent.",
)

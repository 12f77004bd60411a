"""check_upload: what would happen with each line of an upload, some lines at a time: the preview (threats CU1).

Somebody of the organisation is found by the address of their job, and then the rules of giving are asked as before the button.
A number is only looked at where nobody has that address. Whoever does not work here counts as a look-up, known or not, and the
preview says the same of both; once the look-ups of the administrator are used up, no number is looked at any more, so that a file
of guesses learns nothing. Gives nothing: the line is decided anew when it is carried out.
"""

import uuid
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.close_upload import empty_upload
from broker.access.explain_direct import DirectGrant, check_days, explain_direct_at, role_elsewhere
from broker.access.mandate_over import mandate_over
from broker.access.rules.case import IN_ORDER, WARNING, Finding
from broker.access.upload import CAN, CANNOT, FORGOTTEN, Upload, UploadLine
from broker.access.upload_content import Checked, check_content
from broker.access.upload_seal import content_of, seal_told
from broker.database import to_change
from broker.errors import InvalidError, NotFoundError, TooManyError
from broker.installation import Installation
from broker.people.affiliation import Affiliation
from broker.people.identifiers import same_name
from broker.people.look_up import count_look_ups, find_at, lock_look_ups, look_ups_left, subject_key
from broker.people.name_at_work import name_at_work
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

AT_ONCE = 50


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the preview says of one line. `careful`: it can be done, but whoever brought it ticks it by hand (threats ID7)."""

    can: bool
    told: tuple[Text, ...] = ()
    seen: str | None = None
    person_id: uuid.UUID | None = None
    careful: bool = False


Colleague = tuple[Person, Affiliation]


@dataclass(frozen=True, slots=True)
class Someone:
    """Who a line is about: somebody of the organisation, or (None) somebody who does not work here yet."""

    person: Person | None


def check_upload(session: Session, installation: Installation, upload_id: uuid.UUID) -> int:
    """Check the next lines; how many there were. The mandate gone, the file is forgotten."""
    upload = session.scalars(to_change(select(Upload).where(Upload.id == upload_id))).one()
    if upload.closed_at is not None or upload.checked_at is not None:
        return 0
    try:
        organisation = mandate_over(session, upload.person_id, upload.organisation_id)
    except NotFoundError:
        empty_upload(session, upload, FORGOTTEN)
        return 0
    lines = session.scalars(
        select(UploadLine)
        .where(UploadLine.upload_id == upload_id, UploadLine.verdict.is_(None))
        .order_by(UploadLine.number)
        .limit(AT_ONCE)
    ).all()
    if not lines:
        upload.checked_at = clock.now()
        return 0
    lock_look_ups(session, upload.person_id)
    checks = [_checked(installation, organisation, line) for line in lines]
    colleagues = _by_email(
        session, organisation, {each.email.casefold() for each in checks if isinstance(each, Checked)}
    )
    for line, checked in zip(lines, checks, strict=True):
        if isinstance(checked, Checked):
            known = colleagues.get(checked.email.casefold(), [])
            verdict = _judged(session, installation, upload.person_id, organisation, checked, known)
        else:
            verdict = Verdict(can=False, told=tuple(checked))
        line.verdict = CAN if verdict.can else CANNOT
        line.told_sealed = seal_told(installation.keys, line.id, verdict.told)
        line.seen, line.person_id = verdict.seen, verdict.person_id
        line.chosen = verdict.can and not verdict.careful
    return len(lines)


def direct_grant(organisation: Organisation, person_id: uuid.UUID, line: Checked, seen: str | None) -> DirectGrant:
    """The right that a line gives, for the preview and for carrying it out."""
    return DirectGrant(
        organisation_id=organisation.id,
        person_id=person_id,
        application_code=line.application_code,
        right_code=line.right_code,
        context_code=line.context_code,
        first_day=line.first_day,
        last_day=line.last_day,
        seen=seen,
    )


def _someone(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    organisation: Organisation,
    line: Checked,
    known: list[Colleague],
) -> Someone | Text:
    """Who the line is about, counted where it has to be; or why that cannot be said. `known` has the address of the line."""
    if len(known) > 1:
        return SEVERAL
    if known:
        person, affiliation = known[0]
        return Someone(person) if _fits(line, person, affiliation) else NAME_DIFFERS
    if not line.number:
        return UNKNOWN_ADDRESS
    found = find_at(session, installation, organisation, line.number)
    misses = found is None or not _fits(line, found.person, found.affiliation)
    if misses or look_ups_left(session, actor) == 0:
        try:
            key = subject_key(installation, actor, line.number)
            count_look_ups(session, actor, organisation, {key: misses})
        except TooManyError:
            return TOO_MANY_NUMBERS
    if found is not None:
        return NAME_DIFFERS if misses else Someone(found.person)
    if not (line.given_name and line.family_name and line.email):
        return WHO_IS_NEW
    return Someone(None)


def _judged(
    session: Session,
    installation: Installation,
    actor: uuid.UUID,
    organisation: Organisation,
    line: Checked,
    known: list[Colleague],
) -> Verdict:
    someone = _someone(session, installation, actor, organisation, line, known)
    if isinstance(someone, Text):
        return Verdict(can=False, told=(someone,))
    if someone.person is None:
        return Verdict(can=True, told=(IS_ADDED,))
    direct = direct_grant(organisation, someone.person.id, line, None)
    explanation = explain_direct_at(session, installation, actor, direct, organisation)
    if role_elsewhere(explanation.case):
        try:
            key = subject_key(installation, actor, f"role:{someone.person.id}")
            count_look_ups(session, actor, organisation, {key: False})
        except TooManyError as error:
            return Verdict(can=False, told=(error.text,))
    refused = [finding for finding in explanation.findings if finding.refused]
    if refused:
        told = tuple(_sentence(finding) for finding in refused)
        return Verdict(can=False, told=told, person_id=someone.person.id)
    try:
        check_days(direct, explanation.last_day)
    except InvalidError as error:
        return Verdict(can=False, told=tuple(error.fields.values()), person_id=someone.person.id)
    notes = [finding for finding in explanation.findings if finding.weight != IN_ORDER]
    return Verdict(
        can=True,
        told=tuple(_sentence(finding) for finding in notes),
        seen=explanation.fingerprint,
        person_id=someone.person.id,
        careful=any(finding.weight == WARNING for finding in notes),
    )


def _sentence(finding: Finding) -> Text:
    """What the rule says, and why."""
    statement, why = finding.statement, finding.why
    return Text(f"{statement.nl}. {why.nl}", f"{statement.en}. {why.en}")


def _checked(installation: Installation, organisation: Organisation, line: UploadLine) -> Checked | list[Text]:
    content = content_of(installation.keys, line)
    assert content is not None
    return check_content(content, installation.catalogue, organisation, test_domains=installation.settings.development)


def _by_email(session: Session, organisation: Organisation, emails: set[str]) -> dict[str, list[Colleague]]:
    """Who works here with one of these addresses of the job; one statement for all lines."""
    now = clock.now()
    rows = session.execute(
        select(Person, Affiliation)
        .join(Affiliation, Affiliation.person_id == Person.id)
        .where(
            Affiliation.organisation_id == organisation.id,
            Affiliation.ended_at.is_(None),
            func.lower(Affiliation.email).in_(emails - {""}),
            Person.state.not_in(("merged", "erased")),
        )
    ).all()
    found: dict[str, list[Colleague]] = {}
    for person, affiliation in rows:
        if affiliation.in_force(now):
            found.setdefault((affiliation.email or "").casefold(), []).append((person, affiliation))
    return found


def _fits(line: Checked, person: Person, affiliation: Affiliation) -> bool:
    """The name on the line, where there is one, is the one that this organisation knows."""
    typed = f"{line.given_name} {line.family_name}".strip()
    return not typed or same_name(typed, name_at_work(person, affiliation).full_name)


SEVERAL = Text(
    "E-mailadres: meer dan één persoon bij u heeft dit adres. Geef dit recht op de pagina van de persoon.",
    "Email address: more than one person with you has this address. Give this right on the page of the person.",
)
NAME_DIFFERS = Text(
    "De naam op deze regel is niet de naam die wij bij dit adres of nummer kennen. Kijk de regel na.",
    "The name on this line is not the one that we know with this address or number. Check the line.",
)
UNKNOWN_ADDRESS = Text(
    "E-mailadres: niemand bij u heeft dit adres. Is het iemand nieuw? Zet het rijksregisternummer erbij.",
    "Email address: nobody with you has this address. Somebody new? Add the national register number.",
)
WHO_IS_NEW = Text(
    "Deze persoon werkt nog niet bij u. Vul ook voornaam, familienaam en e-mailadres in.",
    "This person does not work for you yet. Fill in first name, surname and email address as well.",
)
IS_ADDED = Text(
    "Werkt nog niet bij u en wordt toegevoegd, onder de naam op deze regel.",
    "Does not work for you yet and is added, under the name on this line.",
)
TOO_MANY_NUMBERS = Text(
    "Rijksregisternummer: u zocht al vaak op nummer. Breng deze regel over een uur opnieuw, of morgen; of neem het e-mailadres.",
    "National register number: you looked up many numbers already. Bring this line again in an hour, or tomorrow; or use the"
    " email address.",
)

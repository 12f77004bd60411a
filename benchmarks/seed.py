"""A broker's database of a realistic size: `python -m benchmarks.seed` fills the one that the settings name; run once.

300 organisations, 5,000 people who each work at one or two of them, 20,000 rights: for each person three of former years and the
one that holds. Organisations, people and affiliations go in by the operations of the broker; rights as rows, as they would be after
years. Owns also beginning a session, so that nobody has to type a password.
"""

import csv
import io
import sys
import uuid
from datetime import timedelta

from sqlalchemy import Engine, insert, select, text
from sqlalchemy.orm import Session

from broker import clock, create_app
from broker.access.apply_catalogue import apply_catalogue
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.authentication.browser_session import BrowserSession, new_token, token_hash
from broker.database import perform
from broker.installation import Installation, installation
from broker.keys.rotate_signing_key import ensure_signing_keys
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.add_person import NewPerson, add_person
from broker.people.affiliation import Affiliation
from broker.people.import_organisations import import_organisations
from broker.people.organisation import Organisation
from broker.people.organisation_file import COLUMNS, read_organisation_file
from broker.people.person import Person
from broker.tables import metadata

ORGANISATIONS = 300
PEOPLE = 5_000
GRANTS_A_PERSON = 4
_AT_TWO_PLACES = 10  # one in so many people
_YEAR = timedelta(days=365)


def main() -> None:
    """Fill the database of the settings with as many people as the command says."""
    people = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    app = create_app()
    with app.app_context():
        installed = installation()
        perform(apply_catalogue, installed)
        perform(ensure_signing_keys, installed.keys)
        perform(_seed, installed, people)


def begin_session(engine: Engine, number: int) -> str:
    """Person `number` (from 1) is signed in since a moment ago; the token for the cookie."""
    token = new_token()
    now = clock.now()
    with Session(engine) as session, session.begin():
        person = session.scalars(select(Person).order_by(Person.id).offset(number - 1).limit(1)).one()
        session.add(
            BrowserSession(
                id=uuid.uuid4(),
                token_hash=token_hash(token),
                person_id=person.id,
                provider_code="itsme",
                acr="urn:be:vlaanderen:authmech:itsme",
                level=27,
                amr=["pop", "sc"],
                auth_time=now,
                given_name=person.given_name,
                family_name=person.family_name,
                created_at=now,
                last_seen=now,
            )
        )
    return token


def copy_rows(source: Engine, target: Engine) -> None:
    """Put every row of the seeded database into another one, a PostgreSQL at the same migration and empty."""
    with source.connect() as reading, target.begin() as writing:
        # Rows that fitted together there do here: no trigger and no foreign key is asked again.
        writing.execute(text("SET LOCAL session_replication_role = replica"))
        for table in metadata.sorted_tables:
            writing.execute(table.delete())
            rows = [dict(row) for row in reading.execute(select(table)).mappings()]
            if rows:
                writing.execute(insert(table), rows)


def _seed(session: Session, installed: Installation, people: int) -> None:
    organisations = _organisations(session, installed)
    for number in range(1, people + 1):
        places = [organisations[number % ORGANISATIONS]]
        if number % _AT_TWO_PLACES == 0:
            places.append(organisations[(number + 7) % ORGANISATIONS])
        _person(session, installed, number, places)
    _grants(session, installed)


def _organisations(session: Session, installed: Installation) -> list[Organisation]:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, restval="", lineterminator="\n")
    writer.writeheader()
    for number in range(1, ORGANISATIONS + 1):
        kbo = _kbo(number)
        row = {"type": "gemeente", "doelgroep": "LB", "name": f"Gemeente {number}", "kbo": kbo, "active": "1"}
        writer.writerow(row | {"nis": f"{10_000 + number}", "source": "benchmark, fictitious number"})
    file = read_organisation_file(io.BytesIO(text.getvalue().encode()), installed.catalogue)
    result = import_organisations(session, installed, None, file)
    assert not result.errors, str(result.errors[0])
    return list(session.scalars(select(Organisation).order_by(Organisation.code)))


def _person(session: Session, installed: Installation, number: int, places: list[Organisation]) -> None:
    email = f"p{number}@voorbeeld.test"
    new = NewPerson(
        given_name=f"Naam{number}",
        family_name="Voorbeeld",
        number=_national_number(number),
        email=email,
        email_source="proved",
    )
    person = add_person(session, installed, None, new)
    # As after a first sign-in with a digital key.
    person.state, person.name_source, person.number_sealed = "matched", "verified", None
    for place in places:
        add_affiliation(session, installed, None, person.id, place.id, JobContact(email=email, email_source="proved"))


def _grants(session: Session, installed: Installation) -> None:
    application = installed.catalogue.applications["cultuurmonitor"]
    now = clock.now()
    session.flush()
    rows = []
    seen = set()
    for affiliation in session.scalars(select(Affiliation).order_by(Affiliation.person_id, Affiliation.id)):
        if affiliation.person_id in seen:
            continue
        seen.add(affiliation.person_id)
        for years_ago in range(GRANTS_A_PERSON):
            since = now - years_ago * _YEAR - timedelta(days=30)
            ended = now - (years_ago - 1) * _YEAR - timedelta(days=30) if years_ago else None
            rows.append(
                {
                    "id": uuid.uuid4(),
                    "person_id": affiliation.person_id,
                    "organisation_id": affiliation.organisation_id,
                    "affiliation_id": affiliation.id,
                    "application_code": application.code,
                    "right_code": "invoerder" if years_ago % 2 == 0 else "raadpleger",
                    "context_code": "cultuurcentra",
                    "role_key": role_key(application, affiliation.person_id, affiliation.organisation_id),
                    "given_at": since,
                    "valid_from": since,
                    "valid_until": ended or now + 2 * _YEAR,
                    "ended_at": ended,
                    "end_reason": "change_of_role" if ended else None,
                }
            )
    session.execute(insert(Grant), rows)


def _kbo(number: int) -> str:
    """A number of the range 0999, which is not issued, with check digits that fit."""
    first = f"0999{number:04d}"
    return f"{first}{97 - int(first) % 97:02d}"


def _national_number(number: int) -> str:
    """A rijksregisternummer that nobody has: the counter 998 is never issued, the check digits fit."""
    day, month, year = 1 + number // 600 % 28, 1 + number // 50 % 12, 50 + number % 50
    first = f"{year:02d}{month:02d}{day:02d}998"
    return f"{first}{97 - int(first) % 97:02d}"


if __name__ == "__main__":
    main()

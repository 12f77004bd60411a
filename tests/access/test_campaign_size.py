"""300 organisations' recertification opens in one command within a minute (issue "the desk"), with as many rights as they have."""

import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.campaign import CampaignItem, RecertificationCampaign
from broker.access.grant import Grant
from broker.database import db, perform
from broker.notifications.outbox_message import OutboxMessage
from broker.people.affiliation import Affiliation
from broker.people.mandate import LOCAL_ADMIN, Mandate, organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.world import World

ORGANISATIONS, PEOPLE, ADMINISTRATORS = 300, 66, 2
PROGRAM = str(Path(sys.executable).parent / "poortwachter")
OPEN_ALL = (PROGRAM, "campaigns", "open", "cultuurmonitor", "--period", "2026")


def fill(session: Session) -> None:
    """Three hundred municipalities with sixty-six people each, two of them administrators: some twenty thousand rights."""
    now = clock.now()
    places = [uuid.uuid4() for _ in range(ORGANISATIONS)]
    session.execute(
        insert(Organisation),
        [
            {
                "id": place,
                "code": f"0{number:09}",
                "target_group": "LB",
                "organisation_type": "gemeente",
                "name": f"Gemeente {number}",
                "search_text": "",
                "created_at": now,
            }
            for number, place in enumerate(places)
        ],
    )
    jobs = [(uuid.uuid4(), uuid.uuid4(), place) for place in places for _ in range(PEOPLE)]
    session.execute(
        insert(Person),
        [
            {
                "id": person,
                "sub": person.hex + "0" * 8,
                "given_name": "An",
                "family_name": f"Janssens {number}",
                "name_source": "verified",
                "email": f"an{number}@voorbeeld.test",
                "email_source": "proved",
                "language": "nl",
                "state": "matched",
                "created_at": now,
            }
            for number, (_, person, _) in enumerate(jobs)
        ],
    )
    session.execute(
        insert(Affiliation),
        [{"id": job, "person_id": person, "organisation_id": place, "valid_from": now} for job, person, place in jobs],
    )
    session.execute(
        insert(Grant),
        [
            {
                "id": uuid.uuid4(),
                "person_id": person,
                "organisation_id": place,
                "affiliation_id": job,
                "application_code": "cultuurmonitor",
                "right_code": "invoerder",
                "context_code": "cultuurcentra",
                "given_at": now,
                "valid_from": now,
                "valid_until": now + timedelta(days=700),
            }
            for job, person, place in jobs
        ],
    )
    session.execute(
        insert(Mandate),
        [
            {
                "id": uuid.uuid4(),
                "person_id": person,
                "kind": LOCAL_ADMIN,
                "scope_key": organisation_scope(place),
                "organisation_id": place,
                "valid_from": now,
            }
            for number, (_, person, place) in enumerate(jobs)
            if number % PEOPLE < ADMINISTRATORS
        ],
    )


def test_the_command_opens_three_hundred_organisations_within_a_minute(
    world: World, session: Session, run_command: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    perform(fill)
    db.session.rollback()
    began = time.monotonic()
    done = run_command(*OPEN_ALL)
    took = time.monotonic() - began
    assert done.stdout == f"Opened at 300 organisations, with {ORGANISATIONS * PEOPLE} rights to confirm.\n", (
        done.stderr
    )
    assert took < 60, f"{took:.1f} s"
    assert session.scalar(select(func.count()).select_from(RecertificationCampaign)) == ORGANISATIONS
    assert session.scalar(select(func.count()).select_from(CampaignItem)) == ORGANISATIONS * PEOPLE
    mails = select(func.count()).select_from(OutboxMessage).where(OutboxMessage.template == "rights_to_confirm")
    assert session.scalar(mails) == ORGANISATIONS * ADMINISTRATORS
    session.rollback()
    again = run_command(*OPEN_ALL)
    assert again.stdout == "Opened at 0 organisations, with 0 rights to confirm.\n"

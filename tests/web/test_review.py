"""Nazicht, as an administrator, an officer and an owner meet it in a browser without JavaScript."""

import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.campaign import CampaignItem
from broker.access.grant import Grant
from broker.database import db, perform
from broker.people.affiliation import Affiliation
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.access.test_campaigns import opened, owner_of
from tests.worlds.client import Client
from tests.worlds.statements import Statements
from tests.worlds.world import World


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation, client: Client) -> Person:
    """An administrator of Genk, signed in."""
    person = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, person)
    return person


def outcome(session: Session, grant: Grant) -> str | None:
    """What was said of a right."""
    session.rollback()
    return session.scalar(select(CampaignItem.outcome).where(CampaignItem.grant_id == grant.id))


def test_a_page_of_another_organisation_is_not_there(world: World, client: Client, ilse: Person) -> None:
    """ID2: reading, choosing and confirming."""
    gent = world.organisation("Gent")
    world.grant(world.person(), gent)
    campaign = opened(gent)
    token = {"csrf_token": client.csrf_token("/afmelden"), "doe": "behoud-alles"}
    assert client.get(f"/nazicht/{campaign.id}").status_code == 404
    assert client.post(f"/nazicht/{campaign.id}", data=token).status_code == 404
    assert client.post(f"/nazicht/{campaign.id}/bevestig", data=token).status_code == 404


@pytest.mark.parametrize(
    "sent", [{"doe": "iets"}, {"doe": "behoud", "mens": "x"}, {"doe": "behoud", "tot": "2030"}, {}]
)
def test_a_form_that_is_not_ours_is_refused(
    world: World, client: Client, genk: Organisation, ilse: Person, sent: dict[str, str]
) -> None:
    """ID6: nothing beside what the page offers."""
    world.grant(world.person(), genk)
    campaign = opened(genk)
    token = {"csrf_token": client.csrf_token(f"/nazicht/{campaign.id}")}
    assert client.post(f"/nazicht/{campaign.id}", data=token | sent).status_code == 422
    assert client.post(f"/nazicht/{campaign.id}/bevestig", data=token | sent).status_code == 422


def test_ones_own_right_cannot_be_ticked_and_is_left_by_everything_at_once(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    """DG1: a colleague confirms it."""
    own, other = world.grant(ilse, genk), world.grant(world.person(), genk)
    campaign = opened(genk)
    page = client.get(f"/nazicht/{campaign.id}")
    assert "een collega bevestigt het" in page.text
    assert f'value="behoud:{ilse.id}"' not in page.text
    sure = client.submit(page, {"doe": "behoud-alles"}, form=str(campaign.id))
    assert "Dit ene recht behouden?" in sure.text
    done = client.submit(sure, press="doe", follow_redirects=True, form=str(campaign.id))
    assert "1 recht is bevestigd." in done.text
    assert "Uw eigen recht laat u aan een collega." in done.text
    assert (outcome(session, own), outcome(session, other)) == (None, "kept")
    forged = client.submit(page, {"doe": f"behoud:{ilse.id}"}, form=str(campaign.id))
    assert forged.status_code == 403
    assert outcome(session, own) is None


def test_the_way_from_the_tab_to_each_person(
    world: World, client: Client, session: Session, genk: Organisation, ilse: Person
) -> None:
    nele, tom, an = (world.person(name) for name in ("Nele Vercauteren", "Tom Bogaert", "An Baert"))
    grants = {person.id: world.grant(person, genk) for person in (nele, tom, an)}
    campaign = opened(genk)
    assert "/nazicht" in client.get("/rechten").text
    assert f"/nazicht/{campaign.id}" in client.get("/nazicht").text
    page = client.get(f"/nazicht/{campaign.id}")
    page = client.submit(page, {"doe": f"behoud:{nele.id}"}, follow_redirects=True, form=str(campaign.id))
    assert "1 recht is bevestigd." in page.text
    assert outcome(session, grants[nele.id]) == "kept"
    assert "Nele Vercauteren" not in page.text, "only what is left stands there"
    nobody = client.submit(page, {"doe": "stop"}, follow_redirects=True, form=str(campaign.id))
    assert "Kies eerst een of meer mensen." in nobody.text
    sure = client.submit(page, {"doe": "stop", "mens": str(tom.id)}, form=str(campaign.id))
    assert "Dit recht stoppen?" in sure.text
    assert "Tom Bogaert" in sure.text
    refused = client.submit(sure, {"reden": " "}, press="doe", form=str(campaign.id))
    assert refused.status_code == 422
    assert "Schrijf waarom het stopt." in refused.text
    done = client.submit(
        refused, {"reden": "Werkt nu in Gent."}, press="doe", follow_redirects=True, form=str(campaign.id)
    )
    assert "1 recht is gestopt." in done.text
    assert session.get_one(Grant, grants[tom.id].id).ended_at is not None
    page = client.submit(
        client.get(f"/nazicht/{campaign.id}"),
        {"doe": "behoud", "mens": str(an.id)},
        follow_redirects=True,
        form=str(campaign.id),
    )
    assert "Alles is bevestigd" in page.text
    everything = client.get(f"/nazicht/{campaign.id}?toon=alles")
    assert "door Ilse Maes" in everything.text
    assert everything.text.count("Bevestigd") >= 2


def test_after_its_day_the_page_only_reads(
    world: World, client: Client, genk: Organisation, ilse: Person, clock: time_machine.Traveller
) -> None:
    world.grant(world.person("Nele Vercauteren"), genk)
    campaign = opened(genk)
    clock.move_to(campaign.due_at - timedelta(minutes=1))
    world.sign_in(client, ilse)
    page = client.get(f"/nazicht/{campaign.id}")
    late = client.submit(page, {"doe": "behoud-alles"}, form=str(campaign.id))
    clock.shift(timedelta(minutes=2))
    sent = client.submit(late, press="doe", form=str(campaign.id))
    assert sent.status_code == 409
    assert "Dit nazicht is afgesloten." in sent.text
    assert "behoud:" not in client.get(f"/nazicht/{campaign.id}?toon=alles").text


def test_the_owner_reads_the_progress_and_an_administrator_does_not(
    world: World, client: Client, genk: Organisation, ilse: Person
) -> None:
    world.grant(world.person("Nele Vercauteren"), genk)
    opened(genk)
    assert client.get("/nazicht/voortgang").status_code == 404
    world.sign_in(client, owner_of(world))
    page = client.get("/nazicht/voortgang")
    assert "Cultuurmonitor 2026" in page.text
    assert "/nazicht/voortgang" in client.get("/mijn-aanvragen").text, "it stands in the menu"
    organisations = client.get("/nazicht/voortgang?toepassing=cultuurmonitor&periode=2026&toon=open")
    assert "Genk" in organisations.text
    assert "Nele" not in organisations.text, "counts and organisations, no people"


# Five thousand people


def many(world: World, genk: Organisation, people: int, rights: int) -> None:
    """So many people at one organisation, each with so many rights, in a few statements."""
    now = broker_clock.now()

    def fill(session: Session) -> None:
        ids = [uuid.uuid4() for _ in range(people)]
        session.execute(insert(Person), [_person(each, number, now) for number, each in enumerate(ids)])
        jobs = [{"id": uuid.uuid4(), "person_id": each, "organisation_id": genk.id, "valid_from": now} for each in ids]
        session.execute(insert(Affiliation), jobs)
        session.execute(insert(Grant), [_grant(job, f"recht{n}", now) for job in jobs for n in range(rights)])

    perform(fill)
    db.session.rollback()


def _person(person_id: uuid.UUID, number: int, now: datetime) -> dict[str, object]:
    return {
        "id": person_id,
        "sub": person_id.hex + "0" * 8,
        "given_name": f"An{number:05}",
        "family_name": "Janssens",
        "name_source": "verified",
        "language": "nl",
        "state": "matched",
        "created_at": now,
    }


def _grant(job: dict[str, uuid.UUID | datetime], right: str, now: datetime) -> dict[str, object]:
    return {
        "id": uuid.uuid4(),
        "person_id": job["person_id"],
        "organisation_id": job["organisation_id"],
        "affiliation_id": job["id"],
        "application_code": "cultuurmonitor",
        "right_code": right,
        "context_code": "",
        "given_at": now,
        "valid_from": now,
        "valid_until": now + timedelta(days=400),
    }


def test_every_page_takes_as_few_statements_with_five_thousand_people_and_twenty_thousand_rights(
    world: World, client: Client, genk: Organisation, ilse: Person, statements: Statements
) -> None:
    """At most 12, and the same number as with fifty."""
    counted = []
    for period, people in (("2026", 50), ("2027", 4_950)):
        many(world, genk, people, 4)
        campaign = opened(genk, period)
        costs = []
        for path in ("/nazicht", f"/nazicht/{campaign.id}", f"/nazicht/{campaign.id}?toon=alles"):
            with statements() as seen:
                assert client.get(path).status_code == 200
            costs.append(len(seen))
        counted.append(costs)
    assert counted[0] == counted[1]
    assert max(counted[0]) <= 12
    page = client.get(f"/nazicht/{campaign.id}")
    sure = client.submit(page, {"doe": "behoud-alles"}, form=str(campaign.id))
    assert "Deze 20000 rechten behouden?" in sure.text
    done = client.submit(sure, press="doe", follow_redirects=True, form=str(campaign.id))
    assert "20000 rechten zijn bevestigd." in done.text

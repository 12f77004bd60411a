"""Who took a task on and may no longer decide it does not stand in the way of colleagues (ID9, AP5)."""

import pytest

from broker import clock as broker_clock
from broker.access.claim_task import claim_task
from broker.access.list_tasks import MINE, list_tasks
from broker.access.read_task import read_task
from broker.database import changing_session, db, perform
from broker.people.affiliation import Affiliation
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.living_mandates import living_mandates
from broker.people.mandate import Mandate
from broker.people.person import Person


def _claimer(world, session, reader, task):
    [line] = list_tasks(session, world.installation.catalogue, reader.id).lines
    found = read_task(session, task.id).claimer
    session.rollback()
    assert (found.full_name if found else None) == line.claimed_by_name
    return line.claimed_by_name


@pytest.mark.parametrize("how", ["dismissed", "left", "erased"])
def test_a_claim_ends_with_the_mandate_of_who_made_it(world, session, how):
    """AP5, ID9: derived when read; nothing has to be released."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    task = world.task(world.request(organisation=genk))
    perform(claim_task, world.installation, ilse.id, task.id)
    assert _claimer(world, session, karim, task) == "Ilse Maes"
    if how == "dismissed":
        [view] = living_mandates(session, person_id=ilse.id)
        mandate_id = view.mandate_id
        session.rollback()
        perform(dismiss_mandate, world.installation, karim.id, mandate_id, "Andere taken.")
    else:
        table, columns = {
            "left": (Affiliation, {"ended_at": broker_clock.now(), "end_reason": "left"}),
            "erased": (Person, {"state": "erased"}),
        }[how]
        column = table.person_id if table is Affiliation else table.id
        with changing_session() as changing, changing.begin():
            changing.execute(table.__table__.update().where(column == ilse.id).values(**columns))
        db.session.rollback()
    assert _claimer(world, session, karim, task) is None
    perform(claim_task, world.installation, karim.id, task.id)
    assert list_tasks(session, world.installation.catalogue, karim.id, MINE).lines[0].claimed_by_me


def test_an_officer_in_place_claims_as_well(world, session):
    genk = world.organisation("Genk")
    lies, marc = world.officer_of("LB", "gemeente"), world.officer_of("LB", "gemeente", "Marc Claes")
    task = world.task(world.request(organisation=genk))
    perform(claim_task, world.installation, lies.id, task.id)
    assert _claimer(world, session, marc, task) == "Lies De Wolf"
    with changing_session() as changing, changing.begin():
        changing.execute(
            Mandate.__table__.update()
            .where(Mandate.person_id == lies.id)
            .values(ended_at=broker_clock.now(), end_reason="dismissed")
        )
    db.session.rollback()
    assert _claimer(world, session, marc, task) is None

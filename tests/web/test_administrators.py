"""/beheerders: appointing, dismissing, stopping, and a deputy for an absence (lifecycles §5, threats AP1, AP3)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broker import clock as broker_clock
from broker.access.task import FOR_VACANCY, Task
from broker.database import changing_session, db
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.living_deputies import living_deputies
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, LOCAL_ADMIN, Mandate
from broker.people.person import Person


@pytest.fixture
def genk(world):
    return world.organisation("Gemeente Genk")


@pytest.fixture
def karim(world, genk):
    return world.administrator_of(genk, "Karim Benali", head=True)


def mandate_of(person):
    found = db.session.scalars(
        select(Mandate.id).where(Mandate.person_id == person.id, Mandate.ended_at.is_(None))
    ).one()
    db.session.rollback()
    return found


def kinds_of(session, person):
    session.rollback()
    return [view.kind for view in living_mandates(session, person_id=person.id)]


def page_of(person):
    return f"/beheerders/{mandate_of(person)}"


# The list


def test_who_decides_nothing_sees_no_list_and_a_deputy_neither(client, world, genk, karim):
    """AP1"""
    for person in (world.person("Wie Niets"), world.deputy_of(karim, genk)):
        world.sign_in(client, person)
        assert "U hebt geen taken" in client.get("/beheerders").text
        assert client.get("/beheerders/nieuw").status_code == 404
        assert client.get(page_of(karim)).status_code == 404


def test_the_list_says_who_decides_since_when_and_by_whom(client, world, genk, karim, clock):
    ilse = world.administrator_of(genk, "Ilse Maes")
    world.deputy_of(ilse, genk, "Eva Janssens")
    world.administrator_of(world.organisation("Hasselt"), "Wie Elders")
    world.sign_in(client, ilse)
    page = client.get("/beheerders").text
    for shown in ("Karim Benali", "hoofd lokale beheerder", "Ilse Maes", "Eva Janssens", "Nieuw", "17 december 2026"):
        assert shown in page, shown
    assert "Wie Elders" not in page
    assert "Stel een beheerder aan" not in page
    clock.shift(timedelta(days=8))
    world.sign_in(client, ilse)
    assert "Nieuw" not in client.get("/beheerders").text


def test_an_appointment_is_marked_for_seven_days(client, world, genk, karim, clock):
    """AP4"""
    ilse = world.administrator_of(genk, "Ilse Maes")
    clock.shift(timedelta(days=6))
    world.sign_in(client, karim)
    assert "Nieuw" in client.get(page_of(ilse)).text
    clock.shift(timedelta(days=2))
    world.sign_in(client, karim)
    assert "Nieuw" not in client.get(page_of(ilse)).text


# Appointing and dismissing


def _appoint(client, genk, who, **more):
    page = client.get(f"/beheerders/nieuw?organisatie={genk.code}&zoek={who.given_name}")
    return client.submit(page, {"wie": str(who.id)} | more, form="/beheerders/nieuw")


def test_a_head_appoints_a_colleague(client, world, session, inbox, genk, karim):
    ilse = world.person("Ilse Maes", works_for=genk)
    world.sign_in(client, karim)
    assert "Stel een beheerder aan" in client.get("/beheerders").text
    answer = _appoint(client, genk, ilse, waarom="Collegebesluit van 3 november.")
    assert answer.status_code == 303
    page = client.get("/beheerders").text
    assert "Ilse Maes is nu lokale beheerder." in page
    assert "aangesteld door Karim Benali" in page
    assert kinds_of(session, ilse) == [LOCAL_ADMIN]
    assert inbox.mails_to(ilse.email)


def test_whoever_never_signed_in_waits_and_the_page_says_so(client, world, session, genk, karim):
    """AP4"""
    hanne = world.person("Hanne Smet", works_for=genk, state="unlinked")
    world.sign_in(client, karim)
    _appoint(client, genk, hanne)
    page = client.get("/beheerders").text
    assert "Het mandaat begint als Hanne Smet aanmeldt" in page
    assert "Wacht op aanmelding" in page
    assert kinds_of(session, hanne) == []


def test_only_a_head_appoints_and_only_at_the_own_organisation(client, world, session, genk, karim):
    """ID2, AP1"""
    ilse = world.administrator_of(genk, "Ilse Maes")
    hasselt = world.organisation("Hasselt")
    world.administrator_of(hasselt, "Wie Elders", head=True)
    elsewhere = world.person("Els Daar", works_for=hasselt)
    world.sign_in(client, karim)
    assert client.get(f"/beheerders/nieuw?organisatie={hasselt.code}").status_code == 404
    page = client.get(f"/beheerders/nieuw?organisatie={genk.code}&zoek=Els")
    assert "Els Daar" not in page.text
    token = client.csrf_token(f"/beheerders/nieuw?organisatie={genk.code}")
    world.sign_in(client, ilse)
    data = {"csrf_token": token, "organisatie": genk.code, "wie": str(world.person("A B", works_for=genk).id)}
    assert client.post("/beheerders/nieuw", data=data).status_code in (400, 404)
    assert kinds_of(session, elsewhere) == []


def test_nobody_chosen_or_a_day_that_is_over_is_said_at_its_field(client, world, genk, karim):
    ilse = world.person("Ilse Maes", works_for=genk)
    world.sign_in(client, karim)
    answer = _appoint(client, genk, ilse, wie="", tot="gisteren")
    assert answer.status_code == 422
    assert "Kies een collega." in answer.text
    assert "Schrijf de dag zo" in answer.text
    answer = _appoint(client, genk, ilse, tot="2026-11-01")
    assert answer.status_code == 422
    assert "De einddatum ligt in het verleden." in answer.text


def test_a_head_ends_an_appointment_and_a_colleague_cannot(client, world, session, genk, karim):
    ilse, tom = world.administrator_of(genk, "Ilse Maes"), world.administrator_of(genk, "Tom Bogaert")
    world.sign_in(client, ilse)
    page = client.get(page_of(tom))
    assert "Alleen een hoofd lokale beheerder beëindigt een aanstelling." in page.text
    world.sign_in(client, karim)
    answer = client.submit(client.get(page_of(tom)), {"reden": "Andere dienst."}, form="/stop")
    assert answer.headers["Location"] == "/beheerders"
    assert "De aanstelling is beëindigd." in client.get("/beheerders").text
    assert kinds_of(session, tom) == []
    assert session.scalars(select(Mandate.end_note).where(Mandate.person_id == tom.id)).one() == "Andere dienst."


def test_who_was_dismissed_meanwhile_dismisses_nobody(client, world, session, genk, karim):
    """AP3, ID4: of two heads who dismiss each other the second finds himself dismissed."""
    eva = world.administrator_of(genk, "Eva Janssens", head=True)
    world.sign_in(client, karim)
    mine = client.get(page_of(eva))
    other = client.application.test_client()
    world.sign_in(other, eva)
    assert other.submit(other.get(page_of(karim)), form="/stop").status_code == 303
    assert client.submit(mine, form="/stop").status_code in (403, 404)
    assert kinds_of(session, eva) == [HEAD_LOCAL_ADMIN]


# Stopping


def test_one_of_several_stops_without_more(client, world, session, genk, karim):
    ilse = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, ilse)
    page = client.get(page_of(ilse))
    assert "Wie volgt u op?" not in page.text
    assert client.submit(page, form="/stop").status_code == 303
    assert kinds_of(session, ilse) == []
    assert "U bent gestopt als beheerder." in client.get("/beheerders").text


def test_the_last_head_names_a_successor(client, world, session, inbox, genk, karim):
    """AP3: "the last one cannot leave without naming a successor"."""
    ilse = world.administrator_of(genk, "Ilse Maes")
    world.sign_in(client, karim)
    page = client.get(page_of(karim))
    assert "Wie volgt u op?" in page.text
    refused = client.submit(page, {"opvolger": ""}, form="/stop")
    assert refused.status_code == 409
    assert "Kies wie u opvolgt." in refused.text
    assert kinds_of(session, karim) == [HEAD_LOCAL_ADMIN]
    assert client.submit(refused, {"opvolger": str(ilse.id)}, form="/stop").status_code == 303
    assert kinds_of(session, karim) == []
    assert kinds_of(session, ilse) == [HEAD_LOCAL_ADMIN, LOCAL_ADMIN]
    assert any("hoofd lokale beheerder" in mail.subject for mail in inbox.mails_to(ilse.email))
    assert session.scalars(select(Task).where(Task.kind == FOR_VACANCY)).all() == []


def test_or_the_officer_gets_a_task_and_appoints(client, world, session, inbox, genk, karim):
    """AP3: "or the officer is told"."""
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    world.sign_in(client, karim)
    assert client.submit(client.get(page_of(karim)), {"opvolger": "niemand"}, form="/stop").status_code == 303
    assert kinds_of(session, karim) == []
    task = session.scalars(select(Task).where(Task.kind == FOR_VACANCY)).one()
    session.expunge(task)
    session.rollback()
    assert "heeft geen hoofd lokale beheerder meer" in inbox.last_to(marc.email).subject
    world.sign_in(client, marc)
    assert "zoekt een hoofd lokale beheerder" in client.get("/taken").text
    page = client.get(f"/taken/{task.id}")
    assert "Wie wordt hoofd lokale beheerder van Gemeente Genk?" in page.text
    form = f"/verantwoordelijke/organisaties/{genk.code}/beheerder"
    assert form in page.text
    filled = {
        "given_name": "Hanne",
        "family_name": "Smet",
        "number": world.number(),
        "email": "hanne@genk.voorbeeld.test",
        "evidence": "Brief van de algemeen directeur.",
    }
    assert client.submit(client.get(form), filled, form=-1).status_code == 303
    done = world.fresh(Task, task.id)
    assert (done.decision, done.decided_by) == ("approved", marc.id)
    assert "Er is iemand aangesteld" in client.get(f"/taken/{task.id}").text


def test_or_the_officer_leaves_it_for_now(client, world, session, genk, karim):
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    world.sign_in(client, karim)
    client.submit(client.get(page_of(karim)), {"opvolger": "niemand"}, form="/stop")
    task_id = session.scalars(select(Task.id).where(Task.kind == FOR_VACANCY)).one()
    session.rollback()
    world.sign_in(client, marc)
    page = client.get(f"/taken/{task_id}")
    assert client.submit(page, {"beslissing": "afkeuren"}, form="/beslis").status_code == 303
    assert "Voorlopig niemand" in client.get(f"/taken/{task_id}").text


def test_a_successor_is_an_administrator_there(client, world, session, genk, karim):
    """AP4: no power rests on a name; a chosen id from elsewhere changes nothing."""
    nobody = world.person("Wie Zomaar", works_for=genk)
    world.sign_in(client, karim)
    answer = client.submit(client.get(page_of(karim)), {"opvolger": str(nobody.id)}, form="/stop")
    assert answer.status_code == 409
    assert kinds_of(session, karim) == [HEAD_LOCAL_ADMIN]
    assert kinds_of(session, nobody) == []


# A deputy


def _name(client, karim, who, **days):
    page = client.get(f"{page_of(karim)}?zoek={who.family_name}")
    values = {"wie": str(who.id), "van": "2026-11-17", "tot": "2026-12-01"} | days
    return client.submit(page, values, form="/plaatsvervanger")


def test_an_administrator_chooses_a_deputy_who_decides_and_may_stop(client, world, session, inbox, genk, karim):
    """The whole way: named, told, tasks, decided, stopped."""
    eva = world.person("Eva Janssens", works_for=genk)
    world.sign_in(client, karim)
    assert _name(client, karim, eva).status_code == 303
    page = client.get("/beheerders").text
    assert "Eva Janssens" in page
    assert "1 december 2026" in page
    assert "U vervangt Karim Benali" in inbox.last_to(eva.email).subject
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, eva)
    listed = client.get("/taken")
    assert "U vervangt Karim Benali bij Gemeente Genk" in listed.text
    assert "Nele Vercauteren" in listed.text
    assert "Mijn taken" in listed.text
    answer = client.submit(client.get(f"/taken/{task.id}"), {"beslissing": "goedkeuren"}, form="/beslis")
    assert answer.status_code == 303
    assert "als plaatsvervanger van Karim Benali" in client.get(f"/taken/{task.id}").text
    stopped = client.submit(listed, form="/beheerders/plaatsvervanger")
    assert stopped.headers["Location"] == "/taken"
    assert "U hebt geen taken" in client.get("/taken").text
    session.rollback()
    assert living_deputies(session, person_id=eva.id) == []


def test_the_task_of_the_absent_one_is_not_the_deputy_s_to_decide(client, world, genk, karim):
    """AP2: the page says so, and has no form."""
    world.administrator_of(genk, "Ilse Maes")
    task = world.task(world.request(karim, genk))
    world.sign_in(client, world.deputy_of(karim, genk))
    page = client.get(f"/taken/{task.id}")
    assert "Ze is van u, of van wie u vervangt." in page.text
    assert f"/taken/{task.id}/beslis" not in page.text


def test_only_colleagues_are_found_and_each_mistake_is_at_its_field(client, world, session, genk, karim):
    """ID2"""
    eva = world.person("Eva Janssens", works_for=genk)
    world.person("Evy Janssens", works_for=world.organisation("Hasselt"))
    ilse = world.administrator_of(genk, "Ilse Janssens")
    world.sign_in(client, karim)
    page = client.get(f"{page_of(karim)}?zoek=janssens").text
    assert "Eva Janssens" in page
    assert "Evy" not in page
    assert page.count('name="wie"') == 1
    assert "Niemand gevonden voor ‘zzz’" in client.get(f"{page_of(karim)}?zoek=zzz").text
    answer = _name(client, karim, eva, wie="", van="morgen", tot="")
    assert answer.status_code == 422
    assert "Nog 3 dingen in orde te brengen" in answer.text
    answer = _name(client, karim, eva, tot="2026-11-01")
    assert "De laatste dag ligt voor de eerste." in answer.text
    assert _name(client, karim, eva, wie=str(ilse.id)).status_code == 409
    assert session.scalars(select(Deputy)).all() == []


def test_a_deputyship_of_a_colleague_is_no_button_for_another(client, world, session, genk, karim):
    ilse = world.administrator_of(genk, "Ilse Maes")
    world.deputy_of(karim, genk)
    world.sign_in(client, ilse)
    page = client.get(page_of(karim)).text
    assert "Eva Janssens" in page
    assert "Stop de plaatsvervanging" not in page
    world.sign_in(client, karim)
    answer = client.submit(client.get(page_of(karim)), form="/beheerders/plaatsvervanger")
    assert answer.headers["Location"] == "/beheerders"
    session.rollback()
    assert session.scalars(select(Deputy.end_reason)).all() == ["holder_back"]


# Size


def test_the_page_costs_the_same_with_fifty_people_as_with_five_thousand(client, world, genk, karim, statements):
    world.deputy_of(karim, genk)
    _crowd(genk, 50)
    world.sign_in(client, karim)
    addresses = (
        "/beheerders",
        f"/beheerders/nieuw?organisatie={genk.code}&zoek=iemand",
        f"{page_of(karim)}?zoek=iemand",
    )
    few = [_cost(client, statements, address) for address in addresses]
    _crowd(genk, 4950)
    assert [_cost(client, statements, address) for address in addresses] == few
    assert max(few) <= 12, few


def _cost(client, statements, address):
    with statements() as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def _crowd(genk, count):
    now = broker_clock.now()
    people = [
        Person(
            given_name="Iemand",
            family_name=f"Nummer {number}",
            name_source="entered",
            state="unlinked",
            created_at=now,
            language="nl",
        )
        for number in range(count)
    ]
    with changing_session() as session, session.begin():
        session.add_all(people)
        session.flush()
        session.add_all([Affiliation(person_id=each.id, organisation_id=genk.id, valid_from=now) for each in people])
    db.session.rollback()

"""What an officer watches over: organisations without an administrator, appointments, labels (threats AP4, LA4, ID2)."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from broker import clock as broker_clock
from broker.access.label import Label
from broker.database import changing_session, db, perform
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.identifiers import folded
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, Mandate
from broker.people.organisation import Organisation

LISTS = ("/verantwoordelijke/zonder-beheerder", "/verantwoordelijke/aanstellingen", "/verantwoordelijke/labels")


@pytest.fixture
def lies(world):
    return world.officer_of("EA", "brusselse_gemeente", "Lies De Wolf")


@pytest.fixture
def jette(world):
    return world.organisation("Gemeente Jette", kind="brusselse_gemeente")


def test_only_officers_have_these_pages_and_each_their_own_kinds(client, world, lies, jette):
    """ID2"""
    genk = world.organisation("Gemeente Genk")
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    label = world.label(jette)
    mandate = living_mandates(db.session(), person_id=karim.id)[0].mandate_id
    db.session.rollback()
    world.sign_in(client, karim)
    for path in (*LISTS, f"{LISTS[1]}/{mandate}", f"{LISTS[2]}/{label.id}"):
        assert client.get(path).status_code == 404, path
    world.sign_in(client, lies)
    for path in LISTS:
        page = client.get(path)
        assert page.status_code == 200
        assert "Genk" not in page.text
    assert client.get(f"{LISTS[1]}/{mandate}").status_code == 404
    token = client.csrf_token(f"{LISTS[2]}/{label.id}")
    data = {"csrf_token": token, "reden": "Omdat het kan."}
    assert client.post(f"{LISTS[1]}/{mandate}/stop", data=data).status_code == 404
    world.sign_in(client, world.officer_of("LB", "gemeente", "Marc Claes"))
    assert client.post(f"{LISTS[2]}/{label.id}/stop", data=data).status_code in (400, 404)
    assert world.fresh(Label, label.id).ended_at is None


def test_organisations_where_nobody_decides(client, world, lies, jette):
    evere = world.organisation("Gemeente Evere", kind="brusselse_gemeente")
    world.administrator_of(evere)
    vorst = world.organisation("Gemeente Vorst", kind="brusselse_gemeente")
    unlinked = world.person("Hanne Smet", state="unlinked")
    world.administrator_of(vorst, person=unlinked)
    world.sign_in(client, lies)
    page = client.get(LISTS[0]).text
    assert "Gemeente Evere" not in page
    assert "Gemeente Jette" in page
    assert "Gemeente Vorst" in page
    assert page.count("Wacht op aanmelding") == 1
    assert "2 organisaties" in page
    assert f"/verantwoordelijke/organisaties/{jette.code}/beheerder" in page
    found = client.get(f"{LISTS[0]}?zoek=jette").text
    assert "Gemeente Jette" in found
    assert "Gemeente Vorst" not in found
    assert "Niets gevonden" in client.get(f"{LISTS[0]}?zoek=zzz").text


def test_appointments_with_their_grounds_the_new_ones_marked(client, world, lies, jette, clock):
    """AP4: an organisation is not captured in silence; the first seven days are marked."""
    world.administrator_of(jette, "Oude Rot")
    clock.shift(timedelta(days=20))
    hanne = world.person("Hanne Smet")
    wish = Appointment(
        person_id=hanne.id, kind=HEAD_LOCAL_ADMIN, organisation_id=jette.id, evidence="Brief van 3 november."
    )
    mandate = perform(appoint_mandate, world.installation, lies.id, wish)
    world.sign_in(client, lies)
    page = client.get(LISTS[1]).text
    assert page.index("Hanne Smet") < page.index("Oude Rot")
    assert page.count("Nieuw") == 1
    assert "aangesteld door Lies De Wolf" in page
    one = client.get(f"{LISTS[1]}/{mandate.id}").text
    assert "‘Brief van 3 november.’" in one
    clock.shift(timedelta(days=8))
    world.sign_in(client, lies)
    assert "Nieuw" not in client.get(LISTS[1]).text


def test_an_officer_ends_the_appointment_of_a_head_with_a_reason_and_of_nobody_else(
    client, world, session, lies, jette
):
    karim = world.administrator_of(jette, "Karim Benali", head=True)
    ilse = world.administrator_of(jette, "Ilse Maes")
    mandates = dict(session.execute(select(Mandate.person_id, Mandate.id)).all())
    session.rollback()
    world.sign_in(client, lies)
    page = client.get(f"{LISTS[1]}/{mandates[ilse.id]}")
    assert "Over lokale beheerders gaat het hoofd van de organisatie." in page.text
    page = client.get(f"{LISTS[1]}/{mandates[karim.id]}")
    refused = client.submit(page, {"reden": " "}, form="/stop")
    assert refused.status_code == 422
    assert "Zeg waarom." in refused.text
    assert client.submit(page, {"reden": "Uit dienst."}, form="/stop").status_code == 303
    assert living_mandates(session, person_id=karim.id) == []
    session.rollback()
    assert len(living_mandates(session, person_id=ilse.id)) == 1


def test_an_officer_ends_a_label_with_a_reason(client, world, session, lies, jette):
    """LA4: rights fall back to waiting; nothing ends without saying why."""
    label = world.label(jette)
    world.grant(world.person("Nele Vercauteren"), jette)
    world.sign_in(client, lies)
    page = client.get(LISTS[2]).text
    assert "Gemeente Jette" in page
    assert "Cultuurmonitor Afnemer" in page
    page = client.get(f"{LISTS[2]}/{label.id}")
    assert "Eén recht stopt niet, maar wacht dan op een nieuw label." in page.text
    refused = client.submit(page, {"reden": ""}, form="/stop")
    assert refused.status_code == 422
    assert client.submit(page, {"reden": "Niets meer ingevuld."}, form="/stop").status_code == 303
    ended = world.fresh(Label, label.id)
    assert (ended.ended_by, ended.end_reason, ended.reason) == (lies.id, "ended", "Niets meer ingevuld.")
    assert "Eén recht wacht nu op een label." in client.get(LISTS[2]).text
    assert "Hier verandert niets meer aan." in client.get(f"{LISTS[2]}/{label.id}").text
    assert client.submit(page, {"reden": "Nog eens."}, form="/stop").status_code == 409


def test_somebody_known_keeps_the_typed_name_and_decides_nothing_until_it_is_confirmed(
    client, world, session, lies, jette
):
    """DG2, DG6, AP4: an officer reads from a number neither whose it is nor gives that stranger power."""
    number = world.number()
    vera = world.person("Vera Verborgen", number=number)
    world.sign_in(client, lies)
    form = client.get(f"/verantwoordelijke/organisaties/{jette.code}/beheerder")
    values = {
        "given_name": "Jan",
        "family_name": "Peeters",
        "number": number,
        "email": "jan@jette.voorbeeld.test",
        "evidence": "Brief.",
    }
    assert client.submit(form, values, form=-1).status_code == 303
    pages = "".join(client.get(path).text for path in LISTS)
    assert "Jan Peeters" in pages
    assert "Verborgen" not in pages
    assert living_mandates(session, person_id=vera.id) == []


def test_the_lists_cost_the_same_with_many_and_have_pages(client, world, lies, jette, statements):
    world.administrator_of(jette)
    world.sign_in(client, lies)
    few = [_cost(client, statements, path) for path in LISTS]
    _crowd(120)
    assert [_cost(client, statements, path) for path in LISTS] == few
    assert max(few) <= 12, few
    page = client.get(LISTS[0]).text
    assert "120 organisaties" in page
    assert "Plaats 049" in page
    assert "Plaats 050" not in page
    following = page.split("na=")[1][:32]
    second = client.get(f"{LISTS[0]}?na={following}").text
    assert "Plaats 050" in second
    assert "Plaats 049" not in second


def _cost(client, statements, path):
    with statements() as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def _crowd(count):
    now = broker_clock.now()
    with changing_session() as session, session.begin():
        for number in range(count):
            name = f"Plaats {number:03}"
            session.add(
                Organisation(
                    code=f"09990{number:05}",
                    target_group="EA",
                    organisation_type="brusselse_gemeente",
                    name=name,
                    search_text=folded(name),
                    created_at=now,
                )
            )
    db.session.rollback()

"""The officer of a target group: admit an organisation, appoint somebody who can decide there (seed-sentences M1, decisions 9)."""

import re

import pytest
from sqlalchemy import func, select

from broker.access.submit_request import ProposedOrganisation
from broker.access.task import Task
from broker.database import db
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person

NUMBER = "02051499846"
EA_ENTERER = "CJM_Cultuurmonitor_EA_CompEnt_Invoerder"


@pytest.fixture
def aalst(world):
    return world.organisation("Gemeente Aalst", email="info@aalst.voorbeeld.test")


@pytest.fixture
def marc(world):
    return world.officer_of("LB", "gemeente", "Marc Claes")


def _form(organisation):
    return f"/verantwoordelijke/organisaties/{organisation.code}/beheerder"


def _fill(client, organisation, **more):
    values = {
        "given_name": "Hanne",
        "family_name": "Smet",
        "number": NUMBER,
        "email": "hanne.smet@aalst.voorbeeld.test",
        "evidence": "Brief van de algemeen directeur van 12 november 2026.",
    }
    return client.submit(client.get(_form(organisation)), values | more, form=-1)


def _mandates(session):
    session.rollback()
    return session.scalar(select(func.count()).select_from(Mandate).where(Mandate.kind == "head_local_admin"))


def test_the_officer_sees_where_people_wait_without_an_administrator(client, world, aalst, marc):
    world.request(world.person("Nele Vercauteren"), aalst)
    world.request(world.person("Sofie Aerts"), aalst)
    genk = world.organisation("Gemeente Genk")
    world.administrator_of(genk)
    world.request(world.person("Amina Ouali"), genk)
    jette = world.organisation("Gemeente Jette", kind="brusselse_gemeente")
    world.request(world.person("Tom Bogaert"), jette)
    world.sign_in(client, marc)
    page = client.get("/verantwoordelijke").text
    assert "Gemeente Aalst" in page
    assert "2 vragen" in page
    assert _form(aalst) in page
    assert "Genk" not in page
    assert "Jette" not in page
    found = client.get("/verantwoordelijke?zoek=genk").text
    assert _form(genk) in found
    assert "Geen organisatie gevonden voor ‘jette’" in client.get("/verantwoordelijke?zoek=jette").text


def test_only_officers_have_these_pages_and_each_their_own_kinds(client, world, aalst, marc):
    """ID2: an organisation of another kind is absent."""
    jette = world.organisation("Gemeente Jette", kind="brusselse_gemeente")
    world.sign_in(client, marc)
    assert client.get(_form(jette)).status_code == 404
    assert client.post(_form(jette), data={"csrf_token": client.csrf_token(_form(aalst))}).status_code == 404
    token = client.csrf_token(_form(aalst))
    head = world.administrator_of(aalst, "Ilse Maes", head=True)
    world.sign_in(client, head)
    assert client.get("/verantwoordelijke").status_code == 404
    assert client.get(_form(aalst)).status_code == 404
    assert client.post(_form(aalst), data={"csrf_token": token}).status_code in (400, 404)


def test_appointing_gives_a_mandate_and_everybody_is_told(client, world, session, inbox, aalst, marc):
    """AP4: evidence is kept; the appointee, the organisation's general address and the others hear it."""
    task = world.task(world.request(world.person("Nele Vercauteren"), aalst))
    colleague = world.administrator_of(aalst, "Ilse Maes")
    world.sign_in(client, marc)
    answer = _fill(client, aalst)
    assert answer.status_code == 303
    page = client.get(answer.headers["Location"]).text
    assert "Hanne Smet is aangesteld" in page
    assert "Het mandaat begint bij de eerstvolgende aanmelding, als de naam klopt." in page
    mandate = session.scalars(select(Mandate).where(Mandate.kind == "head_local_admin")).one()
    assert mandate.evidence == "Brief van de algemeen directeur van 12 november 2026."
    assert session.get_one(Person, mandate.person_id).state == "unlinked"
    session.rollback()
    for address in ("hanne.smet@aalst.voorbeeld.test", "info@aalst.voorbeeld.test", colleague.email):
        assert inbox.mails_to(address), address
        assert NUMBER not in inbox.last_to(address).text
    assert world.fresh(Task, task.id).closed_at is None


def test_the_field_for_the_number_of_the_appointee_says_how_to_ask_it(client, world, aalst, marc):
    """W8."""
    world.sign_in(client, marc)
    assert "Vraag het enkel aan die persoon zelf en via een veilig kanaal." in client.get(_form(aalst)).text


def test_until_the_appointee_signed_in_the_officer_may_still_decide(client, world, aalst, marc):
    """AP4: no power rests on a name that somebody typed."""
    task = world.task(world.request(world.person("Nele Vercauteren"), aalst))
    world.sign_in(client, marc)
    _fill(client, aalst)
    assert client.get(f"/taken/{task.id}").status_code == 200
    page = client.get("/verantwoordelijke").text
    assert "Gemeente Aalst" in page


def test_the_answer_is_the_same_for_a_number_we_know_and_one_we_do_not(client, world, aalst, marc):
    """DG2: the page holds the name as it was typed, never the one we have."""
    world.person("Johanna Smets", number=NUMBER)
    world.sign_in(client, marc)
    known = client.get(_fill(client, aalst).headers["Location"]).text
    lier = world.organisation("Gemeente Lier")
    unknown = client.get(_fill(client, lier, number=world.number()).headers["Location"]).text
    assert "Johanna" not in known

    def plain(page):
        page = re.sub(r'name="csrf_token" value="[^"]+"', "", page)
        return page.replace("Gemeente Aalst", "Gemeente Lier").replace(aalst.code, lier.code)

    assert plain(known) == plain(unknown)


def test_every_mistake_is_said_at_its_field_and_what_was_typed_stays(client, world, session, aalst, marc):
    world.sign_in(client, marc)
    answer = _fill(client, aalst, given_name="", number="0205149984", email="hanne", evidence=" ")
    assert answer.status_code == 422
    for sentence in (
        "Nog 4 dingen in orde te brengen",
        "Vul de voornaam in.",
        "Dit nummer heeft 10 cijfers. Het moeten er 11 zijn.",
        "Vul een volledig e-mailadres in",
        "Schrijf waarop u zich baseert.",
        'value="Smet"',
        'value="0205149984"',
    ):
        assert sentence in answer.text, sentence
    assert _mandates(session) == 0


def test_an_officer_does_not_appoint_himself(client, world, session, aalst):
    """AP1, DG1: by whatever name, the number is his."""
    marc = world.officer_of("LB", "gemeente", person=world.person("Marc Claes", number=NUMBER))
    world.sign_in(client, marc)
    answer = _fill(client, aalst)
    assert answer.status_code == 403
    assert "U kunt uzelf geen mandaat geven." in answer.text
    assert _mandates(session) == 0
    assert session.scalar(select(func.count()).select_from(Person)) == 1


def test_the_same_person_is_not_appointed_twice(client, world, session, aalst, marc):
    world.sign_in(client, marc)
    _fill(client, aalst)
    answer = _fill(client, aalst)
    assert answer.status_code == 409
    assert "Deze persoon heeft dit mandaat al." in answer.text
    assert _mandates(session) == 1


def test_an_appointment_without_its_form_token_is_refused(client, world, session, aalst, marc):
    world.sign_in(client, marc)
    assert client.post(_form(aalst), data={"given_name": "Hanne"}).status_code == 400
    assert _mandates(session) == 0


# An organisation that is not in the list


@pytest.fixture
def lies(world):
    return world.officer_of("EA", "economische_actor", "Lies De Wolf")


@pytest.fixture
def proposed(world):
    proposal = ProposedOrganisation(
        "0999200463", "Kunstencentrum De Nachtwacht", "Kade 1, 9000 Gent", "Ann Dumoulin, voorzitter"
    )
    return world.request(world.person("Amina Ouali"), proposal=proposal, entitlement=EA_ENTERER)


def _task(session, kind):
    found = session.scalars(select(Task).where(Task.kind == kind, Task.closed_at.is_(None))).one()
    session.expunge(found)
    session.rollback()
    return found


def _decide(client, task, **data):
    return client.submit(client.get(f"/taken/{task.id}"), data, form=f"/taken/{task.id}/beslis")


def test_an_organisation_is_admitted_and_its_head_appointed(client, world, session, inbox, lies, proposed):
    """M1: from "mijn organisatie staat niet in de lijst" to a request that somebody can decide."""
    task = _task(session, "admission")
    world.sign_in(client, lies)
    page = client.get("/taken").text
    assert "Kunstencentrum De Nachtwacht" in page
    assert "nieuwe organisatie in de lijst" in page
    page = client.get(f"/taken/{task.id}").text
    for shown in (
        "Mag Kunstencentrum De Nachtwacht in de lijst van organisaties?",
        "0999.200.463",
        "Kade 1, 9000 Gent",
        "Ann Dumoulin, voorzitter",
        "Amina Ouali",
        "Economische actor",
        "Geen andere organisatie heeft dit KBO-nummer.",
    ):
        assert shown in page, shown
    answer = _decide(client, task, beslissing="goedkeuren")
    following = _task(session, "request")
    assert answer.headers["Location"] == f"/taken/{following.id}"
    page = client.get(f"/taken/{following.id}").text
    assert "Kunstencentrum De Nachtwacht staat nu in de lijst." in page
    assert "U beslist in de plaats van een lokale beheerder" in page
    [form] = re.findall(r'href="(/verantwoordelijke/organisaties/[^"]+)"', page)
    organisation = session.scalars(select(Organisation)).one()
    assert form == _form(organisation)
    session.expunge(organisation)
    session.rollback()
    assert _fill(client, organisation).status_code == 303
    assert _decide(client, following, beslissing="goedkeuren").status_code == 303
    assert world.fresh(Task, following.id).in_place_of_administrator
    assert inbox.mails_to("hanne.smet@aalst.voorbeeld.test")


def test_a_refused_organisation_needs_a_reason_and_the_applicant_reads_it(
    client, world, session, inbox, lies, proposed
):
    task = _task(session, "admission")
    world.sign_in(client, lies)
    answer = _decide(client, task, beslissing="afkeuren")
    assert answer.status_code == 422
    assert "Waarom weigert u?" in answer.text
    answer = _decide(client, task, beslissing="afkeuren", reden="Dit is een afdeling van uw gemeente.")
    assert answer.headers["Location"] == "/taken"
    assert any("Dit is een afdeling" in mail.text for mail in inbox.mails_to(proposed.email))
    assert "‘Dit is een afdeling van uw gemeente.’" in client.get(f"/taken/{task.id}").text
    assert session.scalars(select(Organisation)).all() == []


def test_an_organisation_that_came_into_the_list_meanwhile_can_only_be_refused(client, world, session, lies, proposed):
    task = _task(session, "admission")
    world.sign_in(client, lies)
    seen = client.get(f"/taken/{task.id}")
    world.organisation("Kunstencentrum De Nachtwacht", kind="economische_actor", kbo="0999200463")
    answer = client.submit(seen, {"beslissing": "goedkeuren"}, form="/beslis")
    assert answer.status_code == 409
    assert "Intussen staat er een organisatie met dit KBO-nummer in de lijst." in answer.text
    assert 'value="goedkeuren"' not in answer.text
    db.session.rollback()


def test_officers_of_another_kind_do_not_find_the_admission(client, world, session, marc, lies, proposed):
    """ID2"""
    task = _task(session, "admission")
    world.sign_in(client, marc)
    assert client.get(f"/taken/{task.id}").status_code == 404

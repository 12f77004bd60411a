"""The pages on which an administrator finds or adds somebody and gives a right (seed 002 step 2)."""

import re
import uuid
from collections.abc import Callable

import pytest
from sqlalchemy import insert, select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker import clock
from broker.access.grant import Grant
from broker.database import changing_session
from broker.people.affiliation import Affiliation
from broker.people.look_up import AN_HOUR, LookUp
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import LB_ENTERER, LB_READER, World

PATH = "/rechten/nieuw"


def at_desk(world: World, client: Client, *places: Organisation) -> Person:
    """An administrator of these organisations, signed in."""
    ilse = world.person("Ilse Maes")
    for place in places:
        world.administrator_of(place, person=ilse)
    world.sign_in(client, ilse)
    return ilse


def send(client: Client, page: TestResponse, typed: dict[str, str] | None = None, press: str = "") -> TestResponse:
    """A form of these pages, by its button; without one the form of a new person."""
    form = {"naam": "#op-naam", "": "/mensen/nieuw"}.get(press, PATH)
    return client.submit(page, typed, form=form, press=("doe", press) if press else None)


def test_from_a_number_to_a_right(world: World, client: Client, inbox: Inbox, session: Session) -> None:
    genk, number = world.organisation(), world.number()
    at_desk(world, client, genk)
    nele = world.person(number=number, works_for=genk)
    page = client.get(PATH)
    assert "Om fouten te vermijden raden we aan" in page.text
    assert page.text.index('id="nummer"') < page.text.index('id="naam"')
    found = send(client, page, {"nummer": f"{number[:6]}-{number[6:9]}.{number[9:]}"}, press="nummer")
    assert found.status_code == 303
    assert number not in found.location
    which = client.get(found.location)
    assert "Nele Vercauteren" in which.text
    checked = send(client, which, {"recht": LB_ENTERER}, press="kijk-na")
    assert "Wat de regels zeggen" in checked.text
    given = send(client, checked, press="geef")
    assert given.status_code == 303
    grant = session.scalars(select(Grant)).one()
    assert given.location.endswith(f"/rechten/{grant.id}")
    assert "heeft het recht" in client.get(given.location).text
    assert "gaf u een recht" in inbox.last_to(str(nele.email)).text


def test_who_is_not_there_is_added_and_given_the_right_in_one_go(
    world: World, client: Client, session: Session
) -> None:
    genk, number = world.organisation(), world.number()
    at_desk(world, client, genk)
    page = send(client, client.get(PATH), {"nummer": number}, press="nummer")
    assert "werkt niemand met dit nummer" in page.text
    added = send(client, page, {"given_name": "Hanne", "family_name": "Smet", "email": "hanne@genk.test"})
    assert added.status_code == 303
    checked = send(client, client.get(added.location), {"recht": LB_READER}, press="kijk-na")
    assert "wacht op de aanmelding van Hanne" in checked.text
    send(client, checked, press="geef")
    grant = session.scalars(select(Grant)).one()
    assert session.get_one(Person, grant.person_id).full_name == "Hanne Smet"
    assert len(session.scalars(select(LookUp)).all()) == 1, "the same person counts once"


def test_known_elsewhere_or_unknown_give_the_same_pages(world: World, client: Client) -> None:
    """DG2: every page letter by letter, from the search to the right."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    known, unknown = world.number(), world.number()
    world.person("Hanne Geheim", number=known, works_for=gent, email="geheim@gent.test")
    at_desk(world, client, genk)
    shown = []
    for number in (known, unknown):
        pages = [send(client, client.get(PATH), {"nummer": number}, press="nummer")]
        typed = {"given_name": "Hanne", "family_name": "Smet", "email": "hanne@genk.test"}
        added = send(client, pages[0], typed)
        pages.append(client.get(added.location))
        pages.append(send(client, pages[-1], {"recht": LB_ENTERER}, press="kijk-na"))
        given = send(client, pages[-1], press="geef")
        pages.append(client.get(given.location))
        pages.append(client.get(f"{PATH}"))
        pages.append(client.get(f"/mensen/{added.location.rpartition('/')[2]}"))
        shown.append([_without_ids(page.text, number) for page in pages])
    assert shown[0] == shown[1]
    assert "Geheim" not in "".join(shown[0])


def _without_ids(text: str, number: str) -> str:
    text = text.replace(number, "NUMBER")
    text = re.sub(r'name="(csrf_token|gezien)" value="[^"]*"', "", text)
    return re.sub(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "ID", text)


def test_a_colleague_is_found_by_name_or_address_within_the_own_organisation(world: World, client: Client) -> None:
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    at_desk(world, client, genk)
    here = world.person("Nele Vercauteren", works_for=genk)
    world.person("Nele Elders", works_for=gent)
    for words in ("vercau", str(here.email)):
        page = send(client, client.get(PATH), {"naam": words}, press="naam")
        assert f"{PATH}/{world.affiliation(here, genk).id}" in page.text
        assert "Elders" not in page.text
    assert "Niemand gevonden" in send(client, client.get(PATH), {"naam": "elders"}, press="naam").text


@pytest.mark.parametrize(
    ("press", "typed", "said"),
    [
        ("nummer", "", "Vul het rijksregisternummer in"),
        ("nummer", "123", "Dit nummer heeft 3 cijfers"),
        ("nummer", "85073000099", "Dit nummer klopt niet"),
        ("naam", " ", "Vul een naam of een e-mailadres in"),
    ],
)
def test_what_cannot_be_searched_is_said_at_the_field(
    world: World, client: Client, press: str, typed: str, said: str
) -> None:
    at_desk(world, client, world.organisation())
    page = send(client, client.get(PATH), {press: typed}, press=press)
    assert page.status_code == 422
    assert said in page.text


def test_too_many_look_ups_are_refused_on_the_page(world: World, client: Client) -> None:
    """DG3."""
    at_desk(world, client, world.organisation())
    for _ in range(AN_HOUR):
        assert send(client, client.get(PATH), {"nummer": world.number()}, press="nummer").status_code == 200
    page = send(client, client.get(PATH), {"nummer": world.number()}, press="nummer")
    assert page.status_code == 429
    assert "U zocht al vaak op nummer" in page.text


def test_why_not_stands_before_the_button(world: World, client: Client, session: Session) -> None:
    genk = world.organisation()
    at_desk(world, client, genk)
    nele = world.person(works_for=genk)
    world.grant(nele, genk, "invoerder")
    page = send(
        client, client.get(f"{PATH}/{world.affiliation(nele, genk).id}"), {"recht": LB_ENTERER}, press="kijk-na"
    )
    assert "heeft dit recht al" in page.text
    assert 'value="geef"' not in page.text
    assert len(session.scalars(select(Grant)).all()) == 1


def test_a_change_of_role_is_offered_and_shown_before_it_happens(
    world: World, client: Client, session: Session
) -> None:
    genk = world.organisation()
    at_desk(world, client, genk)
    nele = world.person(works_for=genk)
    old = world.grant(nele, genk, "invoerder")
    job = world.affiliation(nele, genk)
    refused = send(client, client.get(f"{PATH}/{job.id}"), {"recht": LB_READER}, press="kijk-na")
    assert 'value="geef"' not in refused.text
    change = send(client, refused, press="wissel")
    assert "Dit is een wissel van rol" in change.text
    assert send(client, change, press="geef").status_code == 303
    assert session.get_one(Grant, old.id).end_reason == "change_of_role"


def test_a_role_elsewhere_is_told_without_where_and_counts(world: World, client: Client, session: Session) -> None:
    """DG4, DG5."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    at_desk(world, client, genk)
    nele = world.person(works_for=genk)
    world.grant(nele, gent, "invoerder")
    page = send(client, client.get(f"{PATH}/{world.affiliation(nele, genk).id}"), {"recht": LB_READER}, press="kijk-na")
    assert "heeft elders al een rol" in page.text
    assert "Gent" not in page.text
    assert 'value="wissel"' not in page.text
    assert len(session.scalars(select(LookUp)).all()) == 1


def test_a_role_elsewhere_is_not_told_for_free_by_skipping_the_check(
    world: World, client: Client, session: Session
) -> None:
    """DG4: the button itself leads to the same page, which counts."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    at_desk(world, client, genk)
    nele = world.person(works_for=genk)
    page = send(client, client.get(f"{PATH}/{world.affiliation(nele, genk).id}"), {"recht": LB_READER}, press="kijk-na")
    world.grant(nele, gent, "invoerder")
    late = send(client, page, press="geef")
    assert late.status_code == 409
    assert len(session.scalars(select(LookUp)).all()) == 1


def test_the_own_case_is_said_with_the_link_by_which_one_asks(world: World, client: Client) -> None:
    """DG1: a sole administrator's own case goes to the officer, by a request like any other."""
    genk = world.organisation()
    ilse = at_desk(world, client, genk)
    page = client.get(f"{PATH}/{world.affiliation(ilse, genk).id}")
    assert "Uzelf geeft u geen recht" in page.text
    checked = send(client, page, {"recht": LB_ENTERER}, press="kijk-na")
    link = f"/user/aanvraag?dg=LB&amp;ec={LB_ENTERER}&amp;oc={genk.code}"
    assert link in checked.text
    assert client.get(link.replace("&amp;", "&")).status_code == 200


def test_another_organisation_is_not_found(world: World, client: Client) -> None:
    """ID2."""
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    far = world.affiliation(world.person(works_for=gent), gent)
    own = world.affiliation(world.person(works_for=genk), genk)
    at_desk(world, client, genk)
    assert client.get(f"{PATH}/{far.id}").status_code == 404
    page = client.get(f"{PATH}/{own.id}")
    assert send(client, page, {"recht": LB_ENTERER}, press="kijk-na").status_code == 200
    token = client.csrf_token(PATH)
    for address in (PATH, "/mensen/nieuw"):
        data = {"csrf_token": token, "organisatie": gent.code, "doe": "nummer", "nummer": world.number()}
        assert client.post(address, data=data).status_code == 404


def test_who_is_no_administrator_finds_no_page(world: World, client: Client) -> None:
    world.sign_in(client, world.person(works_for=world.organisation()))
    for address in (PATH, "/mensen/nieuw"):
        assert client.get(address).status_code == 404


def test_with_several_organisations_one_is_chosen(world: World, client: Client, session: Session) -> None:
    genk, agb, number = world.organisation("Genk"), world.organisation("AGB Genk", kind="agb"), world.number()
    at_desk(world, client, genk, agb)
    person = world.person(number=number, works_for=agb)
    page = client.get(PATH)
    assert send(client, page, {"nummer": number, "organisatie": genk.code}, press="nummer").status_code == 200
    found = send(client, page, {"nummer": number, "organisatie": agb.code}, press="nummer")
    assert found.location.endswith(str(world.affiliation(person, agb).id))
    assert "AGB" in client.get(found.location).text


def test_wrong_days_are_said_at_their_fields(world: World, client: Client) -> None:
    genk = world.organisation()
    at_desk(world, client, genk)
    job = world.affiliation(world.person(works_for=genk), genk)
    page = client.get(f"{PATH}/{job.id}")
    for field, typed, said in (
        ("vanaf", "gisteren", "Schrijf de dag zo"),
        ("vanaf", "2020-01-01", "Kies vandaag of een latere dag"),
        ("tot", "2099-01-01", "Dit recht kan hoogstens tot en met"),
    ):
        answer = send(client, page, {"recht": LB_ENTERER, field: typed}, press="kijk-na")
        assert answer.status_code == 422
        assert said in answer.text
        assert typed in answer.text
    assert "Kies een recht" in send(client, page, press="kijk-na").text


def test_every_wrong_field_of_a_new_person_is_said(world: World, client: Client) -> None:
    at_desk(world, client, world.organisation())
    page = send(client, client.get("/mensen/nieuw"), {"number": "1", "email": "geen"})
    assert page.status_code == 422
    for said in ("Vul de voornaam in", "Vul de familienaam in", "Dit nummer heeft 1 cijfers", "volledig e-mailadres"):
        assert said in page.text


def crowd(place: Organisation, people: int) -> None:
    """That many people who work at `place`."""
    ids, now = [uuid.uuid4() for _ in range(people)], clock.now()
    known = {"given_name": "Wie", "name_source": "verified", "state": "matched", "created_at": now, "language": "nl"}
    persons = [{**known, "id": each, "sub": each.hex, "family_name": f"Nummer{turn}"} for turn, each in enumerate(ids)]
    jobs = [{"id": uuid.uuid4(), "person_id": each, "organisation_id": place.id, "valid_from": now} for each in ids]
    with changing_session() as session, session.begin():
        session.execute(insert(Person), persons)
        session.execute(insert(Affiliation), jobs)


@pytest.mark.parametrize("people", [50, 5000])
def test_the_pages_ask_the_same_of_the_database_however_many_people_there_are(
    world: World, client: Client, statements: Statements, people: int
) -> None:
    """At most twelve statements a page."""
    genk, number = world.organisation(), world.number()
    at_desk(world, client, genk)
    nele = world.person(number=number, works_for=genk)
    crowd(genk, people)
    job = world.affiliation(nele, genk)
    page = client.get(f"{PATH}/{job.id}")
    first = client.get(PATH)
    doing: dict[str, Callable[[], object]] = {
        "who": lambda: client.get(PATH),
        "by name": lambda: send(client, first, {"naam": "nummer"}, press="naam"),
        "which": lambda: client.get(f"{PATH}/{job.id}"),
        "add": lambda: client.get("/mensen/nieuw"),
        "check": lambda: send(client, page, {"recht": LB_ENTERER}, press="kijk-na"),
    }
    for name, ask in doing.items():
        ask()
        with statements() as seen:
            ask()
        assert len(seen) <= 12, (name, len(seen))

"""The page "Stuur de link": a self-registration link with the organisation filled in, to copy, to mail, as a QR code (M3)."""

from urllib.parse import urlsplit

import pytest

from broker.access import send_link as operation
from broker.access.explain_direct import codes_offered
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import LB_ENTERER, World

PATH = "/rechten/links"


def at_desk(world: World, client: Client, *places: Organisation) -> Person:
    """An administrator of these organisations, signed in."""
    ilse = world.person("Ilse Maes")
    for place in places:
        world.administrator_of(place, person=ilse)
    world.sign_in(client, ilse)
    return ilse


def test_every_link_of_the_page_opens_with_the_organisation_filled_in(world: World, client: Client) -> None:
    genk = world.organisation()
    at_desk(world, client, genk)
    text = client.get(PATH).text.replace("&amp;", "&")
    codes = codes_offered(world.installation.catalogue, genk)
    assert codes
    for code in codes:
        link = f"/user/aanvraag?dg=LB&ec={code.code}&oc={genk.code}"
        assert link in text
        assert "Genk" in client.get(link).text


def test_the_link_is_mailed_and_leads_to_the_form(world: World, client: Client, inbox: Inbox) -> None:
    genk = world.organisation()
    at_desk(world, client, genk)
    sent = client.submit(client.get(PATH), {"email": "nele@voorbeeld.test"}, form=f"{PATH}?oc=")
    assert sent.status_code == 303
    mail = inbox.last_to("nele@voorbeeld.test")
    (link,) = {each for each in mail.links if "/user/aanvraag" in each}
    parts = urlsplit(link)
    assert client.get(f"{parts.path}?{parts.query}").status_code == 200
    assert "Ilse" not in mail.text


def test_an_address_that_is_none_is_said_at_its_field(world: World, client: Client, inbox: Inbox) -> None:
    at_desk(world, client, world.organisation())
    page = client.submit(client.get(PATH), {"email": "nele@"}, form=f"{PATH}?oc=")
    assert page.status_code == 422
    assert "volledig e-mailadres" in page.text
    assert inbox.mails == []


def test_only_so_many_a_day(world: World, client: Client, inbox: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """SR1: our mail is nobody's bomb."""
    monkeypatch.setattr(operation, "A_DAY", 2)
    at_desk(world, client, world.organisation())
    for wanted in (303, 303, 429):
        answer = client.submit(client.get(PATH), {"email": "nele@voorbeeld.test"}, form=f"{PATH}?oc=")
        assert answer.status_code == wanted
    assert len(inbox.mails_to("nele@voorbeeld.test")) == 2


def test_the_qr_code_is_a_picture(world: World, client: Client) -> None:
    genk = world.organisation()
    at_desk(world, client, genk)
    picture = client.get(f"{PATH}/{LB_ENTERER}/{genk.code}.svg")
    assert picture.status_code == 200
    assert picture.mimetype == "image/svg+xml"
    assert client.get(f"{PATH}/iets/{genk.code}.svg").status_code == 404


def test_another_organisation_and_another_kind_of_right_are_not_found(world: World, client: Client) -> None:
    genk, gent = world.organisation("Genk"), world.organisation("Gent")
    kaai = world.organisation("De Kaai", kind="economische_actor")
    at_desk(world, client, genk)
    for other in (gent, kaai):
        assert client.get(f"{PATH}?oc={other.code}").status_code == 404
        assert client.get(f"{PATH}/{LB_ENTERER}/{other.code}.svg").status_code == 404
    wrong = {"recht": world.entitlement_for(kaai), "email": "nele@voorbeeld.test"}
    assert client.submit(client.get(PATH), wrong, form=f"{PATH}?oc=").status_code == 404


def test_with_several_organisations_one_is_chosen(world: World, client: Client) -> None:
    genk, agb = world.organisation("Genk"), world.organisation("AGB Genk", kind="agb")
    at_desk(world, client, genk, agb)
    assert f"oc={agb.code}" in client.get(f"{PATH}?oc={agb.code}").text

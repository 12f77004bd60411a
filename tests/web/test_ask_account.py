"""The other way in: "Account aanvragen", a message to the local administrator (seed 000, issue 4 Asking)."""

import html
import re
from urllib.parse import parse_qs, unquote, urlsplit

import pytest
from sqlalchemy import func, select

from broker.access.access_request import OPEN, AccessRequest
from broker.access.task import Task
from broker.access.withdraw_request import withdraw_request
from broker.database import perform
from broker.installation import installation
from broker.people.one_time_link import TRACKING

PATH = "/toepassingen/jeugdmonitor/account-aanvragen"
FILLED = {"given_name": "Hanne", "family_name": "Smet", "email": "hanne@voorbeeld.test"}
CHARTER = "2026-1"


def _message(client, organisation, **more):
    page = client.get(f"{PATH}?oc={organisation.code}")
    return client.submit(page, FILLED | more, form="account-aanvragen", press=("doe", "schrijf"))


def _send(client, organisation, **more):
    page = _message(client, organisation, **more)
    return client.submit(page, {"charter": CHARTER}, form="account-aanvragen", press=("doe", "verstuur"))


def _count(session):
    return session.scalar(select(func.count()).select_from(AccessRequest))


def test_an_application_without_such_a_page_has_none(client):
    assert client.get("/toepassingen/cultuurmonitor/account-aanvragen").status_code == 404
    assert client.get("/toepassingen/onbekend/account-aanvragen").status_code == 404


def test_an_unknown_organisation_is_not_found(client):
    assert client.get(f"{PATH}?oc=0000000000").status_code == 404


@pytest.mark.parametrize("kind", ["brusselse_gemeente", "agb", "economische_actor"])
def test_whoever_may_not_ask_reads_who_may_and_is_not_listed(client, world, session, kind):
    """W13: an OCMW, AGB, province or Brusselse gemeente."""
    other = world.organisation("Sint-Gillis", kind=kind)
    assert other.code not in client.get(f"{PATH}?zoek=gillis").text
    page = client.get(f"{PATH}?oc={other.code}")
    assert "Elke gemeente of stad in Vlaanderen en de VGC" in page.text
    assert "1700" in page.text
    token = client.csrf_token(f"{PATH}?oc={world.organisation().code}")
    answer = client.post(f"{PATH}?oc={other.code}", data=FILLED | {"csrf_token": token})
    assert "Wie kan een account aanvragen?" in answer.text
    assert _count(session) == 0


def test_the_four_steps_the_search_and_1700_are_there_always(client, world):
    """M6: the 1700 text stands there whether or not an administrator is known."""
    genk = world.organisation("Genk")
    page = client.get(f"{PATH}?zoek=genk")
    for said in (
        "DCJM Jeugdmonitor met context Projectcoördinator",
        "jeugdmonitor@vlaanderen.be",
        "1700",
        "elke werkdag van 9 tot 19 uur",
        "enkel met uw lokale beheerder en via een veilig kanaal",
        "aan met itsme of eID",
        "Charter verwerking persoonsgegevens",
        f"oc={genk.code}",
    ):
        assert said in page.text
    world.administrator_of(genk)
    assert "1700" in client.get(f"{PATH}?oc={genk.code}").text


def test_a_stranger_reads_the_same_whether_there_are_administrators_or_not(client, world):
    """SR3: functions are told once somebody is signed in or proved an address."""
    with_one = world.organisation("Elzevoorde")
    without = world.organisation("Elzevoorde")
    world.administrator_of(with_one, head=True)

    def page(organisation):
        text = client.get(f"{PATH}?oc={organisation.code}").text
        return re.sub(r'name="(csrf_token|submission_id)" value="[^"]+"', "", text).replace(organisation.code, "CODE")

    assert page(with_one) == page(without)


def test_somebody_signed_in_reads_the_functions_and_never_the_names(client, world):
    """SR3."""
    genk = world.organisation("Genk")
    nele = world.person("Nele Vercauteren")
    world.sign_in(client, nele)
    assert "nog geen lokale beheerder" in client.get(f"{PATH}?oc={genk.code}").text
    world.administrator_of(genk, "Ilse Maes", head=True)
    page = client.get(f"{PATH}?oc={genk.code}").text
    assert "hoofd lokale beheerder" in page
    assert "Ilse" not in page


def test_whom_one_replaces_is_asked_as_on_the_form_behind_a_link(client, world, session):
    """M7: a name, or "I do not know", and until when."""
    genk = world.organisation("Genk")
    refused = _message(client, genk, replaces_whom="iemand", replaces_until="2027-03-31")
    assert refused.status_code == 422
    assert "Vul in wie u vervangt" in refused.text
    assert 'value="2027-03-31"' in refused.text
    page = _message(client, genk, replaces_whom="onbekend", replaces_until="2027-03-31")
    assert "- Ik vervang: weet niet wie, tot en met 31/03/2027" in html.unescape(page.text)
    _send(client, genk, replaces_whom="iemand", replaces_name="Jan Peeters")
    assert session.scalars(select(AccessRequest)).one().answers["replaces"] == "Jan Peeters"


def test_what_is_missing_is_said_at_its_field_and_what_was_typed_stays(client, world, session):
    page = _message(client, world.organisation(), given_name="", general_email="jeugd@", family_name="Smet")
    assert page.status_code == 422
    assert "Vul uw voornaam in" in page.text
    assert "volledig e-mailadres" in page.text
    assert 'value="Smet"' in page.text
    assert _count(session) == 0


def test_the_message_of_the_seed_is_written_with_both_addresses_and_no_number(client, world, session):
    """W8 and M9; nothing is sent yet (W1)."""
    genk = world.organisation("Genk")
    page = _message(
        client,
        genk,
        general_email="jeugddienst@voorbeeld.test",
        replaces_whom="iemand",
        replaces_name="Jan Peeters",
        replaces_until="2027-03-31",
    )
    text = html.unescape(page.text)
    for said in (
        "Beste lokale beheerder,",
        "in cc. jeugdmonitor@vlaanderen.be",
        "‘DCJM Jeugdmonitor met context Projectcoördinator’",
        "https://jeugdmonitor.vlaanderen.be/",
        "- Organisatie: Genk",
        "- Voornaam en naam: Hanne Smet",
        "- E-mailadres: hanne@voorbeeld.test, jeugddienst@voorbeeld.test",
        "- Ik vervang: Jan Peeters, tot en met 31/03/2027",
        "art. 193 DLB",
        "Mijn rijksregisternummer staat niet in dit bericht",
    ):
        assert said in text
    assert _count(session) == 0


def test_the_mail_program_opens_with_the_team_in_cc_and_the_whole_message(client, world):
    page = html.unescape(_message(client, world.organisation("Genk")).text)
    address = re.search(r'href="(mailto:[^"]+)"', page).group(1)
    parts = urlsplit(address)
    query = parse_qs(parts.query, strict_parsing=True)
    assert (parts.path, query["cc"]) == ("", ["jeugdmonitor@vlaanderen.be"])
    assert "\r\n\r\nHierbij mijn contactgegevens" in query["body"][0]
    assert "+" not in address.split("body=")[1]
    assert "Hanne Smet" in unquote(address)


def test_a_name_with_signs_of_an_address_stays_a_name_in_the_message(client, world):
    """SR7: what is typed becomes no header, no second address and no markup."""
    page = _message(client, world.organisation(), family_name="O'Smet & <b> ?cc=x@y.be")
    address = re.search(r'href="(mailto:[^"]+)"', page.text).group(1)
    assert parse_qs(urlsplit(html.unescape(address)).query)["cc"] == ["jeugdmonitor@vlaanderen.be"]
    assert "<b>" not in page.text


def test_without_the_charter_nothing_is_sent(client, world, session):
    page = _message(client, world.organisation())
    answer = client.submit(page, form="account-aanvragen", press=("doe", "verstuur"))
    assert answer.status_code == 422
    assert "Kruis aan dat u het charter las" in answer.text
    assert _count(session) == 0


def test_only_what_was_shown_is_sent(client, world, session):
    """W1: the page that confirms carries it sealed."""
    page = _message(client, world.organisation())
    client.submit(
        page, {"charter": CHARTER, "email": "ander@voorbeeld.test"}, form="account-aanvragen", press=("doe", "verstuur")
    )
    assert session.scalars(select(AccessRequest)).one().email == "hanne@voorbeeld.test"


def test_changing_something_brings_the_form_back_as_it_was_filled_in(client, world):
    page = client.submit(_message(client, world.organisation()), form="account-aanvragen", press=("doe", "wijzig"))
    assert 'value="hanne@voorbeeld.test"' in page.text


def test_sent_through_the_broker_it_becomes_a_task_once_the_address_is_proved(client, world, session, inbox):
    """The whole road of somebody without a digital key: no number anywhere."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    sent = _send(client, genk, general_email="jeugddienst@voorbeeld.test")
    assert (sent.status_code, sent.location) == (303, "/user/aanvraag/verstuurd")
    page = client.get(sent.location).text
    assert "enige tijd duren, afhankelijk van de beschikbaarheid" in page  # W8, with the days of the policy
    assert "3 en 7 werkdagen" in page
    assert session.scalar(select(func.count()).select_from(Task)) == 0
    client.get(inbox.last_to("hanne@voorbeeld.test").path)
    confirmed = client.submit(client.get("/link/bevestigen"), press=("doe", "bevestig"), form="bevestigen")
    followed = client.get(confirmed.location).text
    assert "enige tijd duren" in followed
    request = session.scalars(select(AccessRequest)).one()
    assert (request.status, request.person_id, request.number_sealed, request.number_masked, request.number_hash) == (
        OPEN,
        None,
        None,
        None,
        None,
    )
    assert (request.application_code, request.right_code, request.context_code) == (
        "jeugdmonitor",
        "projectcoordinator",
        "Projectcoordinator",
    )
    assert request.answers == {"general_email": "jeugddienst@voorbeeld.test"}
    world.sign_in(client, ilse)
    task = client.get(f"/taken/{world.task(request).id}").text
    for said in (
        "Hanne Smet",
        "hanne@voorbeeld.test",
        "jeugddienst@voorbeeld.test",
        "DCJM Jeugdmonitor",
        "niet meegegeven",
    ):
        assert said in task


def test_somebody_with_a_digital_key_sends_it_at_once_and_follows_it(client, world, session):
    genk = world.organisation("Genk")
    world.administrator_of(genk)
    nele = world.person("Nele Vercauteren", email="nele@voorbeeld.test")
    world.sign_in(client, nele)
    sent = _send(client, genk, email="nele@voorbeeld.test")
    request = session.scalars(select(AccessRequest)).one()
    assert sent.location == f"/aanvraag/{request.number}"
    assert (request.status, request.person_id) == (OPEN, nele.id)


def test_asking_twice_gives_the_first_one_back(client, world, session):
    genk = world.organisation("Genk")
    world.sign_in(client, world.person("Nele Vercauteren", email="nele@voorbeeld.test"))
    first = _send(client, genk, email="nele@voorbeeld.test")
    again = _message(client, genk, email="nele@voorbeeld.test")
    assert (again.status_code, again.location) == (303, first.location)
    assert _count(session) == 1


def test_the_team_is_told_of_the_request_and_of_nothing_more(client, world, inbox):
    """W7 and C3: organisation, name, addresses, right, what and when; a typed name can become no link (SR7)."""
    genk = world.organisation("Genk")
    _send(client, genk, family_name="Smet www.kwaad.be", general_email="jeugddienst@voorbeeld.test")
    assert not inbox.mails_to("jeugdmonitor@vlaanderen.be")  # not before the address is proved (SR1)
    client.get(inbox.last_to("hanne@voorbeeld.test").path)
    client.submit(client.get("/link/bevestigen"), press=("doe", "bevestig"), form="bevestigen")
    mail = inbox.last_to("jeugdmonitor@vlaanderen.be")
    for said in ("Genk", "Hanne Smet wwwkwaadbe", "hanne@voorbeeld.test, jeugddienst@voorbeeld.test", "aangevraagd"):
        assert said in mail.text
    assert "kwaad.be" not in mail.text + mail.html


def test_the_owner_of_an_application_without_that_key_is_told_of_grants_only(world, inbox):
    world.request(world.person(), world.organisation())
    assert not inbox.mails_to("ccinc@vlaanderen.be")


def test_the_page_of_the_application_leads_here(client):
    assert PATH in client.get("/toepassingen/jeugdmonitor").text
    assert "account-aanvragen" not in client.get("/toepassingen/cultuurmonitor").text


def test_asking_again_leads_back_to_where_one_asked_with_the_organisation_kept(client, world, session):
    """Issue 4: the form behind a link takes a digital key only; who has none would stand before a door without a handle."""
    genk = world.organisation("Genk")
    asked = world.typed_request(
        genk, entitlement="DCJM_Jeugdmonitor_LB_Projectcoordinator", with_number=False, charter_version=CHARTER
    )
    perform(withdraw_request, installation(), asked.id)
    page = client.get(f"/link/{world.link_token(asked.id, TRACKING)}", follow_redirects=True).text
    assert "Opnieuw vragen" in page
    assert f'href="{PATH}?oc={genk.code}"' in page


def test_who_asked_with_a_digital_key_asks_again_on_the_form_with_the_organisation_kept(client, world):
    genk, nele = world.organisation("Genk"), world.person("Nele Vercauteren")
    asked = world.request(nele, genk)
    perform(withdraw_request, installation(), asked.id)
    world.sign_in(client, nele)
    page = html.unescape(client.get(f"/aanvraag/{asked.number}").text)
    address = re.search(r'href="(/user/aanvraag[^"]+)"', page).group(1)
    assert parse_qs(urlsplit(address).query)["oc"] == [genk.code]
    assert client.get(address, follow_redirects=True).status_code == 200

"""Jeugdgroepen: of one organisation, made by its PMM Beheerder, seen by its members and by nobody else (M11, W22)."""

import uuid
from datetime import date

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from modules.kit.database import database
from modules.plusminmee import make_group
from modules.plusminmee.group_form import GroupFields
from modules.plusminmee.model import Professional
from modules.plusminmee.set_term import set_term
from modules.plusminmee.write_log import write_log
from tests.modules.plusminmee.in_between import InBetween
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.visitors import GROUP, GROUPS, Visitor


def test_the_public_page_says_what_it_is_for_and_leads_in(fatima: Visitor) -> None:
    """W26."""
    page = fatima.client.get("/plusminmee", base_url="http://localhost:8003").text
    assert "Een jeugdgroep samen in kaart" in page
    assert "info@straatcontact.nl" in page
    assert "geen politiegegevens" in page


def test_who_makes_a_group_is_its_first_beheerder(fatima: Visitor, group: uuid.UUID) -> None:
    overview = fatima.get(GROUPS).text
    assert "Groep Stationsplein" in overview
    assert "Beheerder" in overview
    assert fatima.get(f"{GROUPS}/{group}").status_code == 200


@pytest.mark.parametrize("field", ["name", "place", "purpose"])
def test_a_bsn_is_refused_in_what_is_said_of_a_group(fatima: Visitor, field: str) -> None:
    """The name of a group stands in mails as well."""
    fatima.get(f"{GROUPS}/nieuw")
    page = fatima.post(f"{GROUPS}/nieuw", {**GROUP, field: f"Rond {BSN}"})
    assert page.status_code == 422
    assert f'id="{field}-fout"' in page.text
    assert "2027-06-30" in page.text, "what was typed stays"
    assert "U hoort nog bij geen groep" in fatima.get(GROUPS).text


def test_sensitive_words_in_the_purpose_of_a_group_are_pointed_out(fatima: Visitor) -> None:
    fatima.get(f"{GROUPS}/nieuw")
    page = fatima.post(f"{GROUPS}/nieuw", {**GROUP, "purpose": "Jongeren met schulden helpen."}).text
    assert "U bent de beheerder." in page
    assert "Kijk nog eens na wat u schreef" in page


def test_a_gebruiker_makes_no_group(sanne: Visitor) -> None:
    assert sanne.get(f"{GROUPS}/nieuw").status_code == 403
    assert sanne.get(f"{GROUPS}/bewaartermijn").status_code == 403
    assert "Maak een groep" not in sanne.get(GROUPS).text


def test_the_menu_stands_at_the_left_in_the_words_of_the_seed(fatima: Visitor) -> None:
    """W16."""
    page = fatima.get(GROUPS).text
    side = page[page.index('<nav class="pw-side"') : page.index("</nav>", page.index('<nav class="pw-side"'))]
    places = [
        side.index(word) for word in ("Jeugdgroepen", "Uitnodigingen", "Logboek", "Mijn profiel", "Help", "Uitloggen")
    ]
    assert places == sorted(places)
    assert 'action="/plusminmee/afmelden"' in side


def test_a_retention_date_lies_within_the_term_of_the_organisation(fatima: Visitor) -> None:
    """W22: twelve months until the organisation says otherwise."""
    fatima.get(f"{GROUPS}/nieuw")
    refused = fatima.post(f"{GROUPS}/nieuw", {**GROUP, "retain_until": "2027-11-18"})
    assert refused.status_code == 422
    assert "17 november 2027" in refused.text
    assert "Stationsplein" in refused.text, "what was typed is still there"
    assert fatima.post(f"{GROUPS}/nieuw", {**GROUP, "retain_until": "2026-11-17"}).status_code == 422
    assert fatima.post(f"{GROUPS}/nieuw", {**GROUP, "retain_until": "17-11-2027"}).status_code == 200
    fatima.get(f"{GROUPS}/bewaartermijn")
    assert fatima.post(f"{GROUPS}/bewaartermijn", {"months": "61"}).status_code == 422
    fatima.post(f"{GROUPS}/bewaartermijn", {"months": "24"})
    fatima.get(f"{GROUPS}/nieuw")
    assert fatima.post(f"{GROUPS}/nieuw", {**GROUP, "retain_until": "2028-11-17"}).status_code == 200


def test_a_shorter_term_brings_the_dates_forward_and_never_so_that_nobody_is_warned(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    """W22: "a group's date lies within it", that of a group that was made before as well."""

    def kept_until() -> str:
        with engine.connect() as connection:
            return str(connection.scalar(text("SELECT retain_until FROM youth_groups")))

    assert kept_until() == "2027-06-30"
    fatima.get(f"{GROUPS}/bewaartermijn")
    assert "vroegere datum" not in fatima.post(f"{GROUPS}/bewaartermijn", {"months": "10"}).text
    assert kept_until() == "2027-06-30", "it lay within already"
    fatima.get(f"{GROUPS}/bewaartermijn")
    assert "1 groep kreeg een vroegere datum." in fatima.post(f"{GROUPS}/bewaartermijn", {"months": "3"}).text
    assert kept_until() == "2027-02-17"
    assert "zette de bewaardatum op 17 februari 2027" in member.get(f"{GROUPS}/{group}/logboek").text
    fatima.get(f"{GROUPS}/bewaartermijn")
    fatima.post(f"{GROUPS}/bewaartermijn", {"months": "1"})
    assert kept_until() == "2026-12-18", "31 days from now: the mail leaves before it"


def test_a_group_that_is_made_while_the_term_is_shortened_is_kept_no_longer_than_that(
    tool: Flask, fatima: Visitor, group: uuid.UUID, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """W22, whoever is first."""
    with tool.app_context():
        maker = database().reading().query(Professional).filter_by(full_name="Fatima Haddad").one()
    in_between = InBetween()

    def make() -> None:
        with tool.app_context():
            fields = GroupFields("Groep Park", "Park", "Overlast voorkomen.", date(2027, 11, 1), "")
            database().perform(make_group.make_group, maker, fields)

    def shorten() -> None:
        with tool.app_context():
            database().perform(set_term, maker, 3)

    monkeypatch.setattr(make_group, "write_log", in_between.held(write_log))
    in_between.run(make, shorten)
    with engine.connect() as connection:
        kept_until = connection.execute(text("SELECT retain_until FROM youth_groups")).scalars()
        assert {str(each) for each in kept_until} == {"2027-02-17"}


def test_a_change_of_the_group_is_the_beheerders_and_the_second_of_two_at_once_is_told(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    path = f"{GROUPS}/{group}/gegevens"
    assert member.get(path).status_code == 403
    fatima.get(path)
    assert "Groep Plein" in fatima.post(path, {**GROUP, "name": "Groep Plein", "version": "1"}).text
    fatima.get(path)
    assert fatima.post(path, {**GROUP, "name": "Groep Anders", "version": "1"}).status_code == 409
    assert "wijzigde de gegevens van de groep" in member.get(f"{GROUPS}/{group}/logboek").text


def test_x_takes_a_group_out_of_ones_overview(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    assert "Groep Stationsplein" in member.get(GROUPS).text
    member.get(f"{GROUPS}/{group}/verlaten")
    member.post(f"{GROUPS}/{group}/verlaten")
    assert "Groep Stationsplein</a>" not in member.get(GROUPS).text
    assert member.get(f"{GROUPS}/{group}/professionals").status_code == 404
    assert "Anton Bos verliet de groep" in fatima.get(f"{GROUPS}/{group}/logboek").text


def test_the_last_beheerder_cannot_leave(fatima: Visitor, group: uuid.UUID) -> None:
    fatima.get(f"{GROUPS}/{group}/verlaten")
    assert "enige beheerder" in fatima.post(f"{GROUPS}/{group}/verlaten").text
    assert fatima.get(f"{GROUPS}/{group}/professionals").status_code == 200


@pytest.mark.usefixtures("group")
@pytest.mark.parametrize(
    "change", ["UPDATE log_entries SET kind = 'left'", "DELETE FROM log_entries"], ids=["changed", "taken away"]
)
def test_the_logbook_cannot_be_changed_not_even_in_the_database(engine: Engine, change: str) -> None:
    with pytest.raises(DBAPIError, match="never changed"), engine.begin() as connection:
        connection.execute(text(change))


def test_the_logbook_across_groups_counts_what_is_new(
    fatima: Visitor, member: Visitor, clock: time_machine.Traveller
) -> None:
    page = fatima.get(GROUPS).text
    assert '<span>Logboek</span> <span class="pw-count">1' in page
    news = fatima.get("/plusminmee/logboek").text
    assert "Anton Bos hoort nu bij de groep" in news
    assert f"{GROUPS}/" in news
    assert '<span>Logboek</span> <span class="pw-count">' not in fatima.get(GROUPS).text
    assert '<span>Logboek</span> <span class="pw-count">' not in member.get(GROUPS).text, "one's own doing is no news"


@pytest.mark.parametrize(("ending", "status"), [("?na=%00", 400), ("/a%00b", 404), ("?zoek=a%00b", 400)])
def test_no_address_holds_a_nul(fatima: Visitor, ending: str, status: int) -> None:
    """PostgreSQL has no such text: it would be an error of ours."""
    assert fatima.get(f"{GROUPS}{ending}").status_code == status


def test_no_form_holds_a_nul(fatima: Visitor) -> None:
    fatima.get(f"{GROUPS}/nieuw")
    assert fatima.post(f"{GROUPS}/nieuw", {**GROUP, "name": "Groep\0"}).status_code == 400

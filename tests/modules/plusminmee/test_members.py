"""Uitnodigingen and Professionals: only the beheerder brings somebody in, only who is meant accepts, and out is out at once."""

import io
import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text

from tests.modules.fake_broker import FakeBroker
from tests.modules.plusminmee.conftest import ANTON, ELZEVOORDE, EVENTS_SECRET, FATIMA, POLITIE, SANNE, claims_of
from tests.modules.plusminmee.pictures import telephone_photo
from tests.modules.plusminmee.visitors import BASE, GROUPS, Visitor

NewVisitor = Callable[..., Visitor]


def professionals(group: uuid.UUID) -> str:
    return f"{GROUPS}/{group}/professionals"


def membership_of(beheerder: Visitor, group: uuid.UUID, name: str) -> str:
    """The id of the membership of `name`, as the beheerder's page has it."""
    page = beheerder.get(professionals(group)).text
    row = page[page.index(name) :]
    found = re.search(r"/professionals/([0-9a-f-]{36})/rol", row)
    assert found is not None
    return found[1]


def test_for_whoever_has_no_account_yet_it_is_asked_at_the_broker(
    tool: Flask, fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    """M11: a button on the invite page, for who may invite."""
    address = "/toepassingen/plusminmee/account-voor-collega"
    assert f'{address}">' in fatima.get(f"{GROUPS}/{group}/professionals").text
    assert address not in member.get(f"{GROUPS}/{group}/professionals").text


def test_an_invitation_waits_for_whoever_has_that_address(
    fatima: Visitor, anton: Visitor, sanne: Visitor, group: uuid.UUID
) -> None:
    fatima.invite(group, ANTON["vo_email"].upper().replace("VOORBEELD.TEST", "voorbeeld.test"))
    assert "Groep Stationsplein" in anton.get("/plusminmee/uitnodigingen").text
    assert '<span>Uitnodigingen</span> <span class="pw-count">1' in anton.get(GROUPS).text
    assert "Groep Stationsplein" not in sanne.get("/plusminmee/uitnodigingen").text
    anton.accept()
    assert "Groep Stationsplein" in anton.get(GROUPS).text
    assert "Anton Bos hoort nu bij de groep" in fatima.get(f"{GROUPS}/{group}/logboek").text


def test_somebody_elses_invitation_does_not_exist(
    fatima: Visitor, anton: Visitor, sanne: Visitor, group: uuid.UUID
) -> None:
    fatima.invite(group, ANTON["vo_email"])
    page = anton.get("/plusminmee/uitnodigingen").text
    (path,) = re.findall(r'action="(/plusminmee/uitnodigingen/[0-9a-f-]{36})"', page)
    sanne.get("/plusminmee/uitnodigingen")
    assert sanne.post(path, {"antwoord": "aanvaarden"}).status_code == 404
    assert "Groep Stationsplein" not in sanne.get(GROUPS).text


def test_declining_leaves_one_out_and_the_answer_counts_once(fatima: Visitor, anton: Visitor, group: uuid.UUID) -> None:
    fatima.invite(group, ANTON["vo_email"])
    page = anton.get("/plusminmee/uitnodigingen").text
    (path,) = re.findall(r'action="(/plusminmee/uitnodigingen/[0-9a-f-]{36})"', page)
    anton.decline()
    assert anton.get(professionals(group)).status_code == 404
    anton.get("/plusminmee/uitnodigingen")
    assert anton.post(path, {"antwoord": "aanvaarden"}).status_code == 404


def test_an_invitation_runs_out_after_fourteen_days(
    fatima: Visitor, new_visitor: NewVisitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    fatima.invite(group, ANTON["vo_email"])
    clock.shift(timedelta(days=13, hours=20))
    anton = new_visitor(ANTON, "PMMGebruiker", POLITIE)
    assert "Groep Stationsplein" in anton.get("/plusminmee/uitnodigingen").text
    page = anton.get("/plusminmee/uitnodigingen").text
    (path,) = re.findall(r'action="(/plusminmee/uitnodigingen/[0-9a-f-]{36})"', page)
    clock.shift(timedelta(hours=8))
    late = new_visitor(ANTON, "PMMGebruiker", POLITIE)
    assert "Groep Stationsplein" not in late.get("/plusminmee/uitnodigingen").text
    late.get("/plusminmee/profiel")
    assert late.post(path, {"antwoord": "aanvaarden"}).status_code == 404


def test_who_did_not_answer_in_time_is_invited_again_by_one_press(
    fatima: Visitor, new_visitor: NewVisitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    fatima.invite(group, ANTON["vo_email"])
    taken_back = fatima.invite(group, SANNE["vo_email"]).text
    fatima.post(re.findall(r'action="([^"]+/intrekken)"', taken_back)[-1])
    assert "Verlopen zonder antwoord" not in fatima.get(professionals(group)).text
    clock.shift(timedelta(days=15))
    again = new_visitor(FATIMA, "PMMBeheerder")
    shown = again.invite(group, "iemand@voorbeeld.test").text.split("Verlopen zonder antwoord")[1]
    assert re.findall(r'name="email" value="([^"]+)"', shown) == [ANTON["vo_email"]], (
        "also where it was ended in writing"
    )
    page = again.post(f"{professionals(group)}/uitnodigen", {"email": ANTON["vo_email"]}).text
    assert "vertrekt per mail" in page
    assert "Verlopen zonder antwoord" not in page
    new_visitor(ANTON, "PMMGebruiker", POLITIE).accept()
    clock.shift(timedelta(days=15))
    later = new_visitor(FATIMA, "PMMBeheerder").get(professionals(group)).text
    assert ANTON["vo_email"] not in later.split("Verlopen zonder antwoord")[1]


def test_the_beheerder_takes_an_invitation_back(fatima: Visitor, anton: Visitor, group: uuid.UUID) -> None:
    page = fatima.invite(group, ANTON["vo_email"]).text
    (path,) = re.findall(r'action="([^"]+/intrekken)"', page)
    fatima.post(path)
    assert "Groep Stationsplein" not in anton.get("/plusminmee/uitnodigingen").text
    assert fatima.invite(group, ANTON["vo_email"]).status_code == 200, "and may invite again"


def test_nobody_is_invited_twice_nor_when_in_already(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    assert "hoort al bij de groep" in fatima.invite(group, ANTON["vo_email"]).text
    fatima.invite(group, SANNE["vo_email"])
    assert "al uitgenodigd" in fatima.invite(group, SANNE["vo_email"]).text
    assert fatima.invite(group, "geen adres").status_code == 422


def test_one_group_cannot_send_mail_without_end(fatima: Visitor, group: uuid.UUID) -> None:
    for number in range(30):
        assert fatima.invite(group, f"iemand{number}@voorbeeld.test").status_code == 200
    assert "vandaag al veel" in fatima.invite(group, "nog.een@voorbeeld.test").text


def test_only_the_beheerder_sees_how_to_reach_somebody(
    fatima: Visitor, member: Visitor, group: uuid.UUID, tool_broker: FakeBroker, new_visitor: NewVisitor
) -> None:
    """W24; the number is the one that was proved at the broker."""
    tool_broker.id_token_changes |= {"phone_number": "+31612345678", "phone_number_verified": True}
    member = new_visitor(ANTON, "PMMGebruiker", POLITIE)
    member.get("/plusminmee/profiel")
    member.post("/plusminmee/profiel", {"function": "politie"})
    for_beheerder, for_member = fatima.get(professionals(group)).text, member.get(professionals(group)).text
    assert "anton@voorbeeld.test" in for_beheerder
    assert "+31 6 12345678" in for_beheerder
    assert "politie" in for_member
    assert "Politie basisteam Elzevoorde" in for_member
    assert "@voorbeeld.test" not in for_member
    assert "12345678" not in for_member


def test_name_address_and_sign_in_are_changed_at_the_broker(sanne: Visitor, tool_broker: FakeBroker) -> None:
    page = sanne.get("/plusminmee/profiel").text
    assert f'href="{tool_broker.origin}/mijn-profiel"' in page
    assert "Uw naam, e-mailadres, nummer en wachtwoord wijzigt u zelf in uw profiel bij Poortwachter." in page
    assert "telt pas als u bewees dat het van u is" in page


def test_a_member_invites_removes_and_promotes_nobody(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    """W18."""
    theirs = membership_of(fatima, group, "Fatima Haddad")
    member.get(professionals(group))
    for path, form in (
        ("uitnodigen", {"email": "iemand@voorbeeld.test"}),
        (f"{theirs}/verwijderen", {}),
        (f"{theirs}/rol", {"rol": "lid"}),
        ("bevestigen", {}),
    ):
        assert member.post(f"{professionals(group)}/{path}", form).status_code == 403
    assert "beheerder" in fatima.get(GROUPS).text.lower()


def test_removing_is_at_once_and_told_by_mail(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    path = f"{professionals(group)}/{membership_of(fatima, group, 'Anton Bos')}/verwijderen"
    fatima.get(path)
    fatima.post(path)
    assert member.get(professionals(group)).status_code == 404
    with engine.connect() as connection:
        kinds = connection.execute(text("SELECT kind, address FROM letters ORDER BY created_at")).all()
    assert ("removed", "anton@voorbeeld.test") in [tuple(row) for row in kinds]
    assert fatima.post(path).status_code == 404


def test_whoever_was_removed_sees_neither_photo_nor_attachment_again(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    """PH1: also by an address that was kept."""
    photo = f"{GROUPS}/{group}/jongeren/{member.add_youngster(group, 'Ella', photo=_file(telephone_photo()))}/foto"
    member.get(f"{GROUPS}/{group}/berichten/nieuw")
    sent = {"words": "Zie bijlage.", "attachment": _file(b"Verslag", "verslag.txt")}
    page = member.post(f"{GROUPS}/{group}/berichten/nieuw", sent).text
    (attachment,) = re.findall(r'href="([^"]+/bijlage)"', page)
    assert [member.get(address).status_code for address in (photo, attachment)] == [200, 200]
    path = f"{professionals(group)}/{membership_of(fatima, group, 'Anton Bos')}/verwijderen"
    fatima.get(path)
    fatima.post(path)
    assert [member.get(address).status_code for address in (photo, attachment)] == [404, 404]
    assert [fatima.get(address).status_code for address in (photo, attachment)] == [200, 200]


def _file(raw: bytes, name: str = "foto.jpg") -> Any:
    return io.BytesIO(raw), name


def test_a_second_beheerder_lets_the_first_one_go(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    mine, theirs = (membership_of(fatima, group, name) for name in ("Fatima Haddad", "Anton Bos"))
    assert "minstens één beheerder" in fatima.post(f"{professionals(group)}/{mine}/rol", {"rol": "lid"}).text
    fatima.post(f"{professionals(group)}/{theirs}/rol", {"rol": "beheerder"})
    fatima.get(f"{GROUPS}/{group}/verlaten")
    fatima.post(f"{GROUPS}/{group}/verlaten")
    assert fatima.get(professionals(group)).status_code == 404
    assert "Uitnodigen" in member.get(professionals(group)).text


def test_the_beheerder_confirms_the_members_every_three_months(
    fatima: Visitor, new_visitor: NewVisitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    """M13."""
    assert "Nu te bevestigen" not in fatima.get(professionals(group)).text
    clock.shift(timedelta(days=93))
    again = new_visitor(FATIMA, "PMMBeheerder")
    assert "Nu te bevestigen" in again.get(GROUPS).text
    assert "Nu te bevestigen" in again.get(professionals(group)).text
    mine = membership_of(again, group, "Fatima Haddad")
    assert "Nu te bevestigen" not in again.post(f"{professionals(group)}/bevestigen", {"lid": mine}).text
    assert "Nu te bevestigen" not in again.get(GROUPS).text


@pytest.mark.parametrize(
    ("right", "organisation", "sees_it"),
    [("PMMBeheerder", ELZEVOORDE, True), ("PMMGebruiker", ELZEVOORDE, False), ("PMMBeheerder", POLITIE, False)],
    ids=["the owner", "a user of the owner", "the beheerder of another organisation"],
)
def test_what_is_late_is_seen_by_the_organisation_whose_group_it_is_and_by_nobody_else(
    member: Visitor,
    new_visitor: NewVisitor,
    group: uuid.UUID,
    clock: time_machine.Traveller,
    right: str,
    organisation: tuple[str, str],
    sees_it: bool,  # a parameter of the test
) -> None:
    """M13: by the name of the group, and nothing of who is in it."""
    late = "Van 1 groep van uw organisatie is niet bevestigd wie erbij hoort"
    assert late not in new_visitor(SANNE, right, organisation).get(GROUPS).text
    clock.shift(timedelta(days=93))
    page = new_visitor(SANNE, right, organisation).get(GROUPS).text
    assert (late in page) is sees_it
    assert ("Groep Stationsplein" in page) is sees_it
    assert "Nu te bevestigen" not in page
    assert "Anton Bos" not in page
    anton = new_visitor(ANTON, "PMMGebruiker", POLITIE).get(GROUPS).text
    assert "bevestig" not in anton.lower(), "a member confirms nobody"


def test_a_right_that_ends_at_the_broker_ends_every_membership(
    fatima: Visitor, member: Visitor, group: uuid.UUID, tool: Flask, tool_broker: FakeBroker
) -> None:
    """Decision 2: told by event, also about who is not signed in; only for that organisation."""
    tool_broker.person = claims_of(ANTON, "PMMGebruiker", POLITIE)
    assert tell_rights(tool, tool_broker, ["PMMGebruiker:NLPOLITIEELZ"]) == 202
    assert member.get(professionals(group)).status_code == 200, "there is a right left"
    assert tell_rights(tool, tool_broker, []) == 202
    fatima.get(GROUPS)
    assert "Anton Bos" not in fatima.get(professionals(group)).text.split("<tbody")[1]
    assert "Het recht van Anton Bos stopte" in fatima.get(f"{GROUPS}/{group}/logboek").text
    assert member.get(professionals(group)).status_code == 404


def tell_rights(tool: Flask, broker: FakeBroker, left: list[str]) -> int:
    kind = "token-claims-change"
    uri = f"https://schemas.openid.net/secevent/caep/event-type/{kind}"
    event = broker.event(kind, aud="plusminmee", events={uri: {"claims": {"pmm_rol_3d": left}}})
    answer = tool.test_client().post(
        "/plusminmee/meldingen",
        data=event,
        base_url=BASE,
        headers={"Authorization": f"Bearer {EVENTS_SECRET}", "Content-Type": "application/secevent+jwt"},
    )
    return answer.status_code

"""Methode voorstellen: every member proposes, the meeting discusses, the beheerder decides, and taking over does it (C2, W23)."""

import re
import uuid

import pytest
from flask import Flask
from sqlalchemy import Engine, text

from modules.plusminmee.tips import tips_for
from tests.modules.plusminmee.crowds import Crowd
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.visitors import GROUPS, Visitor


def proposals(group: uuid.UUID) -> str:
    return f"{GROUPS}/{group}/voorstellen"


def propose(visitor: Visitor, group: uuid.UUID, youngster: uuid.UUID, wanted: str) -> str:
    """Propose it; returns the address of the proposal."""
    visitor.get(f"{proposals(group)}/nieuw")
    form = {"youngster": str(youngster), "wanted": wanted, "why": "Helpt de laatste weken mee."}
    page = visitor.post(f"{proposals(group)}/nieuw", form)
    assert page.status_code == 200, page.text
    return re.findall(r'data-open="([^"]+)"', page.text)[0]


def test_a_place_that_is_taken_over_moves_the_youngster_and_writes_the_history(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    youngster = member.add_youngster(group, "Ella")
    address = propose(member, group, youngster, "plus")
    assert "Wat gebeurt er met dit voorstel?" not in member.get(address).text
    fatima.get(address)
    assert "Besproken" in fatima.post(address, {"decision": "discussed", "day": "2026-11-16"}).text
    assert "buiten methode" in member.get(f"{GROUPS}/{group}/jongeren").text
    page = fatima.post(address, {"decision": "take_over", "day": "2026-11-17"})
    assert "Overgenomen" in page.text
    history = member.get(f"{GROUPS}/{group}/jongeren/{youngster}").text.split("Plaatsen in de tijd")[1]
    assert "+ positief" in history
    assert "Helpt de laatste weken mee." in history, "the reason of the proposal is that of the place"
    log = member.get(f"{GROUPS}/{group}/logboek").text
    assert "Fatima Haddad plaatste Ella: + positief" in log
    assert "Fatima Haddad nam een voorstel over" in log
    fatima.get(GROUPS)
    assert fatima.post(address, {"decision": "decline", "day": "2026-11-17", "answer": "Nee."}).status_code == 409


def test_who_got_the_intervention_of_a_proposal_about_somebody_else_can_be_removed(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    """C1: an erasure for a data subject fails on nothing that members did before."""
    ella, lotte = member.add_youngster(group, "Ella"), member.add_youngster(group, "Lotte")
    address = propose(member, group, ella, "talk")
    anton = re.search(r'value="([0-9a-f-]{36})"[^>]*>Anton Bos<', fatima.get(address).text)
    assert anton is not None
    taken = {"decision": "take_over", "day": "2026-11-17", "sign": "plus", "professional": anton[1]}
    (intervention,) = re.findall(r'href="([^"]+/interventies/[0-9a-f-]{36})"', fatima.post(address, taken).text)
    version = re.search(r'name="version" value="(\d+)"', member.get(intervention).text)
    assert version is not None
    moved = {"sign": "plus", "words": "Toch met haar zus.", "youngster": str(lotte), "professional": anton[1]}
    assert member.post(intervention, {**moved, "version": version[1]}).status_code == 200
    path = f"{GROUPS}/{group}/methode/{lotte}/verwijderen"
    fatima.get(path)
    assert "definitief verwijderd" in fatima.post(path, {"recorded": "1"}).text
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM interventions")) == 0
        assert connection.scalar(text("SELECT count(*) FROM proposals")) == 0
    assert "Ella" in member.get(f"{GROUPS}/{group}/jongeren").text


def test_a_talk_that_is_taken_over_becomes_an_intervention_and_links_to_it(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    """C2."""
    youngster = member.add_youngster(group, "Ella")
    address = propose(member, group, youngster, "talk")
    form = fatima.get(address).text
    found = re.search(r'value="([0-9a-f-]{36})"[^>]*>Anton Bos<', form)
    assert found is not None
    decision = {"decision": "take_over", "day": "2026-11-17"}
    assert fatima.post(address, decision).status_code == 422, "+ or − and for whom are chosen now"
    page = fatima.post(address, {**decision, "sign": "plus", "professional": found[1]}).text
    (intervention,) = re.findall(r'href="([^"]+/interventies/[0-9a-f-]{36})"', page)
    shown = member.get(intervention).text
    assert "Helpt de laatste weken mee." in shown
    assert re.search(r"selected>Ella<", shown)
    assert "buiten methode" in member.get(f"{GROUPS}/{group}/jongeren").text
    listed = member.get(f"{GROUPS}/{group}/jongeren/{youngster}").text
    assert f'href="{intervention}"' in listed, "W20"
    assert f'href="{address}"' in listed, "W20"


def test_declining_takes_a_reason(fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    address = propose(member, group, member.add_youngster(group, "Ella"), "min")
    fatima.get(address)
    assert fatima.post(address, {"decision": "decline", "day": "2026-11-17"}).status_code == 422
    assert fatima.post(address, {"decision": "decline", "day": "", "answer": "Te vroeg."}).status_code == 422
    fatima.post(address, {"decision": "decline", "day": "2026-11-17", "answer": "Te vroeg."})
    page = member.get(address).text
    assert "Niet gevolgd" in page
    assert "Te vroeg." in page


def test_sensitive_words_in_the_reason_for_declining_are_pointed_out(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    address = propose(member, group, member.add_youngster(group, "Ella"), "min")
    fatima.get(address)
    page = fatima.post(address, {"decision": "decline", "day": "2026-11-17", "answer": "Er zijn schulden."}).text
    assert "Uw beslissing is bewaard." in page
    assert "Kijk nog eens na wat u schreef" in page


def test_a_member_decides_nothing(member: Visitor, group: uuid.UUID) -> None:
    """W18."""
    address = propose(member, group, member.add_youngster(group, "Ella"), "plus")
    member.get(f"{proposals(group)}/nieuw")
    assert member.post(address, {"decision": "take_over", "day": "2026-11-17"}).status_code == 403


@pytest.mark.parametrize(
    ("field", "typed"), [("youngster", ""), ("wanted", "outside"), ("why", ""), ("why", f"BSN {BSN}")]
)
def test_what_is_wrong_is_said_at_its_field(member: Visitor, group: uuid.UUID, field: str, typed: str) -> None:
    youngster = member.add_youngster(group, "Ella")
    member.get(f"{proposals(group)}/nieuw")
    good = {"youngster": str(youngster), "wanted": "plus", "why": "Omdat."}
    page = member.post(f"{proposals(group)}/nieuw", {**good, field: typed})
    assert page.status_code == 422
    assert f'id="{field}-fout"' in page.text


def test_the_meeting_has_what_is_open_on_one_page_without_photos(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    """W23."""
    first, second = (member.add_youngster(group, name) for name in ("Ella", "Sibe"))
    address = propose(member, group, first, "plus")
    propose(member, group, second, "talk")
    fatima.get(address)
    fatima.post(address, {"decision": "take_over", "day": "2026-11-17"})
    page = member.get(f"{proposals(group)}/overleg").text
    assert "Sibe: een gesprek met de jongere" in page
    assert "Ella" not in page
    assert "<img" not in page


def test_a_proposal_is_of_its_group_and_goes_with_its_youngster(
    fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine
) -> None:
    youngster = member.add_youngster(group, "Ella")
    address = propose(member, group, youngster, "plus")
    other = fatima.make_group("Groep Park")
    assert fatima.get(address.replace(str(group), str(other))).status_code == 404
    path = f"{GROUPS}/{group}/methode/{youngster}/verwijderen"
    fatima.get(path)
    fatima.post(path, {"recorded": "1"})
    assert member.get(address).status_code == 404
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM proposals")) == 0


def test_a_youngster_or_professional_of_another_group_is_refused_at_the_field_and_nothing_typed_is_lost(
    fatima: Visitor, member: Visitor, group: uuid.UUID
) -> None:
    other = fatima.make_group("Groep Park")
    hidden = fatima.add_youngster(other, "Dwayne")
    member.get(f"{proposals(group)}/nieuw")
    form = {"youngster": str(hidden), "wanted": "plus", "why": "Helpt mee."}
    refused = member.post(f"{proposals(group)}/nieuw", form)
    assert refused.status_code == 422
    assert 'id="youngster-fout"' in refused.text
    assert "Helpt mee." in refused.text
    address = propose(member, group, member.add_youngster(group, "Ella"), "talk")
    fatima.get(address)
    decision = {"decision": "take_over", "day": "2026-11-17", "sign": "plus", "professional": str(uuid.uuid4())}
    refused = fatima.post(address, decision)
    assert refused.status_code == 422
    assert 'id="professional-fout"' in refused.text


@pytest.mark.parametrize("day", ["2026-11-18", "31-02-2026"])
def test_it_was_discussed_on_a_day_that_has_been(fatima: Visitor, member: Visitor, group: uuid.UUID, day: str) -> None:
    address = propose(member, group, member.add_youngster(group, "Ella"), "plus")
    fatima.get(address)
    refused = fatima.post(address, {"decision": "take_over", "day": day})
    assert refused.status_code == 422
    assert 'id="day-fout"' in refused.text


def test_proposals_go_on_where_the_page_ends_open_ones_first_and_the_meeting_has_all_of_those(
    tool: Flask, member: Visitor, group: uuid.UUID
) -> None:
    member.add_youngster(group, "Ella")
    Crowd(tool, group).fill(proposals=120)
    seen: list[int] = []
    path: str | None = proposals(group)
    while path is not None:
        page = member.get(path).text
        seen += [int(number) for number in re.findall(r">Reden (\d+)<", page)]
        path = next(iter(re.findall(r'href="([^"&]+voorstellen\?na=[^"&]+)"', page)), None)
    assert seen == [*range(0, 120, 2), *range(1, 120, 2)]
    assert len(re.findall(r">Reden \d+<", member.get(f"{proposals(group)}/overleg").text)) == 60


def test_its_tips_stand_on_the_page(member: Visitor, group: uuid.UUID) -> None:
    """W17."""
    shown = member.get(f"{proposals(group)}/nieuw").text
    for tip in tips_for("proposals"):
        assert f'data-tip="{tip.code}"' in shown

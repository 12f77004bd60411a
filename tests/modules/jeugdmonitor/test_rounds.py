"""Rounds of a municipality: planned by its coordinators, seen by nobody else, kept as they were asked."""

import uuid
from collections.abc import Callable
from datetime import timedelta

import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from modules.jeugdmonitor.bank import BANK
from modules.jeugdmonitor.manual import CHARTER, POINTS, POINTS_VERSION
from modules.jeugdmonitor.model import PrivacyReading, Round, RoundEvent, RoundQuestion
from modules.jeugdmonitor.own_question import MOST_OWN
from tests.modules.jeugdmonitor.conftest import coordinator_claims, found
from tests.modules.jeugdmonitor.visitors import PLAN, ROUNDS, Coordinator, Respondent

OWN = {
    "prompt": "Wat moet er op het nieuwe plein komen?",
    "theme": "living",
    "kind": "several",
    "options": "Een klimrek\nBomen\n\n  Zitbanken ",
}
PAGES = (
    "",
    "/wijzigen",
    "/verlengen",
    "/weggooien",
    "/vragen",
    "/vragen/eigen",
    "/voorbeeld",
    "/voorbeeld/2",
    "/openen",
    "/sluiten",
    "/uitnodigen",
    "/affiche",
    "/qr.svg",
)


# Who


def test_nobody_sees_a_round_without_signing_in(nele: Coordinator, draft: Round, new_respondent: object) -> None:
    nele.client.delete_cookie("jeugdmonitor_session", domain="localhost")
    answer = nele.get(f"{ROUNDS}/{draft.id}", follow=False)
    assert answer.status_code == 303
    assert "/op/v1/auth" in answer.location


def test_somebody_without_the_right_reads_what_it_takes(new_coordinator: Callable[..., Coordinator]) -> None:
    other = new_coordinator(coordinator_claims(right="SomethingElse"))
    page = other.get(ROUNDS)
    assert page.status_code == 403
    assert "Projectcoördinator" in page.text


def test_a_round_of_another_municipality_is_not_there(neighbour: Coordinator, open_round: Round) -> None:
    for path in PAGES:
        assert neighbour.get(f"{ROUNDS}/{open_round.id}{path}").status_code == 404, path


def test_nor_can_anything_be_done_to_it(neighbour: Coordinator, open_round: Round, session: Session) -> None:
    neighbour.get("/jeugdmonitor/bevragingen/nieuw")
    form = {**PLAN, "version": open_round.version, "points": "1", "charter": "1", "how_many": "5"}
    for path in ("/wijzigen", "/verlengen", "/weggooien", "/vragen", "/openen", "/sluiten", "/codes"):
        assert neighbour.post(f"{ROUNDS}/{open_round.id}{path}", form).status_code == 404, path
    assert found(session, open_round.id).version == open_round.version


def test_a_coordinator_sees_the_rounds_of_the_own_municipality_only(
    neighbour: Coordinator, colleague: Coordinator, draft: Round
) -> None:
    assert draft.title not in neighbour.get(ROUNDS).text
    assert draft.title in colleague.get(ROUNDS).text


def test_nothing_is_done_without_the_token_of_a_page(nele: Coordinator, draft: Round, session: Session) -> None:
    for path in ("/weggooien", "/vragen", "/openen"):
        assert nele.post(f"{ROUNDS}/{draft.id}{path}", {"points": "1"}, csrf=False).status_code == 400
    assert found(session, draft.id).version == draft.version


# Planning


def test_every_mistake_in_a_plan_is_told_at_once_and_nothing_typed_is_lost(nele: Coordinator) -> None:
    nele.get(f"{ROUNDS}/nieuw")
    wrong = {
        **PLAN,
        "title": " ",
        "introduction": "Dag",
        "lowest_age": "14",
        "highest_age": "8",
        "last_day": "2026-11-09",
    }
    page = nele.post(f"{ROUNDS}/nieuw", wrong)
    assert page.status_code == 422
    for sentence in (
        "Geef de bevraging een titel.",
        "De oudste leeftijd komt voor de jongste.",
        "De laatste dag komt voor de eerste.",
    ):
        assert sentence in page.text
    assert ">Dag</textarea>" in page.text


WRONG_PLANS = [
    ({"lowest_age": "5"}, "Kies de jongste leeftijd."),
    ({"highest_age": "١٤"}, "Kies de oudste leeftijd."),
    ({"title": "x" * 121}, "Deze titel is te lang."),
    ({"introduction": "x" * 601}, "Deze tekst is te lang."),
    ({"first_day": "morgen"}, "Vul de eerste dag in."),
    ({"first_day": "2026-11-01", "last_day": "2026-11-16"}, "De laatste dag is al voorbij."),
    ({"last_day": "2028-01-01"}, "Een bevraging loopt hoogstens een jaar."),
]


def test_a_plan_that_cannot_be(nele: Coordinator) -> None:
    nele.get(f"{ROUNDS}/nieuw")
    for changes, sentence in WRONG_PLANS:
        assert sentence in nele.post(f"{ROUNDS}/nieuw", {**PLAN, **changes}).text


def test_two_who_edit_at_once_do_not_overwrite_each_other(
    nele: Coordinator, colleague: Coordinator, draft: Round, session: Session
) -> None:
    for browser in (nele, colleague):
        browser.get(f"{ROUNDS}/{draft.id}/wijzigen")
    assert nele.post(f"{ROUNDS}/{draft.id}/wijzigen", {**PLAN, "title": "Van Nele"}).status_code == 200
    page = colleague.post(f"{ROUNDS}/{draft.id}/wijzigen", {**PLAN, "title": "Van Ilse"})
    assert "Deze bevraging is intussen gewijzigd." in page.text
    assert found(session, draft.id).title == "Van Nele"


def test_what_was_typed_survives_a_sign_in_that_ran_out(nele: Coordinator, clock: time_machine.Traveller) -> None:
    nele.get(f"{ROUNDS}/nieuw")
    clock.shift(timedelta(minutes=6))
    page = nele.post(f"{ROUNDS}/nieuw", {**PLAN, "title": "Nog niet bewaard"})
    assert "Nog niet bewaard" in page.text
    assert "Wat u typte, staat er nog." in page.text


def test_a_draft_can_be_thrown_away_and_an_open_round_cannot(nele: Coordinator, draft: Round, session: Session) -> None:
    gone = nele.begin_round(title="Voor niets")
    nele.get(f"{ROUNDS}/{gone}/weggooien")
    assert "is weggegooid" in nele.post(f"{ROUNDS}/{gone}/weggooien").text
    assert session.scalars(select(Round.id)).all() == [draft.id]
    nele.open_round(draft.id)
    assert nele.post(f"{ROUNDS}/{draft.id}/weggooien").status_code == 200
    assert found(session, draft.id).state == "open"


# Questions


def test_who_has_chosen_nothing_yet_finds_some_of_every_theme_ticked(nele: Coordinator, draft: Round) -> None:
    themes = {BANK[row.bank_code].theme for row in draft.questions if row.bank_code}
    assert themes == {"living", "leisure", "school", "wellbeing", "participation"}


def test_questions_for_older_ones_are_not_offered_to_a_round_with_young_ones(
    nele: Coordinator, draft: Round, session: Session
) -> None:
    assert "Heb je stress door school?" not in nele.get(f"{ROUNDS}/{draft.id}/vragen").text
    nele.choose(draft.id, ["school_stress", "no_such_question", "living_like"])
    assert [row.bank_code for row in found(session, draft.id).questions] == ["living_like"]


def test_a_municipality_adds_changes_and_takes_away_questions_of_its_own(
    nele: Coordinator, draft: Round, session: Session
) -> None:
    nele.get(f"{ROUNDS}/{draft.id}/vragen/eigen")
    nele.post(f"{ROUNDS}/{draft.id}/vragen/eigen", OWN)
    own = _own(session, draft.id)
    assert own.options == [["o1", "Een klimrek"], ["o2", "Bomen"], ["o3", "Zitbanken"]]
    nele.choose(draft.id, ["living_like", "living_play"])
    assert _own(session, draft.id).id == own.id
    address = f"{ROUNDS}/{draft.id}/vragen/eigen/{own.id}"
    assert OWN["prompt"] in nele.get(address).text
    nele.post(address, {**OWN, "kind": "one"})
    assert _own(session, draft.id).kind == "one"
    nele.post(f"{address}/weg")
    assert len(found(session, draft.id).questions) == 2


WRONG_QUESTIONS = [
    ({"prompt": ""}, "Schrijf de vraag."),
    ({"prompt": "x" * 201}, "Deze vraag is te lang."),
    ({"theme": "money"}, "Kies bij welk onderwerp deze vraag hoort."),
    ({"kind": "grid"}, "Kies hoe er geantwoord wordt."),
    ({"options": "Ja"}, "Schrijf 2 tot 10 antwoorden"),
    ({"options": "\n".join(map(str, range(11)))}, "Schrijf 2 tot 10 antwoorden"),
    ({"options": "Ja\nja"}, "Twee antwoorden zijn hetzelfde."),
    ({"options": f"Ja\n{'x' * 81}"}, "Een antwoord is te lang."),
]


def test_an_own_question_that_cannot_be(nele: Coordinator, draft: Round) -> None:
    address = f"{ROUNDS}/{draft.id}/vragen/eigen"
    nele.get(address)
    for changes, sentence in WRONG_QUESTIONS:
        page = nele.post(address, {**OWN, **changes})
        assert (page.status_code, sentence in page.text) == (422, True), sentence


ASK_WHO = [
    ("Wat is je naam?", "naam"),
    ("In welke KLAS zit je?", "klas"),
    ("Wat is je e-mailadres?", "e-mailadres"),
    ("Wat is je gsm-nummer?", "gsm"),
    ("Welk geloof heb je?", "geloof"),
]


def test_a_question_that_may_lead_to_one_child_asks_for_a_second_look(
    nele: Coordinator, draft: Round, session: Session
) -> None:
    """SV5: own questions asking names are told, and kept only by somebody who looked again."""
    address = f"{ROUNDS}/{draft.id}/vragen/eigen"
    nele.get(address)
    for prompt, word in ASK_WHO:
        page = nele.post(address, {**OWN, "prompt": prompt})
        assert page.status_code == 422
        assert f"In deze vraag staat: {word}" in " ".join(page.text.split())
    assert nele.post(address, {**OWN, "prompt": "Wat is je naam?", "looked_again": "1"}).status_code == 200
    assert _own(session, draft.id).prompt == "Wat is je naam?"


def test_free_text_is_off_unless_the_installation_says_on(nele: Coordinator, draft: Round, session: Session) -> None:
    """SV5: open text is a policy, not a choice of a municipality."""
    address = f"{ROUNDS}/{draft.id}/vragen/eigen"
    assert "In eigen woorden" not in nele.get(address).text
    assert "Kies hoe er geantwoord wordt." in nele.post(address, {**OWN, "kind": "text"}).text
    nele.client.application.config["JEUGDMONITOR_FREE_TEXT"] = True
    assert "In eigen woorden" in nele.get(address).text
    nele.post(address, {**OWN, "kind": "text"})
    assert _own(session, draft.id).options == []


def test_there_is_an_end_to_own_questions(nele: Coordinator, draft: Round, session: Session) -> None:
    nele.get(f"{ROUNDS}/{draft.id}/vragen/eigen")
    for number in range(MOST_OWN + 1):
        nele.post(f"{ROUNDS}/{draft.id}/vragen/eigen", {**OWN, "prompt": f"Wat vind je van plek {number}?"})
    own = [row for row in found(session, draft.id).questions if row.bank_code is None]
    assert len(own) == MOST_OWN


def test_the_preview_is_the_form_and_sends_nothing(nele: Coordinator, draft: Round) -> None:
    first = nele.get(f"{ROUNDS}/{draft.id}/voorbeeld").text
    assert "Voorbeeld" in first
    assert "Hoe vind je het om in jouw gemeente te wonen?" in first
    assert 'type="submit"' not in first
    assert "Over jou" in nele.get(f"{ROUNDS}/{draft.id}/voorbeeld/6").text
    assert nele.get(f"{ROUNDS}/{draft.id}/voorbeeld/7").status_code == 404


# Opening


def test_a_round_opens_only_for_who_read_the_points_and_the_charter(
    nele: Coordinator, draft: Round, session: Session
) -> None:
    """M10: both stand on the page, both are ticked, once a round, and it is recorded with their versions."""
    page = nele.get(f"{ROUNDS}/{draft.id}/openen").text
    assert all(point.text.nl in page for point in POINTS)
    assert all(part.nl in page for part in CHARTER.text)
    for ticked in ({}, {"points": "1"}, {"charter": "1"}):
        assert nele.post(f"{ROUNDS}/{draft.id}/openen", ticked).status_code == 422
    assert found(session, draft.id).state == "draft"
    nele.open_round(draft.id)
    (reading,) = session.scalars(select(PrivacyReading)).all()
    assert (reading.round_id, reading.person_name) == (draft.id, "Nele Vercauteren")
    assert (reading.points_version, reading.charter_version) == (POINTS_VERSION, CHARTER.version)
    assert "Nele Vercauteren las de privacypunten en het charter" in nele.get(f"{ROUNDS}/{draft.id}").text


def test_a_round_that_asks_nothing_yet_does_not_open(nele: Coordinator, draft: Round, session: Session) -> None:
    nele.choose(draft.id, ["living_like"])
    assert "Kies eerst minstens 3 vragen." in nele.open_round(draft.id).text
    assert found(session, draft.id).state == "draft"


def test_a_round_whose_period_is_over_does_not_open(
    nele: Coordinator, draft: Round, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(days=60))
    nele.sign_in(coordinator_claims())
    assert "De periode is al voorbij." in nele.open_round(draft.id).text


def test_what_was_shown_is_what_opens(
    nele: Coordinator, colleague: Coordinator, draft: Round, session: Session
) -> None:
    nele.get(f"{ROUNDS}/{draft.id}/openen")
    colleague.choose(draft.id, ["living_like", "living_play", "living_green"])
    page = nele.post(f"{ROUNDS}/{draft.id}/openen", {"points": "1", "charter": "1"})
    assert "Deze bevraging is intussen gewijzigd." in page.text
    assert found(session, draft.id).state == "draft"


def test_an_open_round_is_asked_as_it_was_opened(nele: Coordinator, open_round: Round, session: Session) -> None:
    asked = [row.id for row in open_round.questions]
    nele.get(f"{ROUNDS}/{open_round.id}")
    form = {**PLAN, **OWN, "title": "Anders", "question": "living_like", "version": str(open_round.version)}
    for path in ("/wijzigen", "/vragen", "/vragen/eigen", "/openen"):
        nele.post(f"{ROUNDS}/{open_round.id}{path}", form)
    now = found(session, open_round.id)
    assert ([row.id for row in now.questions], now.title) == (asked, open_round.title)


def test_the_last_day_of_an_open_round_can_be_moved_but_not_into_the_past(
    nele: Coordinator, open_round: Round, session: Session
) -> None:
    address = f"{ROUNDS}/{open_round.id}/verlengen"
    nele.get(address)
    assert "De laatste dag is al voorbij." in nele.post(address, {"last_day": "2026-11-16"}).text
    assert "De laatste dag is verzet." in nele.post(address, {"last_day": "2027-01-15"}).text
    assert found(session, open_round.id).last_day.isoformat() == "2027-01-15"


# Inviting


def test_respondents_are_invited_by_link_message_qr_code_and_poster(nele: Coordinator, open_round: Round) -> None:
    link = f"http://localhost:8002/v/{open_round.link_key}"
    invitation = nele.get(f"{ROUNDS}/{open_round.id}/uitnodigen").text
    assert link in invitation
    assert 'class="jm-qr"' in invitation
    drawn = nele.get(f"{ROUNDS}/{open_round.id}/qr.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert b"<svg" in drawn.data
    poster = nele.get(f"{ROUNDS}/{open_round.id}/affiche").text
    assert link.removeprefix("http://") in poster
    assert open_round.title in poster
    assert "style=" not in poster + invitation


def test_a_draft_has_nothing_to_invite_with(nele: Coordinator, draft: Round) -> None:
    for path in ("/uitnodigen", "/affiche", "/qr.svg"):
        assert nele.get(f"{ROUNDS}/{draft.id}{path}").status_code == 404


# Closing


def test_before_closing_there_is_no_number_by_no_page(
    nele: Coordinator, open_round: Round, new_respondent: Callable[..., Respondent]
) -> None:
    """SV1: one more answer must not be seen in anything."""

    def everything() -> dict[str, str]:
        paths = ("", "/uitnodigen", "/affiche", "/sluiten", "/voorbeeld", "/verlengen")
        pages = {path: nele.get(f"{ROUNDS}/{open_round.id}{path}").text for path in paths}
        return {path: _without_token(page) for path, page in {**pages, "all": nele.get(ROUNDS).text}.items()}

    before = everything()
    for _ in range(9):
        new_respondent(open_round).take_part()
    assert everything() == before
    new_respondent(open_round).take_part()
    enough = everything()
    assert "genoeg antwoorden" in enough[""]
    new_respondent(open_round).take_part()
    assert everything() == enough


def test_closing_is_asked_first_and_is_for_good(nele: Coordinator, open_round: Round, session: Session) -> None:
    assert "Heropenen kan niet" in nele.get(f"{ROUNDS}/{open_round.id}/sluiten").text
    nele.close_round(open_round.id)
    closed = found(session, open_round.id)
    nele.post(f"{ROUNDS}/{open_round.id}/openen", {"points": "1", "charter": "1", "version": str(closed.version)})
    nele.post(f"{ROUNDS}/{open_round.id}/verlengen", {"last_day": "2027-01-15", "version": str(closed.version)})
    now = found(session, open_round.id)
    assert (now.state, now.version, now.last_day) == ("closed", closed.version, closed.last_day)


def test_a_round_closes_by_itself_after_its_last_day(
    nele: Coordinator, open_round: Round, session: Session, clock: time_machine.Traveller
) -> None:
    clock.move_to("2026-12-18T22:59:00+00:00")  # one minute before midnight in Brussels
    nele.client.get("/health/ready")
    assert found(session, open_round.id).state == "open"
    clock.move_to("2026-12-18T23:00:30+00:00")
    nele.client.get("/health/ready")
    assert found(session, open_round.id).state == "closed"
    event = session.scalars(select(RoundEvent).where(RoundEvent.kind == "closed")).one()
    assert event.person_name is None
    nele.sign_in(coordinator_claims())
    assert "19 december 2026, vanzelf" in nele.get(f"{ROUNDS}/{open_round.id}").text


def test_what_a_coordinator_did_is_told(nele: Coordinator, open_round: Round, session: Session) -> None:
    kinds = session.scalars(select(RoundEvent.kind).order_by(RoundEvent.version)).all()
    assert kinds == ["created", "changed", "opened"]
    assert session.scalars(select(RoundEvent.person_name).distinct()).all() == ["Nele Vercauteren"]


def _own(session: Session, round_id: uuid.UUID) -> RoundQuestion:
    (own,) = [row for row in found(session, round_id).questions if row.bank_code is None]
    return own


def _without_token(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrf_token" not in line)

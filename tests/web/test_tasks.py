"""Mijn taken in a browser without JavaScript: the list, one decision, several, labels (seed 002, issue 2 items 7 and 8)."""

import re
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import select

from broker import clock as broker_clock
from broker.access.access_request import AccessRequest
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.task import Task
from broker.audit.audit_event import AuditEvent
from broker.database import db
from broker.errors import BusyError
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation


@pytest.fixture
def genk(world):
    return world.organisation("Gemeente Genk")


@pytest.fixture
def ilse(world, genk):
    return world.administrator_of(genk, "Ilse Maes")


@pytest.fixture
def karim(world, genk):
    return world.administrator_of(genk, "Karim Benali", head=True)


def _page(client, task):
    return client.get(f"/taken/{task.id}")


def _decide(client, task, page=None, **data):
    return client.submit(page or _page(client, task), data, form=f"/taken/{task.id}/beslis")


def _change(row_class, row_id, **values):
    with db.engine.begin() as connection:
        connection.execute(row_class.__table__.update().where(row_class.__table__.c.id == row_id).values(**values))
    db.session.rollback()


def _open(world, task):
    return world.fresh(Task, task.id).closed_at is None


# The list


def test_the_list_says_who_waits_for_what_and_since_when(client, world, clock, genk, ilse):
    request = world.request(world.person("Nele Vercauteren"), genk, right="invoerder")
    world.request(world.person("Sofie Aerts"), genk, right="raadpleger")
    world.sign_in(client, ilse)
    page = client.get("/taken")
    assert page.status_code == 200
    assert "Twee mensen wachten op u of op een collega-beheerder van Gemeente Genk." in page.text
    assert "vraagt Cultuurmonitor Invoerder" in page.text
    assert "dinsdag 17 november" in page.text
    assert page.text.count("Nieuw<") == 2
    assert "Gemeente Genk</span>" in page.text  # for whom, beside the name
    clock.move_to(broker_clock.now() + timedelta(days=7))
    world.sign_in(client, ilse)
    assert "5 werkdagen" in client.get("/taken").text
    assert request.decide_before is not None
    clock.move_to(request.decide_before - timedelta(days=1))
    world.sign_in(client, ilse)
    assert re.search("Vervalt (vandaag|over 1 werkdag)", client.get("/taken").text)


def test_nothing_open_is_good_news(client, world, ilse):
    world.sign_in(client, ilse)
    assert "Niemand staat te wachten" in client.get("/taken").text
    assert "U nam nog niets op" in client.get("/taken?lijst=van-mij").text
    assert "Er is nog niets beslist" in client.get("/taken?lijst=beslist").text


def test_a_search_without_result_says_what_was_searched_and_clears(client, world, genk, ilse):
    world.request(world.person("Nele Vercauteren"), genk)
    world.sign_in(client, ilse)
    page = client.get("/taken?zoek=<b>xyz&wacht=3&toepassing=cultuurmonitor")
    assert "Niets gevonden" in page.text
    assert "‘&lt;b&gt;xyz’" in page.text
    assert 'href="/taken">' in page.text
    assert "Nele" in client.get("/taken?zoek=vercau").text
    assert "Nele" in client.get("/taken?toepassing=cultuurmonitor&lijst=onzin&wacht=99").text


def test_the_pages_follow_each_other_by_key(client, world, genk, ilse):
    for n in range(30):
        world.request(world.person(f"Aanvrager Nummer{n}"), genk)
    world.sign_in(client, ilse)
    first = client.get("/taken")
    assert "Taak 1 tot 25 van 30" in first.text
    [following] = re.findall(r'href="(/taken\?na=[^"]+)"', first.text)
    rest = client.get(following.replace("&amp;", "&"))
    assert rest.text.count('role="rowheader"') == 5
    assert set(re.findall(r"Nummer\d+", first.text)) & set(re.findall(r"Nummer\d+", rest.text)) == set()
    assert client.get("/taken?na=onzin").status_code == 200


def test_one_s_own_request_and_one_that_asks_care_cannot_be_ticked(client, world, genk, ilse, karim):
    """ID7, ID1: over uw eigen vraag beslist u niet zelf. SR5: typed, not verified."""
    world.request(ilse, genk)
    world.typed_request(genk, name="Hanne Smet")
    world.request(world.person("Nele Vercauteren"), genk)
    world.sign_in(client, ilse)
    page = client.get("/taken").text
    assert "over uw eigen vraag beslist u niet zelf" in page
    assert "naam getypt, niet gecontroleerd" in page
    ticks = re.findall(r'<input type="checkbox" name="taak"[^>]*>', page)
    assert len(ticks) == 3
    assert sum(" disabled" in tick for tick in ticks) == 2


def test_taking_on_and_giving_free(client, world, genk, ilse, karim):
    """ID9: a courtesy; a colleague sees it and may decide all the same."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    answer = client.submit(client.get("/taken"), form="/taken/beslis", press=("doe", "goedkeuren"))  # nothing ticked
    assert answer.headers["Location"] == "/taken"
    token = client.csrf_token("/taken")
    answer = client.post(f"/taken/{task.id}/neem-op", data={"csrf_token": token})
    assert answer.headers["Location"] == f"/taken/{task.id}"
    assert "u nam ze op" in _page(client, task).text
    assert "Nele Vercauteren" in client.get("/taken?lijst=van-mij").text
    world.sign_in(client, karim)
    assert "Ilse Maes" in client.get("/taken").text
    assert "Ilse Maes nam ze op" in _page(client, task).text
    world.sign_in(client, ilse)
    answer = client.post(f"/taken/{task.id}/geef-vrij", data={"csrf_token": client.csrf_token("/taken")})
    assert answer.headers["Location"] == "/taken"
    assert world.fresh(Task, task.id).claimed_by is None


def test_somebody_without_a_mandate_gets_a_friendly_page(client, world, genk):
    nele = world.person("Nele Vercauteren")
    request = world.request(nele, genk)
    world.sign_in(client, nele)
    page = client.get("/taken")
    assert page.status_code == 200
    assert "U hebt geen taken" in page.text
    assert 'href="/mijn-aanvragen"' in page.text
    assert "Mijn taken" not in page.text
    own = client.get("/mijn-aanvragen").text
    assert f"/aanvraag/{request.number}" in own
    assert client.get(f"/aanvraag/{request.number}").status_code == 200


def test_the_menu_counts_what_waits(client, world, genk, ilse):
    world.request(world.person("Nele Vercauteren"), genk)
    world.sign_in(client, ilse)
    page = client.get("/mijn-aanvragen").text
    assert re.search(r'href="/taken"[^>]*><span>Mijn taken</span> <span class="pw-count">1<', page)
    assert "U vroeg nog niets" in page


# One decision


def test_the_task_shows_everything_the_seed_promises_the_administrator(client, world, genk, ilse):
    """W2: the administrator gets it all, automatically."""
    nele = world.person("Nele Vercauteren", works_for=world.organisation("Gemeente Aalst"))
    aalst = db.session.scalars(select(Organisation).where(Organisation.name == "Gemeente Aalst")).one()
    world.grant(nele, aalst, "raadpleger")
    request = world.request(
        nele,
        genk,
        right="raadpleger",
        number="85073099833",
        phone="+32470123456",
        answers={"centre": "C-mine", "message": "Ik neem het over <b>van</b> Ruben."},
        change_of_role=True,
    )
    world.sign_in(client, ilse)
    page = _page(client, world.task(request)).text
    for shown in (
        "Mag Nele Vercauteren cijfers bekijken in de Cultuurmonitor?",
        "••.••.••-•••.33",
        "komt van de digitale sleutel",
        "identiteit gecontroleerd met een digitale sleutel",
        "Cultuurmonitor Raadpleger",
        "onderdeel Cultuurcentra",
        "Gemeente Genk",
        "Vlaamse gemeente",
        "C-mine",
        nele.email,
        "bevestigd door de aanvrager",
        "+32 470 12 34 56",
        "voor een andere organisatie",
        "niet nodig",
        "‘Ik neem het over &lt;b&gt;van&lt;/b&gt; Ruben.’",
        request.number,
        "Dit is een wissel van rol",
        "17 november 2028",
    ):
        assert shown in page, shown
    assert "Aalst" not in page  # DG4: not where
    assert "85073099833" not in page


def test_a_typed_identity_is_marked_as_not_verified(client, world, genk, ilse):
    """SR5"""
    task = world.task(world.typed_request(genk, name="Hanne Smet", number="02051499846"))
    world.sign_in(client, ilse)
    page = _page(client, task).text
    assert "naam en nummer getypt, niet gecontroleerd" in page
    assert "getypt door de aanvrager" in page
    assert "Het recht begint als Hanne aanmeldt met een digitale sleutel." in page


def test_approving_gives_the_right_and_says_so(client, world, inbox, genk, ilse):
    sofie = world.person("Sofie Aerts")
    task = world.task(world.request(sofie, genk, right="raadpleger"))
    world.sign_in(client, ilse)
    answer = _decide(client, task, beslissing="goedkeuren")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/taken")
    told = client.get("/taken").text
    assert "<strong>Sofie Aerts kreeg het recht Cultuurmonitor Raadpleger.</strong> Sofie krijgt een mail." in told
    assert inbox.last_to(sofie.email)
    decided = client.get("/taken?lijst=beslist").text
    assert "Sofie Aerts" in decided
    assert "Goedgekeurd" in decided
    assert "Ilse Maes" in decided
    closed = _page(client, task).text
    assert "Wat beslist is" in closed
    assert "Ilse Maes" in closed
    assert f"/taken/{task.id}/beslis" not in closed


def test_a_refusal_without_reason_comes_back_with_what_was_typed(client, world, genk, ilse):
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    answer = _decide(client, task, beslissing="afkeuren", reden="   ", tot="31/12/2026")
    assert answer.status_code == 422
    assert "<title>Fout:" in answer.text
    assert 'href="#reden"' in answer.text
    assert "Schrijf waarom u afkeurt" in answer.text
    assert re.search(r'value="afkeuren" checked', answer.text)
    assert _open(world, task)
    none = _decide(client, task, reden="Al geregeld.")
    assert none.status_code == 422
    assert "Kies goedkeuren of afkeuren." in none.text
    assert "Al geregeld.</textarea>" in none.text


def test_a_refusal_is_mailed_with_its_reason_and_stays_readable(client, world, inbox, genk, ilse):
    nele = world.person("Nele Vercauteren")
    task = world.task(world.request(nele, genk))
    world.sign_in(client, ilse)
    _decide(client, task, beslissing="afkeuren", reden="Ruben voert de cijfers al in.")
    assert "Nele Vercauteren af.</strong> Nele leest uw reden in een mail." in client.get("/taken").text
    assert "Ruben voert de cijfers al in." in inbox.last_to(nele.email).text
    assert "‘Ruben voert de cijfers al in.’" in _page(client, task).text


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("31 februari", "Schrijf de dag zo: 31/12/2027."),
        ("31/02/2027", "Schrijf de dag zo: 31/12/2027."),
        ("2026-11-01", "Deze dag is al voorbij."),
        ("01/01/2040", "alleen vroeger laten stoppen"),
    ],
)
def test_a_day_that_cannot_be_is_explained(client, world, genk, ilse, typed, sentence):
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    answer = _decide(client, task, beslissing="goedkeuren", tot=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert _open(world, task)


@pytest.mark.parametrize("typed", ["31/01/2027", "2027-01-31", "31-1-2027"])
def test_the_right_may_end_earlier(client, world, session, genk, ilse, typed):
    """ID6: the date that the approver may choose."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    assert _decide(client, task, beslissing="goedkeuren", tot=typed).status_code == 303
    assert session.scalars(select(Grant.valid_until)).one().isoformat() == "2027-01-31T23:00:00+00:00"


@pytest.mark.parametrize("extra", ["right_code", "organisation_id", "valid_from", "doe"])
def test_a_decision_with_an_extra_field_is_refused(client, world, genk, ilse, extra):
    """ID6: nothing but yes, no, why and an earlier day."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    answer = _decide(client, task, beslissing="goedkeuren", **{extra: "raadpleger"})
    assert answer.status_code == 422
    assert "Er is niets beslist" in answer.text
    assert _open(world, task)


def test_the_second_of_two_is_told_who_decided_and_when(client, world, genk, ilse, karim):
    """ID3: 409, and the decision is not kept."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, karim)
    seen_by_karim = _page(client, task)
    world.sign_in(client, ilse)
    _decide(client, task, beslissing="goedkeuren")
    world.sign_in(client, karim)
    answer = _decide(client, task, seen_by_karim, beslissing="afkeuren", reden="Neen.")
    assert answer.status_code == 409
    assert re.search(
        r"<strong>Ilse Maes keurde deze vraag al goed, om \d+\.\d\d uur\.</strong> Uw beslissing is niet bewaard\.",
        answer.text,
    )
    assert 'role="alert"' in answer.text
    assert world.fresh(Task, task.id).decision == "approved"


def test_a_page_that_is_out_of_date_is_shown_anew_with_what_was_typed(client, world, genk, ilse):
    """ID5"""
    nele = world.person("Nele Vercauteren")
    task = world.task(world.request(nele, genk))
    world.sign_in(client, ilse)
    seen = _page(client, task)
    world.affiliation(nele, genk)
    answer = _decide(client, task, seen, beslissing="goedkeuren", tot="31/01/2027")
    assert answer.status_code == 409
    assert "Er is intussen iets veranderd" in answer.text
    assert 'value="31/01/2027"' in answer.text
    assert _decide(client, task, answer, beslissing="goedkeuren").status_code == 303


def test_a_database_that_is_locked_loses_nothing_of_what_was_typed(client, world, genk, ilse, monkeypatch):
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    seen = _page(client, task)

    def busy(*_arguments, **_more):
        raise BusyError

    monkeypatch.setattr("broker.web.decide.perform", busy)
    answer = _decide(client, task, seen, beslissing="afkeuren", reden="Ruben voert de cijfers al in.")
    assert answer.status_code == 503
    assert "Het is even te druk." in answer.text
    assert "Ruben voert de cijfers al in.</textarea>" in answer.text


def test_what_is_no_longer_offered_can_only_be_turned_down(client, world, genk, ilse):
    """ID10, SR6: the rules of now."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    seen = _page(client, task)
    _change(Organisation, genk.id, organisation_type="ocmw")
    answer = _decide(client, task, seen, beslissing="goedkeuren")
    assert answer.status_code == 409
    assert 'value="goedkeuren"' not in answer.text
    assert 'value="afkeuren" checked' in answer.text


def test_nobody_decides_on_their_own_request(client, world, genk, ilse, karim):
    """ID1: the page has no form, and a form sent all the same is refused."""
    request = world.request(ilse, genk)
    task = world.task(request)
    world.sign_in(client, ilse)
    page = _page(client, task)
    assert "Over uw eigen vraag beslist u niet zelf" in page.text
    assert f"/taken/{task.id}/beslis" not in page.text
    assert f'href="/aanvraag/{request.number}"' in page.text
    data = {"csrf_token": client.csrf_token("/taken"), "beslissing": "goedkeuren", "versie": "1", "uitleg": "x"}
    answer = client.post(f"/taken/{task.id}/beslis", data=data)
    assert answer.status_code == 403
    assert "Over uw eigen vraag beslist u niet zelf" in answer.text
    assert _open(world, task)


def test_a_dismissed_administrator_with_an_open_page_decides_nothing(client, world, genk, ilse, karim):
    """ID4"""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    seen = _page(client, task)
    mandate = db.session.scalars(select(Mandate.id).where(Mandate.person_id == ilse.id)).one()
    _change(Mandate, mandate, ended_at=broker_clock.now(), end_reason="dismissed")
    assert _decide(client, task, seen, beslissing="goedkeuren").status_code == 404
    assert _open(world, task)


def test_every_task_address_is_absent_for_an_administrator_of_another_organisation(client, world, app, genk, ilse):
    """ID2: foreign and absent are one answer, on every address under /taken with an id."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    stranger = world.administrator_of(world.organisation("Aalst"), "Vreemde Beheerder")
    world.request(world.person("Iemand Anders"), db.session.scalars(select(Organisation).filter_by(name="Aalst")).one())
    world.sign_in(client, stranger)
    token = client.csrf_token("/taken")
    rules = [rule for rule in app.url_map.iter_rules() if rule.rule.startswith("/taken/<")]
    assert len(rules) == 8
    for rule in rules:
        address = rule.rule.replace("<uuid:task_id>", str(task.id))
        for method in (rule.methods or set()) & {"GET", "POST"}:
            data = {"csrf_token": token, "beslissing": "goedkeuren", "versie": "1", "uitleg": "x"}
            answer = client.open(address, method=method, data=data if method == "POST" else None)
            assert answer.status_code == 404, (method, address)
            assert "Nele" not in answer.text
    for press in ("goedkeuren", "afkeuren", "geef-vrij"):
        answer = client.post("/taken/beslis", data={"csrf_token": token, "doe": press, "taak": str(task.id)})
        assert answer.status_code == 404, press
    assert _open(world, task)


def test_who_is_not_signed_in_goes_to_the_sign_in_and_comes_back(client, world, genk, ilse):
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    for address in ("/taken", f"/taken/{task.id}", "/mijn-aanvragen", "/verantwoordelijke"):
        answer = client.get(address)
        assert answer.status_code == 303
        assert answer.headers["Location"].startswith(f"/aanmelden?verder={address.replace('/', '%2F')}")


def test_a_decision_without_its_form_token_is_refused(client, world, genk, ilse):
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    answer = client.post(f"/taken/{task.id}/beslis", data={"beslissing": "goedkeuren", "versie": "1", "uitleg": "x"})
    assert answer.status_code == 400
    assert _open(world, task)


# Several at once


def _choose(client, tasks, press):
    data = {"csrf_token": client.csrf_token("/taken"), "doe": press, "taak": [str(task.id) for task in tasks]}
    return client.post("/taken/beslis", data=data)


def _sure(client, page, also=(), **more):
    """Press the button of the page that asks to be sure; `also` are tasks that somebody smuggles into its form."""
    hidden = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page.text)
    press = re.search(r'name="doe" value="([^"]+)"', page.text)[1]
    data: dict[str, list[str]] = {"doe": [press], **{name: [value] for name, value in more.items()}}
    for name, value in hidden:
        data.setdefault(name, []).append(value)
    data["taak"] += [str(task.id) for task in also]
    return client.post("/taken/beslis", data=data)


def test_several_are_approved_after_a_page_that_asks_to_be_sure(client, world, session, genk, ilse):
    tasks = [world.task(world.request(world.person(f"Aanvrager Nummer{n}"), genk)) for n in range(3)]
    world.sign_in(client, ilse)
    page = _choose(client, tasks, "goedkeuren")
    assert "Deze 3 vragen goedkeuren?" in page.text
    assert all(_open(world, task) for task in tasks)
    done = _sure(client, page)
    assert "3 vragen zijn goedgekeurd" in done.text
    assert len(session.scalars(select(Grant)).all()) == 3


def test_a_mixed_choice_decides_what_it_may_and_explains_the_rest(client, world, session, genk, ilse, karim):
    """ID7: typed, a change of role and one's own are decided apart; one outcome a line."""
    plain = world.task(world.request(world.person("Nele Vercauteren"), genk))
    late = world.task(world.request(world.person("Sofie Aerts"), genk))
    typed = world.task(world.typed_request(genk, name="Hanne Smet"))
    tom = world.person("Tom Bogaert", works_for=genk)
    world.grant(tom, genk, "raadpleger")
    change = world.task(world.request(tom, genk, right="invoerder", change_of_role=True))
    own = world.task(world.request(ilse, genk))
    world.sign_in(client, ilse)
    page = _choose(client, [plain, late, typed, change, own], "goedkeuren")
    assert "Deze 2 vragen goedkeuren?" in page.text
    assert "Naam en nummer zijn getypt, niet gecontroleerd." in page.text
    assert "Dit is een wissel van rol." in page.text
    assert "Over uw eigen vraag beslist u niet zelf." in page.text
    world.sign_in(client, karim)
    _decide(client, late, beslissing="afkeuren", reden="Al geregeld.")
    world.sign_in(client, ilse)
    done = _sure(client, page, also=[typed, own])
    assert "1 vraag is goedgekeurd" in done.text
    assert "3 vragen zijn niet beslist" in done.text
    assert "Karim Benali keurde deze vraag al af" in done.text
    assert session.scalars(select(Grant.person_id).where(Grant.given_by == ilse.id)).all() == [
        world.fresh(AccessRequest, plain.request_id).person_id
    ]
    assert _open(world, typed)
    assert _open(world, own)


def test_several_are_turned_down_for_one_reason(client, world, inbox, genk, ilse):
    people = [world.person("Nele Vercauteren"), world.person("Sofie Aerts")]
    tasks = [world.task(world.request(person, genk)) for person in people]
    world.sign_in(client, ilse)
    page = _choose(client, tasks, "afkeuren")
    again = _sure(client, page, reden=" ")
    assert again.status_code == 422
    assert "Schrijf waarom u afkeurt" in again.text
    done = _sure(client, again, reden="Het centrum sluit.")
    assert "2 vragen zijn afgekeurd" in done.text
    for person in people:
        assert "Het centrum sluit." in inbox.last_to(person.email).text


def test_what_several_pages_showed_is_what_is_decided(client, world, genk, ilse):
    """ID5: also for a choice of several."""
    nele = world.person("Nele Vercauteren")
    task = world.task(world.request(nele, genk))
    world.sign_in(client, ilse)
    page = _choose(client, [task], "goedkeuren")
    world.affiliation(nele, genk)
    done = _sure(client, page)
    assert "Er is intussen iets veranderd" in done.text
    assert _open(world, task)


def test_fifty_at_most_and_only_fields_we_know(client, world, genk, ilse):
    """ID6, ID7"""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    token = client.csrf_token("/taken")
    many = [str(uuid.uuid4()) for _ in range(51)]
    for data in (
        {"doe": "goedkeuren", "taak": many},
        {"doe": "goedkeuren", "taak": str(task.id), "tot": "31/12/2040"},
        {"doe": "iets", "taak": str(task.id)},
        {"doe": "goedkeuren", "taak": "geen-id"},
        {"taak": str(task.id)},
    ):
        assert client.post("/taken/beslis", data={"csrf_token": token, **data}).status_code == 422, data
    assert _open(world, task)


def test_several_are_given_free(client, world, genk, ilse, karim):
    tasks = [world.task(world.request(world.person(f"Aanvrager Nummer{n}"), genk)) for n in range(2)]
    world.sign_in(client, ilse)
    for task in tasks:
        client.post(f"/taken/{task.id}/neem-op", data={"csrf_token": client.csrf_token("/taken")})
    assert _choose(client, tasks, "geef-vrij").headers["Location"] == "/taken"
    assert [world.fresh(Task, task.id).claimed_by for task in tasks] == [None, None]
    assert "2 taken zijn weer vrij." in client.get("/taken").text
    _choose(client, tasks, "geef-vrij")
    assert "U had geen van deze taken opgenomen." in client.get("/taken").text


# Labels


@pytest.fixture
def etterbeek(world):
    return world.organisation("Gemeente Etterbeek", kind="brusselse_gemeente")


@pytest.fixture
def lies(world):
    return world.officer_of("EA", "brusselse_gemeente", "Lies De Wolf")


def _label_task(session):
    found = session.scalars(select(Task).where(Task.kind == "label", Task.closed_at.is_(None))).one()
    session.expunge(found)
    session.rollback()
    return found


def test_a_right_waits_for_a_label_and_the_officer_decides(client, world, session, inbox, etterbeek, lies):
    amina = world.person("Amina Ouali")
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    request = world.request(amina, etterbeek, right="invoerder", answers={"centre": "Senghor"})
    world.sign_in(client, jan)
    _decide(client, world.task(request), beslissing="goedkeuren")
    assert "Het recht begint zodra de organisatie haar label heeft." in client.get("/taken").text
    task = _label_task(session)
    assert _page(client, task).status_code == 404  # the administrator has no say in labels
    world.sign_in(client, lies)
    page = client.get("/taken").text
    assert "vraagt het label Cultuurmonitor Afnemer" in page
    page = _page(client, task)
    for shown in (
        "Krijgt Gemeente Etterbeek het label ‘Cultuurmonitor Afnemer’?",
        "Brusselse gemeente",
        "Amina Ouali",
        "Cultuurmonitor Invoerder",
        "Senghor",
        "goedgekeurd door een lokale beheerder",
        "Eén recht dat erop wacht, begint dan vanzelf.",
    ):
        assert shown in page.text, shown
    assert "Jan Peeters" not in page.text  # a function, not a name
    answer = _decide(client, task, page, beslissing="goedkeuren")
    assert answer.status_code == 303
    assert "Gemeente Etterbeek heeft nu het label." in client.get("/taken").text
    assert len(inbox.mails_to(amina.email)) == 3  # sent, waits for a label, begins


def test_a_label_that_is_turned_down_ends_what_waits_with_the_reason(client, world, session, inbox, etterbeek, lies):
    amina = world.person("Amina Ouali")
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    world.sign_in(client, jan)
    _decide(client, world.task(world.request(amina, etterbeek)), beslissing="goedkeuren")
    task = _label_task(session)
    world.sign_in(client, lies)
    assert _decide(client, task, beslissing="afkeuren").status_code == 422
    assert (
        _decide(client, task, beslissing="afkeuren", tot="31/12/2026").status_code == 422
    )  # ID6: no dates for a label
    _decide(client, task, beslissing="afkeuren", reden="Een andere regeling.")
    assert any("Een andere regeling." in mail.text for mail in inbox.mails_to(amina.email))
    assert "‘Een andere regeling.’" in _page(client, task).text


def test_whoever_approved_the_right_does_not_decide_on_the_label(client, world, session, etterbeek, lies):
    """LA2: said on the page, and refused all the same when sent."""
    world.administrator_of(etterbeek, person=lies)
    world.sign_in(client, lies)
    _decide(client, world.task(world.request(world.person("Amina Ouali"), etterbeek)), beslissing="goedkeuren")
    task = _label_task(session)
    page = _page(client, task)
    assert "Wie het recht goedkeurde of vroeg, beslist niet over het label." in page.text
    assert f"/taken/{task.id}/beslis" not in page.text
    data = {"csrf_token": client.csrf_token("/taken?lijst=onzin"), "beslissing": "goedkeuren", "versie": "1"}
    answer = client.post(f"/taken/{task.id}/beslis", data=data)
    assert answer.status_code == 403
    assert _open(world, task)


def test_a_label_asks_for_a_recent_proof_and_keeps_what_was_typed(client, world, session, etterbeek, lies, clock):
    """Lifecycles §9: the task can be read, but an hour after the sign-in only a new proof lets the officer decide."""
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    world.sign_in(client, jan)
    _decide(client, world.task(world.request(world.person("Amina Ouali"), etterbeek)), beslissing="goedkeuren")
    task = _label_task(session)
    world.sign_in(client, lies)
    at_first = _page(client, task)
    clock.shift(timedelta(minutes=60))
    late = _decide(client, task, at_first, beslissing="afkeuren", reden="Een andere regeling.")
    assert late.status_code == 403
    assert "Een andere regeling." in late.text
    page = _page(client, task).text
    assert "Amina Ouali" in page
    assert "Meld opnieuw aan" in page
    assert f'action="/taken/{task.id}/beslis"' not in page
    assert _open(world, task)
    world.sign_in(client, lies)
    assert _decide(client, task, beslissing="goedkeuren").status_code == 303


def test_an_organisation_that_became_another_kind_sends_the_label_on(client, world, session, etterbeek, lies):
    """LA1: 409, the task closes and the right officers get a new one."""
    jan = world.administrator_of(etterbeek, "Jan Peeters")
    world.officer_of("EA", "economische_actor", "Marc Claes")
    world.sign_in(client, jan)
    _decide(client, world.task(world.request(world.person("Amina Ouali"), etterbeek)), beslissing="goedkeuren")
    task = _label_task(session)
    _change(Organisation, etterbeek.id, organisation_type="economische_actor")
    world.sign_in(client, lies)
    assert "Dit is een ander soort organisatie geworden" in _page(client, task).text
    answer = _decide(client, task, beslissing="goedkeuren")
    assert answer.status_code == 409
    assert "Uw beslissing is niet bewaard" in answer.text
    assert world.fresh(Task, task.id).close_reason == "pool_changed"
    assert _label_task(session).pool_key == "officer:EA:economische_actor"
    assert session.scalars(select(Label.approved_at)).all() == [None, None]


# In place of an administrator


def test_an_officer_steps_in_and_the_audit_knows(client, world, session):
    """Decisions 9"""
    aalst = world.organisation("Gemeente Aalst")
    marc = world.officer_of("LB", "gemeente", "Marc Claes")
    task = world.task(world.request(world.person("Nele Vercauteren"), aalst))
    world.sign_in(client, marc)
    assert "geen beheerder kan beslissen, u wel" in client.get("/taken").text
    page = _page(client, task)
    assert "U beslist in de plaats van een lokale beheerder" in page.text
    assert f"/verantwoordelijke/organisaties/{aalst.code}/beheerder" in page.text
    _decide(client, task, page, beslissing="goedkeuren")
    decided = session.scalars(select(AuditEvent).where(AuditEvent.name == "access:task:decide")).one()
    assert decided.details["in_place"] is True
    session.rollback()
    assert "in de plaats van een lokale beheerder" in _page(client, task).text


def test_the_address_of_a_sent_form_leads_back_to_its_page(client, world, genk, ilse):
    """A reload, or the other language, on the page that answered a form."""
    task = world.task(world.request(world.person("Nele Vercauteren"), genk))
    world.sign_in(client, ilse)
    assert client.get("/taken/beslis?taal=en").headers["Location"] == "/taken"
    assert client.get(f"/taken/{task.id}/beslis?taal=en").headers["Location"] == f"/taken/{task.id}"

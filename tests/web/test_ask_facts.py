"""The secure link on its pages: asked from the task, answered by the person, read by whoever asked (seed 000 step 2)."""

import uuid
from datetime import timedelta

import pytest

from broker.authentication.browser_session import number_place

NUMBER_FIELD = 'name="number"'


@pytest.fixture
def genk(world):
    return world.organisation("Genk")


@pytest.fixture
def ilse(world, genk):
    return world.administrator_of(genk, "Ilse Maes")


@pytest.fixture
def hanne(world, genk, ilse):
    return world.typed_request(genk, name="Hanne Smet", email="hanne@voorbeeld.test", with_number=False)


def _asked(inbox):
    (mail,) = [each for each in inbox.mails_to("hanne@voorbeeld.test") if "enkele gegevens" in each.subject]
    return mail


def _answered(inbox, administrator):
    (mail,) = [each for each in inbox.mails_to(administrator.email) if "gegevens die u vroeg" in each.subject]
    return mail


def test_from_the_task_to_the_answer_and_the_approval(client, app, world, hanne, ilse, inbox):
    """The whole road: asked on the task, answered by link, read once, approved."""
    task = f"/taken/{world.task(hanne).id}"
    world.sign_in(client, ilse)
    page = client.get(task)
    assert "Het rijksregisternummer is nog niet bekend" in page.text
    assert "goedkeuren" not in page.text
    assert f"{task}/vraag-gegevens" in page.text
    asked = client.submit(client.get(f"{task}/vraag-gegevens"), form=-1)
    assert asked.location == task
    assert "Er is nog geen antwoord" in client.get(task).text

    person = app.test_client()
    person.get(_asked(inbox).path)
    link = person.get("/link/gegevens")
    for said in (
        "Genk",
        "lokale beheerder",
        "Om het recht aan de juiste persoon te koppelen",
        "U mag weigeren",
        "veilig kanaal",
    ):
        assert said in link.text
    assert "Ilse" not in link.text
    number = world.number()
    sent = person.submit(link, {"number": number}, form="gegevens", press=("doe", "antwoord"))
    assert "Uw antwoord is verstuurd" in person.get(sent.location).text

    answer = client.get(_answered(inbox, ilse).path)
    assert number[:6] not in answer.text
    shown = client.submit(answer, form="toon")
    assert number in shown.text
    assert "Getypt, niet gecontroleerd" in shown.text
    assert shown.headers["Cache-Control"] == "no-store"
    decided = client.get(task)
    assert "goedkeuren" in decided.text
    done = client.submit(decided, {"beslissing": "goedkeuren"}, form="beslis")
    assert done.location == "/taken"
    assert client.submit(answer, form="toon").status_code == 404


def test_nothing_of_the_answer_is_shown_without_a_fresh_sign_in(client, app, world, hanne, ilse, inbox, clock):
    """DG9 and lifecycles §9: a cookie alone shows no number."""
    world.sign_in(client, ilse)
    client.submit(client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens"), form=-1)
    person = app.test_client()
    person.get(_asked(inbox).path)
    person.submit(person.get("/link/gegevens"), {"number": world.number()}, form="gegevens", press=("doe", "antwoord"))
    answer = client.get(_answered(inbox, ilse).path)
    clock.shift(timedelta(minutes=16))
    shown = client.submit(answer, form="toon")
    assert shown.status_code == 303
    assert shown.location.startswith("/aanmelden?")
    assert client.get(answer.request.path + "/toon").location == answer.request.path


def test_with_a_digital_key_nothing_is_typed_and_the_administrator_sees_that(client, app, world, hanne, ilse, inbox):
    """NR2."""
    number = world.number()
    nele = world.person("Hanne Smet", number=number)
    world.sign_in(client, ilse)
    client.submit(client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens"), form=-1)
    person = app.test_client()
    person.get(_asked(inbox).path)
    assert "/aanmelden?verder=" in person.get("/link/gegevens").text
    session_id = uuid.uuid4()
    sealed = world.installation.keys.seal(number, number_place(session_id))
    world.sign_in(person, nele, id=session_id, number_sealed=sealed)
    page = person.get("/link/gegevens")
    assert NUMBER_FIELD not in page.text
    person.submit(page, form="gegevens", press=("doe", "antwoord"))
    shown = client.submit(client.get(_answered(inbox, ilse).path), form="toon")
    assert "Bevestigd met een digitale sleutel" in shown.text
    assert "De identiteit is gecontroleerd" in client.get(f"/taken/{world.task(hanne).id}").text


def test_looking_at_the_link_changes_nothing_and_a_mistake_stays_on_the_page(client, world, hanne, ilse, inbox):
    """EP1: mail scanners open links; the button consumes."""
    world.sign_in(client, ilse)
    client.submit(
        client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens"), {"vraag": ["number", "birth_date"]}, form=-1
    )
    world.sign_out(client)
    path = _asked(inbox).path
    for _ in range(3):
        client.get(path)
        client.head("/link/gegevens")
    wrong = client.submit(
        client.get("/link/gegevens"),
        {"number": "123", "birth_date": "31/02/1990"},
        form="gegevens",
        press=("doe", "antwoord"),
    )
    assert wrong.status_code == 422
    assert "Het moeten er 11 zijn" in wrong.text
    assert "Vul een dag in, bijvoorbeeld 31/12/1990" in wrong.text
    right = client.submit(
        wrong, {"number": world.number(), "birth_date": "17/05/1990"}, form="gegevens", press=("doe", "antwoord")
    )
    assert right.status_code == 303
    assert client.get(path).status_code == 303
    assert client.get("/link/gegevens").status_code == 410


def test_refusing_is_a_button(client, world, hanne, ilse, inbox):
    """NR1."""
    world.sign_in(client, ilse)
    client.submit(client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens"), form=-1)
    client.get(_asked(inbox).path)
    refused = client.submit(client.get("/link/gegevens"), form="gegevens", press=("doe", "weiger"))
    assert "U gaf deze gegevens niet" in client.get(refused.location).text
    assert "De aanvrager wil deze gegevens niet geven" in client.get(f"/taken/{world.task(hanne).id}").text


def test_a_reason_is_needed_for_each_fact(client, world, hanne, ilse):
    """W9."""
    world.sign_in(client, ilse)
    page = client.submit(
        client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens"),
        {"vraag": "birth_date", "reden_birth_date": ""},
        form=-1,
    )
    assert page.status_code == 422
    assert "Schrijf waarom u dit vraagt" in page.text
    nothing = client.submit(client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens"), {"vraag": None}, form=-1)
    assert "Kies wat u wilt vragen" in nothing.text


def test_nobody_else_finds_these_pages(client, world, hanne, ilse, session):
    """ID2."""
    stranger = world.administrator_of(world.organisation("Hasselt"))
    world.sign_in(client, stranger)
    assert client.get(f"/taken/{world.task(hanne).id}/vraag-gegevens").status_code == 404


def test_the_task_page_takes_one_statement_more(client, world, hanne, ilse, statements):
    world.sign_in(client, ilse)
    task = f"/taken/{world.task(hanne).id}"
    client.get(task)
    with statements() as seen:
        client.get(task)
    assert sum("asked_facts" in each for each in map(str, seen)) == 2


def test_from_a_persons_page_somebody_who_works_here_is_asked(client, app, world, genk, ilse, inbox):
    """NR1: no number of somebody who is known by one; a stranger finds nothing."""
    jan = world.person("Jan Peeters", email="jan@voorbeeld.test")
    job = world.affiliation(jan, genk)
    world.sign_in(client, ilse)
    assert f"/mensen/{job.id}/vraag-gegevens" in client.get(f"/mensen/{job.id}").text
    page = client.get(f"/mensen/{job.id}/vraag-gegevens")
    assert "Rijksregisternummer of BIS-nummer" not in page.text
    sent = client.submit(page, {"vraag": "work_phone"}, form=-1)
    assert sent.location == f"/mensen/{job.id}"
    person = app.test_client()
    (mail,) = [each for each in inbox.mails_to("jan@voorbeeld.test") if "enkele gegevens" in each.subject]
    person.get(mail.path)
    person.submit(
        person.get("/link/gegevens"), {"work_phone": "089 12 34 56"}, form="gegevens", press=("doe", "antwoord")
    )
    shown = client.submit(client.get(_answered(inbox, ilse).path), form="toon")
    assert "+3289123456" in shown.text
    erased = client.submit(client.get(shown.request.path.removesuffix("/toon")), form="wis")
    assert "Het antwoord is gewist" in client.get(erased.location).text
    world.sign_in(client, world.administrator_of(world.organisation("Hasselt"), "An Wit"))
    assert client.get(f"/mensen/{job.id}/vraag-gegevens").status_code == 404
    assert client.get(erased.location).status_code == 404

"""No right yet: what did work, what lacks, who must act (LOOK 6, DESIGN §4)."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.audit import AuditEvent
from broker.authentication.authorization_code import AuthorizationCode
from tests.oidc.conftest import Relying, answer_of
from tests.worlds.client import Client
from tests.worlds.world import World

Make = Callable[..., Relying]


def test_who_never_asked_is_offered_to_ask(world: World, client: Client, relying: Make, session: Session) -> None:
    hanne = world.person("Hanne Smet")
    world.affiliation(hanne, world.organisation("Gemeente Genk"))
    world.sign_in(client, hanne)
    page = relying().authorize()
    assert page.status_code == 200
    for words in (
        "U hebt nog geen recht voor de Cultuurmonitor",
        "Aanmelden is gelukt",
        "U werkt voor Gemeente Genk",
        'href="/toepassingen/cultuurmonitor"',
        'href="/afmelden"',
        "Belt u 1700?",
        "ccinc@vlaanderen.be",
    ):
        assert words in page.text, words
    assert session.scalar(select(AuthorizationCode)) is None


def test_the_code_for_the_telephone_finds_the_refusal(
    world: World, client: Client, relying: Make, session: Session
) -> None:
    hanne = world.person("Hanne Smet")
    world.sign_in(client, hanne)
    page = relying().authorize()
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "oidc:code:refuse")).one()
    assert (event.subject_id, event.details["reason"]) == (hanne.id, "never_asked")
    assert f"<code>{event.details['code']}</code>" in page.text


def test_an_open_request_says_who_is_up_and_leads_to_it(world: World, client: Client, relying: Make) -> None:
    nele, genk = world.person(), world.organisation("Gemeente Genk")
    world.administrator_of(genk, "Ilse Maes")
    request = world.request(nele, genk)
    world.sign_in(client, nele)
    page = relying().authorize()
    assert "die ligt niet bij u" in page.text
    assert "een lokale beheerder van Gemeente Genk" in page.text
    assert f'href="/aanvraag/{request.number}"' in page.text
    assert "Ilse" not in page.text, "functions, never names"


def test_a_right_that_waits_for_a_label_says_so(world: World, client: Client, relying: Make) -> None:
    amina = world.person("Amina Ouali")
    etterbeek = world.organisation("Gemeente Etterbeek", "brusselse_gemeente")
    world.grant(amina, etterbeek)
    world.label(etterbeek, approved=False)
    world.sign_in(client, amina)
    page = relying().authorize().text
    assert "Gemeente Etterbeek heeft nog één label nodig" in page
    assert "de doelgroepverantwoordelijke" in page
    world.fresh(type(amina), amina.id)


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"begins": 2}, "Uw recht gaat later in"),
        ({"ended": True}, "eindigde op"),
    ],
)
def test_a_right_that_does_not_count_now_says_why(
    world: World, client: Client, relying: Make, columns: dict[str, int], words: str
) -> None:
    nele, genk = world.person(), world.organisation("Gemeente Genk")
    now = broker_clock.now()
    if "begins" in columns:
        world.grant(nele, genk, valid_from=now + timedelta(days=columns["begins"]))
    else:
        world.grant(nele, genk, ended_at=now, end_reason="ended")
    world.sign_in(client, nele)
    assert words in relying().authorize().text


def test_with_prompt_none_the_client_hears_access_denied(world: World, client: Client, relying: Make) -> None:
    """Decisions 20."""
    nele = world.person()
    world.sign_in(client, nele)
    assert answer_of(relying().authorize(prompt="none"))["error"] == "access_denied"

"""The pages around signing in: which keys, where to go on, what is said when it does not work (threats OA12, SR4)."""

import pytest
from sqlalchemy.orm import Session

from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.grant import Grant
from broker.authentication.end_person import end_person
from broker.database import perform
from broker.installation import installation
from broker.people.person import Person
from broker.web.return_path import return_path
from tests.authentication.conftest import Traveller
from tests.authentication.fake_provider import FakeProvider
from tests.authentication.test_sign_in import events, living
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.world import World

NUMBER = "85073099833"


@pytest.mark.parametrize(
    "asked",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "/\t/evil.example/",
        "/\n/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "taken",
        "",
        " /taken",
        "/taken\r\nSet-Cookie: a=b",
        "/été",
        "/aanmelden?verder=/aanmelden",
        "/afmelden",
        "/" + "a" * 5000,
        "http:/evil.example",
        "/[evil",
    ],
)
def test_the_way_on_never_leaves_the_site(asked: str) -> None:
    """Open redirect: only a path of ours."""
    assert return_path(asked) in ("/", "/[evil")


@pytest.mark.parametrize("asked", ["/", "/taken", "/taken?pagina=2&op=oud", "/op/v1/auth?redirect_uri=http%3A%2F%2Fa"])
def test_a_path_of_ours_is_kept(asked: str) -> None:
    """With its query."""
    assert return_path(asked) == asked


def test_another_site_asked_for_is_forgotten(traveller: Traveller, itsme: FakeProvider) -> None:
    """Open redirect, the whole way through."""
    assert traveller.sign_in(itsme, query="?verder=//evil.example/").location == "/"


def test_the_page_shows_the_application_and_only_the_keys_it_allows(client: Client) -> None:
    """W4: the sign-in page carries the application's name and shows only the keys that its policy allows."""
    page = client.get("/aanmelden?verder=/taken&toepassing=cultuurmonitor").text
    assert "Cultuur- en gemeenschapscentra in Cijfers" in page
    assert 'action="/aanmelden/itsme"' in page
    assert 'action="/aanmelden/eid"' in page
    assert 'action="/aanmelden/weak"' not in page


def test_without_an_application_every_key_is_shown(client: Client) -> None:
    """The broker itself takes them all; what one may do there is decided there."""
    assert 'action="/aanmelden/weak"' in client.get("/aanmelden").text


def test_a_key_that_the_application_does_not_allow_cannot_be_posted(client: Client) -> None:
    """What the page does not show is not there."""
    token = client.csrf_token("/aanmelden")
    answer = client.post("/aanmelden/weak", data={"csrf_token": token, "toepassing": "cultuurmonitor"})
    assert answer.status_code == 404


def test_a_session_by_a_key_that_the_application_does_not_allow_asks_again(
    traveller: Traveller, weak: FakeProvider
) -> None:
    """UP7: the level and the key are compared for each application."""
    traveller.sign_in(weak, acr="password")
    assert traveller.client.get("/aanmelden?verder=/taken").status_code == 303
    assert traveller.client.get("/aanmelden?verder=/taken&toepassing=cultuurmonitor").status_code == 200


def test_an_unknown_key_is_not_found(client: Client) -> None:
    """Neither way."""
    assert client.get("/aanmelden/unknown/terug").status_code == 404
    token = client.csrf_token("/aanmelden")
    assert client.post("/aanmelden/unknown", data={"csrf_token": token}).status_code == 404


def test_the_page_asks_nothing_of_somebody_signed_in(traveller: Traveller, itsme: FakeProvider) -> None:
    """Single sign-on."""
    traveller.sign_in(itsme)
    answer = traveller.client.get("/aanmelden?verder=/taken&toepassing=cultuurmonitor")
    assert (answer.status_code, answer.location) == (303, "/taken")


@pytest.mark.parametrize("host", ["evil.example", "evil.example:8000"])
def test_the_host_header_decides_nothing(client: Client, itsme: FakeProvider, host: str) -> None:
    """OA12: only BROKER_ISSUER."""
    page = client.get("/aanmelden", base_url=f"http://{host}")
    answer = client.submit(page, form="/aanmelden/itsme", base_url=f"http://{host}")
    assert answer.status_code == 303
    assert "evil.example" not in answer.location
    assert "localhost%3A8000" in answer.location


def test_a_doubted_person_is_told_kindly_and_gets_no_session(
    traveller: Traveller, itsme: FakeProvider, world: World, inbox: Inbox, session: Session
) -> None:
    """DG6: the stranger sees "not yet", without the other name; the operator is told by id."""
    person = world.person("Tom Bogaert", number=NUMBER, state="unlinked")
    answer = traveller.sign_in(itsme, rrn=NUMBER)
    assert answer.status_code == 403
    assert "Er ontbreekt nog één stap, en die ligt niet bij u" in answer.text
    assert "Bogaert" not in answer.text
    assert traveller.cookie is None
    assert living(session) == []
    refusal = events(session, "authentication:session:refuse")[0]
    assert (refusal.subject_id, refusal.details["reason"]) == (person.id, "person_doubted")
    traveller.sign_in(itsme, rrn=NUMBER)
    (mail,) = inbox.mails
    assert str(person.id) in mail.text
    assert "Bogaert" not in mail.text
    assert NUMBER not in mail.text


def test_whoever_gave_a_doubted_person_a_right_is_asked_to_look(
    traveller: Traveller, itsme: FakeProvider, world: World, inbox: Inbox, session: Session
) -> None:
    """DG6, DG2: the giver is told which request it was, once, and nothing of who stood at the gate; until then nothing starts."""
    genk = world.organisation()
    administrator = world.administrator_of(genk)
    request = world.typed_request(genk, name="Tom Bogaert", number=NUMBER)
    perform(decide_request, world.installation, administrator.id, Decision(world.task(request).id, approve=True))
    told_before = len(inbox.mails_to(administrator.email or ""))
    for _ in range(2):
        assert traveller.sign_in(itsme, rrn=NUMBER).status_code == 403
    (mail,) = inbox.mails_to(administrator.email or "")[told_before:]
    assert request.number in mail.text
    for secret in (NUMBER, "Vercauteren", "Nele"):
        assert secret not in mail.text + mail.html
    assert living(session) == []


def test_the_address_of_somebody_known_makes_nobody_that_person(
    traveller: Traveller, itsme: FakeProvider, world: World, session: Session
) -> None:
    """UP5: a provider's e-mail links nobody, also where the provider says that it was verified."""
    known = world.person("Nele Vercauteren")
    traveller.sign_in(itsme, email=known.email, email_verified=True)
    (row,) = living(session)
    assert row.person_id != known.id
    assert world.fresh(Person, row.person_id).email is None


def test_linking_to_the_one_who_decided_ends_the_right(
    traveller: Traveller, itsme: FakeProvider, world: World, session: Session
) -> None:
    """ID1: approved for a second identity of one's own; looked at again when it links."""
    genk = world.organisation()
    administrator = world.administrator_of(genk)
    second = world.person(
        "Nele Vercauteren", number=NUMBER, state="unlinked", email=administrator.email, email_source="proved"
    )
    grant = world.grant(second, genk, given_by=administrator.id)
    assert traveller.sign_in(itsme, rrn=NUMBER).status_code == 303
    assert world.fresh(Grant, grant.id).end_reason == "self_decided"


def test_an_identity_conflict_is_told_and_the_operator_knows(
    traveller: Traveller, itsme: FakeProvider, world: World, inbox: Inbox, session: Session
) -> None:
    """UP4: refused; the operator reads what can be done, and that does it."""
    traveller.sign_in(itsme)
    one = living(session)[0].person_id
    other = world.person("Nele Vercauteren", number=NUMBER)
    answer = traveller.sign_in(itsme, query="?vers=1", rrn=NUMBER)
    assert answer.status_code == 409
    refusal = events(session, "authentication:session:refuse")[0]
    assert (refusal.subject_id, refusal.details["reason"]) == (one, "identity_conflict")
    (mail,) = inbox.mails
    assert str(one) in mail.text
    assert str(other.id) in mail.text
    assert "Samenvoegen kan niet" in mail.text
    assert "poortwachter people end" in mail.text
    session.rollback()
    perform(end_person, installation(), one, "other")
    assert traveller.sign_in(itsme, rrn=NUMBER).status_code == 303
    assert [each.person_id for each in living(session)] == [other.id]


def test_the_page_that_says_why_holds_nothing_of_the_provider(traveller: Traveller, itsme: FakeProvider) -> None:
    """The code and the state stay out of addresses that are shown, kept or linked."""
    itsme.behaviour.claims = {"nonce": "x"}
    answer = traveller.sign_in(itsme)
    assert answer.status_code == 400
    assert "state=" not in answer.text
    assert "code_challenge" not in answer.text
    assert answer.request.path == "/aanmelden/gestopt"


def test_the_page_that_says_why_cannot_be_made_to_say_anything_else(client: Client) -> None:
    """Reasons and codes come from a list or a form."""
    assert client.get("/aanmelden/gestopt?reden=bel-0900&sleutel=itsme").status_code == 404
    assert client.get("/aanmelden/gestopt?reden=cancelled&sleutel=bel-0900").status_code == 404
    assert "Bel 0900" not in client.get("/aanmelden/gestopt?reden=cancelled&sleutel=itsme&code=Bel 0900").text


def test_a_new_person_starts_in_the_language_of_the_page(
    traveller: Traveller, itsme: FakeProvider, world: World, session: Session
) -> None:
    """A person's language."""
    traveller.client.get("/aanmelden?taal=en")
    traveller.sign_in(itsme)
    assert world.fresh(Person, living(session)[0].person_id).language == "en"

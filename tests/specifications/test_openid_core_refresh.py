"""OpenID Connect Core 1.0, sections 11 and 12, RFC 6749 section 6, and the table of lifecycles §10: refresh tokens, which
rotate, tell of a copy, and never outlive what they stand on."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from broker import clock as broker_clock
from broker.access.end_grant import end_own_grant
from broker.access.grant import Grant
from broker.audit import AuditEvent
from broker.authentication.browser_session import IDLE, BrowserSession
from broker.authentication.client_session import ClientSession
from broker.authentication.end_session import end_session
from broker.authentication.redeem_refresh_token import RefreshedSession, redeem_refresh_token
from broker.authentication.session_facts import session_facts
from broker.authentication.settle_sessions import settle_sessions
from broker.database import changing_session, db, perform
from broker.installation import installation
from broker.keys import Keys
from broker.people.person import Person
from tests.oidc.conftest import ISSUER, Relying
from tests.oidc.test_rights_that_end import ROADS, at_once
from tests.specifications.holder import Holder
from tests.specifications.refreshing import (
    ABSOLUTE,
    ALL,
    ALL_OFFLINE,
    OFFLINE,
    SLIDING,
    catalogue,
    posted,
    refreshed,
    refuses,
    revoked,
    the_session,
)
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World

__all__ = ["catalogue"]

Make = Callable[..., Relying]


@pytest.fixture
def tool(nele: Person, relying: Make) -> Relying:
    """A confidential client of hers."""
    return relying("refreshes")


# A token that comes back


def test_a_used_token_that_returns_ends_the_family_and_is_audited(
    tool: Relying, nele: Person, session: Session, clock: time_machine.Traveller
) -> None:
    """OA4: nobody can tell the thief from the person, so both end; the access tokens die as well."""
    first = tool.tokens(scope=ALL)
    second = refreshed(tool, first["refresh_token"]).json
    clock.shift(timedelta(seconds=11))
    assert refuses(refreshed(tool, first["refresh_token"]))
    assert refuses(refreshed(tool, second["refresh_token"])), "the successor is over too"
    for tokens in (first, second):
        assert tool.userinfo(tokens["access_token"]).status_code == 401
    assert the_session().revoke_reason == "refresh_reused"
    event = session.scalars(select(AuditEvent).where(AuditEvent.name == "authentication:refresh_family:revoke")).one()
    assert (event.subject_id, event.actor_kind) == (nele.id, "application")
    assert event.details == {
        "sid": str(the_session().id),
        "client": "refreshes",
        "presented": 1,
        "in_force": 2,
        "reason": "refresh_reused",
    }


def test_the_person_is_told_once_in_calm_words_and_without_any_token(
    tool: Relying, nele: Person, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    """OA4."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    refreshed(tool, first)
    clock.shift(timedelta(minutes=1))
    for _ in range(3):
        refreshed(tool, first)
    (mail,) = inbox.mails_to(nele.email)
    assert mail.subject == "Wij stopten een aanmelding van u bij de Cultuurmonitor"
    assert "Aan uw rechten is niets veranderd." in mail.text
    assert first.rpartition(".")[2] not in mail.text
    assert the_session().id.hex not in mail.text.replace("-", "")


def test_somebody_without_a_proved_address_gets_no_mail(
    world: World, client: Client, relying: Make, inbox: Inbox, clock: time_machine.Traveller
) -> None:
    """EP2, OA6."""
    person = world.person(email_source="entered")
    world.grant(person, world.organisation())
    world.sign_in(client, person)
    app = relying("refreshes")
    first = app.tokens(scope=ALL)["refresh_token"]
    refreshed(app, first)
    clock.shift(timedelta(minutes=1))
    assert refuses(refreshed(app, first))
    assert inbox.mails_to(person.email) == []


def test_within_ten_seconds_the_same_successor_comes_again(tool: Relying, still_clock: time_machine.Traveller) -> None:
    """OA4: an answer that got lost, or two requests of one client at once."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    once = refreshed(tool, first).json
    still_clock.shift(timedelta(seconds=9))
    again = refreshed(tool, first).json
    assert again["refresh_token"] == once["refresh_token"]
    assert the_session().generation == 2
    assert tool.userinfo(again["access_token"]).status_code == 200
    assert refreshed(tool, again["refresh_token"]).status_code == 200


def test_the_ten_seconds_end_when_the_successor_was_used(tool: Relying) -> None:
    first = tool.tokens(scope=ALL)["refresh_token"]
    second = refreshed(tool, first).json["refresh_token"]
    refreshed(tool, second)
    assert refuses(refreshed(tool, first))
    assert the_session().revoke_reason == "refresh_reused"


@pytest.mark.parametrize("back", [timedelta(hours=2), timedelta(seconds=11)])
def test_a_clock_put_back_opens_no_window_for_a_copy(
    tool: Relying, still_clock: time_machine.Traveller, back: timedelta
) -> None:
    """OA4: what was used an hour from now was not used a moment ago."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    still_clock.shift(timedelta(minutes=30))
    refreshed(tool, first)
    still_clock.shift(-back)
    assert refuses(refreshed(tool, first))


def test_a_clock_put_back_disturbs_nobody_who_is_honest(tool: Relying, clock: time_machine.Traveller) -> None:
    clock.shift(timedelta(hours=1))
    tokens = tool.tokens(scope=ALL)
    clock.shift(timedelta(minutes=10))
    tokens = refreshed(tool, tokens["refresh_token"]).json
    clock.shift(-timedelta(minutes=20))
    answer = refreshed(tool, tokens["refresh_token"])
    assert answer.status_code == 200, "a wrong clock is no reason to send people away"


@pytest.mark.parametrize("threads", [2, 24])
def test_many_at_once_with_one_token_all_hear_the_same_successor(
    tool: Relying, app: Flask, threads: int, session: Session
) -> None:
    """OA4: the honest double refresh, on both databases; one generation is taken, and nobody is sent away."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    policy = installation().catalogue.clients["refreshes"]
    outcomes = at_once(app, *[(redeem_refresh_token, policy, first)] * threads)
    assert {type(each) for each in outcomes} == {RefreshedSession}
    assert {each.facts.generation for each in outcomes} == {2}
    assert the_session().generation == 2
    assert (
        session.scalar(select(AuditEvent.id).where(AuditEvent.name == "authentication:refresh_family:revoke")) is None
    )


def test_a_replay_at_the_same_instant_as_the_next_refresh_never_leaves_two_that_live(
    tool: Relying, app: Flask, clock: time_machine.Traveller
) -> None:
    """OA4: whichever comes first, the copy brings the family down."""
    policy = installation().catalogue.clients["refreshes"]
    for _ in range(4):
        first = tool.tokens(scope=ALL)["refresh_token"]
        second = refreshed(tool, first).json["refresh_token"]
        clock.shift(timedelta(seconds=30))
        at_once(app, (redeem_refresh_token, policy, first), (redeem_refresh_token, policy, second))
        assert refuses(refreshed(tool, second))
    db.session.rollback()
    assert set(db.session.scalars(select(ClientSession.revoke_reason))) == {"refresh_reused"}


def test_a_code_used_twice_takes_the_refresh_family_of_the_first_use_along(tool: Relying, relying: Make) -> None:
    """OA3: the tokens of the first use die, and those that came of them."""
    code = tool.code(scope=ALL_OFFLINE)
    first = tool.redeem(code).json
    second = refreshed(tool, first["refresh_token"]).json
    assert refuses(tool.redeem(code))
    for tokens in (first, second):
        assert tool.userinfo(tokens["access_token"]).status_code == 401
        assert refuses(refreshed(tool, tokens["refresh_token"]))
    assert the_session().revoke_reason == "code_reused"


def test_a_code_tried_by_another_client_costs_its_owner_nothing(tool: Relying, relying: Make) -> None:
    """OA3: before or after its own use."""
    code = tool.code(scope=ALL)
    assert refuses(relying("stranger").redeem(code, code_verifier=tool.verifier))
    tokens = tool.redeem(code).json
    assert refuses(relying("stranger").redeem(code, code_verifier=tool.verifier))
    assert refreshed(tool, tokens["refresh_token"]).status_code == 200


# A token that is not ours, or not theirs


def spoilt(token: str) -> list[str]:
    """Texts that are nearly `token`."""
    sid, generation, proof = token.split(".")
    return [
        f"{sid}.{int(generation) + 1}.{proof}",
        f"{uuid.uuid4().hex}.{generation}.{proof}",
        f"{sid}.{generation}.{'A' * 43}",
        f"{sid}.0{generation}.{proof}",
        f"{sid.upper()}.{generation}.{proof}",
        f"{uuid.UUID(sid)}.{generation}.{proof}",
        f"{token}=",
        f" {token}",
        f"{token}\n",
        token[:-1],
        f"{sid}.{generation}",
        "x" * 5000,
        "é.1.ü",
    ]


def test_a_token_we_never_wrote_is_refused_and_ends_nothing(tool: Relying, statements: Statements) -> None:
    """OA4: a stranger who guesses could otherwise sign people out; our own key tells before the database is asked."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    for each in spoilt(token):
        with statements() as seen:
            assert refuses(refreshed(tool, each)), each
        assert all("audit_" in each for each in seen), "nothing but the note in the audit"
    assert refreshed(tool, token).status_code == 200


def test_the_token_of_another_client_is_refused_and_ends_nothing(
    tool: Relying, relying: Make, clock: time_machine.Traveller
) -> None:
    """OA4, also when it is an old one."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    assert refuses(refreshed(relying("stranger"), first))
    second = refreshed(tool, first).json["refresh_token"]
    clock.shift(timedelta(minutes=1))
    assert refuses(refreshed(relying("stranger"), first))
    assert refuses(refreshed(relying("public"), second))
    assert refreshed(tool, second).status_code == 200


def test_without_a_token_the_request_is_wrong(tool: Relying) -> None:
    tool.tokens(scope=ALL)
    assert refuses(refreshed(tool, None), "invalid_request")
    assert refuses(refreshed(tool, ""), "invalid_request")


def test_a_client_that_its_policy_gives_no_refresh_tokens_has_none(
    tool: Relying, relying: Make, session: Session
) -> None:
    """Neither of its own, nor by somebody else's."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    never = relying("never")
    assert refuses(refreshed(never, token), "unauthorized_client")
    assert "refresh_token" not in never.tokens(scope=ALL)
    assert "refresh_token" not in relying().tokens()


def test_nothing_of_a_token_is_kept_and_a_newer_secret_key_opens_the_old_ones(
    tool: Relying, app: Flask, session: Session
) -> None:
    """Threats rule 5; and `keys reencrypt` needs nobody to sign in again."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    row = session.scalars(select(ClientSession)).one()
    assert token.rpartition(".")[2] not in "".join(str(each) for each in vars(row).values())
    keys = installation().keys
    content, _, proof = token.rpartition(".")
    newer = Keys({"newer": bytes(32), **keys.secrets})
    assert newer.refresh_proof_matches(content, proof)
    assert newer.refresh_proof(content) != proof
    assert not Keys({"newer": bytes(32)}).refresh_proof_matches(content, proof)


# Bound to a key


def bound(app: Relying, holder: Holder, refresh_token: str, **changes: str) -> Any:
    """A refresh with a proof of `holder`."""
    return refreshed(app, refresh_token, {"DPoP": holder.proof()}, **changes)


def dpop_tokens(app: Relying, holder: Holder) -> dict[str, Any]:
    """The tokens of a code redeemed with a proof of `holder`."""
    answer = posted(
        app,
        "token",
        {"DPoP": holder.proof()},
        grant_type="authorization_code",
        code=app.code(scope=ALL),
        redirect_uri=app.redirect_uri,
        code_verifier=app.verifier,
    )
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json
    return found


def test_the_token_of_a_public_client_is_bound_to_its_key(
    nele: Person, relying: Make, clock: time_machine.Traveller
) -> None:
    """RFC 9449, section 5. A wrong key ends nothing: whoever has only the token could otherwise sign people out."""
    app, mine, other = relying("public"), Holder(), Holder()
    tokens = dpop_tokens(app, mine)
    assert tokens["token_type"] == "DPoP"
    assert the_session().dpop_jkt == mine.jkt
    for answer in (bound(app, other, tokens["refresh_token"]), refreshed(app, tokens["refresh_token"])):
        assert refuses(answer)
    next_ = bound(app, mine, tokens["refresh_token"])
    assert (next_.status_code, next_.json["token_type"]) == (200, "DPoP")
    assert app.access_claims(next_.json)["cnf"] == {"jkt": mine.jkt}
    clock.shift(timedelta(minutes=1))
    assert refuses(bound(app, other, tokens["refresh_token"])), "an old one with a wrong key"
    assert bound(app, mine, next_.json["refresh_token"]).status_code == 200


def test_the_grace_of_ten_seconds_is_for_the_same_key_only(nele: Person, relying: Make) -> None:
    """OA4: a copied token is not answered because its owner used it a moment ago."""
    app, mine = relying("public"), Holder()
    token = dpop_tokens(app, mine)["refresh_token"]
    successor = bound(app, mine, token).json["refresh_token"]
    assert refuses(bound(app, Holder(), token))
    assert bound(app, mine, token).json["refresh_token"] == successor


def test_a_client_that_proves_itself_may_change_its_key(tool: Relying) -> None:
    """RFC 9449, section 5: its refresh tokens are bound to itself."""
    one, other = Holder(), Holder()
    first = dpop_tokens(tool, one)
    second = bound(tool, other, first["refresh_token"]).json
    assert tool.access_claims(first)["cnf"] == {"jkt": one.jkt}
    assert tool.access_claims(second)["cnf"] == {"jkt": other.jkt}
    assert refreshed(tool, second["refresh_token"]).json["token_type"] == "Bearer"


# The clock


def page(client: Client) -> None:
    """The person opens a page of the broker."""
    assert client.get("/privacy").status_code == 200


def test_it_slides_with_every_use_but_never_past_its_absolute_end(
    tool: Relying, client: Client, clock: time_machine.Traveller
) -> None:
    tokens = tool.tokens(scope=ALL)
    began = broker_clock.now()
    while broker_clock.now() - began < ABSOLUTE - timedelta(minutes=50):
        clock.shift(timedelta(minutes=50))
        page(client)
        answer = refreshed(tool, tokens["refresh_token"])
        assert answer.status_code == 200, broker_clock.now() - began
        tokens = answer.json
    assert the_session().refresh_expires_at == the_session().expires_at
    clock.move_to(began + ABSOLUTE + timedelta(seconds=1))
    page(client)
    assert refuses(refreshed(tool, tokens["refresh_token"]))


def test_it_is_over_when_nobody_used_it_for_the_sliding_time(
    tool: Relying, client: Client, clock: time_machine.Traveller
) -> None:
    token = tool.tokens(scope=ALL)["refresh_token"]
    clock.shift(SLIDING / 2)
    page(client)
    clock.shift(SLIDING / 2 + timedelta(seconds=1))
    assert refuses(refreshed(tool, token))


def test_a_used_token_that_returns_after_the_end_is_only_late(
    tool: Relying, inbox: Inbox, nele: Person, client: Client, clock: time_machine.Traveller
) -> None:
    """Nobody is alarmed for a family that the clock ended long ago."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    refreshed(tool, token)
    clock.shift(ABSOLUTE + timedelta(minutes=1))
    assert refuses(refreshed(tool, token))
    assert (the_session().revoke_reason, inbox.mails_to(nele.email)) == (None, [])


def test_it_ends_with_the_idle_time_of_the_browser(
    tool: Relying, client: Client, clock: time_machine.Traveller, session: Session
) -> None:
    """PW11: only a page request of the person counts; a refresh in the background does not. The clock needs no worker."""
    tokens = tool.tokens(scope=ALL)
    for _ in range(2):
        clock.shift(timedelta(minutes=40))
        tokens = refreshed(tool, tokens["refresh_token"]).json
    clock.shift(timedelta(minutes=11))
    assert refuses(refreshed(tool, tokens["refresh_token"]))
    assert the_session().revoke_reason == "session_over"
    assert tool.userinfo(tokens["access_token"]).status_code == 401


def test_a_page_of_the_broker_keeps_it_alive(tool: Relying, client: Client, clock: time_machine.Traveller) -> None:
    tokens = tool.tokens(scope=ALL)
    for _ in range(3):
        clock.shift(timedelta(minutes=50))
        page(client)
        tokens = refreshed(tool, tokens["refresh_token"]).json
    assert "access_token" in tokens


def test_a_client_that_refreshes_only_when_the_person_works_keeps_the_browser_alive(
    nele: Person, relying: Make, clock: time_machine.Traveller, session: Session
) -> None:
    """Decisions 18: such a refresh is activity; the policy says of which client that is so."""
    app = relying("active")
    tokens = app.tokens(scope=ALL)
    for _ in range(3):
        clock.shift(timedelta(minutes=50))
        tokens = refreshed(app, tokens["refresh_token"]).json
        session.rollback()
        assert session.scalars(select(BrowserSession.last_seen)).one() > broker_clock.now() - timedelta(seconds=30)
    assert "access_token" in tokens


def test_a_session_that_was_idle_too_long_is_not_revived_by_such_a_refresh(
    nele: Person, relying: Make, clock: time_machine.Traveller
) -> None:
    app = relying("active")
    token = app.tokens(scope=ALL_OFFLINE)["refresh_token"]
    before = broker_clock.now()
    clock.shift(IDLE + timedelta(minutes=1))
    assert refreshed(app, token).status_code == 200, "it was allowed offline"
    db.session.rollback()
    assert db.session.scalars(select(BrowserSession.last_seen)).one() <= before


def test_what_the_clock_ended_is_not_ended_twice_by_housekeeping(
    tool: Relying, relying: Make, clock: time_machine.Traveller
) -> None:
    """Decisions 18: an application without refresh tokens goes on until its own limit."""
    never = relying("never").tokens(scope=ALL)
    sid = relying("never").id_claims(never)["sid"]
    clock.shift(IDLE + timedelta(minutes=1))
    assert perform(settle_sessions, installation()) == 1
    assert session_facts(db.session(), installation().catalogue, uuid.UUID(sid)) is not None


# Offline


def test_offline_access_outlives_the_sign_out_and_the_browser(
    tool: Relying, client: Client, clock: time_machine.Traveller
) -> None:
    """OpenID Connect Core, section 11; lifecycles §10."""
    online = tool.tokens(scope=ALL)
    offline = tool.tokens(scope=ALL_OFFLINE)
    client.post("/afmelden", data={"csrf_token": client.csrf_token("/afmelden")})
    assert refuses(refreshed(tool, online["refresh_token"]))
    offline = refreshed(tool, offline["refresh_token"]).json
    assert tool.userinfo(offline["access_token"]).status_code == 200
    for _ in range(3):
        clock.shift(timedelta(days=9))
        offline = refreshed(tool, offline["refresh_token"]).json
    clock.shift(OFFLINE - timedelta(days=27) + timedelta(seconds=1))
    assert refuses(refreshed(tool, offline["refresh_token"])), "thirty days never slide"


def test_offline_access_has_no_number_of_the_sign_in_that_is_over(world: World, client: Client, relying: Make) -> None:
    """Decisions 3: the number goes with the session that proved it."""
    nele, session_id = world.person(), uuid.uuid4()
    world.grant(nele, world.organisation())
    sealed = world.installation.keys.seal("85073003328", f"browser_sessions.number_sealed:{session_id}")
    world.sign_in(client, nele, id=session_id, number_sealed=sealed)
    app = relying("refreshes")
    tokens = app.tokens(scope="openid rrn offline_access")
    assert app.id_claims(tokens)["rrn"] == "85073003328"
    client.post("/afmelden", data={"csrf_token": client.csrf_token("/afmelden")})
    assert "rrn" not in app.id_claims(refreshed(app, tokens["refresh_token"]).json)


@pytest.mark.parametrize("end", ROADS, ids=lambda road: road.__name__)
@pytest.mark.parametrize("scope", [ALL, ALL_OFFLINE], ids=["online", "offline"])
def test_nothing_outlives_the_right_or_the_person(
    world: World, client: Client, relying: Make, end: Callable[..., None], scope: str
) -> None:
    """OA1, LA4, lifecycles §10: offline access survives a sign-out, never the end of the right."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.label(kaai)
    amina = world.person("Amina Ouali")
    world.grant(amina, kaai)
    world.sign_in(client, amina)
    app = relying("refreshes")
    token = app.tokens(scope=scope)["refresh_token"]
    end(world, amina, kaai)
    assert refuses(refreshed(app, token))
    assert the_session().revoked_at is not None


def test_offline_access_is_ignored_where_there_are_no_refresh_tokens(nele: Person, relying: Make) -> None:
    """OpenID Connect Core, section 11: ignored, not refused."""
    app = relying("never")
    tokens = app.tokens(scope=ALL_OFFLINE)
    assert "refresh_token" not in tokens
    assert tokens["scope"] == " ".join(sorted(ALL.split()))
    assert the_session().offline is False


def test_offline_access_waits_for_the_consent_that_the_policy_asks(nele: Person, relying: Make) -> None:
    """OpenID Connect Core, section 11: with consent, or by policy."""
    page_ = relying("asks").authorize(scope=ALL_OFFLINE)
    assert page_.status_code == 200
    assert "code" not in page_.headers.get("Location", "")


# What comes back


def test_a_refreshed_id_token_speaks_of_the_same_sign_in(
    tool: Relying, nele: Person, clock: time_machine.Traveller
) -> None:
    """OpenID Connect Core, section 12.2: same iss, sub, aud and auth_time, a new iat, and no nonce."""
    first = tool.tokens(scope=ALL)
    before, jti = tool.id_claims(first), tool.access_claims(first)["jti"]
    clock.shift(timedelta(minutes=20))
    second = refreshed(tool, first["refresh_token"]).json
    after = tool.id_claims(second)
    for name in ("iss", "sub", "aud", "auth_time", "acr", "amr", "sid"):
        assert after[name] == before[name], name
    assert after["iat"] >= before["iat"] + 1200
    assert after["at_hash"] != before["at_hash"]
    assert ("nonce" in before, "nonce" in after) == (True, False)
    assert (after["iss"], after["sub"]) == (ISSUER, nele.sub)
    assert tool.access_claims(second)["jti"] != jti


def test_a_sign_in_that_grew_stronger_meanwhile_is_not_that_of_the_family(
    tool: Relying, nele: Person, client: Client
) -> None:
    """UP7: the family keeps its own acr and auth_time; a rise in the browser belongs to what is asked after it."""
    tokens = tool.tokens(scope=ALL)
    before = tool.id_claims(tokens)
    with changing_session() as changing, changing.begin():
        changing.execute(
            update(BrowserSession).values(
                acr="urn:be:vlaanderen:authmech:eid", level=35, auth_time=broker_clock.now() + timedelta(minutes=1)
            )
        )
    after = tool.id_claims(refreshed(tool, tokens["refresh_token"]).json)
    assert (after["acr"], after["auth_time"]) == (before["acr"], before["auth_time"])


def test_the_claims_are_those_of_now(tool: Relying, nele: Person) -> None:
    tokens = tool.tokens(scope=ALL)
    with changing_session() as changing, changing.begin():
        changing.execute(update(Person).where(Person.id == nele.id).values(family_name="Peeters"))
    tokens = refreshed(tool, tokens["refresh_token"]).json
    assert tool.id_claims(tokens)["family_name"] == "Peeters"
    assert tool.access_claims(tokens)["family_name"] == "Peeters"


def test_scopes_only_narrow_and_the_successor_keeps_them_all(tool: Relying) -> None:
    """RFC 6749, section 6."""
    tokens = tool.tokens(scope=ALL)
    narrow = refreshed(tool, tokens["refresh_token"], scope="openid").json
    assert narrow["scope"] == "openid"
    assert tool.access_claims(narrow)["scope"] == "openid"
    for claims in (tool.access_claims(narrow), tool.id_claims(narrow), tool.userinfo(narrow["access_token"]).json):
        assert not {"family_name", "vo_orgcode", "cjm_cultuurmonitor_rol_3d"} & set(claims)
    assert refreshed(tool, narrow["refresh_token"]).json["scope"] == " ".join(sorted(ALL.split()))


def test_a_wider_scope_is_refused_and_the_token_stays_as_it_was(tool: Relying) -> None:
    """RFC 6749, section 6: also one that the client may have, but that was not granted this time."""
    token = tool.tokens(scope="openid vo")["refresh_token"]
    for scope in ("openid profile", "openid vo offline_access", "openid onbekend"):
        assert refuses(refreshed(tool, token, scope=scope), "invalid_scope")
    assert the_session().generation == 1
    assert refreshed(tool, token).status_code == 200


def test_without_openid_there_is_no_id_token(tool: Relying) -> None:
    """OpenID Connect Core, section 12.2: it need not hold one."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    answer = refreshed(tool, token, scope="vo").json
    assert "id_token" not in answer
    assert "refresh_token" in answer


def test_tokens_never_outlive_the_right(tool: Relying, nele: Person, clock: time_machine.Traveller) -> None:
    """OA2."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    ends = broker_clock.now() + timedelta(seconds=90)
    with changing_session() as changing, changing.begin():
        changing.execute(update(Grant).values(valid_until=ends))
    answer = refreshed(tool, token).json
    assert answer["expires_in"] <= 90
    assert max(tool.access_claims(answer)["exp"], tool.id_claims(answer)["exp"]) <= ends.timestamp()
    clock.shift(timedelta(seconds=91))
    assert refuses(refreshed(tool, answer["refresh_token"]))


# What it costs


def test_a_refresh_costs_two_statements_and_three_when_it_is_activity(
    tool: Relying, relying: Make, statements: Statements, clock: time_machine.Traveller
) -> None:
    token = tool.tokens(scope=ALL)["refresh_token"]
    active = relying("active")
    active_token = active.tokens(scope=ALL)["refresh_token"]
    clock.shift(timedelta(minutes=2))
    with statements() as seen:
        assert refreshed(tool, token).status_code == 200
    assert len(seen) == 2, seen
    with statements() as seen:
        assert refreshed(active, active_token).status_code == 200
    assert len(seen) == 3, seen


# Two at once


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_right_being_ended_first_leaves_no_living_token(world: World, tool: Relying, nele: Person) -> None:
    """OA1, lifecycles §14: the ender holds the Person and has not committed; what is given meanwhile dies with it."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    grant_id = db.session.scalars(select(Grant.id)).one()
    db.session.rollback()
    with changing_session() as ender, ender.begin():
        end_own_grant(ender, world.installation, nele.id, grant_id)
        answer = refreshed(tool, token)
    if answer.status_code == 200:
        assert tool.userinfo(answer.json["access_token"]).status_code == 401
        assert refuses(refreshed(tool, answer.json["refresh_token"]))
    else:
        assert refuses(answer)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_refresh_that_came_first_is_found_by_whoever_ends_the_right(
    world: World, tool: Relying, app: Flask, nele: Person
) -> None:
    """OA1: the refresh has taken its row and not committed; the ender waits for nothing it need not, and nothing lives on."""
    token = tool.tokens(scope=ALL)["refresh_token"]
    policy = installation().catalogue.clients["refreshes"]
    grant_id = db.session.scalars(select(Grant.id)).one()
    db.session.rollback()
    ended = threading.Event()

    def end() -> None:
        with app.app_context():
            perform(end_own_grant, installation(), nele.id, grant_id)
            ended.set()
            db.session.remove()

    with changing_session() as refresher, refresher.begin():
        outcome = redeem_refresh_token(refresher, installation(), policy, token)
        assert isinstance(outcome, RefreshedSession)
        thread = threading.Thread(target=end)
        thread.start()
        ended.wait(timeout=1.0)
    thread.join()
    assert session_facts(db.session(), installation().catalogue, outcome.facts.sid) is None


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_ending_and_refreshing_at_the_same_instant_never_leaves_a_living_token(
    world: World, app: Flask, client: Client, relying: Make
) -> None:
    """OA1: barrier test, several times."""
    policy = installation().catalogue.clients["refreshes"]
    genk = world.organisation("Gemeente Genk")
    for n in range(8):
        person = world.person(f"Iemand {n}")
        grant = world.grant(person, genk)
        world.sign_in(client, person)
        tool = relying("refreshes")
        token = tool.tokens(scope=ALL_OFFLINE if n % 2 else ALL)["refresh_token"]
        outcomes = at_once(app, (redeem_refresh_token, policy, token), (end_own_grant, person.id, grant.id))
        for each in outcomes:
            if isinstance(each, RefreshedSession):
                assert session_facts(db.session(), installation().catalogue, each.facts.sid) is None
                db.session.rollback()
        assert refuses(refreshed(tool, token))


def test_a_sign_out_at_the_same_instant_never_leaves_a_living_family(tool: Relying, app: Flask, nele: Person) -> None:
    """Lifecycles §9: the sign-out finds the family, or the refresh finds the sign-out."""
    policy = installation().catalogue.clients["refreshes"]
    token = tool.tokens(scope=ALL)["refresh_token"]
    browser_session_id = the_session().browser_session_id
    at_once(app, (redeem_refresh_token, policy, token), (end_session, browser_session_id, "signed_out"))
    assert the_session().revoke_reason == "signed_out"
    assert refuses(refreshed(tool, token))


def test_what_was_taken_back_cannot_be_refreshed(tool: Relying) -> None:
    """RFC 7009, and no alarm for an old one afterwards."""
    first = tool.tokens(scope=ALL)["refresh_token"]
    second = refreshed(tool, first).json["refresh_token"]
    assert revoked(tool, second).status_code == 200
    for each in (first, second):
        assert refuses(refreshed(tool, each))
    assert the_session().revoke_reason == "revoked_by_client"

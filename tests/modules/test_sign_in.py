"""Signing in at an application by way of the broker, and out again."""

from collections.abc import Callable
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import time_machine
from flask import Flask

from modules.cultuurmonitor import create_app
from modules.kit import ModuleSettings
from modules.kit.session_tables import sessions
from tests.modules.conftest import BASE, Browser
from tests.modules.fake_broker import ILSE, NELE, OTHER_ORG, RAADPLEGER, FakeBroker, Key, person


def test_the_start_page_is_public_and_says_whom_to_ask(new_browser: Callable[[], Browser]) -> None:
    """M5: contact of the team and 1700 stand in the foot."""
    page = new_browser().get("/cultuurmonitor")
    assert page.status_code == 200
    for words in ("Meld u aan", "02 553 42 26", "ccinc@vlaanderen.be", "1700", "9 tot 19 uur"):
        assert words in page.text


def test_the_old_addresses_lead_to_the_new_one_for_good(new_browser: Callable[[], Browser]) -> None:
    """M16."""
    for old in ("/", "/ccinc", "/ccinc/"):
        answer = new_browser().get(old, follow=False)
        assert (answer.status_code, answer.location) == (301, "/cultuurmonitor")


def test_a_person_signs_in_and_comes_to_the_page_that_was_asked(
    browser_of_nele: Browser, fake_broker: FakeBroker
) -> None:
    page = browser_of_nele.get("/cultuurmonitor/centra")
    assert "Nele Vercauteren" in page.text
    assert "Gemeente Genk" in page.text
    asked = fake_broker.asked[0]
    assert asked["code_challenge_method"] == "S256"
    assert asked["scope"] == "openid profile vo cjm_cultuurmonitor"
    assert {"state", "nonce", "code_challenge"} <= asked.keys()


def test_after_sign_in_nobody_is_sent_to_another_site(new_browser: Callable[[], Browser]) -> None:
    for elsewhere in (
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "/cultuurmonitor//evil",
        "/elders",
        "",
    ):
        page = new_browser().get("/cultuurmonitor/aanmelden?verder=" + elsewhere)
        assert page.request.path == "/cultuurmonitor/centra"


def test_the_session_gets_a_new_id_at_sign_in_and_the_cookie_is_its_own(
    browser_of_nele: Browser, monitor: Flask
) -> None:
    cookie = browser_of_nele.client.get_cookie("cultuurmonitor_session", "localhost")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    with monitor.extensions["kit_database"].engine.connect() as connection:
        first = connection.execute(sessions.select()).one()
    browser_of_nele.sign_in(person(NELE))
    with monitor.extensions["kit_database"].engine.connect() as connection:
        second = connection.execute(sessions.select()).one()
    assert first.id_hash != second.id_hash
    assert "eyJhbGci" not in second.sealed_tokens  # no usable token at rest


def test_with_tls_the_cookie_is_bound_to_the_host(
    fake_broker: FakeBroker, tmp_path_factory: object, monitor_settings: ModuleSettings
) -> None:
    settings = ModuleSettings(
        issuer=monitor_settings.issuer,
        client_id=monitor_settings.client_id,
        client_secret=monitor_settings.client_secret,
        base_url="https://cultuurmonitor.voorbeeld.test",
        database_url=monitor_settings.database_url,
        secret=monitor_settings.secret,
    )
    app = create_app(settings)
    answer = app.test_client().get("/cultuurmonitor/aanmelden", base_url=settings.base_url)
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-cultuurmonitor=")
    assert "Secure" in cookie
    assert "Domain" not in cookie
    app.extensions["kit_database"].engine.dispose()


def test_an_answer_of_another_issuer_is_refused_before_the_code_is_sent(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker
) -> None:
    """UP1: mix-up; `iss` of the response is compared first (RFC 9207)."""
    fake_broker.response_issuer = "https://other.example/op"
    page = new_browser().sign_in()
    assert page.status_code == 400
    assert "Aanmelden is niet gelukt" in page.text
    assert fake_broker.key_set_calls == 0


def test_an_answer_without_issuer_is_refused(new_browser: Callable[[], Browser], fake_broker: FakeBroker) -> None:
    browser = new_browser()
    sent = browser.get("/cultuurmonitor/aanmelden", follow=False)
    back = urlsplit(fake_broker.authorize(sent.location))
    query = "&".join(part for part in back.query.split("&") if not part.startswith("iss="))
    assert browser.get(f"{back.path}?{query}").status_code == 400


def test_an_answer_to_another_browser_is_refused(new_browser: Callable[[], Browser], fake_broker: FakeBroker) -> None:
    """UP1: login CSRF; the state belongs to the browser that asked."""
    mine, other = new_browser(), new_browser()
    sent = mine.get("/cultuurmonitor/aanmelden", follow=False)
    back = fake_broker.authorize(sent.location).removeprefix(BASE)
    page = other.get(back)
    assert page.status_code == 400
    assert "verlopen of al gebruikt" in page.text
    assert mine.get(back).status_code == 200


def test_the_back_button_after_sign_in_does_no_harm(browser_of_nele: Browser, fake_broker: FakeBroker) -> None:
    sent = browser_of_nele.get("/cultuurmonitor/aanmelden", follow=False)
    back = fake_broker.authorize(sent.location).removeprefix(BASE)
    assert browser_of_nele.get(back).status_code == 200
    again = browser_of_nele.get(back)
    assert again.status_code == 200
    assert again.request.path == "/cultuurmonitor/centra"


def test_who_has_no_right_or_cancels_reads_what_to_do(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker
) -> None:
    fake_broker.error = "access_denied"
    page = new_browser().sign_in()
    assert page.status_code == 403
    assert "U bent niet aangemeld" in page.text
    assert "1700" in page.text


def test_a_token_without_a_right_here_opens_nothing(new_browser: Callable[[], Browser]) -> None:
    page = new_browser().sign_in(person(NELE, right=None))
    assert page.status_code == 403
    assert "andere rol" in page.text


def test_a_right_for_another_organisation_or_context_does_not_count(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker
) -> None:
    claims = person(NELE)
    claims["cjm_cultuurmonitor_rol_3d"] = [
        f"CultuurmonitorInvoerder-cultuurcentra:{OTHER_ORG}",
        f"CultuurmonitorInvoerder-bibliotheken:{claims['vo_orgcode']}",
        f"CultuurmonitorInvoerder:{claims['vo_orgcode']}",
    ]
    assert new_browser().sign_in(claims).status_code == 403


def test_signing_out_ends_the_session_here_and_at_the_broker(
    browser_of_nele: Browser, fake_broker: FakeBroker, monitor: Flask
) -> None:
    browser_of_nele.get("/cultuurmonitor/centra")
    answer = browser_of_nele.post("/cultuurmonitor/afmelden")
    asked = parse_qs(urlsplit(answer.location).query)
    assert answer.location.startswith(f"{fake_broker.issuer}/v1/logout?")
    assert asked["post_logout_redirect_uri"] == [f"{BASE}/cultuurmonitor/"]
    assert asked["id_token_hint"][0].count(".") == 2
    with monitor.extensions["kit_database"].engine.connect() as connection:
        assert connection.execute(sessions.select()).all() == []
    assert browser_of_nele.get("/cultuurmonitor/centra", follow=False).status_code == 303


def test_signing_out_works_without_a_broker(browser_of_nele: Browser, fake_broker: FakeBroker) -> None:
    browser_of_nele.get("/cultuurmonitor/centra")
    fake_broker.down = True
    answer = browser_of_nele.post("/cultuurmonitor/afmelden", follow=False)
    assert answer.status_code == 303
    assert browser_of_nele.get("/cultuurmonitor").status_code == 200


def test_when_the_access_token_runs_out_the_broker_is_asked_without_a_word(
    browser_of_nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=5, seconds=1))
    page = browser_of_nele.get("/cultuurmonitor/vergelijken?cijfer=staff_total")
    assert page.status_code == 200
    assert page.request.full_path == "/cultuurmonitor/vergelijken?cijfer=staff_total"
    assert fake_broker.asked[-1]["prompt"] == "none"
    assert "login_hint" in fake_broker.asked[-1]


def test_a_right_that_ended_stops_when_the_token_of_that_moment_runs_out(
    browser_of_nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    fake_broker.error = "access_denied"
    assert browser_of_nele.get("/cultuurmonitor/centra").status_code == 200
    clock.shift(timedelta(minutes=5, seconds=1))
    page = browser_of_nele.get("/cultuurmonitor/centra")
    assert page.status_code == 403
    assert "Uw recht in deze toepassing is gestopt" in page.text
    assert "Nele Vercauteren" not in page.text


def test_who_is_signed_out_at_the_broker_signs_in_again_visibly(
    browser_of_nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    clock.shift(timedelta(minutes=6))
    sent = browser_of_nele.get("/cultuurmonitor/centra", follow=False)
    fake_broker.error = "login_required"
    back = fake_broker.authorize(sent.location).removeprefix(BASE)
    fake_broker.error = None
    again = browser_of_nele.get(back, follow=False)
    assert again.location.startswith(f"{fake_broker.issuer}/v1/auth?")
    assert "prompt=none" not in again.location


def test_an_idle_session_ends(browser_of_nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller) -> None:
    """Decision 18: idle is counted here."""
    fake_broker.lifetime = 4 * 3600
    browser_of_nele.sign_in()
    clock.shift(timedelta(minutes=59))
    assert browser_of_nele.get("/cultuurmonitor/centra", follow=False).status_code == 200
    clock.shift(timedelta(minutes=61))
    answer = browser_of_nele.get("/cultuurmonitor/centra", follow=False)
    assert answer.status_code == 303
    assert "prompt" not in parse_qs(urlsplit(answer.location).query)


def test_no_session_lasts_longer_than_eight_hours(
    browser_of_nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    fake_broker.lifetime = 24 * 3600
    browser_of_nele.sign_in()
    for _half_hour in range(15):
        clock.shift(timedelta(minutes=30))
        assert browser_of_nele.get("/cultuurmonitor/centra", follow=False).status_code == 200
    clock.shift(timedelta(minutes=31))
    assert browser_of_nele.get("/cultuurmonitor/centra", follow=False).status_code == 303


def test_without_a_broker_the_start_page_stands_and_sign_in_says_so(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker
) -> None:
    """UP8."""
    fake_broker.down = True
    browser = new_browser()
    assert browser.get("/cultuurmonitor").status_code == 200
    page = browser.get("/cultuurmonitor/aanmelden")
    assert page.status_code == 503
    assert "even niet bereikbaar" in page.text
    assert "1700" in page.text


def test_a_broker_that_is_down_leaves_who_is_signed_in_at_work(
    browser_of_nele: Browser, fake_broker: FakeBroker
) -> None:
    fake_broker.down = True
    assert browser_of_nele.get("/cultuurmonitor/centra").status_code == 200


def test_a_new_key_of_the_broker_is_fetched_when_it_turns_up(
    browser_of_nele: Browser, fake_broker: FakeBroker, clock: time_machine.Traveller
) -> None:
    """OA11: rotation."""
    clock.shift(timedelta(minutes=2))
    fake_broker.key = Key("key-2")
    fake_broker.published.append(fake_broker.key)
    assert browser_of_nele.sign_in().status_code == 200
    assert fake_broker.key_set_calls == 2


def test_unknown_keys_do_not_make_us_hammer_the_broker(
    new_browser: Callable[[], Browser], fake_broker: FakeBroker
) -> None:
    """UP8: at most one question a minute."""
    fake_broker.key = Key("never-published")
    for _attempt in range(4):
        assert new_browser().sign_in().status_code == 400
    assert fake_broker.key_set_calls == 1


def test_another_person_in_the_same_browser_starts_afresh(browser_of_nele: Browser) -> None:
    page = browser_of_nele.sign_in(person(ILSE, RAADPLEGER, OTHER_ORG, "Gemeente Etterbeek"))
    assert "Ilse Maes" in page.text
    assert "Nele" not in page.text


def test_every_answer_carries_the_headers(browser_of_nele: Browser) -> None:
    for path in ("/cultuurmonitor", "/cultuurmonitor/centra", "/cultuurmonitor/bestaat-niet"):
        headers = browser_of_nele.get(path).headers
        assert "default-src 'self'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Cache-Control"] == "no-store"


def test_every_post_needs_the_token_of_its_page(browser_of_nele: Browser, monitor: Flask) -> None:
    for rule in monitor.url_map.iter_rules():
        if "POST" not in (rule.methods or ()) or rule.endpoint.startswith("kit_notices."):
            continue  # what the broker brings has no page; its own tests show that it looks at no cookie
        path = rule.rule.replace("<uuid:centre_id>", "0" * 8 + "-0000-4000-8000-" + "0" * 12).replace(
            "<int:year>", "2025"
        )
        answer = browser_of_nele.post(path, csrf=False)
        assert answer.status_code == 400, path
        assert "Deze pagina was te oud" in answer.text

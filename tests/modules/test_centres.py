"""The list of centres of one organisation (M2)."""

import re
from collections.abc import Callable

import pytest

from tests.modules.conftest import Browser
from tests.modules.fake_broker import ILSE, NELE, OTHER_ORG, RAADPLEGER, FakeBroker, person


def add(browser: Browser, name: str = "De Werf", kind: str = "cultuurcentrum") -> str:
    """Add a centre; its address."""
    browser.get("/cultuurmonitor/centra/nieuw")
    page = browser.post("/cultuurmonitor/centra/nieuw", {"name": name, "kind": kind})
    assert page.status_code == 200, page.text
    return page.request.path


def without_tokens(text: str, address: str) -> str:
    """A page without what differs by address or moment."""
    return re.sub(r'name="csrf_token" value="[^"]+"', "", text.replace(address, ""))


def test_the_first_time_an_invoerder_is_told_how_it_goes(browser_of_nele: Browser) -> None:
    page = browser_of_nele.get("/cultuurmonitor/centra")
    assert "Zet eerst uw centrum in de lijst" in page.text
    assert "Zo gaat het" in page.text


def test_a_raadpleger_is_told_who_is_up(new_browser: Callable[[], Browser]) -> None:
    page = new_browser().sign_in(person(ILSE, RAADPLEGER))
    assert "De Invoerder van Gemeente Genk zet ze in de lijst" in page.text
    assert "Voeg een centrum toe" not in page.text


def test_an_organisation_has_several_centres(browser_of_nele: Browser) -> None:
    add(browser_of_nele, "De Werf")
    add(browser_of_nele, "’t Ateljee", "gemeenschapscentrum")
    page = browser_of_nele.get("/cultuurmonitor/centra")
    assert "De Werf" in page.text
    assert "’t Ateljee" in page.text
    assert "Gemeenschapscentrum" in page.text


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"name": "", "kind": "cultuurcentrum"}, "Vul de naam van het centrum in"),
        ({"name": "De Werf", "kind": ""}, "Kies of het een cultuurcentrum"),
        ({"name": "De Werf", "kind": "zwembad"}, "Kies of het een cultuurcentrum"),
        ({"name": "x" * 121, "kind": "cultuurcentrum"}, "te lang"),
        ({"name": "De \u202eWerf", "kind": "cultuurcentrum"}, "onzichtbare tekens"),
        ({"name": "12345", "kind": "cultuurcentrum"}, "naam met letters"),
    ],
)
def test_a_mistake_is_told_at_the_field_and_above_and_nothing_typed_is_lost(
    browser_of_nele: Browser, form: dict[str, str], words: str
) -> None:
    browser_of_nele.get("/cultuurmonitor/centra/nieuw")
    page = browser_of_nele.post("/cultuurmonitor/centra/nieuw", form)
    assert page.status_code == 422
    assert page.text.count(words) == 2
    assert "<title>Fout:" in page.text
    assert 'aria-invalid="true"' in page.text or "kind-fout" in page.text
    assert form["name"] in page.text


def test_two_open_centres_do_not_share_a_name(browser_of_nele: Browser) -> None:
    address = add(browser_of_nele, "Café Théâtre")
    browser_of_nele.get("/cultuurmonitor/centra/nieuw")
    page = browser_of_nele.post("/cultuurmonitor/centra/nieuw", {"name": "CAFE  theatre", "kind": "cultuurcentrum"})
    assert page.status_code == 422
    assert "heeft al een centrum met deze naam" in page.text
    browser_of_nele.get(f"{address}/stopzetten")
    browser_of_nele.post(f"{address}/stopzetten")
    add(browser_of_nele, "Cafe Theatre")
    browser_of_nele.get(address)
    page = browser_of_nele.post(f"{address}/hervatten")
    assert "Er is al een centrum met die naam" in page.text


def test_a_centre_gets_another_name_and_keeps_its_address(browser_of_nele: Browser) -> None:
    address = add(browser_of_nele)
    browser_of_nele.get(f"{address}/wijzigen")
    page = browser_of_nele.post(f"{address}/wijzigen", {"name": "De Nieuwe Werf", "kind": "gemeenschapscentrum"})
    assert page.request.path == address
    assert "De Nieuwe Werf" in page.text


def test_a_centre_that_stopped_stays_readable(browser_of_nele: Browser) -> None:
    address = add(browser_of_nele)
    asked = browser_of_nele.get(f"{address}/stopzetten")
    assert "Stopte De Werf?" in asked.text
    page = browser_of_nele.post(f"{address}/stopzetten")
    assert "Gestopte centra" in page.text
    assert browser_of_nele.get(address).status_code == 200


def test_every_page_of_another_organisations_centre_is_not_there(
    browser_of_nele: Browser, new_browser: Callable[[], Browser], fake_broker: FakeBroker
) -> None:
    """Foreign object = 404, the same as one that does not exist."""
    address = add(browser_of_nele)
    stranger = new_browser()
    stranger.sign_in(person(ILSE, organisation=OTHER_ORG, organisation_name="Gemeente Etterbeek"))
    stranger.get("/cultuurmonitor/centra/nieuw")
    absent = address[:-12] + "0" * 12
    pages = ("", "/wijzigen", "/stopzetten", "/2025", "/2025/invullen", "/2025/heropenen", "/cijfers.csv")
    for page in pages:
        foreign, missing = stranger.get(address + page), stranger.get(absent + page)
        assert foreign.status_code == missing.status_code == 404, page
        assert without_tokens(foreign.text, address) == without_tokens(missing.text, absent)
    for page in ("/wijzigen", "/stopzetten", "/hervatten", "/2025/invullen", "/2025/indienen", "/2025/heropenen"):
        form = {"name": "Van mij", "kind": "cultuurcentrum", "version": "0"}
        assert stranger.post(address + page, form).status_code == 404, page
    assert stranger.get(f"/cultuurmonitor/vergelijken?centrum={address.rsplit('/', 1)[1]}").status_code == 404
    assert stranger.get("/cultuurmonitor/vergelijken?centrum=zomaar").status_code == 404
    assert "De Werf" not in stranger.get("/cultuurmonitor/centra").text
    assert "De Werf" not in stranger.get("/cultuurmonitor/cijfers.csv").text
    assert "De Werf" in browser_of_nele.get(address).text


def test_a_raadpleger_changes_nothing(browser_of_nele: Browser, new_browser: Callable[[], Browser]) -> None:
    """Every write asks the right of the token of that moment."""
    address = add(browser_of_nele)
    reader = new_browser()
    reader.sign_in(person(ILSE, RAADPLEGER))
    for path in (
        "/nieuw",
        *(address.removeprefix("/cultuurmonitor/centra") + page for page in ("/wijzigen", "/2025/invullen")),
    ):
        assert reader.get(f"/cultuurmonitor/centra{path}").status_code == 403
    posts = ("/wijzigen", "/stopzetten", "/hervatten", "/2025/invullen", "/2025/indienen", "/2025/heropenen")
    for path in ("/cultuurmonitor/centra/nieuw", *(address + page for page in posts)):
        page = reader.post(path, {"name": "Anders", "kind": "cultuurcentrum"})
        assert page.status_code == 403, path
        assert "Dit kan alleen iemand met de rol Invoerder" in page.text
        assert "U bent Raadpleger voor Gemeente Genk" in page.text
    assert "De Werf" in reader.get(address).text


def test_a_change_of_right_counts_at_the_next_token(browser_of_nele: Browser, fake_broker: FakeBroker) -> None:
    browser_of_nele.get("/cultuurmonitor/centra/nieuw")
    browser_of_nele.sign_in(person(NELE, RAADPLEGER))
    assert browser_of_nele.get("/cultuurmonitor/centra/nieuw").status_code == 403

"""A working day in PlusMinMee, in a browser (issue 5): from the invitation by mail to signing out, wide and on a phone."""

import re
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Locator, expect

from modules.plusminmee.phone_words import written_number
from modules.plusminmee.retention import today
from tests.e2e.cast import Identity, known, newcomer
from tests.e2e.http_visitor import HttpVisitor
from tests.e2e.looked_at import console_of
from tests.e2e.professional import Professional, add_with_account, give_right_at
from tests.worlds.browser import Live

AT_ONCE_SECONDS = 5
YOUNGSTER = "Ella Vos"
REPORT: FilePayload = {
    "name": "verslag.txt",
    "mimeType": "text/plain",
    "buffer": b"Rustige avond, geen overlast.",
}


@pytest.fixture(params=[1280, 390], ids=["wide", "phone"])
def somebody(
    live: Live, new_context: Callable[..., BrowserContext], request: pytest.FixtureRequest
) -> Callable[..., Professional]:
    """A professional in a browser of their own: `somebody("fatima.haddad")`, or an `Identity`; all have a screen of one width."""

    def make(who: str | Identity) -> Professional:
        context = new_context(viewport={"width": request.param, "height": 844})
        return Professional(live, context.new_page(), known(who) if isinstance(who, str) else who)

    return make


def test_a_working_day(live: Live, somebody: Callable[..., Professional], by_http: Callable[..., HttpVisitor]) -> None:
    noor, fatima = somebody(newcomer("Noor")), somebody("fatima.haddad")
    group = f"Groep van {noor.who.family_name}"
    with console_of(noor.page) as complaints, console_of(fatima.page) as complaints_of_fatima:
        comes_in_by_invitation(noor, by_http("joost.vanrijn"))
        the_beheerder_invites(fatima, group, noor)
        accepts(noor, group)
        sees_the_number_that_was_proved(noor)
        adds_a_youngster(noor)
        proposes_and_it_is_taken_over(noor, fatima)
        the_beheerder_moves_by_dragging_and_by_keyboard(fatima)
        plans_an_intervention(noor)
        posts_messages(noor)
        reads_the_logbooks(noor, fatima, group)
        signs_out(noor)
    assert complaints == []
    assert complaints_of_fatima == []


def test_who_leaves_the_organisation_is_out_of_the_tool_within_five_seconds(
    live: Live, new_context: Callable[..., BrowserContext], by_http: Callable[..., HttpVisitor]
) -> None:
    """The right ends at the broker: signed out of the tool, and no member of any group any more (issue 5)."""
    noor = Professional(live, new_context().new_page(), newcomer("Noor"))
    fatima = Professional(live, new_context().new_page(), known("fatima.haddad"))
    group = f"Groep van {noor.who.family_name}"
    comes_in_by_invitation(noor, by_http("joost.vanrijn"))
    the_beheerder_invites(fatima, group, noor)
    accepts(noor, group)
    fatima.open_part("Professionals")
    expect(fatima.page.get_by_role("row").filter(has_text=noor.who.full_name)).to_have_count(1)

    joost = Professional(live, new_context().new_page(), known("joost.vanrijn"))
    joost.sign_in(f"/mensen?zoek={noor.who.family_name}")
    joost.page.get_by_role("link", name=noor.who.full_name, exact=True).click()
    joost.page.get_by_role("link", name="Meld het vertrek…").click()
    joost.page.get_by_role("button", name="Meld het vertrek").click()
    expect(joost.page.get_by_text("werkt hier niet meer")).to_be_visible()

    ended = time.monotonic()
    while lets_in(noor):
        assert time.monotonic() - ended < AT_ONCE_SECONDS, "PlusMinMee still lets them in"
        time.sleep(0.1)
    fatima.open_part("Logboek")
    fatima.open_part("Professionals")
    expect(fatima.page.get_by_role("row").filter(has_text=noor.who.full_name)).to_have_count(0)


def lets_in(who: Professional) -> bool:
    """Whether PlusMinMee shows the page they are on to their browser, without a way round by the broker."""
    answer = who.page.context.request.get(who.page.url, max_redirects=0)
    assert answer.status in (200, 302, 303), answer.text()[:2000]
    return answer.status == 200


def comes_in_by_invitation(noor: Professional, joost: HttpVisitor) -> None:
    """Invited by the administrator of her organisation: password, SMS, right, sign-in; the changes are shown, and closed with X."""
    joost.sign_in()
    address = add_with_account(joost, noor.who)
    noor.choose_password()
    give_right_at(joost, address)
    noor.log_in()
    expect(noor.page.get_by_role("dialog", name="Wijzigingen")).to_be_visible()
    noor.close_changes()
    expect(noor.page.get_by_role("dialog")).to_have_count(0)
    expect(noor.page.get_by_text("U hoort nog bij geen groep")).to_be_visible()


def the_beheerder_invites(fatima: Professional, group: str, noor: Professional) -> None:
    fatima.enter_with_key()
    fatima.close_changes()
    fatima.make_group(group, "Stationsplein", today() + timedelta(days=200))
    fatima.invite(noor.who.email)
    expect(fatima.page.get_by_text(f"De uitnodiging voor {noor.who.email} vertrekt per mail.")).to_be_visible()


def accepts(noor: Professional, group: str) -> None:
    """By the link in the mail."""
    mail = noor.mail_about(f"uitgenodigd voor {group}")
    noor.page.goto(mail.link_to(noor.tool))
    noor.page.get_by_role("button", name=re.compile(rf"^Aanvaarden\b.*{group}")).click()
    expect(noor.page.get_by_text("U hoort nu bij deze groep.")).to_be_visible()


def sees_the_number_that_was_proved(noor: Professional) -> None:
    """In Mijn profiel of the tool, which leads to the broker's to change it."""
    back = noor.page.url
    noor.page.goto(f"{noor.tool}/profiel")
    expect(noor.page.get_by_text(written_number(noor.who.mobile))).to_be_visible()
    noor.page.get_by_role("link", name=re.compile("bij Poortwachter$")).click()
    expect(noor.page.get_by_role("heading", level=1)).to_have_text(re.compile("profiel", re.IGNORECASE))
    noor.page.goto(back)


def adds_a_youngster(noor: Professional) -> None:
    noor.open_part("Jongeren")
    noor.add_youngster(YOUNGSTER, kopstuk=True)
    expect(noor.page.get_by_text(f"{YOUNGSTER} staat bij de groep.")).to_be_visible()
    noor.page.get_by_role("link", name=YOUNGSTER, exact=True).click()
    photo = noor.page.get_by_role("img", name=f"Foto van {YOUNGSTER}")
    expect(photo).to_be_visible()
    expect(photo).to_have_js_property("complete", True)
    assert photo.evaluate("image => image.naturalWidth") > 0
    noor.page.get_by_role("link", name=re.compile("^Jongeren van")).click()


def proposes_and_it_is_taken_over(noor: Professional, fatima: Professional) -> None:
    noor.open_part("Methode voorstellen")
    noor.propose(YOUNGSTER, "+ positief", "Helpt de laatste weken mee.")
    fatima.open_part("Methode")
    expect(dot(fatima, "+ positief")).to_have_count(0)
    fatima.open_part("Methode voorstellen")
    fatima.take_over(YOUNGSTER)
    expect(fatima.page.get_by_text("Uw beslissing is bewaard.")).to_be_visible()
    noor.open_part("Methode")
    expect(dot(noor, "+ positief")).to_be_visible()


def the_beheerder_moves_by_dragging_and_by_keyboard(fatima: Professional) -> None:
    page = fatima.page
    page.get_by_role("link", name="Methode voorstellen").click()
    fatima.open_part("Methode")
    drag(dot(fatima, "+ positief"), page.locator(".pmm-sector--min .pmm-sector__word"))
    expect(page.get_by_text("De plaats is bewaard: − negatief.")).to_be_visible()
    dot(fatima, "− negatief").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name=YOUNGSTER)).to_be_visible()
    page.get_by_role("link", name="Plaats wijzigen").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Plaats wijzigen")).to_be_visible()
    page.wait_for_load_state()
    page.get_by_label("Jongere", exact=True).focus()
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="~ mee")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Loopt mee.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_text("De plaats is bewaard: ~ mee.")).to_be_visible()
    expect(dot(fatima, "~ mee")).to_be_visible()


def plans_an_intervention(noor: Professional) -> None:
    noor.open_part("Interventies")
    noor.add_intervention(YOUNGSTER, "Thuisgesprek", today() + timedelta(days=7))
    row = noor.page.get_by_role("row").filter(has_text="+ Thuisgesprek")
    expect(row).to_contain_text(YOUNGSTER)
    expect(row).to_contain_text(str((today() + timedelta(days=7)).year))
    expect(row).to_contain_text("Loopt")


def posts_messages(noor: Professional) -> None:
    noor.open_part("Berichten")
    noor.post("Acht jongeren bij de fontein.", REPORT)
    expect(noor.page.get_by_text("Acht jongeren bij de fontein.")).to_be_visible()
    assert noor.take_along(noor.page.get_by_role("link", name="verslag.txt")) == REPORT["buffer"]
    noor.page.get_by_role("link", name="+ Bericht plaatsen").click()
    noor.page.get_by_role("button", name="Niemand aangetroffen").click()
    expect(noor.page.get_by_text("Niemand aangetroffen: Stationsplein")).to_be_visible()


def reads_the_logbooks(noor: Professional, fatima: Professional, group: str) -> None:
    noor.open_part("Logboek")
    for line in (f"plaatste {YOUNGSTER}: ~ mee", f"plaatste {YOUNGSTER}: − negatief", "nam een voorstel over"):
        expect(noor.page.get_by_text(f"Fatima Haddad {line}")).to_be_visible()
    fatima.go_to("Logboek")
    lines = fatima.page.get_by_role("listitem").filter(has_text=noor.who.full_name)
    expect(lines.filter(has_text="plaatste een bericht")).to_have_count(2)
    lines.filter(has_text=f"voegde {YOUNGSTER} toe").get_by_role("link", name=group).click()
    expect(fatima.page.get_by_role("heading", name=group)).to_be_visible()


def signs_out(noor: Professional) -> None:
    """Completely: the group asks for the password again."""
    group = noor.page.url
    noor.sign_out()
    expect(noor.page.get_by_role("link", name="Inloggen", exact=True)).to_be_visible()
    noor.page.goto(group)
    expect(noor.page.get_by_label("Gebruikersnaam")).to_be_visible()


def dot(who: Professional, place: str) -> Locator:
    """The youngster in the circle, where they stand at `place`."""
    return who.page.get_by_role("link", name=f"{YOUNGSTER}, kopstuk: {place}", exact=True)


def drag(what: Locator, onto: Locator) -> None:
    """With the mouse, as people do: press, move, let go."""
    what.scroll_into_view_if_needed()
    mouse, begin, end = what.page.mouse, what.bounding_box(), onto.bounding_box()
    assert begin is not None
    assert end is not None
    mouse.move(begin["x"] + begin["width"] / 2, begin["y"] + begin["height"] / 2)
    mouse.down()
    mouse.move(end["x"] + end["width"] / 2, end["y"] + end["height"] / 2, steps=5)
    mouse.up()

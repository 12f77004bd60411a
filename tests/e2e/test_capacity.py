"""Somebody with a right at two organisations chooses for which one, in a browser, on the way to the Cultuurmonitor."""

import re
from collections.abc import Callable

from playwright.sync_api import BrowserContext, expect

from tests.e2e.browser_visitor import BrowserVisitor
from tests.e2e.cast import newcomer
from tests.e2e.http_visitor import give_right
from tests.e2e.links import AGB_RAADPLEGER, LB_INVOERDER
from tests.e2e.looked_at import console_of, look_at
from tests.e2e.own_house import BROKER, CULTUURMONITOR, DIGITAL_KEYS, OUTBOX, OwnHouse


def test_one_door_for_each_organisation(own_house: OwnHouse, new_context: Callable[..., BrowserContext]) -> None:
    for program in (BROKER, OUTBOX, DIGITAL_KEYS, CULTUURMONITOR):
        own_house.start(program)
    who = newcomer("Joke")
    give_right(own_house.live, who, LB_INVOERDER)
    own_house.live.mails_to(who.email, at_least=3)
    ask_again = give_right(own_house.live, who, AGB_RAADPLEGER)
    visitor = BrowserVisitor(own_house.live, new_context().new_page(), ask_again.who)
    page = visitor.page
    with console_of(page) as complaints:
        visitor.enter_module()
        expect(page.get_by_role("heading", name="Voor wie werkt u vandaag?")).to_be_visible()
        look_at(page)
        page.get_by_role("button", name=re.compile("Ga verder.*AGB Genk")).click()
        expect(page.get_by_role("banner")).to_contain_text("AGB Genk")
        expect(page.get_by_role("link", name="Voeg een centrum toe")).to_have_count(0)
        look_at(page)
    assert complaints == []

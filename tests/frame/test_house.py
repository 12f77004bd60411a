"""What `make run` starts is really there, and a browser can go in."""

from playwright.sync_api import Page

from tests.worlds.browser import Live, assert_accessible


def test_the_start_page_and_the_broker_open_in_a_browser(live: Live, page: Page) -> None:
    page.goto(f"{live.start_page}/")
    assert page.locator("h1").count() == 1
    page.goto(f"{live.broker}/")
    assert page.locator("h1").count() == 1
    assert_accessible(page)


def test_the_pages_of_what_went_wrong_are_accessible_too(live: Live, page: Page) -> None:
    page.goto(f"{live.broker}/nergens")
    assert page.locator("h1").inner_text() == "Deze pagina bestaat niet"
    assert_accessible(page)


def test_the_broker_of_the_house_is_ready(live: Live, page: Page) -> None:
    response = page.request.get(f"{live.broker}/health/ready")
    assert response.status == 200, response.text()

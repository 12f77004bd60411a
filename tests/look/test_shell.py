"""The shell: language of a request, static files, escaping, nothing inline."""

import re
from types import ModuleType

import pytest
from flask import Flask, render_template_string
from flask.testing import FlaskClient

from look.language import current_language
from look.shell import Brand, init_look


@pytest.fixture
def client(components: ModuleType) -> FlaskClient:
    app: Flask = components.components_app()
    return app.test_client()


def test_a_page_speaks_the_language_that_was_asked_for_and_keeps_it(client: FlaskClient) -> None:
    assert '<html lang="nl"' in client.get("/form").text
    assert '<html lang="en"' in client.get("/form?taal=en").text
    page = client.get("/form", headers={"Accept-Language": "nl"}).text
    assert '<html lang="en"' in page
    assert "2 things still need attention" in page
    assert current_language() == "nl"


def test_a_browser_that_prefers_english_gets_english_and_an_unknown_one_dutch(client: FlaskClient) -> None:
    assert '<html lang="en"' in client.get("/form", headers={"Accept-Language": "en-GB,nl;q=0.5"}).text
    assert '<html lang="nl"' in client.get("/form", headers={"Accept-Language": "fr"}).text


def test_the_language_a_person_chose_wins_over_the_browser() -> None:
    app = Flask("person")
    init_look(app, brand=Brand("Proef"), person_language=lambda: "nl")
    app.add_url_rule("/", view_func=current_language)
    assert app.test_client().get("/", headers={"Accept-Language": "en"}).text == "nl"


def test_the_language_link_keeps_the_page_and_its_query(client: FlaskClient) -> None:
    assert 'href="/tasks?zoek=a%26b&amp;taal=en"' in client.get("/tasks?zoek=a%26b&taal=nl").text


def test_static_files_are_kept_a_year_only_under_the_hash_of_their_content(client: FlaskClient) -> None:
    url = re.findall(r'"(/look/static/look.css\?v=\w+)"', client.get("/form").text)[0]
    assert "immutable" in client.get(url).headers["Cache-Control"]
    assert client.get("/look/static/look.css?v=other").headers["Cache-Control"] == "no-cache"
    assert client.get("/look/static/bootstrap.min.css").status_code == 200
    assert client.get("/look/static/../shell.py").status_code == 404
    assert client.get("/look/static/bootstrap.min.js").status_code == 404


@pytest.mark.parametrize("page", ["components", "form", "tracking", "refused", "doors", "tasks", "decision", "desk"])
def test_a_page_has_nothing_inline_and_one_h1(client: FlaskClient, page: str) -> None:
    html = client.get(f"/{page}").text
    assert not re.search(r"\sstyle=|<style|<script(?![^>]*\ssrc=)|\son\w+=", html)
    assert html.count("<h1") == 1
    identifiers = re.findall(r'\sid="([^"]*)"', html)
    assert len(identifiers) == len(set(identifiers))


def test_what_people_typed_is_escaped_in_every_place(client: FlaskClient) -> None:
    evil = "<b onclick=x>\"'"
    source = (
        '{% import "look/macros.html" as m %}{{ _("Dag %(name)s", name=e) }}{{ ngettext("1 x %(e)s", "%(n)s x %(e)s", 2, e=e) }}'
        '{{ m.field("a", e, e, help=e, error=e) }}{{ m.choices("b", e, [(e, e, e)], e) }}{{ m.facts([(e, e, e)]) }}'
        '{{ m.timeline([{"state": "here", "title": e, "text": e, "facts": [(e, e)]}]) }}{{ m.chip("new", e) }}'
        '{{ m.flash("ok", e, e) }}{{ m.error_summary([("a", e)]) }}{{ m.arch_panel("gate", e, e, [(e, e)]) }}'
        '{{ m.row_tick("c", e, e) }}{{ m.person(e, [e]) }}{{ m.page_head(e, e, above=e) }}{{ m.button(e, value=e, about=e) }}'
        "{% trans who=e %}Dag {{ who }}{% endtrans %}"
    )
    with client.application.test_request_context("/"):
        html = render_template_string(source, e=evil)
    assert "<b onclick" not in html
    assert '="<' not in html


def test_wrong_fields_are_said_in_the_title_and_tied_to_their_sentence(client: FlaskClient) -> None:
    html = client.get("/form").text
    assert "<title>Fout: Toegang vragen · Poortwachter</title>" in html
    assert re.search(r'id="email"[^>]*aria-describedby="email-hulp email-fout" aria-invalid="true"', html)
    assert '<a href="#email">' in html

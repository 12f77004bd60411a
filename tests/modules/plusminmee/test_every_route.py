"""Only your own groups exist for you: every address of the tool that names a group is a 404 for who is no member of it, and every
page behind the sign-in sends who is not signed in away. The routes are read from the application, so a new one is in it."""

import uuid
from collections.abc import Callable, Iterator

from flask import Flask
from werkzeug.routing import Rule

from tests.modules.plusminmee.conftest import SANNE
from tests.modules.plusminmee.visitors import BASE, Visitor

PUBLIC = {"start.start", "start.origin", "incidents.by_link", "static", "look.static_file", "live", "ready"}


def rules(tool: Flask) -> Iterator[Rule]:
    for rule in tool.url_map.iter_rules():
        if not rule.endpoint.startswith(("kit.", "kit_notices.", "kit_stay.")) and rule.endpoint not in PUBLIC:
            yield rule


def address(tool: Flask, rule: Rule, group: uuid.UUID) -> str:
    filled = {name: group if name == "group_id" else uuid.uuid4() for name in rule.arguments}
    with tool.test_request_context(base_url=BASE):
        path: str = tool.url_map.bind("localhost:8003").build(rule.endpoint, filled)
    return path


def test_a_group_of_others_is_a_404_at_every_address(
    tool: Flask, fatima: Visitor, sanne: Visitor, group: uuid.UUID
) -> None:
    walked = 0
    for rule in rules(tool):
        if "group_id" not in rule.arguments:
            continue
        path = address(tool, rule, group)
        sanne.get("/plusminmee/profiel")  # a page with a form, for its token
        if "GET" in (rule.methods or ()):
            assert sanne.get(path).status_code == 404, path
        if "POST" in (rule.methods or ()):
            assert sanne.post(path).status_code == 404, path
        walked += 1
    assert walked >= 8


def test_nothing_but_the_front_page_is_there_without_signing_in(tool: Flask, group: uuid.UUID) -> None:
    for rule in rules(tool):
        if "GET" in (rule.methods or ()):
            answer = tool.test_client().get(address(tool, rule, group), base_url=BASE)
            assert answer.status_code == 303, rule.rule
            assert "/op/v1/auth" in answer.location


def test_no_form_is_taken_without_its_token(tool: Flask, fatima: Visitor, group: uuid.UUID) -> None:
    for rule in rules(tool):
        if "POST" in (rule.methods or ()):
            assert fatima.post(address(tool, rule, group), csrf=False).status_code == 400, rule.rule


def test_somebody_without_a_right_in_the_token_sees_nothing(
    tool: Flask, new_visitor: Callable[..., Visitor], group: uuid.UUID
) -> None:
    nobody = new_visitor(SANNE, None)
    for rule in rules(tool):
        if "GET" in (rule.methods or ()):
            assert nobody.get(address(tool, rule, group)).status_code == 403, rule.rule

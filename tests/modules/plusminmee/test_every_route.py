"""Only your own groups exist for you: every address of the tool that names a group is a 404 for who is no member of it, also for
the beheerder of another group and with ids of things that exist, and every page behind the sign-in sends who is not signed in away.
The routes are read from the application, so a new one is in it."""

import uuid
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import Engine

from tests.modules.plusminmee.conftest import SANNE
from tests.modules.plusminmee.things import Things, address, one_of_everything, rules
from tests.modules.plusminmee.visitors import BASE, Visitor

BACK_TO_A_LIST = {"members.back", "invitations.back", "invitations.answer"}
"""Where a sign-in leads back from a button: to a page of one's own, whatever stood behind it in the address. The invitation is
Sanne's to answer; that nobody else can stands in test_members.py."""


@pytest.fixture
def other(new_visitor: Callable[..., Visitor]) -> Visitor:
    """Sanne, PMM Beheerder of the same organisation, with a group of her own."""
    return new_visitor(SANNE, "PMMBeheerder")


@pytest.fixture
def things(fatima: Visitor, member: Visitor, group: uuid.UUID, engine: Engine) -> Things:
    """What the group of Fatima and Anton holds."""
    return one_of_everything(fatima, member, group, engine)


def test_a_group_of_others_is_a_404_at_every_address(
    tool: Flask, other: Visitor, group: uuid.UUID, things: Things
) -> None:
    other.make_group("Groep Park")
    walked = set()
    for rule in rules(tool):
        if "group_id" in rule.arguments:
            assert answers(tool, other, address(tool, rule, group, things), rule.methods) == {404}, rule.rule
            walked.add(rule.endpoint.partition(".")[0])
    parts = {"circle", "youngsters", "interventions", "messages", "proposals", "members", "log"}
    assert walked == {"groups", "take_over", *parts}


def test_a_thing_of_another_group_is_a_404_in_ones_own(tool: Flask, other: Visitor, things: Things) -> None:
    own = other.make_group("Groep Park")
    walked = set()
    for rule in rules(tool):
        if rule.arguments - {"group_id"} and rule.endpoint not in BACK_TO_A_LIST:
            assert answers(tool, other, address(tool, rule, own, things), rule.methods) == {404}, rule.rule
            walked |= rule.arguments
    assert walked == {"group_id", *things}


def test_the_addresses_that_are_a_404_for_others_are_there_for_its_beheerder(
    tool: Flask, fatima: Visitor, group: uuid.UUID, things: Things
) -> None:
    """So that the tests above find what is there. A group that has a beheerder is taken over by nobody."""
    for rule in rules(tool):
        if "group_id" in rule.arguments and "GET" in (rule.methods or ()) and rule.endpoint != "take_over.take":
            path = address(tool, rule, group, things)
            assert fatima.get(path).status_code == 200, path


def answers(tool: Flask, visitor: Visitor, path: str, methods: set[str] | None) -> set[int]:
    """The status of this address by each method that it takes."""
    found = set()
    if "GET" in (methods or ()):
        found.add(visitor.get(path).status_code)
    if "POST" in (methods or ()):
        visitor.get("/plusminmee/profiel")  # a page with a form, for its token
        found.add(visitor.post(path).status_code)
    return found


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

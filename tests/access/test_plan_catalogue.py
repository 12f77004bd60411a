"""What a change of policy would touch is said before it is made."""

from dataclasses import replace

from sqlalchemy import select

from broker.access.grant import Grant
from broker.access.plan_catalogue import plan_catalogue
from tests.access.changed_policies import CODE, with_application, with_label_for_municipalities


def test_the_same_policies_touch_nothing(world, session, catalogue):
    world.grant(world.person(), world.organisation())
    world.request(organisation=world.organisation("Aalst"))
    plan = plan_catalogue(session, catalogue, catalogue)
    assert not plan.touches_rows
    assert plan.entitlement_codes.changed == plan.clients.changed == ()


def test_a_right_that_goes_is_told_with_its_grants_requests_and_links(world, session, catalogue):
    """Decisions 19: such grants are ignored in tokens, and listed here."""
    genk = world.organisation("Genk")
    grant = world.grant(world.person(), genk, "raadpleger")
    kept = world.request(organisation=genk, right="invoerder")
    request = world.request(organisation=genk, right="raadpleger")
    application = catalogue.applications[CODE]
    codes = {c: each for c, each in application.entitlement_codes.items() if each.right_code != "raadpleger"}
    rights = {c: each for c, each in application.rights.items() if c != "raadpleger"}
    plan = plan_catalogue(session, catalogue, with_application(catalogue, rights=rights, entitlement_codes=codes))
    assert plan.grants_without_right == (grant.id,)
    assert plan.requests_not_offered == (request.id,)
    assert kept.id not in plan.requests_not_offered
    assert len(plan.entitlement_codes.removed) == 4
    assert plan.applications.changed == (CODE,)


def test_a_new_label_is_told_with_who_would_wait_and_what_would_be_asked(world, session, catalogue):
    genk, etterbeek = world.organisation("Genk"), world.organisation("Etterbeek", kind="brusselse_gemeente")
    grant = world.grant(world.person(), genk)
    world.label(etterbeek)
    world.grant(world.person(), etterbeek)
    request = world.request(organisation=genk)
    plan = plan_catalogue(session, catalogue, with_label_for_municipalities(catalogue))
    assert plan.grants_waiting == (grant.id,)
    assert plan.labels_to_ask == ((genk.code, "lb_label"),)
    assert plan.requests_label_changes == (request.id,)
    assert plan.conflicts == ()


def test_a_tightened_role_rule_is_told_with_its_conflicts(world, session, catalogue):
    looser = with_application(catalogue, one_role_per=None)
    tom = world.person("Tom Bogaert")
    for name in ("Genk", "Aalst"):
        world.grant(tom, world.organisation(name), role_key=None)
    plan = plan_catalogue(session, looser, catalogue)
    assert len(plan.grants_other_slot) == 2
    assert [conflict.person_id for conflict in plan.conflicts] == [tom.id]


def test_clients_that_come_go_and_change_are_named(world, session, catalogue):
    clients = dict(catalogue.applications[CODE].clients)
    gone = clients.pop("test-public")
    clients["test-confidential"] = replace(clients["test-confidential"], consent="once")
    clients["new"] = replace(gone, client_id="new")
    plan = plan_catalogue(session, catalogue, with_application(catalogue, clients=clients))
    assert (plan.clients.added, plan.clients.removed, plan.clients.changed) == (
        ("new",),
        ("test-public",),
        ("test-confidential",),
    )


def test_planning_changes_nothing_and_costs_the_same_for_one_grant_as_for_many(world, session, catalogue, statements):
    genk = world.organisation("Genk")
    world.grant(world.person(), genk)
    other = with_label_for_municipalities(catalogue)
    with statements() as one:
        plan_catalogue(session, catalogue, other)
    session.rollback()
    for n in range(5):
        world.grant(world.person(f"Iemand {n}"), genk)
    with statements() as many:
        plan_catalogue(session, catalogue, other)
    assert len(one) == len(many)
    assert many.writing == []
    assert set(session.scalars(select(Grant.label_code))) == {None}

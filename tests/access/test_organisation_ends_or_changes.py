"""An import ended an organisation, or made it another kind: what was asked and given there follows."""

from sqlalchemy import func, select

from broker.access.access_request import AccessRequest
from broker.access.apply_catalogue import apply_catalogue
from broker.access.decide_label import close_changed_pool
from broker.access.end_organisation_rights import end_organisation_rights, ended_organisations_with_rights
from broker.access.follow_request import follow_request
from broker.access.follow_retype import follow_retype, retyped_organisations
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.live_rights import live_rights
from broker.access.task import Task
from broker.audit import AuditEvent
from broker.database import changing_session, db, perform
from broker.people.end_organisations import end_organisations
from broker.people.organisation import Organisation
from broker.standing_jobs import settle_organisations

CODE = "cultuurmonitor"


def _end(organisation):
    with changing_session() as session, session.begin():
        end_organisations(session, [session.get_one(Organisation, organisation.id)], "inactive")
    db.session.rollback()


def _retype(organisation, kind, target_group="EA"):
    with changing_session() as session, session.begin():
        row = session.get_one(Organisation, organisation.id)
        row.organisation_type, row.target_group = kind, target_group
    db.session.rollback()


def _open_tasks(session):
    found = session.scalar(select(func.count()).select_from(Task).where(Task.closed_at.is_(None)))
    session.rollback()
    return found


def test_everything_at_an_ended_organisation_ends_in_writing_and_people_are_told(world, session, inbox):
    """Decisions 16: grants of an ended organisation end."""
    etterbeek = world.organisation("Etterbeek", kind="brusselse_gemeente")
    world.administrator_of(etterbeek, "Jan Peeters")
    amina, sofie = world.person("Amina Ouali"), world.person("Sofie Aerts")
    request = world.request(sofie, etterbeek)
    label, asked_elsewhere = world.label(etterbeek), world.label(world.organisation("Jette", kind="brusselse_gemeente"))
    grant = world.grant(amina, etterbeek)
    _end(etterbeek)
    assert ended_organisations_with_rights(session) == [etterbeek.id]
    session.rollback()
    settle_organisations()
    assert world.fresh(Grant, grant.id).end_reason == "organisation_ended"
    assert world.fresh(Label, label.id).end_reason == "organisation_ended"
    assert world.fresh(Label, asked_elsewhere.id).ended_at is None
    assert world.fresh(AccessRequest, request.id).status == "cancelled"
    assert _open_tasks(session) == 0
    assert "bestaat niet meer" in inbox.last_to(amina.email).text
    assert any("bestaat niet meer" in mail.text for mail in inbox.mails_to(sofie.email))
    assert "Amina Ouali" in inbox.last_to("ccinc@vlaanderen.be").text
    assert follow_request(session, world.installation, request.number).stands == "cancelled"
    session.rollback()
    before = len(inbox.mails)
    settle_organisations()
    assert len(inbox.mails) == before


def test_a_label_that_was_asked_there_closes_with_its_task(world, session):
    kaai = world.organisation("De Kaai", kind="economische_actor")
    world.grant(world.person(), kaai)
    perform(follow_retype, world.installation, kaai.id)  # asks what nobody asked yet
    assert _open_tasks(session) == 1
    _end(kaai)
    perform(end_organisation_rights, world.installation, kaai.id)
    assert session.scalars(select(Task.close_reason)).all() == ["cancelled"]
    assert session.scalars(select(Label.end_reason)).all() == ["organisation_ended"]


def test_a_living_organisation_is_left_alone(world):
    genk = world.organisation("Genk")
    grant = world.grant(world.person(), genk)
    assert perform(end_organisation_rights, world.installation, genk.id) == 0
    assert world.fresh(Grant, grant.id).ended_at is None


def test_somebody_who_never_signed_in_reads_it_at_the_address_of_the_request(world, inbox):
    genk = world.organisation("Genk")
    person = world.person("Hanne Smet", state="unlinked", email=None)
    request = world.typed_request(genk, email="hanne@voorbeeld.test")
    world.grant(person, genk, request_id=request.id)
    _end(genk)
    perform(end_organisation_rights, world.installation, genk.id)
    assert any("gestopt" in m.text or "bestaat niet meer" in m.text for m in inbox.mails_to("hanne@voorbeeld.test"))


def test_another_kind_takes_its_own_label_and_the_old_task_closes(world, session):
    """LA1: the officers of the old kind decide nothing any more; the new ones are asked, once."""
    perform(apply_catalogue, world.installation)
    kaai = world.organisation("De Kaai", kind="brusselse_gemeente")
    world.officer_of("EA", "brusselse_gemeente")
    world.officer_of("EA", "economische_actor", "Marc Claes")
    world.grant(world.person("Amina Ouali"), kaai)
    settle_organisations()
    assert _pools(session) == ["officer:EA:brusselse_gemeente"]
    _retype(kaai, "economische_actor")
    assert retyped_organisations(session, world.installation.catalogue) == [kaai.id]
    session.rollback()
    settle_organisations()
    assert _pools(session) == ["officer:EA:economische_actor"]
    assert retyped_organisations(session, world.installation.catalogue) == []
    assert session.scalar(select(func.count()).select_from(Label).where(Label.ended_at.is_(None))) == 1


def test_a_kind_that_needs_a_label_stops_the_right_and_one_that_needs_none_lets_it_go(world, session):
    """LA1, PF4: what the grant copied is derived anew."""
    perform(apply_catalogue, world.installation)
    catalogue = world.installation.catalogue
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert")
    grant = world.grant(tom, genk)
    assert len(live_rights(session, catalogue, tom.id, CODE)) == 1
    _retype(genk, "brusselse_gemeente")
    settle_organisations()
    assert world.fresh(Grant, grant.id).label_code == "cultuurmonitor_afnemer"
    assert live_rights(session, catalogue, tom.id, CODE) == []
    assert _pools(session) == ["officer:EA:brusselse_gemeente"]
    _retype(genk, "gemeente", "LB")
    settle_organisations()
    assert world.fresh(Grant, grant.id).label_code is None
    assert len(live_rights(session, catalogue, tom.id, CODE)) == 1
    assert _pools(session) == []


def test_a_request_of_a_retyped_organisation_stays_with_its_administrators(world, session):
    perform(apply_catalogue, world.installation)
    genk = world.organisation("Genk")
    world.administrator_of(genk)
    task = world.task(world.request(organisation=genk))
    _retype(genk, "brusselse_gemeente")
    settle_organisations()
    assert world.fresh(Task, task.id).closed_at is None
    assert session.scalars(select(AccessRequest.status)).all() == ["open"]


def test_nothing_follows_by_itself_while_the_policies_are_not_applied(world, session):
    """PF4: a node with new policies does not change rows before somebody applied them."""
    genk = world.organisation("Genk")
    world.grant(world.person(), genk)
    _retype(genk, "brusselse_gemeente")
    assert retyped_organisations(session, world.installation.catalogue) == []


def test_the_decider_s_conflict_leads_to_the_same(world, session):
    """LA1: one function, whoever finds out."""
    kaai = world.organisation("De Kaai", kind="brusselse_gemeente")
    world.grant(world.person(), kaai)
    perform(follow_retype, world.installation, kaai.id)
    task = world.task(label_id=session.scalars(select(Label.id)).one())
    _retype(kaai, "economische_actor")
    perform(close_changed_pool, world.installation, task.id)
    assert world.fresh(Task, task.id).close_reason == "pool_changed"
    assert _pools(session) == ["officer:EA:economische_actor"]
    _end(kaai)
    successor = world.task(label_id=session.scalars(select(Label.id).where(Label.ended_at.is_(None))).one())
    perform(close_changed_pool, world.installation, successor.id)
    assert world.fresh(Task, successor.id).close_reason == "cancelled"


def test_every_end_is_an_event_with_its_reason(world, session):
    """AU4."""
    genk = world.organisation("Genk")
    world.grant(world.person(), genk)
    world.request(organisation=genk)
    _end(genk)
    perform(end_organisation_rights, world.installation, genk.id)
    events = session.scalars(select(AuditEvent).where(AuditEvent.name.like("access:%"))).all()
    reasons = {event.name: event.details.get("reason") or event.details.get("cause") for event in events}
    assert reasons["access:grant:end"] == reasons["access:request:cancel"] == "organisation_ended"


def _pools(session):
    found = list(session.scalars(select(Task.pool_key).where(Task.closed_at.is_(None), Task.kind == "label")))
    session.rollback()
    return found

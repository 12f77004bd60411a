"""A local administrator decides: approve, turn down, at the same instant, after the world changed."""

import threading
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from broker.access.access_request import AccessRequest
from broker.access.claim_task import claim_task, release_task
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.explain_request import explanation_of
from broker.access.follow_request import follow_request
from broker.access.grant import Grant
from broker.access.list_tasks import DECIDED, MINE, TaskFilter, list_tasks
from broker.access.live_rights import live_rights
from broker.access.task import Task
from broker.database import db, perform
from broker.errors import BusyError, ConflictError, DomainError, ForbiddenError, InvalidError, NotFoundError
from broker.people.mandate import Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person


def _approve(world, actor, task, **more):
    return perform(decide_request, world.installation, actor.id, Decision(task.id, approve=True), **more)


def _reject(world, actor, task, reason="Ruben voert de cijfers al in."):
    return perform(decide_request, world.installation, actor.id, Decision(task.id, approve=False, reason=reason))


def _change(row_class, row_id, **values):
    with db.engine.begin() as connection:
        connection.execute(row_class.__table__.update().where(row_class.__table__.c.id == row_id).values(**values))
    db.session.rollback()


def test_an_approval_gives_the_right_and_everybody_is_told(world, session, inbox):
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    nele = world.person("Nele Vercauteren")
    request = world.request(nele, genk, right="invoerder", answers={"centre": "C-mine"})
    outcome = _approve(world, ilse, world.task(request))
    assert outcome.outcome == "given"
    [right] = live_rights(session, world.installation.catalogue, nele.id, "cultuurmonitor")
    assert (right.right_code, right.context_code, right.organisation_code) == ("invoerder", "cultuurcentra", genk.code)
    mail = inbox.last_to(nele.email)
    assert "Cultuurmonitor Invoerder" in mail.text
    assert "C-mine" in mail.text
    assert "Genk" in inbox.last_to("ccinc@vlaanderen.be").text
    assert follow_request(session, world.installation, request.number).stands == "active"


def test_a_typed_name_that_is_not_that_of_the_number_is_a_warning(world, session):
    """DG6, ID7: a mistyped number would give a stranger the right; the decider is asked to look, without a name."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    world.person("Sofie Aerts", number="85073099833")
    wrong = world.typed_request(genk, name="Hanne Smet", number="85073099833")
    right = world.typed_request(genk, name="Aerts Sofie", number="85073099833")
    found = {}
    for request in (wrong, right):
        explanation = explanation_of(session, world.installation, request, genk, ilse.id)
        found[request.id] = [finding for finding in explanation.findings if finding.rule == "name_fits"]
    session.rollback()
    assert [finding.weight for finding in found[wrong.id]] == ["warning"]
    assert "Sofie" not in found[wrong.id][0].why.nl
    assert found[right.id] == []


def test_whoever_has_the_typed_number_hears_of_the_right_at_their_own_address(world, inbox):
    """SR4: the mails of a typed request go to the typed address; the person of the number is told as well."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    sofie = world.person("Sofie Aerts", number="85073099833")
    request = world.typed_request(genk, name="Sofie Aerts", number="85073099833", email="ander@voorbeeld.test")
    assert _approve(world, ilse, world.task(request)).outcome == "given"
    told = inbox.last_to(sofie.email).text
    assert "Cultuurmonitor Invoerder" in told
    assert "/link/" not in told
    assert request.number not in told


def test_a_refusal_needs_a_reason_and_the_applicant_reads_it(world, session, inbox):
    request = world.request(nele := world.person(), genk := world.organisation())
    ilse = world.administrator_of(genk)
    task = world.task(request)
    with pytest.raises(InvalidError) as refused:
        _reject(world, ilse, task, reason="   ")
    assert "reason" in refused.value.fields
    _reject(world, ilse, task, reason="Ruben voert de cijfers al in.")
    assert "Ruben voert de cijfers al in." in inbox.last_to(nele.email).text
    story = follow_request(session, world.installation, request.number)
    assert (story.title.nl, story.reason) == ("Afgekeurd", "Ruben voert de cijfers al in.")


def test_an_administrator_of_another_organisation_does_not_find_the_task(world):
    """ID2: foreign and absent are one answer."""
    request = world.request(organisation=world.organisation("Genk"))
    stranger = world.administrator_of(world.organisation("Aalst"))
    with pytest.raises(NotFoundError):
        _approve(world, stranger, world.task(request))


def test_nobody_decides_on_their_own_request(world):
    """ID1: by person; the task goes to a colleague."""
    genk = world.organisation("Genk")
    ilse, _karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    request = world.request(ilse, genk)
    with pytest.raises(ForbiddenError) as refused:
        _approve(world, ilse, world.task(request))
    assert refused.value.code == "not_for_yourself"


@pytest.mark.parametrize("shared", ["number", "email", "phone"])
def test_a_second_identity_of_the_decider_is_the_decider(world, shared):
    """ID1: number, proved address and telephone give it away."""
    genk = world.organisation("Genk")
    ilse = world.person("Ilse Maes", number="83021999818", email="ilse@voorbeeld.test", phone="+32470123456")
    world.administrator_of(genk, person=ilse)
    world.administrator_of(genk, "Karim Benali")
    values = {
        "number": {"number": "83021999818"},
        "email": {"email": "Ilse+2@voorbeeld.test"},
        "phone": {"phone": "+32470123456"},
    }[shared]
    request = world.typed_request(genk, **values)
    with pytest.raises(ForbiddenError) as refused:
        _approve(world, ilse, world.task(request))
    assert refused.value.code == "not_for_yourself"


def test_a_sole_administrator_s_own_request_is_the_officer_s(world, inbox):
    """Decisions 9: only the applicant is there, so the officer decides in place."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    officer = world.officer_of("LB", "gemeente")
    request = world.request(ilse, genk)
    page = list_tasks(db.session(), world.installation.catalogue, officer.id)
    assert [line.in_place for line in page.lines] == [True]
    assert _approve(world, officer, world.task(request)).outcome == "given"
    assert world.fresh(Task, _task_of(request)).in_place_of_administrator


def _task_of(request):
    return db.session.scalars(select(Task.id).where(Task.request_id == request.id)).one()


def test_the_officer_has_no_say_where_an_administrator_can_decide(world):
    genk = world.organisation("Genk")
    world.administrator_of(genk)
    officer = world.officer_of("LB", "gemeente")
    request = world.request(organisation=genk)
    with pytest.raises(NotFoundError):
        _approve(world, officer, world.task(request))
    assert list_tasks(db.session(), world.installation.catalogue, officer.id).lines == []


def test_the_second_decision_is_told_who_decided_and_when(world):
    genk = world.organisation("Genk")
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    task = world.task(world.request(organisation=genk))
    _approve(world, ilse, task)
    with pytest.raises(ConflictError) as refused:
        _reject(world, karim, task)
    assert refused.value.code == "already_decided"
    assert refused.value.text.nl.startswith("Ilse Maes keurde deze vraag al goed, om ")


def _at_once(app, *calls):
    """Run every call in a thread of its own, let go at the same moment; what each returned or raised."""
    barrier = threading.Barrier(len(calls))
    results = [None] * len(calls)

    def run(place, call):
        with app.app_context():
            barrier.wait()
            try:
                results[place] = call()
            except DomainError as error:
                results[place] = error

    threads = [threading.Thread(target=run, args=(place, call)) for place, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def _again_when_busy(call):
    """What a person does who reads "te druk, probeer opnieuw"."""
    for _ in range(20):
        try:
            return call()
        except BusyError:
            continue
    raise AssertionError("busy twenty times")


def test_two_administrators_at_the_same_instant_one_wins(world, app):
    """ID3: the other is told who and when."""
    genk = world.organisation("Genk")
    administrators = [world.administrator_of(genk, f"Beheerder {n}") for n in range(8)]
    task = world.task(world.request(organisation=genk))
    results = _at_once(app, *(lambda a=a: _again_when_busy(lambda: _approve(world, a, task)) for a in administrators))
    won = [r for r in results if not isinstance(r, DomainError)]
    assert len(won) == 1
    assert {r.code for r in results if isinstance(r, DomainError)} == {"already_decided"}


def test_fifty_approvals_of_both_roles_leave_exactly_one_grant(world, app, session):
    """Issue 2 item 9: one role per user, on both databases, held by rule and index."""
    nele_number = "85073099833"
    organisations = [world.organisation(f"Gemeente {n}") for n in range(50)]
    work = []
    for n, organisation in enumerate(organisations):
        administrator = world.administrator_of(organisation, f"Beheerder {n}")
        request = world.typed_request(
            organisation,
            number=nele_number,
            email=f"nele{n}@voorbeeld.test",
            right="invoerder" if n % 2 else "raadpleger",
        )
        work.append((administrator, world.task(request)))
    results = _at_once(app, *(lambda a=a, t=t: _again_when_busy(lambda: _approve(world, a, t)) for a, t in work))
    assert session.scalar(select(func.count()).select_from(Grant)) == 1
    assert (
        session.scalar(
            select(func.count()).select_from(Person).where(Person.number_hash.is_not(None), Person.state == "unlinked")
        )
        == 1
    )
    assert sum(not isinstance(r, DomainError) for r in results) == 1
    assert {r.code for r in results if isinstance(r, DomainError)} == {"one_role"}
    assert session.scalar(select(func.count()).select_from(Task).where(Task.closed_at.is_(None))) == 49


def test_a_change_of_role_ends_the_old_and_gives_the_new_at_the_same_instant(world, session):
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    tom = world.person("Tom Bogaert", works_for=genk)
    old = world.grant(tom, genk, "raadpleger")
    request = world.request(tom, genk, right="invoerder", change_of_role=True)
    outcome = _approve(world, ilse, world.task(request))
    ended, given = world.fresh(Grant, old.id), world.fresh(Grant, outcome.grant_id)
    assert (ended.end_reason, ended.ended_at) == ("change_of_role", given.valid_from)


def test_a_change_of_role_cannot_be_approved_in_a_bulk(world):
    """ID7: lines with a warning are decided one by one."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    tom = world.person("Tom Bogaert", works_for=genk)
    world.grant(tom, genk, "raadpleger")
    task = world.task(world.request(tom, genk, right="invoerder", change_of_role=True))
    with pytest.raises(ConflictError) as refused:
        _approve(world, ilse, task, bulk=True)
    assert refused.value.code == "look_at_it_first"


def test_a_right_that_ran_out_does_not_hold_its_slot(world, clock):
    """Settle on write: the approval ends it in writing first."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    tom = world.person("Tom Bogaert", works_for=genk)
    old = world.grant(tom, genk, "raadpleger", valid_until=_days(10))
    clock.shift(timedelta(days=11))
    request = world.request(tom, genk, right="invoerder")
    assert _approve(world, ilse, world.task(request)).outcome == "given"
    assert world.fresh(Grant, old.id).end_reason == "expired"


def _days(count):
    from broker import clock

    return clock.now() + timedelta(days=count)


def test_the_approver_may_only_shorten(world):
    """ID6: earlier yes, later no."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    task = world.task(world.request(organisation=genk))
    with pytest.raises(InvalidError):
        _approve(world, ilse, task, last_day=date(2040, 1, 1))
    outcome = _approve(world, ilse, task, last_day=date(2027, 1, 31))
    assert world.fresh(Grant, outcome.grant_id).valid_until.isoformat() == "2027-01-31T23:00:00+00:00"


def test_a_dismissed_administrator_with_an_open_page_is_refused(world):
    """ID4: the mandate is read again in the deciding transaction."""
    genk = world.organisation("Genk")
    ilse, _karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    task = world.task(world.request(organisation=genk))
    mandate = db.session.scalars(select(Mandate.id).where(Mandate.person_id == ilse.id)).one()
    from broker import clock

    _change(Mandate, mandate, ended_at=clock.now(), end_reason="dismissed")
    with pytest.raises(NotFoundError):
        _approve(world, ilse, task)


def test_a_page_that_is_out_of_date_is_not_acted_upon(world, session):
    """ID5: the fingerprint of the explanation is compared."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    nele = world.person("Nele Vercauteren")
    request = world.request(nele, genk)
    task = world.task(request)
    seen = explanation_of(session, world.installation, request, genk, ilse.id).fingerprint
    session.rollback()
    world.affiliation(nele, genk)  # meanwhile somebody adds Nele as an employee
    with pytest.raises(ConflictError) as refused:
        perform(decide_request, world.installation, ilse.id, Decision(task.id, approve=True, seen_explanation=seen))
    assert refused.value.code == "explanation_changed"


def test_an_organisation_that_became_another_kind_cannot_be_approved(world):
    """SR6: looked at again at the decision."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    task = world.task(world.request(organisation=genk))
    _change(Organisation, genk.id, organisation_type="ocmw")
    with pytest.raises(ConflictError) as refused:
        _approve(world, ilse, task)
    assert refused.value.code == "organisation_fits"


def test_an_expired_request_cannot_be_approved(world, clock):
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    task = world.task(world.request(organisation=genk))
    clock.shift(timedelta(days=60))
    with pytest.raises(ConflictError) as refused:
        _approve(world, ilse, task)
    assert refused.value.code == "request_over"


def test_an_approved_typed_request_gives_no_right_before_the_person_signs_in(world, session):
    """SR5: unlinked until a digital key with that number."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    request = world.typed_request(genk, number="85073099833")
    outcome = _approve(world, ilse, world.task(request))
    grant = world.fresh(Grant, outcome.grant_id)
    assert outcome.outcome == "waiting_for_identity"
    assert live_rights(session, world.installation.catalogue, grant.person_id, "cultuurmonitor") == []
    assert world.fresh(AccessRequest, request.id).number_sealed is None


def test_a_claim_is_a_courtesy_that_lapses(world, session, clock):
    """ID9: a colleague may take over and decide; it ends by the clock."""
    genk = world.organisation("Genk")
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    task = world.task(world.request(organisation=genk))
    perform(claim_task, world.installation, ilse.id, task.id)
    catalogue = world.installation.catalogue
    assert [line.claimed_by_name for line in list_tasks(session, catalogue, karim.id).lines] == ["Ilse Maes"]
    assert list_tasks(session, catalogue, ilse.id, MINE).lines[0].claimed_by_me
    session.rollback()
    perform(release_task, world.installation, karim.id, task.id)  # not Karim's to release
    assert world.fresh(Task, task.id).claimed_by == ilse.id
    clock.shift(timedelta(days=5))
    assert list_tasks(session, catalogue, ilse.id, MINE).lines == []
    session.rollback()
    assert _approve(world, karim, task).outcome == "given"


def test_the_inbox_filters_searches_and_pages_by_key(world, session):
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    for n in range(30):
        world.request(world.person(f"Aanvrager Nummer{n}"), genk)
    catalogue = world.installation.catalogue
    first = list_tasks(session, catalogue, ilse.id)
    rest = list_tasks(session, catalogue, ilse.id, after=first.next_key)
    assert (len(first.lines), len(rest.lines), rest.next_key, first.open_count) == (25, 5, None, 30)
    assert not {line.task_id for line in first.lines} & {line.task_id for line in rest.lines}
    found = list_tasks(session, catalogue, ilse.id, wanted=TaskFilter(words="nummer17"))
    assert [line.applicant_name for line in found.lines] == ["Aanvrager Nummer17"]
    known_name = list_tasks(session, catalogue, ilse.id, wanted=TaskFilter(words="CCinC"))
    assert len(known_name.lines) == 25
    assert list_tasks(session, catalogue, ilse.id, wanted=TaskFilter(waiting_days=3)).lines == []


def test_decided_tasks_stay_readable_newest_first(world, session):
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk)
    first, second = (world.task(world.request(world.person(), genk)) for _ in range(2))
    _approve(world, ilse, first)
    _reject(world, ilse, second)
    lines = list_tasks(session, world.installation.catalogue, ilse.id, DECIDED).lines
    assert [(line.task_id, line.decision) for line in lines] == [(second.id, "rejected"), (first.id, "approved")]


def test_somebody_without_a_mandate_has_no_inbox(world, session):
    assert list_tasks(session, world.installation.catalogue, world.person().id) is None


def test_who_had_taken_a_task_on_hears_that_a_colleague_decided_it(world, inbox):
    genk = world.organisation("Genk")
    ilse, karim = world.administrator_of(genk), world.administrator_of(genk, "Karim Benali")
    task = world.task(world.request(organisation=genk))
    perform(claim_task, world.installation, ilse.id, task.id)
    _approve(world, karim, task)
    assert any("Karim Benali" in mail.text for mail in inbox.mails_to(ilse.email))


def test_a_change_of_role_asked_elsewhere_is_told_where_the_old_role_was(world, inbox):
    """DG5: only on the person's own, signed-in request; the other organisation's administrators hear of it."""
    genk, aalst = world.organisation("Genk"), world.organisation("Aalst")
    ilse, eva = world.administrator_of(genk), world.administrator_of(aalst, "Eva Janssens")
    tom = world.person("Tom Bogaert", works_for=genk)
    old = world.grant(tom, genk, "raadpleger")
    request = world.request(tom, aalst, right="invoerder", change_of_role=True)
    assert _approve(world, eva, world.task(request)).outcome == "given"
    assert world.fresh(Grant, old.id).end_reason == "change_of_role"
    assert any("Tom Bogaert" in mail.text for mail in inbox.mails_to(ilse.email))


def test_a_typed_request_never_ends_a_role(world, session):
    """DG5: without a sign-in nothing is replaced, whatever was posted."""
    genk = world.organisation("Genk")
    tom = world.person("Tom Bogaert", number="85073099833", works_for=genk)
    world.grant(tom, genk, "raadpleger")
    request = world.typed_request(genk, number="85073099833", right="invoerder", change_of_role=True)
    assert request.replaces_grant_id is None


def test_a_sole_administrator_with_the_applicant_s_telephone_leaves_it_to_the_officer(world, inbox):
    """ID1, lifecycles §2: the pool is without those whom not_for_yourself bars; nobody waits for somebody who may not."""
    genk = world.organisation("Genk")
    ilse = world.administrator_of(genk, person=world.person("Ilse Maes", phone="+3289111111"))
    officer = world.officer_of("LB", "gemeente")
    request = world.request(world.person(), genk, phone="+3289111111")
    with pytest.raises(ForbiddenError):
        _approve(world, ilse, world.task(request))
    assert len(inbox.mails_to(officer.email)) == 1
    assert _approve(world, officer, world.task(request)).outcome == "given"

"""Whatever people do, in whatever order, some things never break (lifecycles §1-§4; AP3).

Hypothesis makes up stories of asking, deciding, dismissing, ending and waiting; after every step everything is looked at.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, or_, select, text

from broker import audit
from broker import clock as broker_clock
from broker.access.access_request import OPEN, UNPROVED, AccessRequest
from broker.access.apply_catalogue import apply_catalogue
from broker.access.decide_label import decide_label
from broker.access.decide_request import decide_request
from broker.access.decision import Decision
from broker.access.end_grant import end_own_grant
from broker.access.expire_requests import expire_request, overdue_requests
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.pool import deciders_of
from broker.access.submit_request import Submission, submit_request
from broker.access.task import FOR_LABEL, FOR_REQUEST, Task
from broker.access.withdraw_request import withdraw_request
from broker.database import changing_session, db, perform
from broker.errors import BusyError, DomainError
from broker.notifications import OutboxMessage
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.end_organisations import end_organisations
from broker.people.living_mandates import living_mandates
from broker.people.mandate import HEAD_LOCAL_ADMIN, TARGET_GROUP_OFFICER, Mandate
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.standing_jobs import settle_organisations, tell_of_stranded_tasks
from tests.worlds.world import World

RIGHTS = ("invoerder", "raadpleger")
_small = st.integers(0, 7)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("ask"), _small, _small, st.sampled_from(RIGHTS)),
        st.tuples(st.just("decide"), _small, _small, st.booleans()),
        st.tuples(st.just("ask"), _small, _small, st.sampled_from(RIGHTS)),
        st.tuples(st.just("decide"), _small, _small, st.just(True)),
        st.tuples(st.just("label"), _small, _small, st.booleans()),
        st.tuples(st.just("withdraw"), _small),
        st.tuples(st.just("give_back"), _small),
        st.tuples(st.just("dismiss"), _small),
        st.tuples(st.just("appoint"), _small, _small),
        st.tuples(st.just("wait"), st.sampled_from((1, 20, 60, 800))),
        st.tuples(st.just("retype"), _small),
        st.tuples(st.just("end"), _small),
    ),
    min_size=12,
    max_size=40,
)
# One story in which everything happens that the test wants to have seen, so that this never hangs on what was made up.
EVERYTHING: list[tuple[Any, ...]] = [
    ("ask", 0, 1, "raadpleger"),
    ("decide", 0, 0, True),
    ("label", 0, 0, True),
    ("ask", 2, 0, "invoerder"),
    ("decide", 0, 1, False),
    ("ask", 2, 1, "raadpleger"),
    ("withdraw", 2),
    ("give_back", 0),
    ("ask", 0, 0, "invoerder"),
    ("wait", 60),
    ("ask", 1, 0, "raadpleger"),
    ("end", 0),
    ("dismiss", 1),
]


class Story:
    """A few people and organisations of this story alone, and what may happen to them."""

    def __init__(self, world: World, clock: time_machine.Traveller) -> None:
        self.world, self.inst, self.clock = world, world.installation, clock
        self.places = [world.organisation("Genk"), world.organisation("Etterbeek", kind="brusselse_gemeente")]
        self.people = [world.person(f"Iemand {n}") for n in range(3)]
        self.people += [world.administrator_of(place, f"Beheerder {place.name}") for place in self.places]
        self.people += [world.officer_of("EA", "brusselse_gemeente"), world.officer_of("LB", "gemeente", "Marc Claes")]
        self.statuses: dict[uuid.UUID, str] = {}
        self.ended: dict[uuid.UUID, dict[str, Any]] = {}

    def _pick(self, rows: list[Any], place: int) -> Any:
        return rows[place % len(rows)] if rows else None

    def _rows(self, kind: type[Any], *conditions: Any) -> list[Any]:
        here = [] if kind is Mandate else [kind.organisation_id.in_([place.id for place in self.places])]
        rows = list(db.session.scalars(select(kind).where(*here, *conditions).order_by(text("rowid"))))
        for row in rows:
            db.session.expunge(row)
        db.session.rollback()
        return rows

    def step(self, name: str, *how: Any) -> None:
        """One thing happens, or is refused for a reason that a person can read."""
        action: Callable[..., None] = getattr(self, f"_{name}")
        try:
            action(*how)
        except BusyError:
            raise
        except DomainError:
            db.session.rollback()
        self._look()

    def _ask(self, who: int, where: int, right: str) -> None:
        person, place = self._pick(self.people, who), self._pick(self.places, where)
        wish = Submission(
            submission_id=uuid.uuid4(),
            entitlement_code=self.world.entitlement_for(place, right),
            given_name=person.given_name,
            family_name=person.family_name,
            email=person.email,
            person_id=person.id,
            organisation_id=place.id,
            change_of_role=bool(who % 2),
        )
        perform(submit_request, self.inst, wish)

    def _decide(self, who: int, which: int, approve: bool) -> None:
        task = self._pick(self._rows(Task, Task.kind == FOR_REQUEST), which)
        if task is not None:
            actors = [each.person_id for each in deciders_of(db.session(), task).members] or [self.people[0].id]
            db.session.rollback()
            actor = actors[0] if who < 6 else self._pick(self.people, which).id
            perform(decide_request, self.inst, actor, Decision(task.id, approve=approve, reason="Neen."))

    def _label(self, who: int, which: int, approve: bool) -> None:
        task = self._pick(self._rows(Task, Task.kind == FOR_LABEL), which)
        if task is not None:
            actor = self.people[5].id if who < 6 else self._pick(self.people, who).id
            perform(decide_label, self.inst, actor, Decision(task.id, approve=approve, reason="Neen."))

    def _withdraw(self, which: int) -> None:
        request = self._pick(self._rows(AccessRequest), which)
        if request is not None:
            perform(withdraw_request, self.inst, request.id)

    def _give_back(self, which: int) -> None:
        grant = self._pick(self._rows(Grant), which)
        if grant is not None:
            perform(end_own_grant, self.inst, grant.person_id, grant.id)

    def _dismiss(self, which: int) -> None:
        mandate = self._pick(self._rows(Mandate, Mandate.ended_at.is_(None)), which)
        if mandate is None:
            return
        if mandate.kind == TARGET_GROUP_OFFICER:
            with audit.acting(audit.Acting("operator")):
                perform(dismiss_mandate, self.inst, None, mandate.id, "Andere taken.")
        else:
            perform(dismiss_mandate, self.inst, mandate.person_id, mandate.id, "Andere taken.")

    def _appoint(self, who: int, where: int) -> None:
        place, person = self._pick(self.places, where), self._pick(self.people, who)
        officers = living_mandates(db.session(), kinds=(TARGET_GROUP_OFFICER,))
        db.session.rollback()
        wish = Appointment(person_id=person.id, kind=HEAD_LOCAL_ADMIN, organisation_id=place.id, evidence="Brief.")
        if officers:
            perform(appoint_mandate, self.inst, self._pick(officers, who).person_id, wish)

    def _wait(self, days: int) -> None:
        self.clock.shift(timedelta(days=days))
        for request_id in overdue_requests(db.session()):
            perform(expire_request, self.inst, request_id)

    def _change_place(self, where: int, change: Callable[[Any, Organisation], None]) -> None:
        with changing_session() as session, session.begin():
            place = session.get_one(Organisation, self._pick(self.places, where).id)
            if place.living:
                change(session, place)
        db.session.rollback()
        settle_organisations()

    def _retype(self, where: int) -> None:
        def other(_session: Any, place: Organisation) -> None:
            municipal = place.organisation_type == "gemeente"
            place.target_group = "EA" if municipal else "LB"
            place.organisation_type = "brusselse_gemeente" if municipal else "gemeente"

        self._change_place(where, other)

    def _end(self, where: int) -> None:
        if where % 3 == 0:  # seldom: it ends the story of that place
            self._change_place(where, lambda session, place: end_organisations(session, [place], "inactive"))

    def _look(self) -> None:
        """What must hold now, whatever happened."""
        tell_of_stranded_tasks()
        session = db.session()
        slots = select(Grant.role_key).where(Grant.ended_at.is_(None)).group_by(Grant.role_key)
        assert session.scalars(slots.having(func.count() > 1)).all() == [], "one role per person"
        requests = {each.id: each.status for each in session.scalars(select(AccessRequest))}
        for request_id, before in self.statuses.items():
            assert before in (OPEN, UNPROVED) or requests[request_id] == before, "a closed request stays as it closed"
        self.statuses = requests
        open_tasks = list(session.scalars(select(Task).where(Task.closed_at.is_(None))))
        waiting = [each.request_id for each in open_tasks if each.kind == FOR_REQUEST]
        assert sorted(waiting, key=str) == sorted((r for r, s in requests.items() if s == OPEN), key=str)
        asked = session.scalars(select(Label.id).where(Label.approved_at.is_(None), Label.ended_at.is_(None)))
        assert sorted(each.label_id for each in open_tasks if each.kind == FOR_LABEL) == sorted(asked)
        told = set(session.scalars(select(OutboxMessage.subject_id).where(OutboxMessage.template == "operator_told")))
        for task in open_tasks:
            assert not deciders_of(session, task).nobody or task.id in told, "no task without somebody"
        for kind in (Grant, Label, Mandate):
            for row in session.scalars(select(kind).where(kind.ended_at.is_not(None))):
                columns = {column.key: getattr(row, column.key) for column in kind.__table__.columns}
                assert self.ended.setdefault(row.id, columns) == columns, "an ended row never changes"
        for grant in session.scalars(select(Grant).where(Grant.ended_at.is_(None))):
            assert grant.given_by != grant.person_id
        session.rollback()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_no_story_breaks_what_must_hold(world: World, clock: time_machine.Traveller) -> None:
    """AP3, PF4, lifecycles: one role, no task without somebody, nothing closed reopens, nothing ended changes."""
    perform(apply_catalogue, world.installation)

    @settings(max_examples=30, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(STEPS)
    @example(EVERYTHING)
    def tell(steps: list[tuple[Any, ...]]) -> None:
        story = Story(world, clock)
        for name, *how in steps:
            story.step(name, *how)

    tell()
    happened = {
        "asked": AccessRequest.id.is_not(None),
        "approved": Grant.given_by.is_not(None),
        "ended": Grant.ended_at.is_not(None),
        "label asked": Label.id.is_not(None),
        "label decided": or_(Label.approved_at.is_not(None), Label.end_reason == "rejected"),
        "turned down": AccessRequest.status == "rejected",
        "expired": AccessRequest.status == "expired",
        "withdrawn": AccessRequest.status == "withdrawn",
        "cancelled": AccessRequest.status == "cancelled",
        "dismissed": Mandate.end_reason.is_not(None),
    }
    dull = [what for what, row in happened.items() if not db.session.scalar(select(func.count()).where(row))]
    assert dull == [], "these never happened in any story"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_task_that_loses_its_administrator_tells_the_officer_and_then_the_operator(world: World, inbox: Any) -> None:
    """AP3: no task without somebody, each told once."""
    genk = world.organisation()
    karim = world.administrator_of(genk, "Karim Benali", head=True)
    officer = world.officer_of("LB", "gemeente")
    world.request(organisation=genk)
    tell_of_stranded_tasks()
    assert inbox.mails_to(officer.email) == []
    _end_mandates_of(karim)
    for _ in range(2):
        tell_of_stranded_tasks()
    assert len(inbox.mails_to(officer.email)) == 1
    _end_mandates_of(officer)
    for _ in range(2):
        tell_of_stranded_tasks()
    assert len(inbox.mails_to(world.installation.settings.operator_email)) == 1


def _end_mandates_of(person: Person) -> None:
    with changing_session() as session, session.begin():
        for mandate in session.scalars(select(Mandate).where(Mandate.person_id == person.id)):
            mandate.ended_at, mandate.end_reason = broker_clock.now(), "dismissed"
    db.session.rollback()

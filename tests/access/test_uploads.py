"""A file of rights: kept sealed, previewed, decided anew line by line, emptied; stopped anywhere and resumed (CU1, CU2, CU3)."""

import threading
import uuid
from datetime import timedelta

import pytest
import time_machine
from flask import current_app
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from broker import audit
from broker.access import work_on_uploads as worker
from broker.access.carry_out_line import carry_out_line
from broker.access.carry_out_upload import carry_out_upload, choose_lines
from broker.access.close_upload import forget_upload
from broker.access.find_uploads import count_lines
from broker.access.grant import Grant
from broker.access.keep_upload import keep_upload
from broker.access.upload import CANNOT, GIVEN, LEFT_OUT, REFUSED, Upload, UploadLine
from broker.access.upload_content import LineContent
from broker.access.upload_seal import told_of
from broker.access.work_on_uploads import work_on_uploads
from broker.audit import AuditEvent
from broker.database import db, perform
from broker.errors import ConflictError, InvalidError, NotFoundError
from broker.people.affiliation import Affiliation
from broker.people.dismiss_mandate import dismiss_mandate
from broker.people.living_mandates import living_mandates
from broker.people.look_up import A_DAY, AN_HOUR, LookUp
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.retention.run_retention import run_retention
from tests.worlds.inbox import Inbox
from tests.worlds.statements import Statements
from tests.worlds.world import World


@pytest.fixture
def genk(world: World) -> Organisation:
    return world.organisation("Genk")


@pytest.fixture
def ilse(world: World, genk: Organisation) -> Person:
    return world.administrator_of(genk, "Ilse Maes")


def about(person: Person, right: str = "invoerder", **more: str) -> LineContent:
    """A line about somebody of the organisation, by the address of the job."""
    return LineContent(email=person.email or "", application="cultuurmonitor", right=right, **more)


def newcomer(number: str, name: str = "Nieuw Iemand", **more: str) -> LineContent:
    """A line about somebody who does not work there yet."""
    given, _, family = name.partition(" ")
    kept = {"email": "nieuw@genk.test", "application": "cultuurmonitor", "right": "invoerder"} | more
    return LineContent(number=number, given_name=given, family_name=family, **kept)


def brought(world: World, actor: Person, place: Organisation, *lines: LineContent) -> uuid.UUID:
    """A file with these lines, checked."""
    upload_id = perform(keep_upload, world.installation, actor.id, place.id, list(enumerate(lines, start=2)))
    work_on_uploads(world.installation)
    return upload_id


def lines_of(session: Session, upload_id: uuid.UUID) -> list[UploadLine]:
    """The lines as they are now."""
    db.session.rollback()
    return list(
        session.scalars(
            select(UploadLine)
            .where(UploadLine.upload_id == upload_id)
            .order_by(UploadLine.number)
            .execution_options(populate_existing=True)
        )
    )


def told(world: World, line: UploadLine) -> str:
    """What is said of a line."""
    return " ".join(each.nl for each in told_of(world.installation.keys, line))


def carried_out(world: World, actor: Person, upload_id: uuid.UUID) -> None:
    """Decided and done."""
    chosen = db.session.scalar(
        select(func.count()).select_from(UploadLine).where(UploadLine.upload_id == upload_id, UploadLine.chosen)
    )
    perform(carry_out_upload, actor.id, upload_id, chosen or 0)
    work_on_uploads(world.installation)


def test_a_file_gives_what_can_and_says_why_of_the_rest(
    world: World, session: Session, inbox: Inbox, genk: Organisation, ilse: Person
) -> None:
    nele, jan = (world.person(name, works_for=genk) for name in ("Nele Vercauteren", "Jan Smets"))
    world.grant(jan, genk, "raadpleger")
    upload_id = brought(
        world,
        ilse,
        genk,
        about(nele, last_day="31/12/2026"),
        about(jan),
        about(nele, right="directeur"),
        LineContent(email="niemand@genk.test", application="cultuurmonitor", right="invoerder"),
        about(ilse),
        about(nele, last_day="31/02/2027", context="x"),
        about(nele),
    )
    found = lines_of(session, upload_id)
    assert [line.verdict for line in found] == ["can", *["cannot"] * 6]
    for line, word in zip(
        found[1:], ("Raadpleger", "Recht", "niemand bij u", "", "31/12/2027", "regel 2"), strict=True
    ):
        assert word in told(world, line), told(world, line)
    carried_out(world, ilse, upload_id)
    grant = session.scalars(select(Grant).where(Grant.person_id == nele.id)).one()
    assert (grant.given_by, grant.right_code) == (ilse.id, "invoerder")
    assert {mail.to for mail in inbox.mails} >= {nele.email}
    found = lines_of(session, upload_id)
    assert [line.outcome for line in found] == [GIVEN, *[LEFT_OUT] * 6]
    assert found[0].grant_id == grant.id
    (done,) = [mail for mail in inbox.mails_to(str(ilse.email)) if "is klaar" in mail.subject]
    assert f"/lijsten/bestand/{upload_id}" in done.text
    assert "Alle regels die u koos, zijn uitgevoerd." in done.text


def test_nothing_of_the_file_is_left_nor_was_it_ever_readable(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    """CU3: not in the database while it waits, not after it is done, never in the audit."""
    number = world.number()
    upload_id = brought(world, ilse, genk, newcomer(number, "Roos Geheim", email="roos.geheim@genk.test"))

    def everything() -> str:
        with db.engine.connect() as connection:
            tables = ("uploads", "upload_lines", "audit_events", "look_ups")
            return " ".join(str(row) for name in tables for row in connection.execute(text(f"SELECT * FROM {name}")))

    for word in (number, "Geheim", "roos.geheim"):
        assert word not in everything()
    assert lines_of(session, upload_id)[0].content_sealed is not None
    carried_out(world, ilse, upload_id)
    assert {line.content_sealed for line in lines_of(session, upload_id)} == {None}
    for word in (number, "Geheim", "roos.geheim"):
        assert word not in everything()


def test_the_preview_says_the_same_of_known_and_unknown_numbers(
    world: World, session: Session, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    """CU1, DG2."""
    known = world.number()
    elsewhere = world.person("Karel Bekend", number=known, works_for=world.organisation("Gent"))
    world.grant(elsewhere, world.organisation("Hasselt"), "raadpleger")
    said, counted = [], []
    for number in (known, world.number()):
        upload_id = perform(keep_upload, world.installation, ilse.id, genk.id, [(2, newcomer(number))])
        with statements() as seen:
            work_on_uploads(world.installation)
        (line,) = lines_of(session, upload_id)
        said.append((line.verdict, told(world, line), line.chosen, line.person_id, line.seen))
        counted.append(len(seen))
    assert said[0] == said[1]
    assert counted[0] == counted[1]


def test_lines_about_strangers_count_as_look_ups_and_then_no_number_is_looked_at(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    """CU1, DG3: a file of guesses learns nothing, not even which colleague has a number."""
    colleague = world.number()
    nele = world.person("Nele Vercauteren", number=colleague, works_for=genk)
    guesses = [newcomer(world.number(), f"Gok {serial}") for serial in range(AN_HOUR + 2)]
    hit = LineContent(number=colleague, application="cultuurmonitor", right="invoerder")
    upload_id = brought(world, ilse, genk, *guesses, hit, about(nele, right="raadpleger"))
    found = lines_of(session, upload_id)
    assert [line.verdict for line in found] == ["can"] * AN_HOUR + ["cannot"] * 3 + ["can"]
    assert len({told(world, line) for line in found[AN_HOUR:-1]}) == 1, "a hit and a miss are told alike"
    assert session.scalar(select(func.count()).select_from(LookUp)) == AN_HOUR
    assert AN_HOUR < A_DAY


def test_a_number_with_another_name_counts_and_is_not_given(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    """DG6: a mistyped number is somebody else's."""
    number = world.number()
    world.person("Nele Vercauteren", number=number, works_for=genk)
    (line,) = lines_of(session, brought(world, ilse, genk, newcomer(number, "Jan Smets")))
    assert line.verdict == CANNOT
    assert "Vercauteren" not in told(world, line)
    assert session.scalar(select(func.count()).select_from(LookUp)) == 1


def test_somebody_new_is_added_under_the_typed_name_and_waits(
    world: World, session: Session, inbox: Inbox, genk: Organisation, ilse: Person
) -> None:
    number = world.number()
    upload_id = brought(world, ilse, genk, newcomer(number, "Roos Nieuw"))
    carried_out(world, ilse, upload_id)
    (line,) = lines_of(session, upload_id)
    assert line.outcome == GIVEN
    grant = session.get_one(Grant, line.grant_id)
    job = session.get_one(Affiliation, grant.affiliation_id)
    assert (job.entered_given_name, job.entered_family_name, job.email) == ("Roos", "Nieuw", "nieuw@genk.test")
    assert number not in "".join(mail.text + mail.subject for mail in inbox.mails)


def test_what_changed_since_the_preview_is_not_done(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    """CU2: decided anew at apply, by the same operation."""
    people = [world.person(name, works_for=genk) for name in ("An Een", "Bo Twee", "Cis Drie")]
    upload_id = brought(world, ilse, genk, *(about(each) for each in people))
    world.grant(people[0], genk, "raadpleger")
    with db.engine.begin() as connection:
        connection.execute(
            text("UPDATE affiliations SET ended_at = :now, end_reason = 'left' WHERE person_id = :id"),
            {
                "now": "2026-11-17 09:00:00",
                "id": people[1].id.hex if db.engine.dialect.name == "sqlite" else people[1].id,
            },
        )
    carried_out(world, ilse, upload_id)
    found = lines_of(session, upload_id)
    assert [line.outcome for line in found] == [REFUSED, REFUSED, GIVEN]
    assert "Raadpleger" in told(world, found[0])
    assert "werkt" in told(world, found[1])


def test_a_dismissed_administrator_gives_nothing_more(
    world: World, session: Session, inbox: Inbox, genk: Organisation, ilse: Person
) -> None:
    """CU2, ID4: the mandate is read again with every line."""
    nele = world.person("Nele Vercauteren", works_for=genk)
    upload_id = brought(world, ilse, genk, about(nele))
    perform(carry_out_upload, ilse.id, upload_id, 1)
    head = world.administrator_of(genk, "Hoofd Beheer", head=True)
    (mandate,) = living_mandates(db.session(), person_id=ilse.id)
    db.session.rollback()
    perform(dismiss_mandate, world.installation, head.id, mandate.mandate_id, "Weg.")
    work_on_uploads(world.installation)
    (line,) = lines_of(session, upload_id)
    assert line.outcome == REFUSED
    assert "beheerder" in told(world, line)
    assert session.scalar(select(func.count()).select_from(Grant)) == 0
    assert not [mail for mail in inbox.mails_to(str(ilse.email)) if "is klaar" in mail.subject]
    other = perform(keep_upload, world.installation, head.id, genk.id, [(2, about(nele))])
    assert session.get_one(Upload, other).closed_at is None


def test_a_file_is_its_bringers_alone_and_for_an_organisation_of_theirs(
    world: World, genk: Organisation, ilse: Person
) -> None:
    """ID2, CU2: another organisation, and a fellow administrator's file."""
    gent = world.organisation("Gent")
    nele = world.person("Nele Vercauteren", works_for=genk)
    with pytest.raises(NotFoundError):
        perform(keep_upload, world.installation, ilse.id, gent.id, [(2, about(nele))])
    upload_id = brought(world, ilse, genk, about(nele))
    fellow = world.administrator_of(genk, "Els Collega")
    for refused in (
        lambda: perform(carry_out_upload, fellow.id, upload_id, 1),
        lambda: perform(choose_lines, fellow.id, upload_id, None),
        lambda: perform(forget_upload, fellow.id, upload_id),
    ):
        with pytest.raises(NotFoundError):
            refused()


def test_a_worker_that_is_killed_anywhere_goes_on_and_gives_nothing_twice(
    world: World, session: Session, genk: Organisation, ilse: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CU2: one transaction and key (upload, line) each."""
    people = [world.person(f"Persoon {serial}", works_for=genk) for serial in range(6)]
    upload_id = brought(world, ilse, genk, *(about(each) for each in people))
    perform(carry_out_upload, ilse.id, upload_id, 6)
    after = iter(range(100))

    def dies(session: Session, *args: object) -> bool:
        done = carry_out_line(session, *args)  # type: ignore[arg-type]
        if next(after) % 2:
            raise KeyboardInterrupt  # before the commit: as if it was killed
        return done

    monkeypatch.setattr(worker, "carry_out_line", dies)
    for _ in range(6):
        try:
            work_on_uploads(world.installation)
        except KeyboardInterrupt:
            db.session.remove()
    monkeypatch.undo()
    work_on_uploads(world.installation)
    assert {line.outcome for line in lines_of(session, upload_id)} == {GIVEN}
    assert session.scalar(select(func.count()).select_from(Grant)) == 6
    assert session.get_one(Upload, upload_id).close_reason == "carried_out"
    again = perform(carry_out_line, world.installation, lines_of(session, upload_id)[0].id)
    assert again is False


def test_two_workers_at_once_give_every_line_once(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    """CU2, on both databases."""
    people = [world.person(f"Persoon {serial}", works_for=genk) for serial in range(8)]
    upload_id = brought(world, ilse, genk, *(about(each) for each in people))
    perform(carry_out_upload, ilse.id, upload_id, 8)
    app, barrier, failures = current_app._get_current_object(), threading.Barrier(3), []  # type: ignore[attr-defined]

    def work() -> None:
        with app.app_context():
            barrier.wait()
            try:
                work_on_uploads(world.installation)
            except Exception as error:  # noqa: BLE001
                failures.append(error)

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    work_on_uploads(world.installation)
    assert failures == []
    assert [line.outcome for line in lines_of(session, upload_id)] == [GIVEN] * 8
    events = session.scalar(select(func.count()).select_from(AuditEvent).where(AuditEvent.name == "access:grant:give"))
    assert events == 8
    closes = session.scalar(
        select(func.count()).select_from(AuditEvent).where(AuditEvent.name == "access:upload:close")
    )
    assert closes == 1


def test_what_an_earlier_line_changes_stops_no_later_one(world: World, session: Session) -> None:
    """The first right asks the label for all."""
    kaai = world.organisation("De Kaai", kind="economische_actor")
    piet = world.administrator_of(kaai, "Piet Kaai")
    people = [world.person(f"Persoon {serial}", works_for=kaai) for serial in range(3)]
    upload_id = brought(world, piet, kaai, *(about(each) for each in people))
    carried_out(world, piet, upload_id)
    assert [line.outcome for line in lines_of(session, upload_id)] == [GIVEN] * 3


def test_only_chosen_lines_are_done_and_only_what_can_be_chosen(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    people = [world.person(f"Persoon {serial}", works_for=genk) for serial in range(3)]
    upload_id = brought(world, ilse, genk, *(about(each) for each in people), about(people[0], right="niets"))
    perform(choose_lines, ilse.id, upload_id, set())
    with pytest.raises(InvalidError):
        perform(carry_out_upload, ilse.id, upload_id, 0)
    perform(choose_lines, ilse.id, upload_id, {3, 5}, among={2, 3, 5})
    with pytest.raises(ConflictError):
        perform(carry_out_upload, ilse.id, upload_id, 3)
    carried_out(world, ilse, upload_id)
    assert [line.outcome for line in lines_of(session, upload_id)] == [LEFT_OUT, GIVEN, LEFT_OUT, LEFT_OUT]
    with pytest.raises(ConflictError):
        perform(choose_lines, ilse.id, upload_id, None)


def test_a_file_nobody_decides_on_is_forgotten_and_so_is_the_one_before(
    world: World, session: Session, clock: time_machine.Traveller, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren", works_for=genk)
    first = brought(world, ilse, genk, about(nele))
    second = brought(world, ilse, genk, about(nele))
    assert session.get_one(Upload, first).close_reason == "forgotten"
    clock.shift(timedelta(hours=25))
    work_on_uploads(world.installation)
    session.expire_all()
    assert session.get_one(Upload, second).close_reason == "forgotten"
    assert lines_of(session, second)[0].content_sealed is None
    clock.shift(timedelta(days=31))
    assert {report.rule: report.due for report in run_retention(world.installation)}["uploads"] == 2
    assert session.scalar(select(func.count()).select_from(UploadLine)) == 0


def test_a_second_file_waits_until_the_first_is_carried_out(world: World, genk: Organisation, ilse: Person) -> None:
    nele = world.person("Nele Vercauteren", works_for=genk)
    upload_id = brought(world, ilse, genk, about(nele))
    perform(carry_out_upload, ilse.id, upload_id, 1)
    with pytest.raises(ConflictError):
        perform(keep_upload, world.installation, ilse.id, genk.id, [(2, about(nele))])
    work_on_uploads(world.installation)
    perform(keep_upload, world.installation, ilse.id, genk.id, [(2, about(nele))])


def test_the_audit_says_who_brought_it_and_what_came_of_it(
    world: World, session: Session, genk: Organisation, ilse: Person
) -> None:
    """AU4: in numbers only; a right that came so was given by whoever brought the file."""
    nele = world.person("Nele Vercauteren", works_for=genk)
    with audit.acting(audit.Acting(kind="person", person_id=ilse.id)):
        upload_id = brought(world, ilse, genk, about(nele), about(ilse))
        perform(carry_out_upload, ilse.id, upload_id, 1)
    work_on_uploads(world.installation)
    events = {
        event.name: event for event in session.scalars(select(AuditEvent).where(AuditEvent.name.startswith("access:")))
    }
    assert events["access:upload:keep"].details == {"lines": 2}
    assert events["access:upload:carry_out"].details == {"lines": 1}
    assert events["access:upload:close"].details == {"given": 1, "refused": 0}
    assert events["access:grant:give"].actor_id == ilse.id


def test_counting_costs_one_statement_however_long_the_file(
    world: World, session: Session, statements: Statements, genk: Organisation, ilse: Person
) -> None:
    nele = world.person("Nele Vercauteren", works_for=genk)
    upload_id = perform(
        keep_upload, world.installation, ilse.id, genk.id, [(serial, about(nele)) for serial in range(2, 5_002)]
    )
    upload = session.get_one(Upload, upload_id)
    with statements() as seen:
        counts = count_lines(session, upload)
    assert (len(seen), counts.all, counts.cannot, counts.unchecked) == (1, 5_000, 4_999, 1)


@pytest.mark.parametrize("column", ["first_day", "last_day"])
def test_a_day_that_nobody_lives_to_see_stops_no_worker(
    world: World, session: Session, genk: Organisation, ilse: Person, column: str
) -> None:
    """CU3: the year 9999 is a day that cannot be, and no reason to leave this file and every later one lying."""
    nele = world.person("Nele Claes", email="nele@genk.test", works_for=genk)
    upload_id = brought(world, ilse, genk, about(nele, **{column: "31/12/9999"}))
    (line,) = lines_of(session, upload_id)
    assert line.verdict == CANNOT

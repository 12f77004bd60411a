"""Importing organisations: what goes in, what comes later, and that the same file again changes nothing."""

import os
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from broker.database import perform
from broker.people.affiliation import Affiliation
from broker.people.import_organisations import ImportResult, import_organisations
from broker.people.living_mandates import living_mandates, pool_members
from broker.people.mandate import Mandate, officer_scope
from broker.people.organisation import Organisation
from broker.people.organisation_file import read_organisation_file
from tests.people.organisation_files import AGB_GENK, ETTERBEEK, GENK, INVENTED, JETTE, OVER, csv_file, real_file
from tests.worlds.statements import Statements
from tests.worlds.world import World

Import = Callable[..., ImportResult]


@pytest.fixture
def bring_in(world: World) -> Import:
    """Imports these lines."""

    def bring(*lines: str, dry_run: bool = False) -> ImportResult:
        file = read_organisation_file(csv_file(*lines), world.installation.catalogue)
        return perform(import_organisations, world.installation, None, file, dry_run=dry_run)

    return bring


def organisation(session: Session, **where: Any) -> Organisation:
    session.rollback()
    return session.scalars(select(Organisation).filter_by(**where)).one()


def snapshot(session: Session) -> tuple[list[Any], int]:
    session.rollback()
    rows = session.execute(select(Organisation.__table__).order_by(Organisation.id)).all()
    return [tuple(row) for row in rows], session.scalar(select(func.count()).select_from(AuditEvent)) or 0


def counts(result: ImportResult) -> tuple[int, int, int, int, int, int]:
    return result.new, result.changed, result.retyped, result.ended, result.same, len(result.errors)


def test_the_real_file_goes_in_and_again_without_a_change(world: World, session: Session) -> None:
    path = real_file()
    if not path.exists() and not os.environ.get("POORTWACHTER_SHARED"):
        pytest.skip("the 825 organisations are not part of the project; invented ones prove the same below")
    results = []
    for _ in range(2):
        started = time.monotonic()
        with path.open("rb") as stream:
            file = read_organisation_file(stream, world.installation.catalogue)
        results.append(perform(import_organisations, world.installation, None, file))
        assert time.monotonic() - started < 5
        results.append(snapshot(session))
    first, after_first, second, after_second = results
    assert counts(first) == (825, 0, 0, 0, 0, 0)
    assert counts(second) == (0, 0, 0, 0, 825, 0)
    assert after_first == after_second
    rows = session.scalars(select(Organisation)).all()
    assert len(rows) == 825
    assert sum(each.code == each.nis for each in rows) == 19
    assert {each.end_reason for each in rows if not each.living} == {"inactive"}
    assert sum(not each.living for each in rows) == 45


def test_the_same_invented_file_again_changes_nothing(bring_in: Import, session: Session) -> None:
    assert counts(bring_in(*INVENTED)) == (6, 0, 0, 0, 0, 0)
    before = snapshot(session)
    assert counts(bring_in(*INVENTED)) == (0, 0, 0, 0, 6, 0)
    assert snapshot(session) == before


def test_a_dry_run_says_the_same_and_writes_nothing(bring_in: Import, session: Session, statements: Statements) -> None:
    bring_in(GENK, AGB_GENK)
    before = snapshot(session)
    lines = (GENK.replace("Genk", "Genk aan de Stiemer"), AGB_GENK.replace(",1,", ",0,"), *INVENTED[2:])
    with statements() as seen:
        would = bring_in(*lines, dry_run=True)
    assert seen.writing == []
    assert snapshot(session) == before
    did = bring_in(*lines)
    assert counts(would) == counts(did) == (4, 1, 0, 1, 0, 0)


def test_bad_lines_are_reported_and_the_good_ones_go_in(bring_in: Import, session: Session) -> None:
    result = bring_in(
        GENK,
        AGB_GENK.replace("0999000228", "0999000229"),
        JETTE.replace(",EA,", ",,"),
        GENK.replace("Genk", "Genk bis"),
        ETTERBEEK,
    )
    assert counts(result) == (2, 0, 0, 0, 0, 3)
    assert [(error.line, error.column) for error in result.errors] == [(3, "kbo"), (4, "doelgroep"), (5, "kbo")]
    session.rollback()
    assert set(session.scalars(select(Organisation.name))) == {"Genk", "Etterbeek"}


def test_the_code_is_kbo_else_ovo_else_nis(bring_in: Import, session: Session) -> None:
    bring_in(*INVENTED)
    assert organisation(session, name="Genk").code == "0999000129"
    assert organisation(session, name="Limburg").code == "OVO900002"
    assert organisation(session, name="Jette").code == "21010"


def test_a_kbo_number_that_comes_later_fills_its_own_column_and_the_code_stays(
    bring_in: Import, session: Session
) -> None:
    bring_in(JETTE)
    known = organisation(session, code="21010").id
    later = JETTE.replace("21010,,,", "21010,,0999000426,")
    assert counts(bring_in(later)) == (0, 1, 0, 0, 0, 0)
    jette = organisation(session, id=known)
    assert (jette.code, jette.kbo, jette.nis) == ("21010", "0999000426", "21010")
    assert counts(bring_in(later)) == (0, 0, 0, 0, 1, 0)
    by_kbo_alone = later.replace("21010", "")
    assert counts(bring_in(by_kbo_alone)) == (0, 0, 0, 0, 1, 0)
    assert organisation(session, id=known).nis == "21010"


def test_an_ovo_code_finds_the_organisation_before_type_and_nis_do(bring_in: Import, session: Session) -> None:
    bring_in("provincie,LB,Limburg,,,,,OVO900002,,1,")
    assert counts(bring_in("provincie,LB,Limburg,,70000,,0999000525,OVO900002,,1,")) == (0, 1, 0, 0, 0, 0)
    limburg = organisation(session, ovo="OVO900002")
    assert (limburg.code, limburg.kbo, limburg.nis) == ("OVO900002", "0999000525", "70000")


def test_numbers_of_two_organisations_in_one_line_are_refused(bring_in: Import, session: Session) -> None:
    bring_in(GENK, JETTE, "provincie,LB,Limburg,,,,,OVO900002,,1,")
    before = snapshot(session)
    mixed = bring_in(JETTE.replace("21010,,,", "21010,,0999000129,"))
    assert [(error.line, error.column) for error in mixed.errors] == [(2, "nis")]
    other_kbo = bring_in("provincie,LB,Limburg,,,,0999000129,OVO900002,,1,")
    assert [(error.line, error.column) for error in other_kbo.errors] == [(2, "ovo")]
    changed_kbo = bring_in(GENK.replace("0999000129", "0999000228"))
    assert [(error.line, error.column) for error in changed_kbo.errors] == [(2, "kbo")]
    same_code = bring_in("gemeente,LB,Jette,,21010,,,,,1,")
    assert [(error.line, error.column) for error in same_code.errors] == [(2, "nis")]
    assert snapshot(session) == before


def test_two_lines_about_one_organisation_are_an_error_of_the_second(bring_in: Import) -> None:
    bring_in(GENK)
    result = bring_in("gemeente,LB,Genk,,,,0999000129,,,1,", "gemeente,LB,Genk,,71016,,,,,1,")
    assert [error.line for error in result.errors] == [3]
    assert "line 2" in str(result.errors[0])


def test_another_type_is_a_retype_with_its_own_event(bring_in: Import, session: Session) -> None:
    bring_in(AGB_GENK)
    assert counts(bring_in(AGB_GENK.replace("agb,", "ocmw,", 1))) == (0, 0, 1, 0, 0, 0)
    assert organisation(session, kbo="0999000228").organisation_type == "ocmw"
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "people:organisation:retype")).all()
    assert [event.details for event in events] == [{"before": "LB/agb", "after": "LB/ocmw"}]


def test_an_officer_of_the_old_type_has_no_say_over_what_became_another(
    bring_in: Import, world: World, session: Session
) -> None:
    """AP5: the scope of an officer names the type, so an organisation that is retyped leaves it."""
    marc = world.officer_of("LB", "agb")
    bring_in(AGB_GENK)
    before = organisation(session, kbo="0999000228")
    scope = officer_scope(before.target_group, before.organisation_type)
    assert [member.person_id for member in pool_members(session, scope)] == [marc.id]
    bring_in(AGB_GENK.replace("agb,", "ocmw,", 1))
    after = organisation(session, kbo="0999000228")
    assert pool_members(session, officer_scope(after.target_group, after.organisation_type)) == []


def test_a_row_that_is_not_active_goes_in_as_ended(bring_in: Import, session: Session) -> None:
    bring_in(OVER)
    over = organisation(session, kbo="0999000327")
    assert (over.living, over.end_reason) == (False, "inactive")


def test_what_is_no_longer_active_ends_with_its_mandates_and_affiliations(
    bring_in: Import, world: World, session: Session
) -> None:
    """AP5: nobody decides for what is no more, and it is written in their rows."""
    bring_in(GENK)
    genk = organisation(session, code="0999000129")
    person = world.administrator_of(genk, head=True)
    result = bring_in(GENK.replace(",1,", ",0,"))
    assert (counts(result), result.ended_ids) == ((0, 0, 0, 1, 0, 0), [genk.id])
    session.rollback()
    assert living_mandates(session, person_id=person.id) == []
    assert session.scalars(select(Mandate)).one().end_reason == "organisation_ended"
    assert session.scalars(select(Affiliation)).one().end_reason == "organisation_ended"
    assert set(session.scalars(select(AuditEvent.name))) >= {
        "people:organisation:end",
        "people:mandate:dismiss",
        "people:affiliation:end",
    }


def test_what_becomes_active_again_is_a_new_organisation_with_the_same_code(bring_in: Import, session: Session) -> None:
    bring_in(OVER)
    assert counts(bring_in(OVER.replace(",0,", ",1,"))) == (1, 0, 0, 0, 0, 0)
    session.rollback()
    both = session.scalars(select(Organisation).where(Organisation.code == "0999000327")).all()
    assert sorted(each.living for each in both) == [False, True]
    assert counts(bring_in(OVER.replace(",0,", ",1,"))) == (0, 0, 0, 0, 1, 0)


def test_what_was_merged_does_not_come_back(bring_in: Import, world: World, session: Session) -> None:
    bring_in(GENK, OVER)
    genk = organisation(session, code="0999000129")
    merged = world.organisation("Klein Genk", kbo="0999000426", end_reason="merged", ended_at=genk.created_at)
    row = world.fresh(Organisation, merged.id)
    with session.begin():
        session.get_one(Organisation, row.id).successor_id = genk.id
    result = bring_in("gemeente,LB,Klein Genk,,,,0999000426,,,1,")
    assert [(error.line, error.column) for error in result.errors] == [(2, "active")]


def test_the_audit_holds_codes_only(bring_in: Import, session: Session) -> None:
    bring_in(*INVENTED)
    bring_in(GENK.replace("Genk", "Genk aan de Stiemer"))
    session.rollback()
    events = session.scalars(select(AuditEvent).where(AuditEvent.name.like("people:organisation:%"))).all()
    assert sorted({event.name for event in events}) == ["people:organisation:add", "people:organisation:change"]
    assert not any("Genk" in str(event.details) for event in events)


def test_an_agb_is_found_by_its_municipality_wherever_that_stands(bring_in: Import, session: Session) -> None:
    bring_in(AGB_GENK.replace("AGB Genk", "AGB De Stiemer"), GENK)
    assert "genk" in organisation(session, kbo="0999000228").search_text.split()

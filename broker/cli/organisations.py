"""`poortwachter organisations`: bring organisations in from CSV, and list them."""

from typing import Any, BinaryIO

import click
from sqlalchemy import select

from broker.access.merge_organisation import Merger, merge_organisation
from broker.access.plan_merge import MOVES, SAME, MergePlan, merged_before, plan_merge
from broker.cli.naming import named_organisation
from broker.cli.printing import print_json, print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.people.find_organisations import search_condition
from broker.people.import_organisations import ImportResult, import_organisations
from broker.people.organisation import Organisation
from broker.people.organisation_file import read_organisation_file
from broker.standing_jobs import settle_organisations


@click.group()
def organisations() -> None:
    """The organisations that people work for."""


@organisations.command("import")
@click.argument("file", type=click.File("rb"))
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.pass_context
def import_command(context: click.Context, file: BinaryIO, dry_run: bool, as_json: bool) -> None:
    """Bring the organisations of FILE in (CSV in UTF-8; - reads standard input).

    Columns: type, doelgroep, name, name_fr, nis, province, kbo, ovo, parent_nis, active (1 or 0), source. An
    organisation is recognised by its KBO number, then its OVO code, then its type and NIS code. The same file again
    changes nothing.

    What was asked and given at an organisation that ended ends with it; a label follows an organisation that became
    another type.

    A line that cannot be used is reported with its number and column; the others go in. Exit status 1 when there was
    one.
    """
    with running_broker() as installation:
        read = read_organisation_file(file, installation.catalogue)
        result = perform(import_organisations, installation, None, read, dry_run=dry_run)
        if not dry_run:
            settle_organisations()
    if as_json:
        print_json(_as_json(result))
    else:
        _print(result)
    context.exit(1 if result.errors else 0)


def _as_json(result: ImportResult) -> dict[str, Any]:
    return {
        "dry_run": result.dry_run,
        "new": result.new,
        "changed": result.changed,
        "retyped": result.retyped,
        "ended": result.ended,
        "same": result.same,
        "errors": [{"line": each.line, "column": each.column, "why": each.text.en} for each in result.errors],
    }


def _print(result: ImportResult) -> None:
    for error in result.errors:
        click.echo(str(error), err=True)
    click.echo(
        f"{'Would be: ' if result.dry_run else ''}{result.new} new, {result.changed} changed,"
        f" {result.retyped} of another type, {result.ended} ended, {result.same} the same,"
        f" {len(result.errors)} not usable."
    )


@organisations.command("merge")
@click.argument("predecessors", nargs=-1, required=True, metavar="CODE…")
@click.option("--into", required=True, metavar="CODE", help="The organisation that goes on.")
@click.option("--decision", required=True, metavar="NUMBER", help="The number of the decision; it stands in the audit.")
@click.option("--dry-run", is_flag=True, help="Say what would happen; change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
def merge_command(predecessors: tuple[str, ...], into: str, decision: str, dry_run: bool, as_json: bool) -> None:
    """Let the organisations with the codes CODE merge into another.

    Requests are cancelled and go on at the successor. Rights follow for at most ninety days, and its administrators are asked to
    confirm them. Mandates and labels never follow. Where somebody would have two roles nobody chooses one: such a right, and one
    that is not offered there, is given to nobody and listed.

    Name all that merge by one decision in one command. Each is a transaction of its own; one that is done is passed over, so
    that a run that was cut off is simply run again.
    """
    with running_broker() as installation:
        successor = named_organisation(into)
        done = merged_before(db.session(), predecessors, successor)
        places = [named_organisation(code) for code in predecessors if code not in done]
        db.session.rollback()
        ids = tuple(place.id for place in places)
        plans: list[MergePlan] = []
        for place in places:
            if dry_run:
                plans.append(plan_merge(db.session(), installation.catalogue, None, place, successor, ids))
                continue
            merger = Merger(place.id, successor.id, decision, also=ids)
            plan = perform(merge_organisation, installation, None, merger)
            plans += [plan] if plan is not None else []
        rows = [_merged(plan) for plan in plans]
        listed = [row for plan in plans for row in _listed(plan)]
    if as_json:
        print_json({"dry_run": dry_run, "organisations": rows, "given_to_nobody": listed})
        return
    print_rows(rows, as_json=False, nothing="Nothing to do: they merged before.")
    if listed:
        click.echo("\nGiven to nobody; somebody has to look at these:")
        print_rows(listed, as_json=False, nothing="")
    if dry_run:
        click.echo("Nothing was changed.")


def _merged(plan: MergePlan) -> dict[str, Any]:
    counted = plan.counted()
    return {
        "organisation": plan.predecessor.code,
        "name": plan.predecessor.name,
        "rights_that_follow": counted[MOVES],
        "there_already": counted[SAME],
        "given_to_nobody": len(plan.listed),
        "requests_that_go_on": plan.moved_requests,
        "requests_that_stop": plan.stopped_requests,
        "mandates_ended": plan.mandates,
        "labels_ended": plan.labels,
    }


def _listed(plan: MergePlan) -> list[dict[str, Any]]:
    return [
        {
            "organisation": plan.predecessor.code,
            "person": each.person_name,
            "id": str(each.person_id),
            "application": each.application_code,
            "right": each.right_code,
            "why": each.outcome,
        }
        for each in plan.listed
    ]


@organisations.command("list")
@click.option("--search", default="", metavar="WORDS", help="Only those with these words or this number.")
@click.option("--target-group", metavar="CODE", help="Only this target group, for example LB.")
@click.option("--type", "organisation_type", metavar="CODE", help="Only this type, for example gemeente.")
@click.option("--ended", is_flag=True, help="Those that have ended as well.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(
    search: str, target_group: str | None, organisation_type: str | None, ended: bool, as_json: bool
) -> None:
    """List organisations, by target group, type and name."""
    query = select(Organisation).where(*search_condition(search))
    if target_group:
        query = query.where(Organisation.target_group == target_group)
    if organisation_type:
        query = query.where(Organisation.organisation_type == organisation_type)
    if not ended:
        query = query.where(Organisation.ended_at.is_(None))
    query = query.order_by(
        Organisation.target_group, Organisation.organisation_type, Organisation.name, Organisation.id
    )
    with running_broker():
        rows = [
            {
                "code": each.code,
                "name": each.name,
                "target_group": each.target_group,
                "type": each.organisation_type,
                "kbo": each.kbo,
                "ovo": each.ovo,
                "nis": each.nis,
                "ended": each.end_reason,
                "id": str(each.id),
            }
            for each in db.session.scalars(query)
        ]
    print_rows(rows, as_json=as_json, nothing="No organisations.")

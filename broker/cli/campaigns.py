"""`poortwachter campaigns`: who still needs a right, asked of every administrator once a year (recertification)."""

from datetime import datetime

import click
from sqlalchemy import ColumnElement

from broker import clock
from broker.access.campaign import RecertificationCampaign
from broker.access.campaign_progress import campaign_progress, rounds
from broker.access.open_campaign import organisations_to_confirm, period_of
from broker.access.reciprocal_rights import month_of, reciprocal_rights
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db
from broker.errors import NotFoundError
from broker.installation import Installation
from broker.standing_jobs import close_due_campaigns, open_campaigns
from broker.text import Text


@click.group()
def campaigns() -> None:
    """Recertification: administrators confirm the rights of their organisation."""


@campaigns.command("open")
@click.argument("application")
@click.option("--period", metavar="YEAR", help="The period that is confirmed; this year by default.")
@click.option("--dry-run", is_flag=True, help="Say at how many organisations; change nothing.")
def open_command(application: str, period: str | None, dry_run: bool) -> None:
    """Open a campaign at every organisation with a right in APPLICATION, and tell its administrators.

    The worker does this by itself in the month that the policy names. Organisations that had theirs in this period are passed
    over, so that a run that was cut off is simply run again.
    """
    with running_broker() as installation:
        _require_policy(installation, application)
        chosen = period or period_of(clock.now())
        if dry_run:
            found = organisations_to_confirm(db.session(), application, chosen)
            click.echo(f"Would be opened at {len(found)} organisations.")
            return
        organisations, rights = open_campaigns(application, chosen)
    click.echo(f"Opened at {organisations} organisations, with {rights} rights to confirm.")


@campaigns.command("close")
def close_command() -> None:
    """Close every campaign whose day is over: what nobody confirmed ends or is kept, as the policy said.

    The worker does this by itself. Safe to stop and to run again.
    """
    with running_broker():
        closed = close_due_campaigns()
    click.echo(f"Closed: {closed}.")


@campaigns.command("progress")
@click.option("--application", metavar="CODE", help="Only this application, an organisation a line.")
@click.option("--period", metavar="YEAR", help="Only this period.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def progress_command(application: str | None, period: str | None, as_json: bool) -> None:
    """Say how far the organisations are: a line for each round, or with --application for each organisation."""
    with running_broker():
        conditions: list[ColumnElement[bool]] = []
        if period:
            conditions.append(RecertificationCampaign.period == period)
        if application:
            rows = _organisations([*conditions, RecertificationCampaign.application_code == application])
        else:
            rows = [
                {
                    "application": each.application_code,
                    "period": each.period,
                    "organisations": each.organisations,
                    "complete": each.complete,
                    "rights": each.rights,
                    "left": each.left,
                    "not_confirmed": each.by_policy,
                    "last_day": clock.last_day(each.due_at).isoformat(),
                    "closed": each.closed,
                }
                for each in rounds(db.session(), *conditions)
            ]
    print_rows(rows, as_json=as_json, nothing="No campaigns.")


@campaigns.command("reciprocal")
@click.option("--month", metavar="YYYY-MM", help="Which month; the one before this by default.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reciprocal_command(month: str | None, as_json: bool) -> None:
    """List who gave each other a right within a year, the last of the two in this month.

    The worker tells officers and owners of it by itself, once a month.
    """
    with running_broker():
        since, until = _month(month)
        rows = [
            {
                "given_at": each.last.given_at.date().isoformat(),
                "to": each.last.person_name,
                "right": each.last.right_code,
                "organisation": each.last.organisation_name,
                "before": each.before.given_at.date().isoformat(),
                "back_to": each.before.person_name,
                "its_right": each.before.right_code,
                "its_organisation": each.before.organisation_name,
            }
            for each in reciprocal_rights(db.session(), since, until)
        ]
    print_rows(rows, as_json=as_json, nothing="Nobody.")


def _month(written: str | None) -> tuple[datetime, datetime]:
    if written is None:
        return month_of(clock.now(), back=1)
    try:
        first = datetime.strptime(written, "%Y-%m").replace(day=2, tzinfo=clock.BRUSSELS)
    except ValueError as error:
        raise click.BadParameter("write it as 2026-11", param_hint="--month") from error
    return month_of(first)


def _organisations(conditions: list[ColumnElement[bool]]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    after = None
    while True:
        page = campaign_progress(db.session(), conditions, after=after)
        rows += [
            {
                "organisation": line.organisation_code,
                "name": line.organisation_name,
                "period": line.period,
                "rights": line.rights,
                "kept": line.kept,
                "ended": line.ended,
                "not_confirmed": line.by_policy,
                "left": line.left,
                "last_day": clock.last_day(line.due_at).isoformat(),
                "closed": line.closed_at is not None,
            }
            for line in page.lines
        ]
        after = page.next_key
        if after is None:
            return rows


def _require_policy(installation: Installation, code: str) -> None:
    application = installation.catalogue.applications.get(code)
    if application is None or application.recertification is None:
        raise NotFoundError(
            "no_recertification",
            Text(
                "Er is geen toepassing met deze code en met ‘recertification’ in haar policy.",
                "There is no application with this code and with `recertification` in its policy.",
            ),
        )

"""`poortwachter retention`: erase what names somebody when its time has come, or say what would go."""

import click

from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db
from broker.retention.run_retention import RuleReport, count_due, run_retention


@click.group()
def retention() -> None:
    """Erase personal data whose purpose has ended (policies/retention.yaml)."""


@retention.command("run")
@click.option("--dry-run", is_flag=True, help="Only count.")
@click.option("--force", is_flag=True, help="Also when more than a tenth of a table would go.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def run_command(dry_run: bool, force: bool, as_json: bool) -> None:
    """Apply every rule; each is audited with its count. Safe to stop and to run again: once a day is right."""
    with running_broker() as installation:
        reports = count_due(db.session(), installation) if dry_run else list(run_retention(installation, force=force))
    done = "would_be_erased" if dry_run else "erased"
    print_rows([_row(each, done) for each in reports], as_json=as_json, nothing="No rules.")


def _row(report: RuleReport, done: str) -> dict[str, object]:
    return {
        "rule": report.rule,
        "older_than": report.before.date().isoformat(),
        done: report.due,
        "of": report.whole,
    }

"""`poortwachter outbox`: deliver what waits, see what could not be delivered, and let it try again."""

import signal
import threading
import uuid

import click

from broker import audit
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.notifications.list_messages import list_messages
from broker.notifications.outbox_message import STATUSES
from broker.notifications.requeue_message import requeue_message
from broker.notifications.worker import Worker

CHANNELS = ("mail", "logout", "event", "change")


@click.group()
def outbox() -> None:
    """The messages that leave the broker."""


@outbox.command("deliver")
@click.option("--once", is_flag=True, help="Deliver what is due now, and end.")
def deliver_command(once: bool) -> None:
    """Deliver messages, seal the audit and do the housekeeping, until SIGTERM or Ctrl-C.

    Any number of these may run. What could not be delivered is tried again for 24 hours; `outbox list --status dead`
    shows what was given up.
    """
    stopping = threading.Event()
    with running_broker() as installation, audit.acting(audit.Acting()):
        worker = Worker(installation)
        if once:
            delivery = worker.work_once()
            click.echo(
                f"{delivery.sent} sent, {delivery.postponed} to be tried again, {delivery.dead} given up,"
                f" {delivery.dropped} no longer wanted."
            )
            return
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        worker.run(stopping.wait)


@outbox.command("list")
@click.option("--status", type=click.Choice(STATUSES), help="Only these; dead ones were given up and wait for you.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Only mails, logout tokens, events, or changes of rights.")
@click.option("--limit", type=click.IntRange(1, 1000), default=50, show_default=True, help="The newest so many.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(status: str | None, channel: str | None, limit: int, as_json: bool) -> None:
    """List messages, newest first. Neither their words nor whom they are about are shown; the lane names the application."""
    with running_broker():
        rows = [
            {
                "id": str(message.id),
                "status": message.status,
                "lane": message.lane,
                "template": message.template,
                "created_at": message.created_at.isoformat(timespec="seconds"),
                "attempts": message.attempts,
                "last_error": message.last_error,
                "subject_id": str(message.subject_id) if message.subject_id else None,
            }
            for message in list_messages(db.session(), status=status, channel=channel, limit=limit)
        ]
    print_rows(rows, as_json=as_json, nothing="No messages.")


@outbox.command("requeue")
@click.argument("message", type=click.UUID, metavar="ID")
def requeue_command(message: uuid.UUID) -> None:
    """Let the dead message ID try again, with all its attempts before it."""
    with running_broker():
        perform(requeue_message, message)
    click.echo(f"{message} will be tried again.")

"""`poortwachter events`: the event streams of applications."""

import click

from broker.authentication.verify_stream import verify_stream
from broker.cli.printing import print_rows
from broker.cli.running import running_broker
from broker.database import perform


@click.group()
def events() -> None:
    """The security events that applications asked for."""


@events.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """List the clients that are told of something: by logout tokens, or by events."""
    with running_broker() as installation:
        rows = [
            {
                "client": each.client_id,
                "logout": each.backchannel_logout_uri or None,
                "events": each.events.endpoint if each.events else None,
                "requested": ", ".join(each.events.requested) if each.events else None,
            }
            for each in installation.catalogue.clients.values()
            if each.backchannel_logout_uri or each.events
        ]
    print_rows(rows, as_json=as_json, nothing="No client asked to be told.")


@events.command("verify")
@click.argument("client")
def verify_command(client: str) -> None:
    """Send a verification event to CLIENT, to see that its receiver takes events (SSF 1.0).

    The worker sends it; `outbox list --channel event` shows how it went.
    """
    with running_broker() as installation:
        message = perform(verify_stream, installation, client)
    click.echo(f"{message} will be sent.")

"""`poortwachter demo`: fill a development database with the demo world."""

import click

from broker.access.apply_catalogue import apply_catalogue
from broker.cli.demo_world.seed import seed_demo_world
from broker.cli.failures import CommandError
from broker.cli.running import running_broker
from broker.database import perform


@click.command()
def demo() -> None:
    """Make the demo world: municipalities with fictitious numbers, and the people of the story.

    Development only. Run again it changes nothing.
    """
    with running_broker() as installation:
        if not installation.settings.development:
            raise CommandError("The demo world is for development only: BROKER_ENV is not development.")
        made = perform(seed_demo_world, installation)
        perform(apply_catalogue, installation, only_if_rows_agree=True)
    click.echo(
        f"Added to the demo world: organisations {made.organisations}, people {made.people},"
        f" mandates {made.mandates}, rights {made.rights}."
    )

"""The `poortwachter` command: what an operator does. A door: each command is one operation and its answer in text or
JSON.

Exit status 0 when all was done, 1 when it could not be (one line on stderr says why), 2 when the command was written
wrongly. Nothing ever asks a question at a prompt. The operator is known by the name of the operating-system user,
which stands in the audit (threats AP7). Does not own any rule: the operations refuse what a page would refuse.
"""

import click

from broker.cli.affiliations import affiliations
from broker.cli.audit import audit
from broker.cli.campaigns import campaigns
from broker.cli.catalogue import catalogue
from broker.cli.clients import clients
from broker.cli.database import database
from broker.cli.demo import demo
from broker.cli.events import events
from broker.cli.failures import Commands
from broker.cli.keys import keys
from broker.cli.labels import labels
from broker.cli.mandates import mandates
from broker.cli.organisations import organisations
from broker.cli.outbox import outbox
from broker.cli.people import people
from broker.cli.retention import retention
from broker.cli.sessions import sessions
from broker.cli.settings import settings

__all__ = ["main"]


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
def main() -> None:
    """Poortwachter: who may use which application, for which organisation.

    The settings come from the environment; `poortwachter settings` explains each of them.
    """


for command in (
    affiliations,
    audit,
    campaigns,
    catalogue,
    clients,
    database,
    demo,
    events,
    keys,
    labels,
    mandates,
    organisations,
    outbox,
    people,
    retention,
    sessions,
    settings,
):
    main.add_command(command)

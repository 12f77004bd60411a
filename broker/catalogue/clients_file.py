"""Reads a file of policies/clients/: more OpenID clients for an application that has its own file.

Lets an installation keep its addresses and secrets in its own folder while the application stays as it is.
"""

from broker.catalogue.client_block import APPLICATION, client_of
from broker.catalogue.formats import code
from broker.catalogue.found import Entries, Found, list_of
from broker.catalogue.model import Client


def read_clients(found: Found) -> tuple[Client, ...]:
    """The clients in this file, each knowing its application."""
    entries = Entries(found)
    application = entries.required("application", code(40))
    if entries.sound("application"):
        found.reading.refer(APPLICATION, application, entries.at("application"))
    clients = entries.required("clients", list_of(client_of(application or ""), most=50))
    entries.close()
    return clients

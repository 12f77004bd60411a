"""Reads policies/retention.yaml: how long what names somebody is kept. The floors stand here, not in a file (threat RE2)."""

from broker.catalogue.formats import whole
from broker.catalogue.found import Entries, Found

LONGEST_DAYS = 3650

# Rule → the fewest days that a policy may say: a slip of the pen may not erase what is still in use.
FLOORS = {
    "refused_requests": 14,
    "approved_requests": 90,
    "never_linked": 30,
    "ended_sessions": 7,
    "sent_messages": 7,
    "source_addresses": 30,
    "uploads": 1,
    "ended_jobs": 30,
    "people_without_ties": 180,
}


def read_retention(found: Found) -> dict[str, int]:
    """Days by rule; every rule is there."""
    entries = Entries(found)
    days = {rule: entries.required(rule, whole(floor, LONGEST_DAYS)) for rule, floor in FLOORS.items()}
    entries.close()
    return days

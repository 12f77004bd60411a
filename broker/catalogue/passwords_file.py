"""Reads policies/passwords.yaml: what a password of our own must be, and how many messages by SMS may leave. The floors stand
here, not in a file."""

from broker.catalogue.formats import truth, whole
from broker.catalogue.found import Entries, Found
from broker.catalogue.model import PasswordPolicy

LEAST_SIGNS, MOST_SIGNS = 10, 64
LEAST_STRENGTH, MOST_STRENGTH = 1, 4


def read_passwords(found: Found) -> PasswordPolicy:
    """The rules; whatever is left out is as in `PasswordPolicy`."""
    usual = PasswordPolicy()
    entries = Entries(found)
    policy = PasswordPolicy(
        least=entries.optional("least", whole(LEAST_SIGNS, MOST_SIGNS), usual.least),
        digit=entries.optional("digit", truth, usual.digit),
        capital=entries.optional("capital", truth, usual.capital),
        small=entries.optional("small", truth, usual.small),
        strength=entries.optional("strength", whole(LEAST_STRENGTH, MOST_STRENGTH), usual.strength),
        history=entries.optional("history", whole(1, 20), usual.history),
        sms_a_day=entries.optional("sms_a_day", whole(10, 1_000_000), usual.sms_a_day),
        sms_a_prefix_an_hour=entries.optional("sms_a_prefix_an_hour", whole(5, 100_000), usual.sms_a_prefix_an_hour),
    )
    entries.close()
    return policy

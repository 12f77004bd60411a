"""Reads policies/passwords.yaml: what a password of our own must be, and how many messages by SMS may leave. The floors stand
here, not in a file."""

from broker.catalogue.formats import line, truth, whole
from broker.catalogue.found import Entries, Found, list_of
from broker.catalogue.model import PasswordPolicy

LEAST_SIGNS, MOST_SIGNS = 10, 64
MOST_WORDS = 500
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
        known_words=entries.optional("known_words", list_of(line(40), most=MOST_WORDS), usual.known_words),
    )
    entries.close()
    return policy

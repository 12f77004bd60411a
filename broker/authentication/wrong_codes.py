"""wrong_codes: how many wrong codes were typed for an account in a day, whichever code it was (threats PW4). Owns that count."""

from datetime import datetime, timedelta

from broker import clock
from broker.people.local_account import LocalAccount

WRONG_A_DAY = 10
_DAY = timedelta(days=1)


def wrong_today(account: LocalAccount) -> int:
    """How many since the first of this day."""
    since = account.wrong_codes_since
    return account.wrong_codes if since is not None and clock.now() < since + _DAY else 0


def count_wrong(account: LocalAccount) -> int:
    """One more; how many that makes today. The caller holds the account."""
    wrong = wrong_today(account) + 1
    if wrong == 1:
        account.wrong_codes_since = clock.now()
    account.wrong_codes = wrong
    return wrong


def codes_again_at(account: LocalAccount) -> datetime | None:
    """When a code is looked at again, where there were too many wrong ones today; else None."""
    if wrong_today(account) < WRONG_A_DAY or account.wrong_codes_since is None:
        return None
    return account.wrong_codes_since + _DAY

"""Reads the `local_account` block of an application: how it lets people in with a user name and password of our own.

Does not own what a password must be (`passwords_file`), nor the levels of what follows it (`local_levels`).
"""

from broker.catalogue.formats import address, both_languages, code, line, whole
from broker.catalogue.found import Entries, Found, list_of
from broker.catalogue.local_levels import HIGHEST_LOCAL_LEVEL, PASSWORD_ALONE
from broker.catalogue.model import LOCAL_ACCOUNT, Application, LocalAccountPolicy, Terms

_LONGEST_REMEMBERED = 30


def read_local_account(found: Found) -> LocalAccountPolicy:
    """The box, its documents, and for how long a device may be remembered."""
    entries = Entries(found)
    policy = LocalAccountPolicy(
        statement=entries.required("statement", both_languages(200)),
        terms=entries.required("terms", list_of(_terms, least=1, most=5)),
        remember_days=entries.optional("remember_days", whole(0, _LONGEST_REMEMBERED), 7),
    )
    if entries.sound("terms") and len({each.code for each in policy.terms}) < len(policy.terms):
        entries.mistake("terms", "one code twice", "a code of its own for each document")
    entries.close()
    return policy


def _terms(found: Found) -> Terms:
    entries = Entries(found)
    own_code = entries.required("code", code(40))
    version = entries.required("version", line(20))
    title = entries.required("title", both_languages(120))
    text = entries.optional("text", list_of(both_languages(2000), least=1, most=50), ())
    page = entries.optional("page", address, "")
    if entries.sound("text", "page") and bool(text) == bool(page):
        entries.mistake("text", "both text and page" if text else "neither text nor page", "one of text and page")
    entries.close()
    return Terms(own_code, version, title, text, page)


def local_account_fits(entries: Entries, application: Application) -> None:
    """The block stands beside `local_account` among the ways to sign in, and reaches what the application asks."""
    policy = application.local_account
    if (policy is not None) != (LOCAL_ACCOUNT in application.sign_in):
        where, found = ("sign_in", "nothing") if policy else (LOCAL_ACCOUNT, "nothing")
        entries.mistake(where, found, f"the block {LOCAL_ACCOUNT} and {LOCAL_ACCOUNT} in sign_in, both or neither")
        return
    if policy is None:
        return
    if application.minimum_level > HIGHEST_LOCAL_LEVEL:
        entries.mistake(
            "minimum_level",
            f"{application.minimum_level} beside {LOCAL_ACCOUNT}, which reaches {HIGHEST_LOCAL_LEVEL}",
            f"at most {HIGHEST_LOCAL_LEVEL}, or no {LOCAL_ACCOUNT}",
        )
    elif policy.remember_days and application.minimum_level > PASSWORD_ALONE[1]:
        entries.mistake(
            "minimum_level",
            f"{application.minimum_level} beside remembered devices, which ask for the password alone",
            f"at most {PASSWORD_ALONE[1]}, or {LOCAL_ACCOUNT}.remember_days: 0",
        )

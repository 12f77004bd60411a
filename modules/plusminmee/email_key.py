"""When two e-mail addresses are the same, and what an address may look like.

Owns: that comparison and check. Does not own who proved an address: the broker does.
"""

from email_validator import EmailNotValidError, validate_email

from look.language import gettext as _


class EmailError(ValueError):
    """No address that mail can be sent to; the message is a sentence for who typed it."""


def read_email(typed: str) -> str:
    """The address as it is written to.

    Raises:
        EmailError: not an address.
    """
    try:
        return validate_email(typed.strip(), check_deliverability=False, test_environment=True).normalized
    except EmailNotValidError as error:
        raise EmailError(_("Vul een volledig e-mailadres in, zoals naam@gemeente.nl.")) from error


def key_of_email(address: str) -> str:
    """The address as it is compared: without regard to capitals, and the domain as the DNS has it (straße.be is not strasse.be)."""
    try:
        read = validate_email(address.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError:
        return address.strip().lower()
    return f"{read.local_part}@{read.ascii_domain}".lower()

"""write_mail: the EmailMessage of one outbox message, at delivery.

Owns the headers, and how a template's words become a `look.mail.Mail`, which writes text and HTML from the same words. Does not own
the words (`templates/mail/`), nor the form (`look.mail`).
"""

from collections.abc import Callable
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from broker.installation import Installation
from broker.notifications.mail_words import mail_words
from broker.notifications.outbox_message import OutboxMessage
from look.language import use_language
from look.mail import Mail
from look.templating import equip

_TEMPLATES = Path(__file__).parent / "templates"
_SIGNS = {"done": "✓", "wait": "…", "ask": "?", "over": "×", "note": "i"}


def write_mail(installation: Installation, message: OutboxMessage) -> EmailMessage:
    """The whole mail; the same message gives the same Message-ID and Date each time.

    Raises:
        LookupError: the policies no longer know what the mail is about.
        jinja2.TemplateError: the template cannot be filled.
    """
    settings = installation.settings
    host = urlsplit(settings.issuer).hostname or "localhost"
    with use_language(message.language):
        words = mail_words(installation, message)
        written = _fill(message.template, words)
        text, html = written.text(), written.html()
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = f"<{message.id}@{host}>"
    mail["Date"] = format_datetime(message.created_at)
    mail["From"] = Address("Poortwachter", addr_spec=settings.mail_from)
    mail["To"] = message.recipient
    mail["Subject"] = written.headline
    if words["application"]:
        mail["Reply-To"] = words["application"]["email"]
    mail["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers
    mail["Content-Language"] = message.language
    mail.set_content(text, cte="quoted-printable")
    mail.add_alternative(html, subtype="html", cte="quoted-printable")
    return mail


class _Parts:
    """What a template calls, as `part`, to add to its mail; nothing is written in the place of the call."""

    def __init__(self, mail: Mail) -> None:
        self._mail = mail
        self.button_word: tuple[str, str] | None = None

    def paragraph(self, caller: Callable[[], str]) -> str:
        self._mail.paragraphs.append(_one_line(caller()))
        return ""

    def quote(self, words: str) -> str:
        """What somebody wrote: its lines are kept, nothing in it becomes a link."""
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        self._mail.paragraphs.append("“" + "\n".join(lines) + "”")
        return ""

    def fact(self, name: str, value: object) -> str:
        if value:
            self._mail.facts.append((name, str(value)))
        return ""

    def button(self, word: str, address: str) -> str:
        self.button_word = (word, address)
        return ""

    def after(self, caller: Callable[[], str]) -> str:
        self._mail.after.append(_one_line(caller()))
        return ""


def _fill(name: str, words: dict[str, Any]) -> Mail:
    template = _environment().get_template(f"mail/{name}.txt")

    def block(block_name: str) -> str:
        return _one_line("".join(template.blocks[block_name](template.new_context(words))))

    collected = Mail(headline=block("subject"))
    parts = _Parts(collected)
    template.render(words, part=parts)
    _environment().get_template("mail/help.txt").render(words, part=parts)
    return Mail(
        headline=collected.headline,
        given_name=words.get("given_name") or "",
        paragraphs=collected.paragraphs,
        facts=collected.facts,
        button=parts.button_word,
        after=collected.after,
        why=block("why"),
        sign=_SIGNS[block("mark")],
    )


def _one_line(words: str) -> str:
    return " ".join(words.split())


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=False,  # noqa: S701 - these are words; look.mail escapes them where it writes HTML
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    equip(environment)
    return environment

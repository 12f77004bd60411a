"""The channel of messages by SMS: what they say, and which way they leave. create_app registers it.

Words hold the code and the name of the tool, nothing about a person (seed-sentences M18). A code that ran out is not
delivered; nor a message whose hand-over was cut short, which may have arrived: the person asks for another (lifecycles §11).
"""

from datetime import datetime

from broker import clock
from broker.installation import Installation
from broker.notifications.channels import HandOver, Patience
from broker.notifications.inbox_post import InboxPost
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.put_sms import NUMBER_CHANGES
from broker.notifications.twilio_post import TwilioPost
from broker.text import Text

# A code lives five minutes and somebody waits for it.
SMS_PATIENCE = Patience(first=2.0, attempts=8)

WORDS = Text(
    "{code} is uw code voor {name}. Ze werkt 5 minuten. Geef ze aan niemand door.",
    "{code} is your code for {name}. It works for 5 minutes. Do not pass it on.",
)


NUMBER_CHANGES_WORDS = Text(
    "Een beheerder vroeg een ander mobiel nummer voor uw account bij {name}. Over 24 uur komen codes daar aan."
    " Was dit niet met u afgesproken? Houd het tegen met de link in uw mail.",
    "An administrator asked for another mobile number for your account at {name}. In 24 hours codes go there."
    " Was this not agreed with you? Stop it by the link in your mail.",
)


def prepare_sms(installation: Installation, message: OutboxMessage) -> HandOver | None:
    """See `channels.Prepare`."""
    number = message.recipient
    if number is None:
        raise LookupError(message.channel)
    if message.handing_over_at is not None:
        return None
    words = _notice(installation, message) if message.template == NUMBER_CHANGES else _code(installation, message)
    if words is None:
        return None
    settings = installation.settings
    if settings.twilio_account_sid is None and settings.inbox_dir is not None:
        inbox = InboxPost(settings.inbox_dir)
        return lambda: inbox.send_sms(str(message.id), number, words, message.created_at)
    post = TwilioPost(settings)
    return lambda: post.send_sms(number, words)


def _code(installation: Installation, message: OutboxMessage) -> str | None:
    """The words with the code; None where it ran out."""
    facts, code = message.facts or {}, message.link
    if code is None:
        raise LookupError(message.channel)
    if clock.now() >= datetime.fromisoformat(facts["expires_at"]):
        return None
    digits = installation.keys.sms_code(code["id"], code["nonce"])
    return WORDS.with_facts(code=digits, name=_name(installation, message)).in_language(message.language)


def _notice(installation: Installation, message: OutboxMessage) -> str:
    return NUMBER_CHANGES_WORDS.with_facts(name=_name(installation, message)).in_language(message.language)


def _name(installation: Installation, message: OutboxMessage) -> str:
    application = installation.catalogue.applications.get((message.facts or {}).get("application_code") or "")
    return application.short_name.in_language(message.language) if application else "Poortwachter"

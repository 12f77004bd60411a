"""The channel of messages by SMS: what they say, and which way they leave. create_app registers it.

Words hold the code and the name of the tool, nothing about a person (seed-sentences M18). A code that ran out is not
delivered; nor one whose hand-over was cut short, which may have arrived: the person asks for another (lifecycles §11).
"""

from datetime import datetime

from broker import clock
from broker.installation import Installation
from broker.notifications.channels import HandOver, Patience
from broker.notifications.inbox_post import InboxPost
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.twilio_post import TwilioPost
from broker.text import Text

# A code lives five minutes and somebody waits for it.
SMS_PATIENCE = Patience(first=2.0, attempts=8)

WORDS = Text(
    "{code} is uw code voor {name}. Ze werkt 5 minuten. Geef ze aan niemand door.",
    "{code} is your code for {name}. It works for 5 minutes. Do not pass it on.",
)


def prepare_sms(installation: Installation, message: OutboxMessage) -> HandOver | None:
    """See `channels.Prepare`."""
    facts, code, number = message.facts or {}, message.link, message.recipient
    if code is None or number is None:
        raise LookupError(message.channel)
    if message.handing_over_at is not None or clock.now() >= datetime.fromisoformat(facts["expires_at"]):
        return None
    application = installation.catalogue.applications.get(facts.get("application_code") or "")
    name = application.short_name.in_language(message.language) if application else "Poortwachter"
    digits = installation.keys.sms_code(code["id"], code["nonce"])
    words = WORDS.with_facts(code=digits, name=name).in_language(message.language)
    settings = installation.settings
    if settings.twilio_account_sid is None and settings.inbox_dir is not None:
        inbox = InboxPost(settings.inbox_dir)
        return lambda: inbox.send_sms(str(message.id), number, words, message.created_at)
    post = TwilioPost(settings)
    return lambda: post.send_sms(number, words)

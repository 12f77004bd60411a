"""Messages that leave the broker: the outbox and its channels, mail and SMS, and the words of every mail.

Owns: OutboxMessage, delivery with retry, the lanes, the mail templates. An operation only calls `put_mail`, `put_sms_code`,
`put_sms_notice`, `put_for_client` or `put_change` in its own transaction; nothing leaves the process there (lifecycles §11, §13).
"""

from broker.notifications.housekeeping import register_housekeeping
from broker.notifications.mail_facts import both
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.preconditions import register_precondition
from broker.notifications.put_message import put_mail
from broker.notifications.put_sms import put_sms_code, put_sms_notice

__all__ = [
    "OutboxMessage",
    "both",
    "put_mail",
    "put_sms_code",
    "put_sms_notice",
    "register_housekeeping",
    "register_precondition",
]

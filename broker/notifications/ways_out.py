"""open_post: the way out that the settings choose."""

from broker.notifications.inbox_post import InboxPost
from broker.notifications.post import Post
from broker.notifications.smtp_post import SmtpPost
from broker.settings import Settings


def open_post(settings: Settings) -> Post:
    """The local inbox where there is one (development only), else SMTP.

    `Settings` has seen to it that there is one of the two.
    """
    if settings.inbox_dir is not None:
        return InboxPost(settings.inbox_dir)
    assert settings.smtp_url is not None
    return SmtpPost(settings.smtp_url, settings.mail_from)

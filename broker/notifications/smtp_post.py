"""SmtpPost: mail over SMTP, with TLS and time limits. One dialogue serves many mails."""

import smtplib
import ssl
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from broker.notifications.post import NotNowError, RefusedError

TIMEOUT_SECONDS = 15.0
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class SmtpPost:
    """The server of BROKER_SMTP_URL: smtps:// speaks TLS at once, smtp:// demands STARTTLS except to this very machine."""

    def __init__(self, url: str, sender: str) -> None:
        parts = urlsplit(url)
        self._implicit_tls = parts.scheme == "smtps"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (465 if self._implicit_tls else 587)
        self._user = unquote(parts.username or "")
        self._password = unquote(parts.password or "")
        self._sender = sender
        self._dialogue: smtplib.SMTP | None = None

    def send_mail(self, mail: EmailMessage, recipient: str) -> None:
        """See `Post.send_mail`. An error that SMTP calls permanent for the recipient or the content is a refusal."""
        dialogue = self._open_dialogue()
        try:
            dialogue.send_message(mail, from_addr=self._sender, to_addrs=[recipient])
        except smtplib.SMTPRecipientsRefused as error:
            code = next(iter(error.recipients.values()))[0]
            if code >= 500:
                raise RefusedError(f"{code} recipient refused") from error
            raise NotNowError(f"{code} recipient not now") from error
        except smtplib.SMTPSenderRefused as error:
            # Our own sender address: a matter of settings, put right by the operator, after which all of it can go.
            self._abandon()
            raise NotNowError(f"{error.smtp_code} sender refused", unreachable=True) from error
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= 500:
                raise RefusedError(f"{error.smtp_code} content refused") from error
            raise NotNowError(f"{error.smtp_code} content not now") from error
        except smtplib.SMTPNotSupportedError as error:
            raise RefusedError("address needs SMTPUTF8") from error
        except (smtplib.SMTPException, OSError) as error:
            self._abandon()
            raise NotNowError(f"connection lost ({type(error).__name__})", outcome_known=False) from error

    def close(self) -> None:
        """Say goodbye to the server."""
        if self._dialogue is not None:
            try:
                self._dialogue.quit()
            except (smtplib.SMTPException, OSError):
                self._dialogue.close()
            self._dialogue = None

    def _open_dialogue(self) -> smtplib.SMTP:
        if self._dialogue is not None:
            try:
                if self._dialogue.noop()[0] == 250:
                    return self._dialogue
            except (smtplib.SMTPException, OSError):
                pass
            self._abandon()
        try:
            self._dialogue = self._greet()
        except smtplib.SMTPAuthenticationError as error:
            raise NotNowError(f"{error.smtp_code} sign-in refused", unreachable=True) from error
        except (smtplib.SMTPException, OSError) as error:
            raise NotNowError(f"server unreachable ({type(error).__name__})", unreachable=True) from error
        return self._dialogue

    def _greet(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        dialogue: smtplib.SMTP
        if self._implicit_tls:
            dialogue = smtplib.SMTP_SSL(self._host, self._port, timeout=TIMEOUT_SECONDS, context=context)
        else:
            dialogue = smtplib.SMTP(self._host, self._port, timeout=TIMEOUT_SECONDS)
        try:
            dialogue.ehlo_or_helo_if_needed()
            if not self._implicit_tls and (dialogue.has_extn("starttls") or self._host not in _LOOPBACK):
                dialogue.starttls(context=context)
                dialogue.ehlo()
            if self._user:
                dialogue.login(self._user, self._password)
        except BaseException:
            dialogue.close()
            raise
        return dialogue

    def _abandon(self) -> None:
        if self._dialogue is not None:
            self._dialogue.close()
            self._dialogue = None

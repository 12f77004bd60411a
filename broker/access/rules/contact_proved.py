"""contact_proved: an application of local accounts gives nothing before e-mail and mobile number are proved (issue 5)."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, REFUSED, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class ContactProved:
    """Says nothing of applications of digital keys: there a right waits for the first sign-in (`identity_checked`)."""

    name: str = "contact_proved"

    def check(self, case: Case) -> Finding | None:
        if not case.demands_local_account:
            return None
        given = case.given_name
        if not case.typed:
            return Finding(
                self.name,
                IN_ORDER,
                Text("E-mail en mobiel nummer zijn bewezen", "Email and mobile number are proved"),
                Text(
                    f"{given} gebruikte de link in de mail en de code uit de sms.",
                    f"{given} used the link in the mail and the code from the text message.",
                ),
            )
        return Finding(
            self.name,
            REFUSED,
            Text("E-mail en mobiel nummer zijn nog niet bewezen", "Email and mobile number are not proved yet"),
            Text(
                f"Eerst gebruikt {given} de link in de mail, kiest een wachtwoord en vult de code uit de sms in."
                " U krijgt dan een mail.",
                f"First {given} uses the link in the mail, chooses a password and fills in the code from the text message."
                " You then receive a mail.",
            ),
        )


CONTACT_PROVED = ContactProved()

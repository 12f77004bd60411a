"""identity_checked: says whether a digital key vouched for the applicant, or nobody did yet (threats SR5, ID7)."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, NOTE, REFUSED, WARNING, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class IdentityChecked:
    """Verified with a digital key, or typed or entered: then nothing starts until that person signs in. Never without a number."""

    name: str = "identity_checked"

    def check(self, case: Case) -> Finding | None:
        given = case.given_name
        if case.demands_local_account:
            return None  # `contact_proved` speaks
        if not case.typed:
            return Finding(
                self.name,
                IN_ORDER,
                Text("De identiteit is gecontroleerd", "The identity was checked"),
                Text(f"{given} meldde zich aan met een digitale sleutel.", f"{given} signed in with a digital key."),
            )
        if case.direct:
            return Finding(
                self.name,
                NOTE,
                Text(f"Het recht wacht op de aanmelding van {given}", f"The right waits for {given} to sign in"),
                Text(
                    f"Het begint vanzelf als {given} aanmeldt met een digitale sleutel en de naam klopt.",
                    f"It starts by itself when {given} signs in with a digital key and the name is right.",
                ),
            )
        if not case.applicant.number_hashes and not case.applicant.person_ids:
            return Finding(
                self.name,
                REFUSED,
                Text("Het rijksregisternummer is nog niet bekend", "The national register number is not known yet"),
                Text(
                    f"Zonder dat kan het recht aan niemand gekoppeld worden. Vraag het aan {given} met een beveiligde link.",
                    f"Without it the right cannot be tied to anybody. Ask {given} for it with a secure link.",
                ),
            )
        return Finding(
            self.name,
            WARNING,
            Text("Naam en nummer zijn getypt, niet gecontroleerd", "Name and number were typed, not checked"),
            Text(
                f"Kent u {given}, en klopt het e-mailadres? Het recht begint pas als iemand met dit nummer aanmeldt"
                " met een digitale sleutel.",
                f"Do you know {given}, and is the email address right? The right only starts once somebody with this"
                " number signs in with a digital key.",
            ),
        )


IDENTITY_CHECKED = IdentityChecked()

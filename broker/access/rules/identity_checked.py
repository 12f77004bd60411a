"""identity_checked: says whether a digital key vouched for the applicant, or nobody did yet (threats SR5, ID7)."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, WARNING, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class IdentityChecked:
    """Verified with a digital key, or typed: then nothing starts until that person signs in."""

    name: str = "identity_checked"

    def check(self, case: Case) -> Finding | None:
        given = case.given_name
        if not case.typed:
            return Finding(
                self.name,
                IN_ORDER,
                Text("De identiteit is gecontroleerd", "The identity was checked"),
                Text(f"{given} meldde zich aan met een digitale sleutel.", f"{given} signed in with a digital key."),
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

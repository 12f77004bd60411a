"""label_needed: says whether the organisation needs a label for this application, and whether it has it. Never refuses."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, NOTE, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class LabelNeeded:
    """Brusselse gemeenten and economische actoren need "Cultuurmonitor Afnemer" (seed 002); the officer approves it."""

    name: str = "label_needed"

    def check(self, case: Case) -> Finding | None:
        if case.application is None or case.affiliation_alone:
            return None
        organisation, name = case.organisation.name, case.application.called
        if not case.label_needed or case.label_name is None:
            return Finding(
                self.name,
                IN_ORDER,
                Text("Geen label nodig", "No label needed"),
                Text(
                    f"{organisation} mag {name.nl} gebruiken zonder label.",
                    f"{organisation} may use {name.en} without a label.",
                ),
            )
        label = case.label_name
        if case.label_state == "counts":
            return Finding(
                self.name,
                IN_ORDER,
                Text(f"Label ‘{label.nl}’ is er", f"Label ‘{label.en}’ is there"),
                Text(f"{organisation} heeft dit label.", f"{organisation} has this label."),
            )
        begin = case.once_given
        if case.label_state == "asked":
            why = Text(
                f"Dat label is al gevraagd. {begin.nl} begint het recht vanzelf zodra het label er is.",
                f"That label was asked for already. {begin.en} it starts by itself once the label is there.",
            )
        else:
            why = Text(
                f"{begin.nl} vragen wij dat label aan de doelgroepverantwoordelijke. Het recht begint vanzelf"
                " zodra het label er is.",
                f"{begin.en} we ask the officer of the target group for it. The right starts by itself once it is there.",
            )
        return Finding(
            self.name, NOTE, Text(f"Label ‘{label.nl}’ is nog nodig", f"Label ‘{label.en}’ is still needed"), why
        )


LABEL_NEEDED = LabelNeeded()

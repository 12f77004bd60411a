"""one_role: "een gebruiker kan slechts één gebruikersrol hebben" (seed 002). The partial unique index holds it as well."""

from dataclasses import dataclass

from broker.access.rules.case import IN_ORDER, NOTE, REFUSED, WARNING, Case, Finding
from broker.text import Text


@dataclass(frozen=True)
class OneRole:
    """One role per person (or per person and organisation) in an application whose policy says so."""

    name: str = "one_role"

    def check(self, case: Case) -> Finding | None:
        if case.application is None or case.application.one_role_per is None or case.same_grant() is not None:
            return None
        statement = Text("Eén rol per persoon", "One role per person")
        name, given = case.application.called, case.given_name
        replaced = next((grant for grant in case.open_grants if grant.id == case.replaces_grant_id), None)
        taken = case.role_taken_by()
        if taken is None and case.replaces_grant_id is not None and replaced is None:
            return Finding(
                self.name,
                NOTE,
                statement,
                Text(
                    f"{given} vroeg om van rol te wisselen. De oude rol is intussen al gestopt.",
                    f"{given} asked for a change of role. The old role has ended in the meantime.",
                ),
            )
        if taken is None and replaced is not None:
            old = case.right_name(replaced.right_code)
            return Finding(
                self.name,
                WARNING,
                Text("Dit is een wissel van rol", "This is a change of role"),
                Text(
                    f"{case.once_given.nl} stopt {old.nl} op hetzelfde moment als de nieuwe rol begint.",
                    f"{case.once_given.en} {old.en} ends at the very moment the new role begins.",
                ),
            )
        if taken is None:
            return Finding(
                self.name,
                IN_ORDER,
                statement,
                Text(f"{given} heeft nog geen rol in {name.nl}.", f"{given} has no role in {name.en} yet."),
            )
        if taken.organisation_id == case.organisation.id:
            old = case.right_name(taken.right_code)
            why = Text(
                f"{given} is al {old.nl}. Iemand kan maar één rol hebben.",
                f"{given} is already {old.en}. A person can have one role only.",
            )
        else:
            # Not where: an administrator may not learn for whom else somebody works (threats DG4).
            why = Text(
                f"{given} heeft elders al een rol in {name.nl}. Iemand kan maar één rol hebben.",
                f"{given} has a role in {name.en} elsewhere. A person can have one role only.",
            )
        return Finding(self.name, REFUSED, statement, why)


ONE_ROLE = OneRole()

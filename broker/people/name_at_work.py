"""name_at_work: by which name an organisation knows somebody who works for it (threats DG2, DG6).

Whoever was added by number keeps the name that the administrator typed, until the person signs in with a digital key and the two
agree: else a typed number would show how its owner is called. Owns that choice, for one person and in a query. Does not own when
the typed name is confirmed (`confirm_name_at_work`).
"""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, SQLColumnExpression, func, or_

from broker.people.affiliation import Affiliation
from broker.people.person import Person


@dataclass(frozen=True, slots=True)
class NameAtWork:
    """A name as this organisation may see it."""

    given_name: str
    family_name: str

    @property
    def full_name(self) -> str:
        """Given name and family name, as people write it; of an erased person three dots."""
        return f"{self.given_name} {self.family_name}".strip() or "…"


def name_at_work(person: Person, affiliation: Affiliation | None) -> NameAtWork:
    """The name typed for this job while it is unconfirmed, else the person's own, as without a job."""
    if affiliation is not None and affiliation.name_unconfirmed:
        return NameAtWork(affiliation.entered_given_name or "", affiliation.entered_family_name or "")
    return NameAtWork(person.given_name, person.family_name)


def given_name_at_work() -> ColumnElement[str]:
    """The same in a query over Person and Affiliation."""
    return func.coalesce(Affiliation.entered_given_name, Person.given_name)


def family_name_at_work() -> ColumnElement[str]:
    """The same in a query over Person and Affiliation."""
    return func.coalesce(Affiliation.entered_family_name, Person.family_name)


def full_name_at_work() -> ColumnElement[str]:
    """The same in a query over Person and Affiliation."""
    return given_name_at_work() + " " + family_name_at_work()


def in_name_at_work(
    searched: str, *also: SQLColumnExpression[str] | SQLColumnExpression[str | None]
) -> ColumnElement[bool]:
    """A condition: `searched`, casefolded, stands in the name at work or in one of the columns `also`."""
    places = (full_name_at_work(), *also)
    return or_(*(func.lower(place).contains(searched, autoescape=True) for place in places))

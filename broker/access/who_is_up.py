"""who_is_up: who must act next, by function and organisation, never by name (seed-sentences, LOOK 3). Pure."""

from broker.access.task import FOR_REQUEST, Task
from broker.catalogue import Catalogue
from broker.people.organisation import Organisation
from broker.text import Text

OPERATOR = Text("de helpdesk van Poortwachter", "the helpdesk of Poortwachter")


def who_is_up(
    catalogue: Catalogue, task: Task, organisation: Organisation | None, *, in_place: bool, nobody: bool = False
) -> Text:
    """ "een lokale beheerder van Gemeente Genk", "de doelgroepverantwoordelijke voor Brusselse gemeenten"."""
    if nobody:
        return OPERATOR
    if task.kind == FOR_REQUEST and not in_place and organisation is not None:
        return Text(f"een lokale beheerder van {organisation.name}", f"a local administrator of {organisation.name}")
    return officer_of(catalogue, task.target_group, task.organisation_type)


def officer_of(catalogue: Catalogue, target_group: str, organisation_type: str) -> Text:
    """The officer (doelgroepverantwoordelijke) of one kind of organisation, in words."""
    kind = catalogue.organisation_type(target_group, organisation_type)
    plural = kind.plural if kind else Text(organisation_type, organisation_type)
    return Text(f"de doelgroepverantwoordelijke voor {plural.nl}", f"the target group officer for {plural.en}")

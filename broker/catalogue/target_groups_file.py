"""Reads policies/target_groups.yaml: the target groups and the kinds of organisation in each."""

from collections.abc import Callable

from broker.catalogue.formats import both_languages, code, truth
from broker.catalogue.found import Entries, Found, map_of
from broker.catalogue.model import OrganisationType, TargetGroup

TARGET_GROUP = "a target group"


def type_of(target_group: str) -> str:
    """What the names of the organisation types of one target group are registered as."""
    return f"an organisation type of {target_group}"


def read_target_groups(found: Found) -> dict[str, TargetGroup]:
    """Every target group, in the order of the file."""
    entries = Entries(found)
    groups = entries.required("target_groups", map_of(code(10), _target_group))
    entries.close()
    return groups


def _target_group(name: str, found: Found) -> TargetGroup:
    found.reading.define(TARGET_GROUP, name, found)
    entries = Entries(found)
    title = entries.required("name", both_languages(80))
    types = entries.optional("organisation_types", map_of(code(40), _reader_of_types(name)), {})
    entries.close()
    return TargetGroup(code=name, name=title, types=types)


def _reader_of_types(target_group: str) -> Callable[[str, Found], OrganisationType]:
    def read(name: str, found: Found) -> OrganisationType:
        found.reading.define(type_of(target_group), name, found)
        entries = Entries(found)
        kind = OrganisationType(
            code=name,
            name=entries.required("name", both_languages(80)),
            plural=entries.required("plural", both_languages(80)),
            hint=entries.required("hint", both_languages()),
            unlisted=entries.optional("unlisted", truth, False),
        )
        entries.close()
        return kind

    return read

"""The self-registration link: what its parameters mean, and what is wrong with them (domain-facts §2.3, issue 2 item 3).

dg (target group) · ec (entitlement code) or an (application) · ctx (context) · oc (organisation code). Reads; stores nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.catalogue import Application, Catalogue, EntitlementCode, Right
from broker.errors import InvalidError, NotFoundError
from broker.people.find_organisations import organisation_by_code
from broker.people.organisation import Organisation
from broker.text import Text


@dataclass(frozen=True, slots=True)
class RegistrationLink:
    """A link that leads to a form. `organisation` is set where the link names it."""

    code: EntitlementCode
    application: Application
    right: Right
    organisation: Organisation | None


def _unknown(code: str, text: Text, application_code: str | None = None) -> NotFoundError:
    return NotFoundError(code, text, application_code=application_code)


def _bad(code: str, text: Text, application_code: str | None = None) -> InvalidError:
    return InvalidError(code, text, malformed=True, application_code=application_code)


def application_of_link(catalogue: Catalogue, query: Mapping[str, str]) -> Application | None:
    """The application of a link with `an` in place of `ec`: the applicant picks the right; None for a link with `ec`.

    Raises:
        InvalidError: no target group, or neither or both of ec and an.
        NotFoundError: an unknown target group or application.
    """
    group, code, name = query.get("dg", ""), query.get("ec", ""), query.get("an", "")
    if not group:
        raise _bad("target_group_missing", TARGET_GROUP_MISSING)
    if group not in catalogue.target_groups:
        raise _unknown("target_group_unknown", TARGET_GROUP_UNKNOWN.with_facts(given=_shown(group)))
    if bool(code) == bool(name):
        raise _bad("one_of_ec_and_an", ONE_OF_EC_AND_AN)
    if code:
        return None
    application = next(
        (
            each
            for each in catalogue.applications.values()
            if name.casefold() in (each.code.casefold(), each.technical_name.casefold())
        ),
        None,
    )
    if application is None:
        raise _unknown("application_unknown", APPLICATION_UNKNOWN.with_facts(given=_shown(name)))
    return application


def read_link(session: Session, catalogue: Catalogue, query: Mapping[str, str]) -> RegistrationLink:
    """The form that a link with `ec` leads to.

    Raises:
        InvalidError: the parameters contradict each other (400).
        NotFoundError: the entitlement code, context or organisation does not exist (404).
    """
    code = catalogue.entitlement_codes.get(query.get("ec", ""))
    if code is None:
        raise _unknown("entitlement_unknown", ENTITLEMENT_UNKNOWN.with_facts(given=_shown(query.get("ec", ""))))
    application = catalogue.applications[code.application_code]
    if query.get("dg") != code.target_group:
        raise _bad(
            "target_group_contradicts",
            TARGET_GROUP_CONTRADICTS.with_facts(given=_shown(query.get("dg", "")), right=code.target_group),
            application.code,
        )
    context = query.get("ctx", "")
    if context and context != code.context_code:
        raise _unknown("context_unknown", CONTEXT_UNKNOWN.with_facts(given=_shown(context)), application.code)
    return RegistrationLink(
        code, application, application.rights[code.right_code], _organisation(session, code, query.get("oc", ""))
    )


def _organisation(session: Session, code: EntitlementCode, given: str) -> Organisation | None:
    if not given:
        return None
    organisation = organisation_by_code(session, given[:20])
    if organisation is None:
        raise _unknown(
            "organisation_unknown", ORGANISATION_UNKNOWN.with_facts(given=_shown(given)), code.application_code
        )
    if (organisation.target_group, organisation.organisation_type) != (code.target_group, code.organisation_type):
        raise _bad(
            "organisation_contradicts",
            ORGANISATION_CONTRADICTS.with_facts(name=organisation.name),
            code.application_code,
        )
    return organisation


def _shown(given: str) -> str:
    """What a link said, short enough and without braces, to be repeated on a page."""
    return given[:80].replace("{", "(").replace("}", ")")


TARGET_GROUP_MISSING = Text("In deze link ontbreekt de doelgroep (dg).", "This link lacks the target group (dg).")
TARGET_GROUP_UNKNOWN = Text(
    "De doelgroep ‘{given}’ in deze link bestaat niet.", "The target group ‘{given}’ in this link does not exist."
)
ONE_OF_EC_AND_AN = Text(
    "Een link noemt één recht (ec) of één toepassing (an), niet allebei en niet geen van beide.",
    "A link names one right (ec) or one application (an), not both and not neither.",
)
APPLICATION_UNKNOWN = Text(
    "De toepassing ‘{given}’ in deze link bestaat niet.", "The application ‘{given}’ in this link does not exist."
)
ENTITLEMENT_UNKNOWN = Text(
    "Het recht ‘{given}’ in deze link bestaat niet.", "The right ‘{given}’ in this link does not exist."
)
TARGET_GROUP_CONTRADICTS = Text(
    "Deze link spreekt zichzelf tegen: het recht is voor doelgroep {right}, maar er staat doelgroep ‘{given}’.",
    "This link contradicts itself: the right is for target group {right}, but it says target group ‘{given}’.",
)
CONTEXT_UNKNOWN = Text(
    "Het onderdeel ‘{given}’ in deze link hoort niet bij dit recht.",
    "The module ‘{given}’ in this link does not belong to this right.",
)
ORGANISATION_UNKNOWN = Text(
    "De organisatie met code ‘{given}’ kennen wij niet.", "We do not know an organisation with code ‘{given}’."
)
ORGANISATION_CONTRADICTS = Text(
    "Deze link is niet voor {name}: dat is een ander soort organisatie.",
    "This link is not for {name}: that is another kind of organisation.",
)

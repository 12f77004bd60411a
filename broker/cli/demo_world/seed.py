"""seed_demo_world: put the demo world into the database; again, it changes nothing.

People who work somewhere or decide something are `matched`, as if they had signed in before: their digital key is
found by number at the first real sign-in. The rest are unknown until then. The mails of their appointments do not
leave, so that the inbox of the try-out begins empty.
"""

import uuid
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml
from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from broker import audit, clock
from broker.access.explain_request import months_later
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.access.label import Label
from broker.cli.demo_world.organisations import demo_organisation_file, demo_organisations
from broker.errors import DomainError
from broker.installation import Installation
from broker.notifications import OutboxMessage
from broker.people.add_affiliation import JobContact, add_affiliation
from broker.people.add_person import NewPerson, add_person
from broker.people.appoint_mandate import Appointment, appoint_mandate
from broker.people.find_person import find_person_by_number
from broker.people.import_organisations import import_organisations
from broker.people.mandate import HELPDESK_SCOPE, Mandate, application_scope, officer_scope, organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text

_EVIDENCE = "Demo world."


@dataclass(slots=True)
class Made:
    """How much was added."""

    organisations: int = 0
    people: int = 0
    mandates: int = 0
    rights: int = 0


def demo_people() -> list[dict[str, Any]]:
    """What people.yaml says."""
    written = yaml.safe_load((files("broker.cli.demo_world") / "people.yaml").read_text(encoding="utf-8"))
    people: list[dict[str, Any]] = written["people"]
    return people


def seed_demo_world(session: Session, installation: Installation) -> Made:
    """Add whatever of the demo world is not there yet, in one transaction.

    Raises:
        DomainError: not in development; or the policies no longer know what the demo world is made of.
    """
    if not installation.settings.development:
        raise DomainError("development_only", Text("Dit is voor ontwikkeling.", "This is for development only."))
    return _Seeding(session, installation).everything()


class _Seeding:
    def __init__(self, session: Session, installation: Installation) -> None:
        self.session = session
        self.installation = installation
        self.made = Made()
        self.people: dict[str, uuid.UUID] = {}
        self.organisations: dict[str, Organisation] = {}

    def everything(self) -> Made:
        self._organisations()
        known = [person for person in demo_people() if "works_for" in person or "mandates" in person]
        for written in known:
            self.people[written["user"]] = self._person(written).id
        for written in known:
            for mandate in written.get("mandates", []):
                self._mandate(self.people[written["user"]], mandate)
            for right in written.get("rights", []):
                self._right(self.people[written["user"]], right)
        for name in demo_organisations()["label_approved"]:
            self._label(self.organisations[name])
        return self.made

    def _organisations(self) -> None:
        file = demo_organisation_file(self.installation.catalogue)
        result = import_organisations(self.session, self.installation, None, file)
        if result.errors:
            raise DomainError("demo_world", Text(str(result.errors[0]), str(result.errors[0])))
        self.made.organisations = result.new
        codes = [row.code for row in file.rows]
        found = select(Organisation).where(Organisation.code.in_(codes), Organisation.ended_at.is_(None))
        self.organisations = {each.name: each for each in self.session.scalars(found)}

    def _person(self, written: dict[str, Any]) -> Person:
        number = written["national_number"]
        person = find_person_by_number(self.session, self.installation.keys, number)
        if person is None:
            new = NewPerson(
                given_name=written["given_name"],
                family_name=written["family_name"],
                number=number,
                email=written["email"],
                email_source="proved",
            )
            person = add_person(self.session, self.installation, None, new)
            person.state, person.name_source, person.number_sealed = "matched", "verified", None
            self.made.people += 1
        contact = JobContact(email=written["email"], email_source="proved")
        for name in written.get("works_for", []):
            organisation = self.organisations[name]
            add_affiliation(self.session, self.installation, None, person.id, organisation.id, contact)
        return person

    def _mandate(self, person_id: uuid.UUID, written: dict[str, Any]) -> None:
        organisation = self.organisations[written["organisation"]] if "organisation" in written else None
        scope = _scope(written, organisation)
        held = select(Mandate.id).where(
            Mandate.person_id == person_id, Mandate.kind == written["kind"], Mandate.scope_key == scope
        )
        if self.session.scalar(held) is not None:
            return
        appointment = Appointment(
            person_id=person_id,
            kind=written["kind"],
            organisation_id=organisation.id if organisation else None,
            target_group=written.get("target_group"),
            organisation_type=written.get("type"),
            application_code=written.get("application"),
            evidence=_EVIDENCE,
        )
        actor = self.people[written["by"]] if "by" in written else None
        mandate = appoint_mandate(self.session, self.installation, actor, appointment)
        self.session.execute(delete(OutboxMessage).where(OutboxMessage.subject_id == mandate.id))
        self.made.mandates += 1

    def _right(self, person_id: uuid.UUID, written: dict[str, Any]) -> None:
        code = self.installation.catalogue.entitlement_codes[written["code"]]
        application = self.installation.catalogue.applications[code.application_code]
        organisation = self.organisations[written["organisation"]]
        held = select(Grant.id).where(
            Grant.person_id == person_id,
            Grant.application_code == application.code,
        )
        if self.session.scalar(held) is not None:
            return
        affiliation = add_affiliation(self.session, self.installation, None, person_id, organisation.id)
        now = clock.now()
        grant = Grant(
            id=uuid.uuid4(),
            person_id=person_id,
            organisation_id=organisation.id,
            affiliation_id=affiliation.id,
            application_code=application.code,
            right_code=code.right_code,
            context_code=code.context_code,
            role_key=role_key(application, person_id, organisation.id),
            given_by=self.people[written["by"]],
            given_at=now,
            valid_from=now,
            valid_until=clock.end_of_day(months_later(clock.local_date(now), application.grant_months)),
        )
        self.session.add(grant)
        self.session.flush()
        audit.record(
            self.session,
            "access:grant:give",
            subject_id=grant.id,
            organisation_id=organisation.id,
            details={"right": grant.right_code, "context": grant.context_code},
        )
        self.made.rights += 1

    def _label(self, organisation: Organisation) -> None:
        """The label of every application that asks one of organisations of this kind, approved by their officer."""
        kind = (organisation.target_group, organisation.organisation_type)
        officer = self.session.scalars(
            select(Mandate.person_id).where(Mandate.scope_key == officer_scope(*kind)).limit(1)
        ).one()
        for application in self.installation.catalogue.applications.values():
            policy = application.label_needed(*kind)
            if policy is None or self.session.scalar(
                select(Label.id).where(Label.organisation_id == organisation.id, Label.label_code == policy.code)
            ):
                continue
            now = clock.now()
            label = Label(
                id=uuid.uuid4(),
                organisation_id=organisation.id,
                application_code=application.code,
                label_code=policy.code,
                target_group=organisation.target_group,
                organisation_type=organisation.organisation_type,
                asked_at=now,
                approved_at=now,
                approved_by=officer,
            )
            self.session.add(label)
            audit.record(
                self.session,
                "access:label:approve",
                subject_id=label.id,
                organisation_id=organisation.id,
                details={"label": policy.code},
            )


def _scope(written: dict[str, Any], organisation: Organisation | None) -> str:
    """The scope of a mandate, as its row has it."""
    if organisation is not None:
        return organisation_scope(organisation.id)
    if "application" in written:
        return application_scope(written["application"])
    if "target_group" in written:
        return officer_scope(written["target_group"], written["type"])
    return HELPDESK_SCOPE

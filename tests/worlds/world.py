"""Builds worlds by intent: `world.administrator_of(genk)` makes whatever it needs. Writes rows directly where an operation would be
only a detour, and uses the operations where their effects (tasks, mails) are what the test is about."""

import uuid
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from flask import Flask
from sqlalchemy import select

from broker import clock
from broker.access.access_request import AccessRequest
from broker.access.confirm_request_email import confirm_request_email
from broker.access.give_grant import role_key
from broker.access.grant import Grant
from broker.access.label import Label
from broker.access.submit_request import ProposedOrganisation, Submission, submit_request
from broker.access.task import Task
from broker.authentication.browser_session import BrowserSession, new_token, token_hash
from broker.authentication.session import cookie_name
from broker.database import changing_session, db, perform
from broker.installation import Installation, installation
from broker.people.affiliation import Affiliation
from broker.people.deputy import Deputy
from broker.people.identifiers import folded
from broker.people.mandate import (
    HEAD_LOCAL_ADMIN,
    LOCAL_ADMIN,
    TARGET_GROUP_OFFICER,
    Mandate,
    officer_scope,
    organisation_scope,
)
from broker.people.one_time_link import CONFIRM_EMAIL, TRACKING, open_link
from broker.people.organisation import Organisation
from broker.people.person import Person
from tests.worlds.client import Client

TARGET_GROUP_OF = {
    "gemeente": "LB",
    "brusselse_gemeente": "EA",
    "economische_actor": "EA",
    "agb": "LB",
}
LB_ENTERER = "CJM_Cultuurmonitor_LB_CompEnt_Invoerder"
LB_READER = "CJM_Cultuurmonitor_LB_CompEnt_Raadpleger"


class World:
    """Rows in the database of one test. Every method commits; what it returns is read-only and stays usable."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._serial = 0

    @property
    def installation(self) -> Installation:
        """Settings, catalogue and keys of the app under test."""
        return installation()

    def _next(self) -> int:
        self._serial += 1
        return self._serial

    def _keep(self, *rows: Any) -> None:
        with changing_session() as session, session.begin():
            session.add_all(rows)
        db.session.rollback()

    # People and organisations

    def number(self) -> str:
        """A rijksregisternummer that nobody has: the counter 998 is never issued, the check digits fit."""
        serial = self._next()
        first = f"{50 + serial % 49:02d}{1 + serial // 49 % 12:02d}{1 + serial // 588 % 28:02d}998"
        return f"{first}{97 - int(first) % 97:02d}"

    def kbo(self) -> str:
        """A KBO number that nobody has, with check digits that fit."""
        first = f"09{self._next():06d}"
        return f"{first}{97 - int(first) % 97:02d}"

    def organisation(self, name: str = "Genk", kind: str = "gemeente", **columns: Any) -> Organisation:
        """An organisation of `kind` (gemeente, brusselse_gemeente, economische_actor, agb…)."""
        kbo = columns.pop("kbo", None) or self.kbo()
        organisation = Organisation(
            **{
                "id": uuid.uuid4(),
                "code": kbo,
                "kbo": kbo,
                "target_group": columns.pop("target_group", None) or TARGET_GROUP_OF[kind],
                "organisation_type": kind,
                "name": name,
                "search_text": folded(f"{name} {kbo}"),
                "created_at": clock.now(),
            }
            | columns
        )
        self._keep(organisation)
        return organisation

    def person(
        self,
        name: str = "Nele Vercauteren",
        *,
        number: str | None = None,
        email: str | None = "",
        works_for: Organisation | None = None,
        state: str = "matched",
        **columns: Any,
    ) -> Person:
        """Somebody known: signed in before with a digital key (state "matched"), with a proved e-mail unless `email=None`.

        `number` is the rijksregisternummer; one is made up where none is given.
        """
        given, _, family = name.partition(" ")
        if email == "":
            email = f"{folded(name).replace(' ', '.')}.{self._next()}@voorbeeld.test"
        version, digest = self.installation.keys.lookup_hash(number or self.number())
        person = Person(
            **{
                "id": uuid.uuid4(),
                "given_name": given,
                "family_name": family,
                "name_source": "verified" if state == "matched" else "entered",
                "number_hash": digest,
                "number_hash_version": version,
                "email": email,
                "email_source": "proved" if email else None,
                "language": "nl",
                "state": state,
                "created_at": clock.now(),
            }
            | columns
        )
        self._keep(person)
        if works_for is not None:
            self.affiliation(person, works_for)
        return person

    def affiliation(self, person: Person, organisation: Organisation, **columns: Any) -> Affiliation:
        """`person` works for `organisation`; the existing werkrelatie where there is one."""
        found = db.session.scalar(
            select(Affiliation).where(
                Affiliation.person_id == person.id,
                Affiliation.organisation_id == organisation.id,
                Affiliation.ended_at.is_(None),
            )
        )
        if found is not None:
            db.session.expunge(found)
            db.session.rollback()
            return found
        affiliation = Affiliation(
            **{
                "id": uuid.uuid4(),
                "person_id": person.id,
                "organisation_id": organisation.id,
                "email": person.email,
                "email_source": person.email_source,
                "valid_from": clock.now(),
            }
            | columns
        )
        self._keep(affiliation)
        return affiliation

    # Mandates

    def administrator_of(
        self, organisation: Organisation, name: str = "Ilse Maes", *, head: bool = False, person: Person | None = None
    ) -> Person:
        """A local administrator of `organisation` (the head one with `head=True`), who works there."""
        person = person or self.person(name)
        self.affiliation(person, organisation)
        self._keep(
            Mandate(
                person_id=person.id,
                kind=HEAD_LOCAL_ADMIN if head else LOCAL_ADMIN,
                scope_key=organisation_scope(organisation.id),
                organisation_id=organisation.id,
                valid_from=clock.now(),
            )
        )
        return person

    def officer_of(
        self, target_group: str, organisation_type: str, name: str = "Lies De Wolf", *, person: Person | None = None
    ) -> Person:
        """An officer (doelgroepverantwoordelijke type organisatie)."""
        person = person or self.person(name)
        self._keep(
            Mandate(
                person_id=person.id,
                kind=TARGET_GROUP_OFFICER,
                scope_key=officer_scope(target_group, organisation_type),
                target_group=target_group,
                organisation_type=organisation_type,
                valid_from=clock.now(),
            )
        )
        return person

    def deputy_of(
        self, holder: Person, organisation: Organisation, name: str = "Eva Janssens", *, person: Person | None = None
    ) -> Person:
        """Somebody who works there and stands in for `holder`, an administrator of `organisation`, for a month from now."""
        person = person or self.person(name)
        self.affiliation(person, organisation)
        mandate_id = db.session.scalar(
            select(Mandate.id).where(
                Mandate.person_id == holder.id,
                Mandate.organisation_id == organisation.id,
                Mandate.ended_at.is_(None),
            )
        )
        db.session.rollback()
        assert mandate_id is not None, f"{holder.full_name} is no administrator there"
        now = clock.now()
        self._keep(
            Deputy(
                mandate_id=mandate_id,
                holder_person_id=holder.id,
                deputy_person_id=person.id,
                valid_from=now,
                valid_until=now + timedelta(days=30),
            )
        )
        return person

    # Rights

    def grant(
        self,
        person: Person,
        organisation: Organisation,
        right: str | None = None,
        *,
        entitlement: str | None = None,
        valid_until: datetime | None = None,
        **columns: Any,
    ) -> Grant:
        """`person` has a right at `organisation` for a year: the first entitlement code that fits, or `right`, or `entitlement`."""
        catalogue = self.installation.catalogue
        code = next(
            each
            for each in catalogue.entitlement_codes.values()
            if (each.target_group, each.organisation_type)
            == (organisation.target_group, organisation.organisation_type)
            and right in (None, each.right_code)
            and entitlement in (None, each.code)
        )
        application = catalogue.applications[code.application_code]
        label = application.label_needed(organisation.target_group, organisation.organisation_type)
        now = clock.now()
        grant = Grant(
            **{
                "id": uuid.uuid4(),
                "person_id": person.id,
                "organisation_id": organisation.id,
                "affiliation_id": self.affiliation(person, organisation).id,
                "application_code": code.application_code,
                "right_code": code.right_code,
                "context_code": code.context_code,
                "role_key": role_key(application, person.id, organisation.id),
                "label_code": label.code if label else None,
                "given_at": now,
                "valid_from": now,
                "valid_until": valid_until or now + timedelta(days=365),
            }
            | columns
        )
        self._keep(grant)
        return grant

    def label(self, organisation: Organisation, application: str = "cultuurmonitor", *, approved: bool = True) -> Label:
        """`organisation` has the label that its kind needs for `application` (or only asked for it)."""
        policy = self.installation.catalogue.applications[application].label_needed(
            organisation.target_group, organisation.organisation_type
        )
        assert policy is not None, f"{organisation.organisation_type} needs no label"
        label = Label(
            id=uuid.uuid4(),
            organisation_id=organisation.id,
            application_code=application,
            label_code=policy.code,
            target_group=organisation.target_group,
            organisation_type=organisation.organisation_type,
            asked_at=clock.now(),
            approved_at=clock.now() if approved else None,
            approved_by=self.person("Wie Keurde").id if approved else None,
        )
        self._keep(label)
        return label

    # Requests and tasks

    def entitlement_for(self, organisation: Organisation, right: str | None = None) -> str:
        """The entitlement code for this kind of organisation; the first one, or that of `right`."""
        return next(
            each.code
            for each in self.installation.catalogue.entitlement_codes.values()
            if (each.target_group, each.organisation_type)
            == (organisation.target_group, organisation.organisation_type)
            and right in (None, each.right_code)
        )

    def request(
        self,
        applicant: Person | None = None,
        organisation: Organisation | None = None,
        *,
        entitlement: str | None = None,
        right: str | None = None,
        proposal: ProposedOrganisation | None = None,
        prove: bool = True,
        **submission: Any,
    ) -> AccessRequest:
        """A request by somebody who came with a digital key, open unless `prove=False` leaves the address unproved.

        For a typed identity use `typed_request`.
        """
        if organisation is None and proposal is None:
            organisation = self.organisation()
        person = applicant or self.person()
        values: dict[str, Any] = {
            "person_id": person.id,
            "given_name": person.given_name,
            "family_name": person.family_name,
            "email": person.email or f"aanvrager{self._next()}@voorbeeld.test",
        }
        return self._submit(values | submission, organisation, entitlement, right, proposal, prove)

    def typed_request(
        self,
        organisation: Organisation | None = None,
        *,
        name: str = "Hanne Smet",
        number: str | None = None,
        email: str | None = None,
        entitlement: str | None = None,
        right: str | None = None,
        proposal: ProposedOrganisation | None = None,
        prove: bool = True,
        with_number: bool = True,
        **submission: Any,
    ) -> AccessRequest:
        """A request with a typed name and number (or the name alone); `prove=False` leaves it unproved."""
        given, _, family = name.partition(" ")
        if organisation is None and proposal is None:
            organisation = self.organisation()
        values: dict[str, Any] = {
            "number": (number or self.number()) if with_number else None,
            "given_name": given,
            "family_name": family,
            "email": email or f"aanvrager{self._next()}@voorbeeld.test",
        }
        return self._submit(values | submission, organisation, entitlement, right, proposal, prove)

    def _submit(
        self,
        values: dict[str, Any],
        organisation: Organisation | None,
        entitlement: str | None,
        right: str | None,
        proposal: ProposedOrganisation | None,
        prove: bool,
    ) -> AccessRequest:
        if entitlement is None:
            assert organisation is not None, "a proposal needs an entitlement code"
            entitlement = self.entitlement_for(organisation, right)
        submitted = perform(
            submit_request,
            self.installation,
            Submission(
                **{
                    "submission_id": uuid.uuid4(),
                    "entitlement_code": entitlement,
                    "organisation_id": organisation.id if organisation else None,
                    "proposal": proposal,
                    "answers": {},
                }
                | values
            ),
        )
        if submitted.to_prove and prove:
            perform(confirm_request_email, self.installation, self.link_token(submitted.request_id))
        return self.fresh(AccessRequest, submitted.request_id)

    def link_token(self, request_id: uuid.UUID, kind: str = CONFIRM_EMAIL) -> str:
        """The token in the mailed address of a request's open link."""
        link = open_link(db.session(), kind, request_id)
        assert link is not None, f"no open {kind} link"
        token = self.installation.keys.link_token(link.kind, str(link.id), link.nonce)
        db.session.rollback()
        return token

    def tracking_token(self, request: AccessRequest) -> str:
        """The token in the tracking link of `request`."""
        return self.link_token(request.id, TRACKING)

    def task(self, request: AccessRequest | None = None, **about: Any) -> Task:
        """The open task of `request` (one is made where none is given), or of `label_id=…`."""
        if request is None and not about:
            organisation = self.organisation()
            self.administrator_of(organisation)
            request = self.request(organisation=organisation)
        where = {"request_id": request.id} if request is not None else about
        found = db.session.scalar(select(Task).filter_by(**where).where(Task.closed_at.is_(None)))
        assert found is not None, "no open task"
        db.session.expunge(found)
        db.session.rollback()
        return found

    def fresh(self, kind: type[Any], row_id: uuid.UUID) -> Any:
        """The row as it is in the database now, detached."""
        db.session.rollback()
        row = db.session.get(kind, row_id, populate_existing=True)
        assert row is not None, f"no such {kind.__name__}"
        db.session.expunge(row)
        db.session.rollback()
        return row

    # Sign-in

    def sign_in(self, client: Client, person: Person, level: int = 27, **columns: Any) -> BrowserSession:
        """`person` is signed in in `client` with a digital key, at `level`, a moment ago."""
        token = new_token()
        now = clock.now()
        session = BrowserSession(
            **{
                "id": uuid.uuid4(),
                "token_hash": token_hash(token),
                "person_id": person.id,
                "provider_code": "itsme",
                "acr": "urn:be:vlaanderen:authmech:itsme",
                "level": level,
                "amr": ["pop", "sc"],
                "auth_time": now,
                "given_name": person.given_name,
                "family_name": person.family_name,
                "created_at": now,
                "last_seen": now,
            }
            | columns
        )
        self._keep(session)
        client.set_cookie(cookie_name(self.installation.settings), token)
        return session

    def sign_out(self, client: Client) -> None:
        """`client` forgets who it is."""
        client.delete_cookie(cookie_name(self.installation.settings))


def digest(text: str) -> str:
    """SHA-256 in hexadecimal, to compare with what a row keeps."""
    return sha256(text.encode()).hexdigest()

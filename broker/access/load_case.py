"""load_case: gather what the rules look at. Reads only; a constant number of statements, whatever the size of the database."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from broker import clock
from broker.access.access_request import TYPED, AccessRequest
from broker.access.asked_facts import VERIFIED, AskedFacts
from broker.access.grant import Grant
from broker.access.label import Label, label_counts
from broker.access.own_pools import OwnPools, own_pools
from broker.access.rules import Case
from broker.access.rules.case import Somebody
from broker.access.rules.not_for_yourself import same_human
from broker.catalogue import Catalogue
from broker.installation import Installation
from broker.keys import Keys
from broker.people.affiliation import Affiliation
from broker.people.find_person import find_person_by_hashes, find_persons_by_hashes
from broker.people.identifiers import email_for_limits, same_name
from broker.people.mandate import organisation_scope
from broker.people.organisation import Organisation
from broker.people.person import Person
from broker.text import Text


def number_place(request_id: uuid.UUID) -> str:
    """Where a request's sealed number belongs (`Keys.seal`)."""
    return f"access_requests.number:{request_id}"


def number_hashes(keys: Keys, request: AccessRequest) -> dict[str, str]:
    """The look-up hashes of a typed number, by version; empty for somebody who came by digital key."""
    if request.number_sealed is not None:
        return keys.lookup_hashes(keys.unseal(request.number_sealed, number_place(request.id)))
    if request.number_hash is not None and request.number_hash_version is not None:
        return {request.number_hash_version: request.number_hash}
    return {}


def applicant_person(session: Session, keys: Keys, request: AccessRequest) -> Person | None:
    """Who the applicant is, as far as we know: signed in, or the owner of the typed number."""
    if request.person_id is not None:
        person = session.get(Person, request.person_id)
        if person is not None and person.merged_into_id is not None:
            return session.get(Person, person.merged_into_id)
        return person
    hashes = number_hashes(keys, request)
    return find_person_by_hashes(session, hashes) if hashes else None


def somebody(session: Session, person_id: uuid.UUID) -> Somebody:
    """What tells a known person apart, the proved addresses and numbers of the jobs included."""
    return somebodies(session, [person_id])[person_id]


def somebodies(session: Session, person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, Somebody]:
    """`somebody` for each of these; one statement."""
    return {person_id: described(each.person, each.jobs) for person_id, each in at_work(session, person_ids).items()}


@dataclass(frozen=True, slots=True)
class AtWork:
    """Somebody known, with the affiliations that nobody ended."""

    person: Person
    jobs: list[Affiliation]

    def works_for(self, organisation: Organisation) -> bool:
        """Whether one of them is with `organisation`."""
        return any(job.organisation_id == organisation.id for job in self.jobs)


def at_work(session: Session, person_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, AtWork]:
    """Each of these with their jobs; one statement."""
    rows = session.execute(
        select(Person, Affiliation)
        .outerjoin(Affiliation, and_(Affiliation.person_id == Person.id, Affiliation.ended_at.is_(None)))
        .where(Person.id.in_(person_ids))
    )
    found: dict[uuid.UUID, AtWork] = {}
    for person, job in rows:
        jobs = found.setdefault(person.id, AtWork(person, [])).jobs
        if job is not None:
            jobs.append(job)
    return found


def described(person: Person, jobs: Sequence[Affiliation]) -> Somebody:
    """`somebody`, where the person and their living affiliations are at hand already."""
    emails = {person.proved_email, *(job.email for job in jobs if job.email_source == "proved")}
    phones = {person.phone, *(job.phone for job in jobs)}
    return Somebody(
        person_ids=frozenset(each for each in (person.id, person.merged_into_id) if each is not None),
        number_hashes=frozenset([person.number_hash] if person.number_hash is not None else []),
        emails=frozenset(email_for_limits(email) for email in emails if email),
        phones=frozenset(phone for phone in phones if phone),
    )


def acting_somebody(session: Session, actor: uuid.UUID, scope_key: str) -> Somebody:
    """`actor`, together with everybody whose deputy they are within this scope: nobody decides for himself through a deputy
    (threats AP2). Whoever holds a mandate of their own there decides under that, for nobody else.
    """
    holders = _holders(own_pools(session, actor), scope_key)
    return _acting(somebodies(session, {actor, *holders}), actor, holders)


def about_themselves(
    session: Session, actor: uuid.UUID, scope_key: str, person_id: uuid.UUID, pools: OwnPools | None = None
) -> bool:
    """Whether `actor`, acting within this scope, would decide about their own self. `pools` are theirs, where a page has just read
    them."""
    holders = _holders(pools or own_pools(session, actor), scope_key)
    known = somebodies(session, {actor, person_id, *holders})
    return same_human(_acting(known, actor, holders), known[person_id])


def _holders(pools: OwnPools, scope_key: str) -> list[uuid.UUID]:
    return [view.holder.id for view in pools.standing_in(scope_key)]


def _acting(known: Mapping[uuid.UUID, Somebody], actor: uuid.UUID, holders: list[uuid.UUID]) -> Somebody:
    one = known[actor]
    for holder in (known[each] for each in holders):
        one = Somebody(
            one.person_ids | holder.person_ids,
            one.number_hashes | holder.number_hashes,
            one.emails | holder.emails,
            one.phones | holder.phones,
            for_others=True,
        )
    return one


def applicant_somebody(session: Session, keys: Keys, request: AccessRequest, person: Person | None) -> Somebody:
    """What tells the applicant apart: what we know of `person`, and what the request itself says."""
    known = somebody(session, person.id) if person else Somebody()
    return _with_request(known, keys, request)


def _with_request(known: Somebody, keys: Keys, request: AccessRequest) -> Somebody:
    asked_emails = {email_for_limits(request.email)} if request.email_proved_at else set()
    asked_phones = {request.phone} if request.phone else set()
    return Somebody(
        person_ids=known.person_ids,
        number_hashes=known.number_hashes | frozenset(number_hashes(keys, request).values()),
        emails=known.emails | asked_emails,
        phones=known.phones | asked_phones,
    )


def label_of(session: Session, organisation: Organisation, label_code: str) -> Label | None:
    """The living label row of this organisation as what it is now, whether asked or approved."""
    return session.scalar(
        select(Label).where(
            Label.organisation_id == organisation.id,
            Label.label_code == label_code,
            Label.target_group == organisation.target_group,
            Label.organisation_type == organisation.organisation_type,
            Label.ended_at.is_(None),
        )
    )


def open_grants_of(session: Session, person_id: uuid.UUID, application_code: str) -> tuple[Grant, ...]:
    """The grants that nobody ended and that have not run out, at whatever organisation, by id."""
    held = (person_id, application_code)
    return tuple(_open_grants(session, [held]).get(held, ()))


def offered(catalogue: Catalogue, request: AccessRequest) -> bool:
    """The entitlement code still stands for just this right, context and kind of organisation."""
    code = catalogue.entitlement_codes.get(request.entitlement_code)
    return code is not None and (
        (code.application_code, code.right_code, code.context_code, code.target_group, code.organisation_type)
        == (
            request.application_code,
            request.right_code,
            request.context_code,
            request.target_group,
            request.organisation_type,
        )
    )


def _name_fits(request: AccessRequest, person: Person | None) -> bool:
    """A typed name is that of the person of the number, where a digital key has vouched for one."""
    typed = request.identity_source == TYPED and person is not None and person.name_source == "verified"
    return not typed or person is None or same_name(request.full_name, person.full_name)


def _vouched_for(session: Session, requests: Sequence[AccessRequest]) -> set[uuid.UUID]:
    """Those whose number came later, by a link that the applicant answered with a digital key (threats NR2)."""
    without = [each.id for each in requests if each.identity_source == TYPED and each.number_masked is None]
    if not without:
        return set()
    answered = select(AskedFacts.request_id).where(
        AskedFacts.request_id.in_(without), AskedFacts.answer_source == VERIFIED
    )
    return {each for each in session.scalars(answered) if each is not None}


def load_case(
    session: Session,
    installation: Installation,
    request: AccessRequest,
    organisation: Organisation,
    decider_id: uuid.UUID | None = None,
    pools: OwnPools | None = None,
) -> Case:
    """The case of `request` at `organisation` as it stands now; with a decider, for deciding. `pools` are the decider's, where a
    page has just read them."""
    return load_cases(session, installation, [(request, organisation)], decider_id, pools)[0]


def load_cases(
    session: Session,
    installation: Installation,
    asked_at: Sequence[tuple[AccessRequest, Organisation]],
    decider_id: uuid.UUID | None = None,
    pools: OwnPools | None = None,
) -> list[Case]:
    """The case of each request at its organisation, in the same order; as many statements for fifty as for two."""
    catalogue, requests = installation.catalogue, [request for request, _ in asked_at]
    if decider_id is not None:
        pools = pools or own_pools(session, decider_id)
    owners = _owners(session, installation.keys, requests)
    first = {each for each in (decider_id, *owners.values(), *(request.person_id for request in requests)) if each}
    holders = {at.id: _holders(pools, organisation_scope(at.id)) if pools else [] for _, at in asked_at}
    everybody = at_work(session, first.union(*holders.values()))
    merged = {one.person.merged_into_id for one in everybody.values() if one.person.merged_into_id is not None}
    if merged - set(everybody):
        everybody |= at_work(session, merged)
    known = {each: described(one.person, one.jobs) for each, one in everybody.items()}
    vouched_for = _vouched_for(session, requests)
    asked = []
    for request, organisation in asked_at:
        who = request.person_id or owners.get(request.id)
        person = everybody[who].person if who in everybody else None
        if person is not None and person.merged_into_id is not None:
            person = everybody[person.merged_into_id].person
        asked.append(
            Asked(
                person=person,
                applicant=_with_request(known[person.id] if person else Somebody(), installation.keys, request),
                given_name=request.given_name,
                full_name=request.full_name,
                typed=request.identity_source == TYPED and request.id not in vouched_for,
                application_code=request.application_code,
                right_code=request.right_code,
                context_code=request.context_code,
                target_group=request.target_group,
                organisation_type=request.organisation_type,
                offered=offered(catalogue, request),
                replaces_grant_id=request.replaces_grant_id,
                name_fits=_name_fits(request, person),
                free_texts=tuple(str(answer) for answer in request.answers.values() if "\n" not in str(answer)),
                works_here=person is not None and everybody[person.id].works_for(organisation),
            )
        )
    deciders = {
        at.id: _acting(known, decider_id, holders[at.id]) if decider_id is not None else None for _, at in asked_at
    }
    cases = [(each, at, deciders[at.id]) for each, (_, at) in zip(asked, asked_at, strict=True)]
    return gather_cases(session, installation, cases)


def _owners(session: Session, keys: Keys, requests: Sequence[AccessRequest]) -> dict[uuid.UUID, uuid.UUID]:
    """The owner of the typed number of each request that has one, by the request's id."""
    typed = {each.id: hashes for each in requests if each.person_id is None and (hashes := number_hashes(keys, each))}
    if len(typed) == 1:  # one statement less, on the page of every such task
        [(request_id, hashes)] = typed.items()
        owner = find_person_by_hashes(session, hashes)
        return {request_id: owner.id} if owner else {}
    return {request_id: person.id for request_id, person in find_persons_by_hashes(session, typed).items()}


@dataclass(frozen=True, slots=True)
class Asked:
    """What is to be given to whom, however it was asked. `direct`: by an administrator, without a request."""

    person: Person | None
    applicant: Somebody
    given_name: str
    full_name: str
    typed: bool
    application_code: str
    right_code: str
    context_code: str
    target_group: str
    organisation_type: str
    offered: bool
    works_here: bool
    replaces_grant_id: uuid.UUID | None = None
    name_fits: bool = True
    free_texts: tuple[str, ...] = ()
    direct: bool = False
    has_local_account: bool = False


def gather_case(
    session: Session,
    installation: Installation,
    asked: Asked,
    organisation: Organisation,
    decider: Somebody | None,
) -> Case:
    """`asked` at `organisation`, with what the database and the catalogue say of it now. A deputy gives nothing directly, so there
    `decider` is the one who acts alone."""
    return gather_cases(session, installation, [(asked, organisation, decider)])[0]


def gather_cases(
    session: Session, installation: Installation, asked: Sequence[tuple[Asked, Organisation, Somebody | None]]
) -> list[Case]:
    """The same for several; two statements."""
    catalogue = installation.catalogue
    labels = _labels_of(session, catalogue, [(each.application_code, at) for each, at, _ in asked])
    grants = _open_grants(session, {(each.person.id, each.application_code) for each, _, _ in asked if each.person})
    return [
        _case(
            catalogue,
            each,
            organisation,
            decider,
            labels.get((organisation.id, each.application_code)),
            tuple(grants.get((each.person.id, each.application_code), ())) if each.person else (),
        )
        for each, organisation, decider in asked
    ]


def _labels_of(
    session: Session, catalogue: Catalogue, asked: Sequence[tuple[str, Organisation]]
) -> dict[tuple[uuid.UUID, str], Label]:
    """`label_of` the organisation, where its kind needs one for the application; by organisation and application."""
    needed = {
        (at.id, code): (at, policy.code)
        for code, at in asked
        if (application := catalogue.applications.get(code)) is not None
        and (policy := application.label_needed(at.target_group, at.organisation_type)) is not None
    }
    if not needed:
        return {}
    rows = session.scalars(
        select(Label).where(
            Label.organisation_id.in_({at.id for at, _ in needed.values()}),
            Label.label_code.in_({code for _, code in needed.values()}),
            Label.ended_at.is_(None),
        )
    )
    living = {(row.organisation_id, row.label_code, row.target_group, row.organisation_type): row for row in rows}
    found = {
        key: living.get((at.id, code, at.target_group, at.organisation_type)) for key, (at, code) in needed.items()
    }
    return {key: label for key, label in found.items() if label is not None}


def _open_grants(session: Session, held: Collection[tuple[uuid.UUID, str]]) -> dict[tuple[uuid.UUID, str], list[Grant]]:
    """`open_grants_of` each person and application."""
    found: dict[tuple[uuid.UUID, str], list[Grant]] = {}
    if not held:
        return found
    now = clock.now()
    rows = session.scalars(
        select(Grant)
        .where(
            Grant.person_id.in_({person_id for person_id, _ in held}),
            Grant.application_code.in_({code for _, code in held}),
            Grant.ended_at.is_(None),
        )
        .order_by(Grant.id)
    )
    for grant in rows:
        if not grant.run_out(now):
            found.setdefault((grant.person_id, grant.application_code), []).append(grant)
    return found


def _case(
    catalogue: Catalogue,
    asked: Asked,
    organisation: Organisation,
    decider: Somebody | None,
    label: Label | None,
    open_grants: tuple[Grant, ...],
) -> Case:
    application = catalogue.applications.get(asked.application_code)
    policy = (
        application.label_needed(organisation.target_group, organisation.organisation_type) if application else None
    )
    label_state = "none"
    if label is not None:
        label_state = "counts" if label_counts(label, organisation, clock.now()) else "asked"
    kind = catalogue.organisation_type(organisation.target_group, organisation.organisation_type)
    unknown = Text(organisation.organisation_type, organisation.organisation_type)
    return Case(
        applicant=asked.applicant,
        applicant_name=asked.full_name,
        given_name=asked.given_name,
        typed=asked.typed,
        application=application,
        right=application.rights.get(asked.right_code) if application else None,
        right_code=asked.right_code,
        context_code=asked.context_code,
        offered_now=asked.offered,
        asked_target_group=asked.target_group,
        asked_organisation_type=asked.organisation_type,
        organisation=organisation,
        organisation_kind=kind.name if kind else unknown,
        organisation_kind_plural=kind.plural if kind else unknown,
        open_grants=open_grants,
        replaces_grant_id=asked.replaces_grant_id,
        label_needed=policy is not None,
        label_name=policy.name if policy else None,
        label_state=label_state,
        works_here=asked.works_here,
        name_fits=asked.name_fits,
        decider=decider,
        as_deputy=decider is not None and decider.for_others,
        free_texts=asked.free_texts,
        right_names={code: right.name for code, right in application.rights.items()} if application else {},
        direct=asked.direct,
        has_local_account=asked.has_local_account,
    )

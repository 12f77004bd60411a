"""show_campaign: the people of one campaign with their rights, for who confirms them. Reads only.

By name, a page of fifty people at a time, in the same number of statements whatever the size. The key of a page is the id of a
person, as a name has no place in an address.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, func, select, tuple_
from sqlalchemy.orm import Session, aliased

from broker import clock
from broker.access.campaign import CampaignItem, RecertificationCampaign, still_open
from broker.access.campaign_authority import campaign_authority
from broker.access.grant import Grant
from broker.access.list_campaigns import CampaignLine, campaign_lines
from broker.access.live_rights import grant_state, label_join
from broker.access.own_people import own_people
from broker.catalogue import Catalogue
from broker.people.affiliation import Affiliation
from broker.people.name_at_work import NameAtWork, family_name_at_work, given_name_at_work
from broker.people.person import Person

PAGE = 50
GONE = "gone"
ITS_GRANT = Grant.id == CampaignItem.grant_id
_NAME = (family_name_at_work(), given_name_at_work(), CampaignItem.person_id)


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One right to confirm. `outcome` is kept, ended or by_policy, "gone" where the right ended meanwhile, "" while it is open.

    `state` is that of `grant_state`. `decided_by_name` is "" where nobody decided.
    """

    grant_id: uuid.UUID
    right_code: str
    context_code: str
    state: str
    valid_from: datetime
    valid_until: datetime | None
    outcome: str
    decided_by_name: str


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody with their rights in the campaign. `own`: the reader; a colleague confirms those."""

    person_id: uuid.UUID
    name: str
    own: bool
    items: tuple[ItemLine, ...]

    @property
    def left(self) -> int:
        """How many of the rights nobody said anything of."""
        return sum(not item.outcome for item in self.items)


@dataclass(frozen=True, slots=True)
class ToConfirm:
    """Of whom, the first fifty by name; how many people in all, and how many rights. Never the reader's own."""

    names: tuple[str, ...]
    people: int
    rights: int


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """A page of people, the key of the next one (None on the last), and the campaign.

    An officer who steps in sees, and counts, only what no administrator there can confirm.
    """

    campaign: CampaignLine
    people: list[PersonLine]
    next_key: uuid.UUID | None


def show_campaign(
    session: Session,
    catalogue: Catalogue,
    actor: uuid.UUID,
    campaign_id: uuid.UUID,
    *,
    only_open: bool,
    after: uuid.UUID | None = None,
) -> CampaignPage:
    """The page after the person `after`; with `only_open` only people of whom something is left.

    Raises:
        NotFoundError: no such campaign at an organisation of `actor`.
    """
    items = campaign_authority(session, actor, campaign_id).items(campaign_id)
    now = clock.now()
    shown = [*items, still_open(now)] if only_open else items
    people = _page_of_people(session, shown, items, after)
    ids = [person_id for person_id, _ in people[:PAGE]]
    own = own_people(session, actor, select(Person.id).where(Person.id.in_(ids)))
    rights = _rights(session, catalogue, [*items, CampaignItem.person_id.in_(ids)], now)
    (line,) = campaign_lines(session, RecertificationCampaign.id == campaign_id, items=items)
    return CampaignPage(
        campaign=line,
        people=[
            PersonLine(person_id, name.full_name, person_id in own, tuple(rights[person_id]))
            for person_id, name in people[:PAGE]
        ],
        next_key=ids[-1] if len(people) > PAGE else None,
    )


def still_to_confirm(
    session: Session, actor: uuid.UUID, campaign_id: uuid.UUID, people: Sequence[uuid.UUID] | None
) -> ToConfirm:
    """What `actor` could confirm now of `people`, None: of everybody. For the page that asks to be sure.

    Raises:
        NotFoundError: no such campaign at an organisation of `actor`.
    """
    authority = campaign_authority(session, actor, campaign_id)
    items = [*authority.items(campaign_id), still_open(clock.now())]
    if people is not None:
        items.append(CampaignItem.person_id.in_(people))
    of_items = select(CampaignItem.person_id).join(Grant, ITS_GRANT).where(*items)
    own = own_people(session, actor, of_items)
    counted = session.execute(
        select(CampaignItem.person_id, func.count())
        .join(Grant, ITS_GRANT)
        .where(*items, CampaignItem.person_id.not_in(own))
        .group_by(CampaignItem.person_id)
    ).all()
    named = session.execute(_by_name([*items, CampaignItem.person_id.not_in(own)]).limit(PAGE))
    return ToConfirm(
        names=tuple(NameAtWork(given, family).full_name for family, given, _ in named),
        people=len(counted),
        rights=sum(count for _, count in counted),
    )


def _by_name(items: Sequence[ColumnElement[bool]]) -> Select[str, str, uuid.UUID]:
    """Who has one of these items, each once: family name, given name, person; by name."""
    return (
        select(*_NAME)
        .select_from(CampaignItem)
        .join(Grant, ITS_GRANT)
        .join(Affiliation, Affiliation.id == Grant.affiliation_id)
        .join(Person, Person.id == CampaignItem.person_id)
        .where(*items)
        .distinct()
        .order_by(*_NAME)
    )


def _page_of_people(
    session: Session,
    shown: Sequence[ColumnElement[bool]],
    items: Sequence[ColumnElement[bool]],
    after: uuid.UUID | None,
) -> list[tuple[uuid.UUID, NameAtWork]]:
    """One more than a page of them."""
    query = _by_name(shown)
    if after is not None:
        last = session.execute(_by_name([*items, CampaignItem.person_id == after]).limit(1)).one_or_none()
        query = query.where(tuple_(*_NAME) > tuple_(*last)) if last is not None else query
    return [
        (person_id, NameAtWork(given, family)) for family, given, person_id in session.execute(query.limit(PAGE + 1))
    ]


def _rights(
    session: Session, catalogue: Catalogue, items: list[ColumnElement[bool]], now: datetime
) -> dict[uuid.UUID, list[ItemLine]]:
    """The rights to confirm, by person."""
    decider = aliased(Person)
    rows = session.execute(
        label_join(now)
        .add_columns(CampaignItem, decider)
        .join(CampaignItem, ITS_GRANT)
        .outerjoin(decider, decider.id == CampaignItem.decided_by)
        .where(*items)
        .order_by(Grant.valid_from, Grant.id)
    )
    found: dict[uuid.UUID, list[ItemLine]] = defaultdict(list)
    for grant, organisation, affiliation, person, label, item, decided_by in rows:
        over = grant.ended_at is not None or grant.run_out(now)
        found[person.id].append(
            ItemLine(
                grant_id=grant.id,
                right_code=grant.right_code,
                context_code=grant.context_code,
                state=grant_state(grant, organisation, affiliation, person, label, catalogue, now),
                valid_from=grant.valid_from,
                valid_until=grant.valid_until,
                outcome=item.outcome or (GONE if over else ""),
                decided_by_name=decided_by.full_name if decided_by else "",
            )
        )
    return found

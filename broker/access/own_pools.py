"""own_pools: what somebody decides at this moment, by mandates of their own and for others. Reads only, one statement.

A page reads it once, for itself, its menu and whose task it shows; an operation reads it again under its locks. Does not own when a
mandate or a deputyship counts (people/).
"""

import uuid
from dataclasses import dataclass

from sqlalchemy.orm import Session

from broker.people.living_deputies import DeputyView, mandates_and_deputyships
from broker.people.living_mandates import MandateView
from broker.people.mandate import DECIDING_KINDS


@dataclass(frozen=True, slots=True)
class OwnPools:
    """What somebody decides: by mandates of their own, and for whom else. `overseeing`: their mandates that decide nothing."""

    mandates: tuple[MandateView, ...]
    deputies: tuple[DeputyView, ...]
    overseeing: tuple[MandateView, ...] = ()

    @property
    def scopes(self) -> list[str]:
        """The pools whose tasks are theirs to decide, each once."""
        return list(dict.fromkeys([*(m.scope_key for m in self.mandates), *(d.scope_key for d in self.deputies)]))

    @property
    def organisations(self) -> tuple[str, ...]:
        """The names of the organisations in it."""
        own = (m.organisation.name for m in self.mandates if m.organisation is not None)
        return (*own, *(d.organisation.name for d in self.deputies))

    def standing_in(self, pool_key: str) -> tuple[DeputyView, ...]:
        """For whom they decide this pool's tasks; nobody where a mandate of their own is there, which comes first."""
        if any(m.scope_key == pool_key for m in self.mandates):
            return ()
        return tuple(d for d in self.deputies if d.scope_key == pool_key)

    def acts_for(self, person_id: uuid.UUID | None, pool_key: str) -> bool:
        """Whether they decide this pool's tasks only for others, this person among them (threats AP2)."""
        return any(d.holder.id == person_id for d in self.standing_in(pool_key))


def own_pools(session: Session, actor: uuid.UUID) -> OwnPools:
    """What `actor` decides at this moment."""
    held, deputies = mandates_and_deputyships(session, actor)
    return OwnPools(
        tuple(each for each in held if each.kind in DECIDING_KINDS),
        tuple(deputies),
        tuple(each for each in held if each.kind not in DECIDING_KINDS),
    )

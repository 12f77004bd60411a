"""own_devices: which devices somebody had remembered, for Mijn profiel, and forgetting them."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from broker import clock
from broker.authentication.remembered_device import RememberedDevice, end_devices
from broker.database import to_change
from broker.errors import NotFoundError
from broker.people.find_local_account import account_of_person
from broker.people.local_account import LocalAccount


@dataclass(frozen=True, slots=True)
class OwnDevice:
    """One device: since when, when it was last used, and until when."""

    device_id: uuid.UUID
    since: datetime
    used_at: datetime
    until: datetime


def own_devices(session: Session, account_id: uuid.UUID) -> list[OwnDevice]:
    """The living ones that skip the code, newest first. Read-only."""
    rows = session.scalars(
        select(RememberedDevice)
        .where(
            RememberedDevice.account_id == account_id,
            RememberedDevice.skips_code,
            RememberedDevice.ended_at.is_(None),
            RememberedDevice.expires_at > clock.now(),
        )
        .order_by(RememberedDevice.created_at.desc(), RememberedDevice.id)
    )
    return [OwnDevice(each.id, each.created_at, each.used_at, each.expires_at) for each in rows]


def forget_own_devices(session: Session, person_id: uuid.UUID, device_id: uuid.UUID | None = None) -> int:
    """End the person's devices, or the one named; how many.

    Raises:
        NotFoundError: no such device of theirs.
    """
    account = account_of_person(session, person_id)
    if account is None:
        raise NotFoundError
    session.scalars(to_change(select(LocalAccount).where(LocalAccount.id == account.id))).one()
    ended = end_devices(session, account.id, "forgotten", device_id)
    if device_id is not None and not ended:
        raise NotFoundError
    return ended

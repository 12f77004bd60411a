"""A group with a great deal in it, written straight into its tables: what years of work leave behind. Owns those rows only."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import Flask
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from modules.kit.database import database
from modules.plusminmee.keeping import keeping
from modules.plusminmee.model import Base, Invitation, LogEntry, Membership, Professional
from modules.plusminmee.proposal_model import PROPOSAL_WHY, Proposal
from modules.plusminmee.sealing import Sealer
from modules.plusminmee.work_model import INTERVENTION_TEXT, MESSAGE_TEXT, Intervention, Message
from modules.plusminmee.youngster_model import NAME, WHY, Placement, Youngster


class Crowd:
    """Adds rows to `group`; `fill` knows how many of each, and all are by the first professional there is."""

    def __init__(self, tool: Flask, group: uuid.UUID) -> None:
        self._tool = tool
        self._group = group

    def fill(
        self,
        *,
        youngsters: int = 0,
        messages: int = 0,
        interventions: int = 0,
        proposals: int = 0,
        placements: int = 0,
        professionals: int = 0,
        log_entries: int = 0,
    ) -> None:
        """So many more. Interventions, proposals and placements are all about the youngster who was added first."""
        with self._tool.app_context():
            session = database().reading()
            by = session.scalar(select(Professional.id).order_by(Professional.first_seen_at).limit(1))
            about = session.scalar(select(Youngster.id).order_by(Youngster.added_at).limit(1))
            sealer = keeping().sealer
            rows: dict[type[Base], list[dict[str, Any]]] = {
                Youngster: [self._youngster(sealer, by, number) for number in range(youngsters)],
                Message: [self._message(sealer, by, number) for number in range(messages)],
                Intervention: [self._intervention(sealer, by, about, number) for number in range(interventions)],
                Proposal: [self._proposal(sealer, by, about, number) for number in range(proposals)],
                Placement: [self._placement(sealer, by, about, number) for number in range(placements)],
                LogEntry: [self._log_entry(by, about, number) for number in range(log_entries)],
            }
            people = [_professional(number) for number in range(professionals)]
            rows[Professional] = people
            rows[Membership] = [self._membership(each["id"]) for each in people]
            rows[Invitation] = [self._invitation(by, number) for number in range(professionals)]
            database().perform(_write, rows)

    def _youngster(self, sealer: Sealer, by: uuid.UUID | None, number: int) -> dict[str, Any]:
        row_id = uuid.uuid4()
        name = sealer.seal_text(f"Jongere {number}", NAME.of(row_id))
        return {
            "id": row_id,
            "group_id": self._group,
            "name": name,
            "kopstuk": number == 0,
            "place": ("plus", "mee", "min", "outside")[number % 4],
            "added_at": _ago(number),
            "added_by": by,
        }

    def _message(self, sealer: Sealer, by: uuid.UUID | None, number: int) -> dict[str, Any]:
        row_id = uuid.uuid4()
        words = sealer.seal_text(f"Bericht {number}", MESSAGE_TEXT.of(row_id))
        return {
            "id": row_id,
            "group_id": self._group,
            "words": words,
            "nobody_there": number % 3 == 0,
            "posted_at": _ago(number),
            "posted_by": by,
        }

    def _intervention(
        self, sealer: Sealer, by: uuid.UUID | None, about: uuid.UUID | None, number: int
    ) -> dict[str, Any]:
        row_id = uuid.uuid4()
        return {
            "id": row_id,
            "group_id": self._group,
            "youngster_id": about,
            "sign": "plus",
            "words": sealer.seal_text(f"Interventie {number}", INTERVENTION_TEXT.of(row_id)),
            "professional_id": by,
            "settled_on": _ago(number).date() if number % 2 else None,
            "added_at": _ago(number),
            "added_by": by,
        }

    def _proposal(self, sealer: Sealer, by: uuid.UUID | None, about: uuid.UUID | None, number: int) -> dict[str, Any]:
        row_id = uuid.uuid4()
        return {
            "id": row_id,
            "group_id": self._group,
            "youngster_id": about,
            "kind": "place",
            "place": "plus",
            "why": sealer.seal_text(f"Reden {number}", PROPOSAL_WHY.of(row_id)),
            "state": "taken_over" if number % 2 else "proposed",
            "discussed_on": _ago(number).date() if number % 2 else None,
            "made_at": _ago(number),
            "made_by": by,
        }

    def _placement(self, sealer: Sealer, by: uuid.UUID | None, about: uuid.UUID | None, number: int) -> dict[str, Any]:
        row_id = uuid.uuid4()
        return {
            "id": row_id,
            "group_id": self._group,
            "youngster_id": about,
            "place": "mee",
            "at": _ago(number),
            "by": by,
            "why": sealer.seal_text("Omdat.", WHY.of(row_id)),
        }

    def _log_entry(self, by: uuid.UUID | None, about: uuid.UUID | None, number: int) -> dict[str, Any]:
        return {
            "id": uuid.uuid4(),
            "group_id": self._group,
            "at": _ago(number),
            "kind": "youngster_added",
            "actor_id": by,
            "youngster_id": about,
            "facts": {},
        }

    def _membership(self, professional_id: uuid.UUID) -> dict[str, Any]:
        now = datetime.now(UTC)
        return {
            "id": uuid.uuid4(),
            "group_id": self._group,
            "professional_id": professional_id,
            "since": now,
            "confirmed_at": now,
        }

    def _invitation(self, by: uuid.UUID | None, number: int) -> dict[str, Any]:
        """Every other one ran out."""
        invited_at = datetime.now(UTC) - timedelta(days=20 * (number % 2))
        address = f"{uuid.uuid4().hex}@voorbeeld.test"
        return {
            "id": uuid.uuid4(),
            "group_id": self._group,
            "email": address,
            "email_key": address,
            "invited_by": by,
            "invited_at": invited_at,
            "expires_at": invited_at + timedelta(days=14),
        }


def _professional(number: int) -> dict[str, Any]:
    now = datetime.now(UTC)
    own = uuid.uuid4()
    address = f"{own.hex}@voorbeeld.test"
    return {
        "id": own,
        "sub": own.hex,
        "organisation_code": "NLELZEVOORDE",
        "organisation_name": "Gemeente Elzevoorde",
        "full_name": f"Professional {number}",
        "email": address,
        "email_key": address,
        "log_seen_at": now,
        "first_seen_at": now,
    }


def _ago(number: int) -> datetime:
    return datetime.now(UTC) - timedelta(minutes=number)


def _write(session: Session, rows: dict[type[Base], list[dict[str, Any]]]) -> None:
    first = (Professional, Membership, Youngster)
    for table in (*first, *(each for each in rows if each not in first)):
        if rows[table]:
            session.execute(insert(table), rows[table])

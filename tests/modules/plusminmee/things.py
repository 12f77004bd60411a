"""One of everything that a group can hold, made by its members, and every address of the tool. Owns the ids and the filling in."""

import io
import uuid
from collections.abc import Iterator
from typing import Any

from flask import Flask
from sqlalchemy import Engine, text
from werkzeug.routing import Rule

from tests.modules.plusminmee.conftest import SANNE
from tests.modules.plusminmee.pictures import telephone_photo
from tests.modules.plusminmee.visitors import BASE, GROUPS, Visitor

PUBLIC = {"start.start", "start.origin", "incidents.by_link", "static", "look.static_file", "live", "ready"}
_TABLES = {
    "youngster_id": "youngsters",
    "intervention_id": "interventions",
    "message_id": "messages",
    "proposal_id": "proposals",
    "invitation_id": "invitations",
    "membership_id": "memberships",
    "report_id": "incident_reports",
}

Things = dict[str, uuid.UUID]


def one_of_everything(beheerder: Visitor, member: Visitor, group: uuid.UUID, engine: Engine) -> Things:
    """A youngster with a photo, an intervention, a message with an attachment, a proposal, an open invitation, an incident that the
    beheerder reported, and the member themselves, who like the beheerder has a photo; their ids by the name that they have in an
    address. Nothing else of these kinds is in the database before.
    """
    for each in (beheerder, member):
        each.get("/plusminmee/profiel")
        each.post("/plusminmee/profiel", {"photo": _photo()})
    youngster = str(member.add_youngster(group, "Ella", photo=_photo()))
    member.get(f"{GROUPS}/{group}/berichten/nieuw")
    attached = {"words": "Zie bijlage.", "attachment": (io.BytesIO(b"Verslag"), "verslag.txt")}
    member.post(f"{GROUPS}/{group}/berichten/nieuw", attached)
    proposal = {"youngster": youngster, "wanted": "plus", "why": "Helpt mee."}
    member.post(f"{GROUPS}/{group}/voorstellen/nieuw", proposal)
    for_whom = {"professional": str(_id(engine, "SELECT professional_id FROM memberships WHERE NOT beheerder"))}
    intervention = {"sign": "plus", "words": "Thuisgesprek", "youngster": youngster, **for_whom}
    member.post(f"{GROUPS}/{group}/interventies/nieuw", intervention)
    beheerder.invite(group, SANNE["vo_email"])
    beheerder.get("/plusminmee/incidenten/nieuw")
    report = {
        "what": "Een mail ging naar de verkeerde.",
        "happened_on": "2026-11-16",
        "leader_email": "chef@voorbeeld.test",
    }
    beheerder.post("/plusminmee/incidenten/nieuw", report)
    order = {"memberships": "beheerder", "invitations": "answered_at IS NOT NULL"}
    return {
        name: _id(engine, f"SELECT id FROM {table} ORDER BY {order.get(table, 'id')} LIMIT 1")
        for name, table in _TABLES.items()
    }


def _photo() -> Any:
    return io.BytesIO(telephone_photo()), "foto.jpg"


def _id(engine: Engine, query: str) -> uuid.UUID:
    with engine.connect() as connection:
        return uuid.UUID(str(connection.scalar(text(query))))


def rules(tool: Flask) -> Iterator[Rule]:
    """Every route behind the sign-in that is the tool's own."""
    for rule in tool.url_map.iter_rules():
        if not rule.endpoint.startswith(("kit.", "kit_notices.", "kit_stay.")) and rule.endpoint not in PUBLIC:
            yield rule


def address(tool: Flask, rule: Rule, group: uuid.UUID, things: Things | None = None) -> str:
    """Where that route leads in this group; what is not among `things` does not exist."""
    filled = {name: group if name == "group_id" else (things or {}).get(name, uuid.uuid4()) for name in rule.arguments}
    with tool.test_request_context(base_url=BASE):
        path: str = tool.url_map.bind("localhost:8003").build(rule.endpoint, filled)
    return path

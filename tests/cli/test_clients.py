"""`poortwachter clients`: which applications there are, and a new secret for one."""

import json
import re
from hashlib import sha256

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from broker.audit import AuditEvent
from tests.cli.conftest import Command

PRESENT = "0382b55111a67d241b47fb1215721e92376dd56ea2078da926ade8685749144f"


def test_every_client_of_the_policies_is_listed_without_anything_secret(app: Flask, poortwachter: Command) -> None:
    rows = json.loads(poortwachter("clients", "list", "--json").stdout)
    by_id = {row["client"]: row for row in rows}
    assert [row["client"] for row in rows] == sorted(by_id)
    assert by_id["test-confidential"]["authentication"] == "client_secret_basic"
    assert by_id["test-confidential"]["secrets"] == 1
    assert by_id["test-public"]["secrets"] == 0
    text = poortwachter("clients", "list").stdout
    assert "test-public" in text
    assert PRESENT not in text


def test_a_new_secret_is_printed_once_with_the_line_for_the_policy(
    app: Flask, poortwachter: Command, session: Session
) -> None:
    """Decisions 19: the present secret stays valid beside it, until the policy says otherwise."""
    printed = poortwachter("clients", "secret", "rotate", "test-confidential").stdout
    secret = re.search(r"^secret: ([\w-]{43})$", printed, re.MULTILINE)
    line = re.search(r"^secret_sha256: \[(\w{64}), (\w{64})\]$", printed, re.MULTILINE)
    assert secret is not None
    assert line is not None
    assert line[1] == sha256(secret[1].encode()).hexdigest()
    assert line[2] == PRESENT
    again = json.loads(poortwachter("clients", "secret", "rotate", "test-confidential", "--json").stdout)
    assert again["secret"] != secret[1]
    assert again["secret_sha256"] == [sha256(again["secret"].encode()).hexdigest(), PRESENT]
    events = session.scalars(select(AuditEvent).where(AuditEvent.name == "authentication:client:rotate_secret")).all()
    assert [each.details for each in events] == [{"client": "test-confidential"}] * 2
    assert {each.actor_kind for each in events} == {"operator"}


def test_a_client_that_is_not_there_or_has_no_secret_gets_none(
    app: Flask, poortwachter: Command, session: Session
) -> None:
    for client, sentence in (("nobody", "There is no such client."), ("test-public", "This client has no secret")):
        result = poortwachter("clients", "secret", "rotate", client)
        assert result.exit_code == 1
        assert sentence in result.stderr
        assert result.stdout == ""
    assert session.scalar(select(AuditEvent)) is None

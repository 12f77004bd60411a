"""The mail of PlusMinMee: it says that there is something, never what; it leaves once, and nothing of it stays."""

import re
import uuid
from datetime import timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine
from flask import Flask
from sqlalchemy import Engine, text

from modules.kit import ModuleSettingsError
from modules.kit.database import database
from modules.plusminmee.clockwork import follow_days, tick
from modules.plusminmee.post import HandOver, way_out
from modules.plusminmee.put_letter import put_letter
from modules.plusminmee.settings import MailSettings
from tests.modules.plusminmee.conftest import ANTON
from tests.modules.plusminmee.numbers import BSN
from tests.modules.plusminmee.visitors import GROUPS, Visitor

ADDRESS = "http://localhost:8003/plusminmee"


def pass_time(tool: Flask, hand_over: HandOver) -> None:
    with tool.app_context():
        follow_days(database())
        tick(database(), hand_over, sender="tool@voorbeeld.test", address=ADDRESS)


def test_an_invitation_is_mailed_once(tool: Flask, fatima: Visitor, group: uuid.UUID, engine: Engine) -> None:
    fatima.invite(group, ANTON["vo_email"])
    sent: list[EmailMessage] = []
    pass_time(tool, sent.append)
    pass_time(tool, sent.append)
    (mail,) = sent
    assert mail["To"] == "anton@voorbeeld.test"
    words = mail.get_body(("plain",))
    assert words is not None
    assert "Groep Stationsplein" in words.get_content()
    assert "Fatima Haddad" in words.get_content()
    assert f"{ADDRESS}/uitnodigingen" in words.get_content()
    with engine.connect() as connection:
        assert connection.execute(text("SELECT address, facts FROM letters")).all() == [(None, None)]


def test_who_was_removed_reads_of_which_group(tool: Flask, fatima: Visitor, member: Visitor, group: uuid.UUID) -> None:
    pass_time(tool, lambda _mail: None)
    page = fatima.get(f"{GROUPS}/{group}/professionals").text
    (path,) = re.findall(r'href="([^"]+/verwijderen)"><span>[^<]*<span[^>]*>: Anton Bos', page)
    fatima.get(path)
    fatima.post(path)
    sent: list[EmailMessage] = []
    pass_time(tool, sent.append)
    (mail,) = sent
    words = mail.get_body(("plain",))
    assert words is not None
    assert mail["To"] == ANTON["vo_email"]
    assert "Uw toegang tot Groep Stationsplein stopte" in words.get_content()


def test_a_letter_of_the_version_before_still_leaves(tool: Flask) -> None:
    """It waited while the tool was renewed, and does not say of which group."""
    with tool.app_context():
        database().perform(put_letter, "removed:before", "removed", "anton@voorbeeld.test", name="Anton Bos")
    sent: list[EmailMessage] = []
    pass_time(tool, sent.append)
    assert "Uw toegang tot een jeugdgroep stopte" in sent[0].as_string()


def test_a_mail_that_cannot_leave_is_tried_again_under_the_same_name(
    tool: Flask, fatima: Visitor, group: uuid.UUID, clock: time_machine.Traveller
) -> None:
    fatima.invite(group, ANTON["vo_email"])
    tried: list[str] = []

    def closed(mail: EmailMessage) -> None:
        tried.append(mail["Message-ID"])
        raise ConnectionRefusedError

    pass_time(tool, closed)
    pass_time(tool, closed)
    assert len(tried) == 1, "not before its time"
    clock.shift(timedelta(minutes=5))
    sent: list[EmailMessage] = []
    pass_time(tool, sent.append)
    assert [mail["Message-ID"] for mail in sent] == tried


def test_a_mail_is_given_up_after_twenty_attempts_and_nothing_of_it_stays(
    tool: Flask, fatima: Visitor, group: uuid.UUID, clock: time_machine.Traveller, engine: Engine
) -> None:
    fatima.invite(group, ANTON["vo_email"])
    tried: list[str] = []

    def closed(mail: EmailMessage) -> None:
        tried.append(mail["Message-ID"])
        raise ConnectionRefusedError

    for _attempt in range(25):
        pass_time(tool, closed)
        clock.shift(timedelta(hours=3))
    assert len(tried) == 20
    with engine.connect() as connection:
        assert connection.execute(text("SELECT address, facts, left_at FROM letters")).all() == [(None, None, None)]


def test_a_question_goes_to_the_helpdesk_and_the_answer_to_who_asked(tool: Flask, sanne: Visitor) -> None:
    sanne.get("/plusminmee/help")
    refused = sanne.post("/plusminmee/help", {"subject": "De cirkel", "question": ""})
    assert refused.status_code == 422
    assert "De cirkel" in refused.text
    sanne.post("/plusminmee/help", {"subject": "De cirkel\r\nBcc: x@y.nl", "question": "Hoe verplaats ik iemand?"})
    sent: list[EmailMessage] = []
    pass_time(tool, sent.append)
    (mail,) = sent
    assert (mail["To"], mail["Reply-To"]) == ("info@straatcontact.nl", "sanne@voorbeeld.test")
    assert mail["Bcc"] is None


@pytest.mark.parametrize("field", ["subject", "question"])
def test_a_bsn_is_not_mailed_to_the_helpdesk(tool: Flask, sanne: Visitor, field: str) -> None:
    sanne.get("/plusminmee/help")
    good = {"subject": "De cirkel", "question": "Hoe verplaats ik iemand?"}
    refused = sanne.post("/plusminmee/help", {**good, field: f"Over {BSN}"})
    assert refused.status_code == 422
    assert f'id="{field}-fout"' in refused.text
    assert all(good[other] in refused.text for other in good if other != field), "what was typed stays"
    sent: list[EmailMessage] = []
    pass_time(tool, sent.append)
    assert sent == []


def test_the_inbox_keeps_a_mail_as_a_file_for_its_owner_alone(
    tool: Flask, fatima: Visitor, group: uuid.UUID, tmp_path: Path
) -> None:
    fatima.invite(group, ANTON["vo_email"])
    pass_time(tool, way_out(MailSettings.from_environment({"PLUSMINMEE_INBOX_DIR": str(tmp_path / "inbox")})))
    (file,) = (tmp_path / "inbox").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert file.read_text().startswith("X-Delivered-To: anton@voorbeeld.test")


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"PLUSMINMEE_SMTP_URL": "smtps://mail.example", "PLUSMINMEE_INBOX_DIR": "inbox"},
        {"PLUSMINMEE_SMTP_URL": "smtp://mail.example", "PLUSMINMEE_MAIL_FROM": "a@b.nl"},
        {"PLUSMINMEE_SMTP_URL": "smtps://mail.example"},
    ],
    ids=["none", "both", "in the clear", "nobody sends"],
)
def test_mail_settings_are_told_when_they_are_bad(environment: dict[str, str]) -> None:
    with pytest.raises(ModuleSettingsError, match="PLUSMINMEE_"):
        MailSettings.from_environment(environment)

"""What really leaves when somebody asks for access: nothing that an applicant typed, before anybody decided on it."""

from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from tests.worlds.inbox import Inbox
from tests.worlds.world import World

TYPED_NAME = "Koopnu Bijpiet"
TYPED_CENTRE = "Gratis Gsm Centrum"


def everything_in(file: Path) -> str:
    """Headers and parts of a mail, decoded, as one text."""
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert isinstance(message, EmailMessage)
    headers = "\n".join(f"{name}: {value}" for name, value in message.items())
    parts = [str(part.get_content()) for part in message.walk() if part.get_content_maintype() == "text"]
    return "\n".join([headers, *parts])


def typed(world: World, **more: Any) -> dict[str, Any]:
    return {"name": TYPED_NAME, "number": world.number(), "answers": {"centre": TYPED_CENTRE}, **more}


def test_the_mail_to_an_unproved_address_holds_nothing_that_was_typed(
    world: World, inbox: Inbox, inbox_dir: Path
) -> None:
    """SR1: no posted string in any body or header, but for the address it goes to."""
    posted = typed(world)
    world.typed_request(world.organisation("Genk"), email="slachtoffer@voorbeeld.test", prove=False, **posted)
    inbox.deliver()
    (mail,) = inbox_dir.glob("*.eml")
    content = everything_in(mail)
    for word in (*TYPED_NAME.split(), posted["number"], TYPED_CENTRE, "Genk"):
        assert word not in content
    assert content.count("/link/") >= 2, "in the text and in the HTML"


def test_no_mail_holds_a_typed_name_centre_or_number_before_somebody_decided(
    world: World, inbox: Inbox, inbox_dir: Path
) -> None:
    """SR7: not to the administrators, not to the applicant."""
    organisation = world.organisation("Genk")
    world.administrator_of(organisation)
    posted = typed(world)
    world.typed_request(organisation, email="hanne@voorbeeld.test", **posted)
    inbox.deliver()
    mails = [everything_in(file) for file in inbox_dir.glob("*.eml")]
    assert len(mails) >= 3, "to confirm, that it was sent, and that a task waits"
    for content in mails:
        for word in (*TYPED_NAME.split(), TYPED_CENTRE, posted["number"]):
            assert word not in content


def test_the_administrator_reads_the_name_that_a_digital_key_vouched_for(world: World, inbox: Inbox) -> None:
    organisation = world.organisation("Genk")
    administrator = world.administrator_of(organisation)
    world.request(world.person("Nele Vercauteren"), organisation)
    assert administrator.email is not None
    assert "Nele Vercauteren" in inbox.last_to(administrator.email).text

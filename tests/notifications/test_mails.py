"""The words of every mail: complete in both languages, and never a place for somebody else's words."""

import re
import uuid
from email.message import EmailMessage
from typing import Any

import pytest

from broker import clock
from broker.catalogue import Catalogue
from broker.installation import Installation
from broker.keys import Keys
from broker.notifications.mail_facts import MAILS, checked_facts
from broker.notifications.outbox_message import OutboxMessage
from broker.notifications.write_mail import write_mail
from broker.settings import Settings
from tests.notifications.mail_examples import EXAMPLES
from tests.worlds.settings import environment

CASES = [
    (template, language, complete) for template in EXAMPLES for language in ("nl", "en") for complete in (False, True)
]


@pytest.fixture(scope="module")
def installation(catalogue: Catalogue, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    settings = Settings.from_environment(environment("sqlite:///unused.db", tmp_path_factory.mktemp("inbox")))
    return Installation(settings, catalogue, Keys(dict(settings.secret_keys)))


def write(
    installation: Installation, template: str, facts: dict[str, Any], language: str = "nl", link: bool = True
) -> EmailMessage:
    kind = MAILS[template].link
    reference = {"kind": kind, "id": str(uuid.uuid4()), "nonce": "0" * 32} if kind and link else None
    return write_mail(
        installation,
        OutboxMessage(
            id=uuid.uuid4(),
            channel="mail",
            template=template,
            recipient="nele.vercauteren@voorbeeld.test",
            language=language,
            facts=checked_facts(template, facts, reference),
            link=reference,
            created_at=clock.now(),
        ),
    )


def part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    assert found is not None
    return str(found.get_content())


ABOUT_NO_APPLICATION = {"affiliated"}
"""Its application is only the road that the request took."""


def example(template: str, complete: bool) -> dict[str, Any]:
    needed, optional = EXAMPLES[template]
    return {**needed, **(optional if complete else {})}


def test_every_mail_has_an_example_with_all_its_facts() -> None:
    assert set(EXAMPLES) == set(MAILS)
    for template, (needed, optional) in EXAMPLES.items():
        assert set(needed) == set(MAILS[template].needed), template
        assert set(optional) == set(MAILS[template].optional), template


@pytest.mark.parametrize(("template", "language", "complete"), CASES)
def test_every_mail_is_whole_in_both_languages_with_and_without_what_may_be_left_out(
    installation: Installation, template: str, language: str, complete: bool
) -> None:
    link = complete or MAILS[template].link_required
    mail = write(installation, template, example(template, complete), language, link)
    text, html = part(mail, "plain"), part(mail, "html")

    assert mail["Subject"]
    assert "None" not in text
    assert "%(" not in text
    assert "{" not in text
    assert installation.catalogue.helpdesk.phone in text
    if "application_code" in example(template, complete):
        assert "ccinc@vlaanderen.be" in text
        assert "CCinC – " in text or template in ABOUT_NO_APPLICATION
        assert mail["Reply-To"] == "ccinc@vlaanderen.be"
    for address in re.findall(r"https?://[^\s<>]+", text):
        assert address.startswith(("http://localhost:", "https://cjsm.be/")), address
    for line in filter(None, (line.strip() for line in text.splitlines())):
        if line.startswith("http") or line in ("--", "Poortwachter") or "://" in line:
            continue
        label, _, value = line.partition(": ")
        for words in (label, value):
            assert words.rstrip(":") in _plain(html), f"{words!r} stands in the text only"


def _plain(html: str) -> str:
    bare = re.sub(r"<[^>]+>", "", html)
    for entity, sign in (("&amp;", "&"), ("&#39;", "'"), ("&#34;", '"'), ("&lt;", "<"), ("&gt;", ">")):
        bare = bare.replace(entity, sign)
    return bare


def test_the_mail_that_proves_an_address_has_no_place_for_what_the_applicant_typed() -> None:
    """SR1: the mail that goes to an unproved address takes one fact, a code of ours."""
    assert set(MAILS["confirm_email"].needed) == {"application_code"}
    assert not MAILS["confirm_email"].optional
    reference = {"kind": "confirm_email", "id": str(uuid.uuid4()), "nonce": "0" * 32}
    with pytest.raises(ValueError, match="has no fact given_name"):
        checked_facts("confirm_email", {"application_code": "cultuurmonitor", "given_name": "Koop nu"}, reference)


def test_the_mail_that_proves_an_address_is_the_same_for_everybody_but_for_its_link(installation: Installation) -> None:
    """SR1: nothing of the request stands in it, in any header or part."""
    one = part(write(installation, "confirm_email", {"application_code": "cultuurmonitor"}), "plain")
    other = part(write(installation, "confirm_email", {"application_code": "cultuurmonitor"}), "plain")
    link = re.compile(r"http://localhost:8000/link/\S+")
    assert link.sub("LINK", one) == link.sub("LINK", other)
    assert link.findall(one) != link.findall(other)


def test_the_mail_about_a_waiting_task_does_without_a_typed_name(installation: Installation) -> None:
    """SR7: without a verified name the mail sends the reader to the task."""
    facts = example("task_waiting", complete=False) | {"organisation_name": "Gemeente Genk"}
    text = part(write(installation, "task_waiting", facts, link=False), "plain")
    assert "Wie:" not in text
    assert "nog niet met een digitale sleutel" in text


def test_words_that_would_deceive_stay_words(installation: Installation) -> None:
    """SR7: no markup, no link, no turned-around text, no second header from the words of an administrator."""
    reason = 'Zie <a href="https://kwaad.test">hier</a> of www.kwaad.test\u202e\x07\r\nBcc: iedereen@kwaad.test'
    facts = example("refused", complete=True) | {"reason": reason, "given_name": "Nele\r\nBcc: x@kwaad.test"}
    mail = write(installation, "refused", facts)
    html = part(mail, "html")
    assert 'href="https://kwaad.test"' not in html
    assert 'href="http://www.kwaad.test"' not in html
    assert "&lt;a href" in html
    assert "\u202e" not in html + part(mail, "plain")
    assert "\x07" not in html + part(mail, "plain")
    assert mail["Bcc"] is None
    assert len(mail.get_all("Subject", [])) == 1


def test_the_owner_is_told_only_organisation_name_address_right_change_and_date() -> None:
    """C3: nothing more of a person leaves to the owner of an application."""
    facts = set(MAILS["owner_told"].needed) | set(MAILS["owner_told"].optional)
    assert facts == {
        "application_code",
        "organisation_name",
        "person_name",
        "email",
        "right_code",
        "context_code",
        "change",
        "since",
    }


@pytest.mark.parametrize(
    ("template", "facts", "complaint"),
    [
        ("greeting", {}, "there is no mail"),
        ("granted", {"application_code": "cultuurmonitor"}, "lacks right_code"),
        ("operator_told", {"sentence": {"nl": "Iets"}}, "must be a sentence"),
        ("task_digest", {"task_count": "12"}, "must be a number"),
        ("task_digest", {"task_count": 12, "sort": "x"}, "has no fact sort"),
    ],
)
def test_a_mail_with_the_wrong_facts_is_refused_at_once(template: str, facts: dict[str, Any], complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        checked_facts(template, facts, None)


def test_addresses_come_from_the_settings_alone(installation: Installation) -> None:
    """OA12: the origin of the issuer, whatever a request said."""
    mail = write(installation, "task_waiting", example("task_waiting", complete=True), link=False)
    assert f"http://localhost:8000/taken/{EXAMPLES['task_waiting'][0]['task_id']}" in part(mail, "plain")
    assert str(mail["Message-ID"]).endswith("@localhost>")

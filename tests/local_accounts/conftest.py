"""A policy that takes local accounts, somebody who is invited for it, and the browser in which they do what a person does."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from broker.audit import AuditEvent
from broker.authentication import passwords
from broker.catalogue import Catalogue, read_catalogue
from broker.database import db, perform
from broker.people.add_local_account import add_local_account
from broker.people.local_account import LocalAccount
from broker.people.person import Person
from broker.settings import Settings
from tests.worlds.client import Client
from tests.worlds.inbox import Inbox
from tests.worlds.settings import environment
from tests.worlds.world import World

SIGN_IN = "/aanmelden/account?toepassing=buurtwerk&verder=/mijn-profiel"
PASSWORD = "Zeven-Paarse-Walvissen-7"
NUMBER = "+32470123418"
COOKIE = "poortwachter-sessie"
DEVICE = "poortwachter-apparaat"


@pytest.fixture(scope="session", autouse=True)
def little_work() -> Iterator[None]:
    """Within these tests a hash takes a fiftieth of its memory, and so of its time; what it takes elsewhere is a test as well."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_hasher", cache(lambda: PasswordHasher(memory_cost=1024, time_cost=1, parallelism=1)))
        yield


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """The catalogue of the tests with Buurtwerk, which takes local accounts only."""
    settings = Settings.from_environment(environment("sqlite:///unused.db", tmp_path_factory.mktemp("catalogue")))
    folders = (*settings.policies, Path(__file__).parent / "policies")
    return read_catalogue(folders, settings.forms, settings.environment, development=True)


@dataclass
class Phone:
    """The messages by SMS that left."""

    inbox: Inbox
    folder: Path

    @property
    def messages(self) -> list[dict[str, str]]:
        """Every message, oldest first."""
        self.inbox.deliver()
        return [json.loads(file.read_text()) for file in sorted(self.folder.glob("*.json"), key=_age)]

    @property
    def code(self) -> str:
        """The digits in the last one."""
        found = re.search(r"\d{6}", self.messages[-1]["text"])
        assert found
        return found.group()


def _age(file: Path) -> tuple[int, str]:
    return file.stat().st_mtime_ns, file.name


@pytest.fixture
def phone(inbox: Inbox, inbox_dir: Path) -> Phone:
    """Whatever goes to a mobile number."""
    return Phone(inbox, inbox_dir)


@dataclass
class Member:
    """Somebody with a local account, and a browser of theirs."""

    client: Client
    person: Person
    account: LocalAccount
    phone: Phone
    inbox: Inbox
    password: str = PASSWORD

    def type_password(self, password: str | None = None, user_name: str | None = None, **fields: str) -> TestResponse:
        """Log In, with the box ticked."""
        page = self.client.get(SIGN_IN)
        typed = {
            "gebruikersnaam": user_name or self.account.user_name,
            "wachtwoord": self.password if password is None else password,
            "akkoord": "1",
        }
        return self.client.submit(page, typed | fields, form="/aanmelden/account")

    def type_code(self, code: str | None = None, **fields: str) -> TestResponse:
        """Controleren."""
        page = self.client.get("/aanmelden/account/code")
        return self.client.submit(page, {"code": code or self.phone.code} | fields, form="/account/code")

    def sign_in(self, **fields: str) -> TestResponse:
        """Password and code."""
        assert self.type_password().location == "/aanmelden/account/code"
        return self.type_code(**fields)

    def set_password(self, password: str, repeated: str | None = None) -> TestResponse:
        """Through the link in the last mail."""
        self.client.get(self.inbox.last_to(self.person.email or "").path)
        page = self.client.get("/link/wachtwoord")
        return self.client.submit(page, {"wachtwoord": password, "herhaald": repeated or password}, form="/link/")

    @property
    def signed_in(self) -> bool:
        """Whether this browser is let into a page behind the door."""
        return self.client.get("/mijn-profiel").status_code == 200


@pytest.fixture
def invited(app: Flask, world: World, client: Client, phone: Phone, inbox: Inbox) -> Member:
    """Sanne Bakker was added by an administrator, and has done nothing yet."""
    person = world.person(
        "Sanne Bakker",
        state="unlinked",
        number_hash=None,
        number_hash_version=None,
        email="sanne.bakker@voorbeeld.test",
        email_source="entered",
        phone=NUMBER,
        phone_source="entered",
    )
    account = perform(add_local_account, None, person.id, "buurtwerk")
    return Member(client, person, world.fresh(LocalAccount, account.id), phone, inbox)


@pytest.fixture
def member(invited: Member) -> Member:
    """Sanne has set a password and proved her number; nobody is signed in."""
    invited.set_password(PASSWORD)
    assert invited.type_code().status_code == 303
    invited.client.delete_cookie(DEVICE)
    return invited


@pytest.fixture
def another_browser(app: Flask, member: Member) -> Callable[[], Member]:
    """Another browser of the same person, or of a stranger."""
    return lambda: Member(app.test_client(), member.person, member.account, member.phone, member.inbox)


def events(session: Session, name: str) -> list[AuditEvent]:
    """The events of that name, oldest first."""
    db.session.rollback()
    return list(session.scalars(select(AuditEvent).where(AuditEvent.name == name).order_by(AuditEvent.happened_at)))

"""A house with three applications that others wrote the OpenID part of, and one with the kit, each as docs/integrate.md shows it.

Owns: the house with their clients in its policies, and starting each of them. What cannot be installed or started fails, and
says what is missing; nothing is skipped. An access token lives 70 seconds there: all three renew it a minute before its end, so
after ten seconds, and until then nothing but a logout token can end a session.
"""

import json
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
import yaml

from modules.kit.client_key import public_keys
from modules.kit.tokens import SigningKey
from modules.tryout.house import REPOSITORY, House
from tests.e2e.own_house import BROKER, DIGITAL_KEYS, OUTBOX, OwnHouse, build_house
from tests.worlds.browser import free_ports

HERE = Path(__file__).parent
MODULES_OF_APACHE = Path("/usr/lib/apache2/modules")
SCOPE = "openid profile vo cjm_cultuurmonitor"
RIGHTS_CLAIM = "cjm_cultuurmonitor_rol_3d"
PATIENCE_SECONDS = 60
KINDS = ("flask", "node", "apache")
KIT = "kit"
ACCESS_TOKEN_SECONDS = 70
LEAST_NODE = 20
KEY_FILE = "client-key.pem"
RENEWED_AFTER_SECONDS = ACCESS_TOKEN_SECONDS - 60
_FIRST_PORT_OFFSET = 6


@dataclass
class Example:
    """One running application. `page` is behind the sign-in, `sign_out` says how one leaves it."""

    kind: str
    base: str
    page: str
    leave: Callable[[requests.Session], requests.Response]
    logout_uri: str
    secret: str = field(repr=False)

    @property
    def client_id(self) -> str:
        """Its client at the broker."""
        return f"voorbeeld-{self.kind}"

    def wait_until_there(self, process: "subprocess.Popen[bytes]", log: Path) -> None:
        """Until it answers at all."""
        until = time.monotonic() + PATIENCE_SECONDS
        while process.poll() is None and time.monotonic() < until:
            try:
                requests.get(self.base, timeout=2, allow_redirects=False)
            except requests.RequestException:
                time.sleep(0.1)
            else:
                return
        pytest.fail(f"the {self.kind} example does not come:\n{log.read_text()[-2000:]}")


@pytest.fixture(scope="session")
def real_house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnHouse]:
    """The house, running, with their clients; its own Cultuurmonitor is not needed."""
    port = free_ports(_FIRST_PORT_OFFSET + len(KINDS) + 1)
    data = tmp_path_factory.mktemp("real") / "house"
    house = build_house(port, data, a_role_at_each_organisation=False, also=_write_policies)
    for program in (BROKER, OUTBOX, DIGITAL_KEYS):
        house.start(program)
    yield house
    house.stop_all()


@pytest.fixture(scope="session", params=KINDS)
def example(request: pytest.FixtureRequest, real_house: OwnHouse) -> Iterator[Example]:
    """Each of the applications in turn."""
    kind = str(request.param)
    with tempfile.TemporaryDirectory(prefix=f"{kind}-") as folder:
        yield from _run(kind, _example(real_house.live.house, kind), real_house, Path(folder))


@pytest.fixture(scope="session")
def kit_example(real_house: OwnHouse) -> Iterator[Example]:
    """The one with the kit, in a folder outside this repository."""
    with tempfile.TemporaryDirectory(prefix=f"{KIT}-") as folder:
        yield from _run(KIT, _example(real_house.live.house, KIT), real_house, Path(folder))


def _run(kind: str, found: Example, real_house: OwnHouse, folder: Path) -> Iterator[Example]:
    command, settings = {"flask": _flask, "node": _node, "apache": _apache, KIT: _kit}[kind](found, folder)
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "ISSUER": f"{real_house.live.broker}/op",
        "CLIENT_ID": found.client_id,
        "CLIENT_SECRET": found.secret,
        "BASE_URL": found.base,
        "SCOPE": SCOPE,
        "RIGHTS_CLAIM": RIGHTS_CLAIM,
        "CIJFERS_ISSUER": f"{real_house.live.broker}/op",
        **settings,
    }
    log = folder / "log"
    with log.open("wb") as writing:
        process = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=writing,
            stderr=subprocess.STDOUT,
            **(_as_nobody(folder) if kind == "apache" else {}),
        )
    try:
        found.wait_until_there(process, log)
        yield found
    finally:
        process.terminate()
        process.wait(20)


def _as_nobody(folder: Path) -> dict[str, Any]:
    """Apache serves nobody as root; where the tests run as root, it runs as the user that Debian has for it."""
    if os.geteuid() != 0:
        return {}
    for place in (folder, *folder.rglob("*")):
        shutil.chown(place, "www-data", "www-data")
    return {"user": "www-data", "group": "www-data", "extra_groups": []}


def _example(house: House, kind: str) -> Example:
    base = house.address(_FIRST_PORT_OFFSET + (*KINDS, KIT).index(kind))
    page, logout = {
        "apache": (f"{base}/cijfers/", f"{base}/cijfers/aanmelden?logout=backchannel"),
        KIT: (f"{base}/cijfers/cijfers", f"{base}/cijfers/afmelden/melding"),
    }.get(kind, (f"{base}/", f"{base}/backchannel-logout"))
    return Example(
        kind=kind,
        base=base,
        page=page,
        leave=(
            (lambda visitor: visitor.get(f"{base}/cijfers/aanmelden?logout={base}/signed-out.shtml", timeout=30))
            if kind == "apache"
            else (lambda visitor: visitor.post(f"{base}/sign-out", timeout=30))
        ),
        logout_uri=logout,
        secret=sha256(f"{house.data}{kind}".encode()).hexdigest(),
    )


def _write_policies(house: House) -> None:
    """Their clients, and an application whose tokens are soon renewed."""
    key = SigningKey.new()
    (house.data / KEY_FILE).write_text(key.pem)
    clients = [*(_client_of(_example(house, kind)) for kind in (*KINDS, KIT)), _client_with_key(house, key)]
    _write(house.policies / "clients" / "examples.yaml", {"application": "cultuurmonitor", "clients": clients})
    policy = yaml.safe_load((REPOSITORY / "policies" / "applications" / "cultuurmonitor.yaml").read_text())
    (house.policies / "applications").mkdir()
    _write(
        house.policies / "applications" / "cultuurmonitor.yaml",
        {**policy, "lifetimes": {"access_token": f"{ACCESS_TOKEN_SECONDS}s"}},
    )


def _client_of(example: Example) -> dict[str, Any]:
    back, afterwards = {
        "apache": ("cijfers/aanmelden", "signed-out.shtml"),
        KIT: ("cijfers/aanmelden/terug", "cijfers/"),
    }.get(example.kind, ("callback", "signed-out"))
    return {
        "client_id": example.client_id,
        "name": {"nl": example.kind, "en": example.kind},
        "redirect_uris": [f"{example.base}/{back}"],
        "post_logout_redirect_uris": [f"{example.base}/{afterwards}"],
        "start_uri": example.page,
        "authentication": "client_secret_basic",
        "secret_sha256": [sha256(example.secret.encode()).hexdigest()],
        "scopes": SCOPE.split(),
        "signing_algorithm": "ES256",
        "grant_types": ["authorization_code", "refresh_token"],
        "backchannel_logout_uri": example.logout_uri,
    }


def _kit(example: Example, folder: Path) -> tuple[list[str], dict[str, str]]:
    """The settings have the prefix that the program names; the kit is the one that is installed."""
    shutil.copy(HERE / "kit" / "app.py", folder)
    settings = {
        "CIJFERS_CLIENT_ID": example.client_id,
        "CIJFERS_CLIENT_SECRET": example.secret,
        "CIJFERS_BASE_URL": example.base,
        "CIJFERS_DATABASE_URL": f"sqlite:///{folder / 'cijfers.db'}",
        "CIJFERS_SECRET": secrets.token_urlsafe(32),
    }
    return [sys.executable, "-m", "gunicorn", "--bind", urlsplit(example.base).netloc, "app:app"], settings


def _client_with_key(house: House, key: SigningKey) -> dict[str, Any]:
    """A client that proves itself by key, and calls for itself too."""
    return {
        "client_id": "voorbeeld-key",
        "name": {"nl": "key", "en": "key"},
        "redirect_uris": [redirect_uri_of_key(house)],
        "start_uri": redirect_uri_of_key(house),
        "authentication": "private_key_jwt",
        "jwks": public_keys(key),
        "scopes": SCOPE.split(),
        "signing_algorithm": "ES256",
        "grant_types": ["authorization_code", "refresh_token", "client_credentials"],
        "may_call": ["cultuurmonitor"],
    }


def redirect_uri_of_key(house: House) -> str:
    """Where nobody listens: the tests read the answer from the address."""
    return f"{house.cultuurmonitor}/key"


def _flask(example: Example, folder: Path) -> tuple[list[str], dict[str, str]]:
    shutil.copy(HERE / "flask" / "app.py", folder)
    port = example.base.rpartition(":")[2]
    return [sys.executable, "-m", "flask", "--app", "app", "run", "--port", port], {}


def _node(_example: Example, folder: Path) -> tuple[list[str], dict[str, str]]:
    return [install_node(folder), "app.js"], {}


def install_node(folder: Path) -> str:
    """The programs of node/ and the packages that they need, into `folder`; where Node is."""
    for file in (HERE / "node").iterdir():
        shutil.copy(file, folder)
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        pytest.fail("Node is missing. As root: apt-get install nodejs npm (make real-clients does it where it may)")
    version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    if int(version.strip().lstrip("v").partition(".")[0]) < LEAST_NODE:
        pytest.fail(f"Node {version.strip()} is too old for openid-client: {LEAST_NODE} or later is needed")
    installed = subprocess.run(
        [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    if installed.returncode != 0:
        pytest.fail(f"npm ci did not succeed:\n{installed.stderr[-2000:]}")
    return node


def _apache(example: Example, folder: Path) -> tuple[list[str], dict[str, str]]:
    """Apache as Debian packages it, in a folder of its own."""
    apache = shutil.which("apache2", path=f"{os.environ['PATH']}:/usr/sbin")
    if apache is None or not (MODULES_OF_APACHE / "mod_auth_openidc.so").exists():
        pytest.fail(
            "Apache with mod_auth_openidc is missing. As root: apt-get install apache2-bin libapache2-mod-auth-openidc"
            " (make real-clients does it where it may)"
        )
    (folder / "pages" / "cijfers").mkdir(parents=True)
    shutil.copy(HERE / "apache" / "index.shtml", folder / "pages" / "cijfers")
    shutil.copy(HERE / "apache" / "signed-out.shtml", folder / "pages")
    for file in ("server.conf", "oidc.conf"):
        shutil.copy(HERE / "apache" / file, folder)
    settings = {
        "FOLDER": str(folder),
        "PORT": example.base.rpartition(":")[2],
        "MODULES": str(MODULES_OF_APACHE),
        "PASSPHRASE": secrets.token_urlsafe(32),
    }
    return [apache, "-D", "FOREGROUND", "-f", str(folder / "server.conf")], settings


def _write(path: Path, value: Mapping[str, Any]) -> None:
    path.write_text(yaml.safe_dump(dict(value), allow_unicode=True, sort_keys=False))


def shown(page: requests.Response) -> dict[str, Any]:
    """What an application shows of who is signed in; fails on anything but its page."""
    assert page.status_code == 200, f"{page.url}: {page.status_code}\n{page.text[:2000]}"
    try:
        found: dict[str, Any] = json.loads(page.text)
    except ValueError:
        pytest.fail(f"{page.url} is not the page:\n{page.text[:2000]}")
    return found

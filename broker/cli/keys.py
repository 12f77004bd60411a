"""`poortwachter keys`: the signing keys of the provider, and new secret keys for BROKER_SECRET_KEYS."""

import base64
import re
from datetime import timedelta
from secrets import token_bytes
from typing import cast

import click
from sqlalchemy import select

from broker import clock
from broker.cli.printing import print_json, print_rows
from broker.cli.running import running_broker
from broker.database import db, perform
from broker.installation import Installation
from broker.keys.jose import ALGORITHMS, Algorithm, new_private_key
from broker.keys.rotate_signing_key import ensure_signing_keys, revoke_signing_key, rotate_signing_key
from broker.keys.signing_keys import SigningKeyRow
from broker.reencrypt import reencrypt


@click.group()
def keys() -> None:
    """The keys that sign tokens, and the secret keys that seal."""


@keys.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """Every signing key and its state: announced, signing, retired or gone."""
    with running_broker():
        instant = clock.now()
        rows = db.session.scalars(select(SigningKeyRow).order_by(SigningKeyRow.created_at, SigningKeyRow.kid))
        print_rows(
            [
                {
                    "kid": row.kid,
                    "algorithm": row.algorithm,
                    "state": row.state(instant),
                    "signing_from": row.signing_from,
                    "retired_at": row.retired_at,
                    "gone_at": row.gone_at,
                }
                for row in rows
            ],
            as_json=as_json,
            nothing="There is no signing key yet. Run: poortwachter keys rotate --initial",
        )


@keys.command("rotate")
@click.option("--algorithm", type=click.Choice(ALGORITHMS), help="Only this one; both when left out.")
@click.option("--initial", is_flag=True, help="Only make the keys that are missing; they sign at once.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate_command(algorithm: str | None, initial: bool, as_json: bool) -> None:
    """Announce new signing keys.

    A new key takes over six minutes later, when no cache lacks it any more; the old one stays published until the last
    token it signed is over. Nothing has to be restarted and no second command is needed.
    """
    with running_broker() as installation:
        if initial:
            made = perform(ensure_signing_keys, installation.keys)
        else:
            longest = longest_token(installation)
            chosen = [cast(Algorithm, algorithm)] if algorithm else list(ALGORITHMS)
            made = [perform(rotate_signing_key, installation.keys, each, longest) for each in chosen]
        if as_json:
            print_json(made)
        else:
            click.echo("\n".join(made) or "Every key is there.")


@keys.command("revoke")
@click.argument("kid")
def revoke_command(kid: str) -> None:
    """Withdraw a signing key that leaked, at once: what it signed is no longer valid, and people sign in again."""
    with running_broker() as installation:
        successor = perform(revoke_signing_key, installation.keys, kid)
        click.echo(f"{kid} is withdrawn." + (f" {successor} signs from now on." if successor else ""))


@keys.command("new-secret")
@click.option("--id", "key_id", default=None, help="Its id; the date of today when left out.")
def new_secret_command(key_id: str | None) -> None:
    """Print a new entry for BROKER_SECRET_KEYS. Put it in front of the others and restart; nothing is stored here."""
    chosen = key_id if key_id is not None else f"k{clock.local_date(clock.now()):%Y%m%d}"
    if not re.fullmatch(r"[A-Za-z0-9_]{1,16}", chosen):
        raise click.UsageError("An id has 1 to 16 letters, digits or underscores.")
    click.echo(f"{chosen}:{base64.urlsafe_b64encode(token_bytes(32)).decode().rstrip('=')}")


@keys.command("new-private")
@click.option(
    "--kind", type=click.Choice(["rsa", "ec"]), default="rsa", show_default=True, help="ec (P-256) only signs."
)
def new_private_command(kind: str) -> None:
    """Print a new private key, on one line, for a variable BROKER_CLIENT_… that identity_providers.yaml names.

    Its public half appears at /aanmelden/CODE/sleutels. Nothing is stored here.
    """
    click.echo(new_private_key("ES256" if kind == "ec" else "RS256").strip().replace("\n", "\\n"))


@keys.command("reencrypt")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def reencrypt_command(as_json: bool) -> None:
    """Seal every sealed value anew with the newest secret key, after a new entry was put in front of BROKER_SECRET_KEYS.

    In batches, while the broker runs; safe to stop and to run again. The older keys stay in the list all the same: look-up
    hashes build on them.
    """
    with running_broker() as installation:
        done = [{"place": each.place, "sealed_anew": each.count} for each in reencrypt(installation.keys)]
        print_rows(done, as_json=as_json, nothing="Nothing is sealed.")


def longest_token(installation: Installation) -> timedelta:
    """The longest life of a token that a key of this installation can have signed."""
    lives = [
        max(application.lifetimes.access_token, application.lifetimes.id_token)
        for application in installation.catalogue.applications.values()
    ]
    return timedelta(seconds=max(lives, default=300))

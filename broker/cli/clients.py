"""`poortwachter clients`: the OpenID clients of the policies, and new secrets for them."""

import click

from broker.authentication.rotate_client_secret import rotate_client_secret
from broker.cli.printing import print_json, print_rows
from broker.cli.running import running_broker
from broker.database import perform


@click.group()
def clients() -> None:
    """The applications that ask for tokens, and the secrets with which they prove themselves."""


@clients.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_command(as_json: bool) -> None:
    """Every client of the policies: its application, how it proves itself, and what it may ask."""
    with running_broker() as installation:
        print_rows(
            [
                {
                    "client": client.client_id,
                    "application": client.application_code,
                    "authentication": client.authentication,
                    "secrets": len(client.secret_sha256),
                    "grants": " ".join(client.grant_types),
                    "scopes": " ".join(client.scopes),
                    "may_call": " ".join(client.may_call),
                }
                for client in sorted(installation.catalogue.clients.values(), key=lambda each: each.client_id)
            ],
            as_json=as_json,
            nothing="The policies name no client.",
        )


@clients.group("secret")
def secret() -> None:
    """The secret of one client."""


@secret.command("rotate")
@click.argument("client")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def rotate_command(client: str, as_json: bool) -> None:
    """Make a new secret for CLIENT and print it, this once.

    It is stored nowhere. Put the line secret_sha256 in the policy of the client, in place of the one that is there (or of
    its secret_env), and restart node by node: from then on both secrets are valid. Once the application uses the new one,
    take the second digest out and restart again.
    """
    with running_broker() as installation:
        rotated = perform(rotate_client_secret, installation, client)
        if as_json:
            print_json({"client": client, "secret": rotated.secret, "secret_sha256": list(rotated.secret_sha256)})
            return
        click.echo(f"secret: {rotated.secret}")
        click.echo(f"secret_sha256: [{', '.join(rotated.secret_sha256)}]")

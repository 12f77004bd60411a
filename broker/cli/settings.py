"""`poortwachter settings`: the manual of every setting, as settings.py writes it."""

import click

from broker.settings import manual


@click.command()
def settings() -> None:
    """Explain every setting: its name, its meaning and its default."""
    for meaning, default, required in manual():
        click.echo(f"{meaning}\n    {'required' if required else 'default: ' + (default or 'none')}")

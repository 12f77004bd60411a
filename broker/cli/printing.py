"""Printing lists: a table for people, JSON for programs."""

import json
from collections.abc import Sequence
from typing import Any

import click


def print_json(value: object) -> None:
    """One JSON document on stdout, in UTF-8."""
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=str))


def print_rows(rows: Sequence[dict[str, Any]], *, as_json: bool, nothing: str) -> None:
    """Rows with the same keys: a JSON array, or a table under those keys; `nothing` where there are none."""
    if as_json:
        print_json(list(rows))
        return
    if not rows:
        click.echo(nothing)
        return
    table = [list(rows[0]), *([_cell(value) for value in row.values()] for row in rows)]
    widths = [max(len(line[column]) for line in table) for column in range(len(table[0]))]
    for line in table:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def _cell(value: object) -> str:
    if value is None:
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)

"""The organisations of the demo world, as a file like any other that is imported."""

import csv
import io
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

import yaml

from broker.catalogue import Catalogue
from broker.people.organisation_file import COLUMNS, OWN_CODE, OrganisationFile, read_organisation_file

_HERE = files("broker.cli.demo_world")
_KIND_OF_MUNICIPALITY = {"gemeente": "LB", "brusselse_gemeente": "EA"}
_FIRST_COMPANY, _FIRST_CENTRE = 1001, 2001


@cache
def demo_organisations() -> dict[str, Any]:
    """What organisations.yaml says."""
    written: dict[str, Any] = yaml.safe_load((_HERE / "organisations.yaml").read_text(encoding="utf-8"))
    return written


def fictitious_kbo(place: int) -> str:
    """A KBO number with valid check digits from the range 0999, which is not issued; `place` counts from 1 to 9999."""
    eight = f"0999{place:04d}"
    return f"{eight}{97 - int(eight) % 97:02d}"


def demo_organisation_file(catalogue: Catalogue) -> OrganisationFile:
    """The municipalities, the autonomous municipal companies, the independent centres and the organisations in the
    Netherlands, read as an import reads them."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, (*COLUMNS, OWN_CODE), restval="", lineterminator="\n")
    writer.writeheader()
    for row in _rows():
        writer.writerow({"active": "1", "source": "demo world, fictitious number"} | row)
    return read_organisation_file(io.BytesIO(text.getvalue().encode()), catalogue)


def _rows() -> Iterator[dict[str, str]]:
    nis_of: dict[str, str] = {}
    municipalities = (_HERE / "municipalities.csv").read_text(encoding="utf-8").splitlines()
    for place, row in enumerate(csv.DictReader(municipalities), start=1):
        nis_of[row["name"]] = row["nis"]
        yield {
            "type": row["type"],
            "doelgroep": _KIND_OF_MUNICIPALITY[row["type"]],
            "name": f"Gemeente {row['name']}",
            "name_fr": row["name_fr"],
            "nis": row["nis"],
            "province": row["province"],
            "kbo": fictitious_kbo(place),
        }
    for place, town in enumerate(demo_organisations()["autonomous_municipal_companies"], start=_FIRST_COMPANY):
        yield {
            "type": "agb",
            "doelgroep": "LB",
            "name": f"AGB {town}",
            "parent_nis": nis_of[town],
            "kbo": fictitious_kbo(place),
        }
    for place, name in enumerate(demo_organisations()["independent_centres"], start=_FIRST_CENTRE):
        yield {"type": "economische_actor", "doelgroep": "EA", "name": name, "kbo": fictitious_kbo(place)}
    for each in demo_organisations()["in_the_netherlands"]:
        yield {"type": each["type"], "doelgroep": "NL", "name": each["name"], OWN_CODE: each["code"]}

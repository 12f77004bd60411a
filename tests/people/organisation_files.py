"""CSV files of invented organisations, and the real one of the workplace where it is there."""

import io
import os
from pathlib import Path

from broker.people.organisation_file import COLUMNS

HEADER = ",".join(COLUMNS)

GENK = "gemeente,LB,Genk,,71016,Limburg,0999000129,OVO900001,,1,invented"
AGB_GENK = "agb,LB,AGB Genk,,,Limburg,0999000228,,71016,1,invented"
JETTE = "brusselse_gemeente,EA,Jette,Jette,21010,,,,,1,invented"
ETTERBEEK = "brusselse_gemeente,EA,Etterbeek,Etterbeek,21005,,,,,1,invented"
PROVINCE = "provincie,LB,Limburg,,,,,OVO900002,,1,invented"
OVER = "agb,LB,AGB Voorbij,,,,0999000327,,,0,invented"

INVENTED = (GENK, AGB_GENK, JETTE, ETTERBEEK, PROVINCE, OVER)


def csv_file(*lines: str, header: str = HEADER) -> io.BytesIO:
    """A file with these lines under `header`."""
    return io.BytesIO("\n".join((header, *lines, "")).encode())


def real_file() -> Path:
    """Where the 825 organisations of the workplace are, or would be; they are never part of the project.

    POORTWACHTER_SHARED names the folder; else it stands beside the clone.
    """
    beside = Path(__file__).resolve().parents[3] / "shared"
    return Path(os.environ.get("POORTWACHTER_SHARED") or beside) / "data" / "organisations.csv"

"""The one writer of the rights claim can be read back in one way only."""

import re
import uuid
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broker.access.live_rights import LiveRight
from broker.catalogue import Catalogue
from broker.oidc.rights_claim import rights_claim

CODE = st.from_regex(re.compile(r"[A-Za-z0-9_]{1,20}", re.ASCII), fullmatch=True)
ANY = st.text(max_size=20)


def live(context: str, organisation: str) -> LiveRight:
    return LiveRight(uuid.uuid4(), uuid.uuid4(), organisation, "", "LB", "gemeente", "invoerder", context, None)


def readable(value: str) -> tuple[str, str, str] | None:
    found = re.fullmatch(r"([A-Za-z0-9_]+)(?:-([A-Za-z0-9_]+))?:([A-Za-z0-9_]+)", value, re.ASCII)
    return (found[1], found[2] or "", found[3]) if found else None


@given(claim=CODE, context=st.one_of(st.just(""), CODE), organisation=CODE)
def test_what_is_written_reads_back_as_the_same_right(
    catalogue: Catalogue, claim: str, context: str, organisation: str
) -> None:
    """OA5."""
    application = catalogue.applications["cultuurmonitor"]
    application = replace(application, rights={"invoerder": replace(application.rights["invoerder"], claim=claim)})
    (written,) = rights_claim(application, [live(context, organisation)])
    assert readable(written) == (claim, context, organisation)


@given(context=ANY, organisation=ANY)
def test_a_code_that_could_be_read_as_another_right_is_never_written(
    catalogue: Catalogue, context: str, organisation: str
) -> None:
    """OA5: `:` `-` `,` spaces and letters that only look plain."""
    application = catalogue.applications["cultuurmonitor"]
    try:
        (written,) = rights_claim(application, [live(context, organisation)])
    except ValueError:
        return
    assert readable(written) == ("CultuurmonitorInvoerder", context, organisation)


@pytest.mark.parametrize("spoiled", ["0207-451", "0207:451", "0207,451", "0207 451", "", "٠٢٠٧", "0207\n"])
def test_codes_with_signs_of_the_claim_are_refused(catalogue: Catalogue, spoiled: str) -> None:
    """OA5."""
    with pytest.raises(ValueError, match="does not belong"):
        rights_claim(catalogue.applications["cultuurmonitor"], [live("cultuurcentra", spoiled)])

"""The three digital keys that this one process plays: what differs between them.

Owns: their codes, names, the claim that carries the national number, the acr values. Does not own keys nor pages.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Provider:
    """One digital key: an issuer of its own by path.

    `number_claim` is the claim of the national number: it differs per key, as it does in the world. `number_on_request`:
    it is told only where the claims parameter asks for it. `acr_values` go from strong to weak. `takes_pushed_requests`:
    RFC 9126.
    """

    code: str
    name: str
    number_claim: str
    acr_values: tuple[str, ...]
    amr: tuple[str, ...]
    number_on_request: bool = False
    takes_pushed_requests: bool = False

    def issuer(self, base_url: str) -> str:
        """The issuer identifier under the origin `base_url`."""
        return f"{base_url}/{self.code}"


PROVIDERS = {
    provider.code: provider
    for provider in (
        Provider(
            code="itsme",
            name="itsme",
            number_claim="http://itsme.services/v2/claim/BENationalNumber",
            acr_values=(
                "http://itsme.services/v2/claim/acr_advanced",
                "http://itsme.services/v2/claim/acr_basic",
            ),
            amr=("pin", "hwk"),
            number_on_request=True,
        ),
        Provider(
            code="eid",
            name="eID",
            number_claim="rrn",
            acr_values=("urn:be:fedict:iam:fas:Level500", "urn:be:fedict:iam:fas:Level400"),
            amr=("pin", "sc"),
            takes_pushed_requests=True,
        ),
        Provider(
            code="token",
            name="Burgertoken",
            number_claim="egov_nrn",
            acr_values=("urn:be:fedict:iam:fas:Level400", "urn:be:fedict:iam:fas:Level200"),
            amr=("pwd", "otp"),
        ),
    )
}

"""What can go wrong with a provider, for the page that says so.

`facts` hold the provider's code and a reason, no more.
"""

from broker.errors import DomainError
from broker.text import Text


class ProviderDownError(DomainError):
    """The provider cannot be reached, or not in time; the other providers still can."""

    def __init__(self, provider_code: str, reason: str) -> None:
        super().__init__(
            "provider_down",
            Text(
                "Deze digitale sleutel antwoordt niet. Kies een andere, of probeer het straks opnieuw.",
                "This digital key does not answer. Choose another one, or try again later.",
            ),
            provider=provider_code,
            reason=reason,
        )


class ProviderAnswerError(DomainError):
    """The provider answered something that we must not believe."""

    def __init__(self, provider_code: str, reason: str) -> None:
        super().__init__(
            "provider_answer_refused",
            Text(
                "Het antwoord van deze digitale sleutel klopt niet. U bent niet aangemeld.",
                "The answer of this digital key is not right. You are not signed in.",
            ),
            provider=provider_code,
            reason=reason,
        )

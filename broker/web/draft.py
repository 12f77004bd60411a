"""What was typed, sealed, to travel from one page to the next: only what was shown is sent (seed-sentences W1).

Owns sealing and its end; the place ("draft:<browser>:…") says for which browser and which page it opens.
"""

import time
from collections.abc import Mapping

from broker.installation import Installation
from broker.keys import SealError

DRAFT_SECONDS = 4 * 3600


def seal_typed(installation: Installation, place: str, typed: Mapping[str, str]) -> str:
    """`typed`, sealed for `place`."""
    return installation.keys.seal_json({"typed": dict(typed), "at": int(time.time())}, place)


def open_typed(installation: Installation, place: str, sealed: str) -> dict[str, str] | None:
    """The opposite; None for one of another place, a touched one, or one of hours ago."""
    try:
        draft = installation.keys.unseal_json(sealed, place)
    except SealError:
        return None
    if not isinstance(draft, dict) or draft["at"] < time.time() - DRAFT_SECONDS:
        return None
    return dict(draft["typed"])

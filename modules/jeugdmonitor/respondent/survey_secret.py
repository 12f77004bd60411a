"""The secret of this installation, as the respondents' part uses it.

Owns: the key for codes and form tokens. Does not own the secret itself (the kit's settings).
"""

from modules.kit.sealing import derived
from modules.kit.state import kit


def survey_key() -> bytes:
    """32 bytes, for nothing but surveys."""
    return derived(kit().settings.secret, "survey")

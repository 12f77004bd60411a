"""The rules: one rule a file, each a small pure object with a name, a sentence for people and a check.

The same rules serve the decision, its explanation on the page ("why can't I?") and the refusal before sending. A rule reads
only the `Case` it is given: no database, no clock. `broker.access.load_case` gathers the case.
"""

from broker.access.rules.case import Case, Finding, Rule, explain, fingerprint
from broker.access.rules.contact_proved import CONTACT_PROVED
from broker.access.rules.identity_checked import IDENTITY_CHECKED
from broker.access.rules.label_needed import LABEL_NEEDED
from broker.access.rules.name_fits import NAME_FITS
from broker.access.rules.not_already import NOT_ALREADY
from broker.access.rules.not_for_yourself import NOT_FOR_YOURSELF
from broker.access.rules.offered import OFFERED
from broker.access.rules.one_role import ONE_ROLE
from broker.access.rules.organisation_fits import ORGANISATION_FITS
from broker.access.rules.plain_writing import PLAIN_WRITING
from broker.access.rules.works_here import WORKS_HERE

FOR_ASKING: tuple[Rule, ...] = (OFFERED, ORGANISATION_FITS, NOT_ALREADY, ONE_ROLE)
FOR_DECIDING: tuple[Rule, ...] = (
    NOT_FOR_YOURSELF,
    OFFERED,
    ORGANISATION_FITS,
    NOT_ALREADY,
    ONE_ROLE,
    LABEL_NEEDED,
    CONTACT_PROVED,
    IDENTITY_CHECKED,
    NAME_FITS,
    WORKS_HERE,
    PLAIN_WRITING,
)
FOR_GIVING: tuple[Rule, ...] = (
    NOT_FOR_YOURSELF,
    OFFERED,
    ORGANISATION_FITS,
    NOT_ALREADY,
    ONE_ROLE,
    LABEL_NEEDED,
    CONTACT_PROVED,
    IDENTITY_CHECKED,
    PLAIN_WRITING,
)

__all__ = ["FOR_ASKING", "FOR_DECIDING", "FOR_GIVING", "Case", "Finding", "Rule", "explain", "fingerprint"]

"""Who is who: persons, organisations, who works where, who may decide what, and which digital key belongs to whom.

Owns: Person, Organisation, Affiliation (werkrelatie), Mandate, IdentityLink, OneTimeLink, their identifiers and their
operations. Does not own: what anybody may use (access/), nor how somebody proves who they are (authentication/).
"""

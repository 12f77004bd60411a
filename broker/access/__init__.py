"""The heart: who asked for which right, who decides, who has it.

Owns: AccessRequest, Task, Grant, Label, OrganisationProposal, the rules and the operations that change them. Does not own
who somebody is (people/) nor how they prove it (authentication/).
"""

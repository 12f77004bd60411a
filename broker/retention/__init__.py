"""Retention: erasing what names somebody when its purpose has ended (DESIGN §6, threats RE).

Owns: the register of every place that holds personal data, one rule a file for what ends when, and `run_retention`,
which applies them. Does not own the periods (policies/retention.yaml) nor what is erased on the spot by the operation that
no longer needs it (a number at linking, a session's number at its end).
"""

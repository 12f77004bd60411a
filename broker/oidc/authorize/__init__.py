"""The authorization endpoint: from a request to a code.

Owns, in the order in which they come: `authorization_request` (the checks on the request), `person_steps` (the
steps with the person), `pages` (what the person sees), `answer` (what goes back to the client); `endpoint` is where
requests and posted choices come in.
"""

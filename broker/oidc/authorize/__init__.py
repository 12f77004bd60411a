"""The authorization endpoint: from a request to a code.

Owns, in the order in which they come: `parameters_in_force` (where the request stands: in the address, pushed, or in a
signed object), `authorization_request` with `levels_asked` and `id_token_hint` (the checks on it), `person_steps` (the steps
with the person), `pages` (what the person sees), `give_code`, `answer` (what goes back to the client). `arrival` is the mark
that goes along with a browser that must come back; `endpoint` is where requests and posted choices come in, `straight_way`
what answers where there is nothing to ask, `metadata` what discovery says of all this.
"""

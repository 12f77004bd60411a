"""The respondent's way: a form on a phone, page by page, sent as a whole, by somebody who stays unknown.

Owns: `/v/…` with its own cookie and its own guard against forged forms, what is kept while somebody is answering, and the
limits on who sends how much. Does not own what is asked (asked.py), and knows nothing of who is signed in: no session is
opened here (isolation.py).
"""

"""Proving who somebody is: digital keys, the browser's session, and for which organisation somebody comes.

Owns: upstream sign-in (OpenID Connect as a client), BrowserSession, SignInAttempt, the level of a sign-in, the choice
of capacity, and the tables of what clients are given (ClientSession, AuthorizationCode). Does not own who somebody is
(people/), what they may use (access/), nor the pages and endpoints (web/, oidc/).
"""

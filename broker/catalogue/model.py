"""What policies and forms say, as frozen dataclasses: the only thing the rest of the broker sees of YAML."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from broker.keys.decryption import DecryptionKey
from broker.keys.jose import Algorithm, SigningKey, VerifiedAlgorithm
from broker.text import Text


@dataclass(frozen=True, slots=True)
class OrganisationType:
    """A kind of organisation within a target group, e.g. `brusselse_gemeente`.

    `name` is one ("Brusselse gemeente"), `plural` several ("Brusselse gemeenten"), `hint` one sentence that says when
    it is yours. `unlisted`: an applicant may propose one that we do not know yet (seed-sentences M1).
    """

    code: str
    name: Text
    plural: Text
    hint: Text
    unlisted: bool = False


@dataclass(frozen=True, slots=True)
class TargetGroup:
    """A doelgroep: LB, EA, GID…"""

    code: str
    name: Text
    types: Mapping[str, OrganisationType]


@dataclass(frozen=True, slots=True)
class Context:
    """A refinement of a right; in the Cultuurmonitor the module ("Cultuurcentra")."""

    code: str
    name: Text


@dataclass(frozen=True, slots=True)
class Right:
    """A gebruikersrecht. `claim` is its code in the rights claim; `action` says what one may do with it ("jaarcijfers
    invoeren").

    `question` is what an approver is asked; it may hold `{person}` and `{organisation}`.
    """

    code: str
    name: Text
    claim: str
    action: Text
    question: Text
    contexts: Mapping[str, Context]


@dataclass(frozen=True, slots=True)
class EntitlementCode:
    """The `ec` of a self-registration link: which right and context, for which kind of organisation.

    `context_code` is "" where the right has no contexts.
    """

    code: str
    application_code: str
    right_code: str
    context_code: str
    target_group: str
    organisation_type: str

    @property
    def link(self) -> str:
        """The self-registration link, as seed 002 writes it, from the root of the broker."""
        return f"/user/aanvraag?dg={self.target_group}&ec={self.code}"


@dataclass(frozen=True, slots=True)
class LabelPolicy:
    """A label that organisations of the given kinds need before a right counts there; `needed_by` holds (target
    group, type).
    """

    code: str
    name: Text
    needed_by: frozenset[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers questions about an application."""

    team: Text
    email: str
    phone: str
    hours: Text
    page: str


@dataclass(frozen=True, slots=True)
class Helpdesk:
    """The helpdesk of the installation (1700)."""

    phone: str
    hours: Text
    page: str


@dataclass(frozen=True, slots=True)
class EventStream:
    """Where a client is told of security events (RFC 8935), which of them, and what the receiver knows us by.

    `requested`: of session-revoked and token-claims-change. `secret`: the bearer token of the receiver, or None.
    """

    endpoint: str
    requested: tuple[str, ...]
    secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Client:
    """One OpenID client of an application.

    `authentication`: none, client_secret_basic, client_secret_post or private_key_jwt. `secret_sha256`: hex digests
    of the secrets accepted now (from the policy, or of the variable it names). `access`: right or any_person.
    `consent`: none or once. `grant_types`: of authorization_code, refresh_token, client_credentials and token_exchange;
    without authorization_code there are no redirect URIs and no `start_uri`. `jwks_uri` instead of `jwks`: where its keys
    are fetched; `private_network`: its addresses may lie in a private range. `may_call`: the applications that it may ask
    tokens for, for itself or on behalf of its user. `refresh_is_activity`: it refreshes only when the person does
    something, so that a refresh keeps the session here alive (decisions 18). `asks_holders`: it may ask, for itself, which of the
    people that it names still have a right in its own application (decisions 2). The two signing algorithms of answers are ""
    where the answer is plain JSON unless asked.
    """

    client_id: str
    application_code: str
    name: Text
    redirect_uris: tuple[str, ...]
    post_logout_redirect_uris: tuple[str, ...]
    start_uri: str
    authentication: str
    secret_sha256: tuple[str, ...]
    jwks: Mapping[str, Any] | None
    scopes: tuple[str, ...]
    signing_algorithm: Algorithm
    access: str
    consent: str
    pkce: str
    grant_types: tuple[str, ...] = ("authorization_code",)
    jwks_uri: str = ""
    private_network: bool = False
    require_par: bool = False
    require_dpop: bool = False
    require_signed_request: bool = False
    userinfo_signing_algorithm: Algorithm | Literal[""] = ""
    introspection_signing_algorithm: Algorithm | Literal[""] = ""
    backchannel_logout_uri: str = ""
    events: EventStream | None = None
    may_call: tuple[str, ...] = ()
    refresh_is_activity: bool = False
    asks_holders: bool = False


@dataclass(frozen=True, slots=True)
class Charter:
    """What every user of an application agrees to, again with every new `version`. `text` holds its paragraphs; where it is
    empty the charter stands at `page`.
    """

    version: str
    title: Text
    text: tuple[Text, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class Recertification:
    """Once a year, from the first of `month`, administrators confirm the rights of their organisation within `days` working
    days. `unconfirmed`: what nobody confirmed by then ends, or is kept.
    """

    month: int
    days: int
    unconfirmed: Literal["end", "keep"]


@dataclass(frozen=True, slots=True)
class AskAdministrator:
    """The page "Account aanvragen": `who` may ask, and the paragraphs of the message to the local administrator, which may
    hold `{right}`, `{organisation}` and `{page}`.
    """

    who: Text
    message: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """Seconds; the defaults of decisions 13. `refresh` begins anew with every refresh, `refresh_absolute` and
    `offline` never do."""

    code: int = 30
    access_token: int = 300
    id_token: int = 300
    session: int = 8 * 3600
    refresh: int = 8 * 3600
    refresh_absolute: int = 24 * 3600
    offline: int = 30 * 24 * 3600
    pushed_request: int = 60


RIGHT, AFFILIATION = "right", "affiliation"
LOCAL_ACCOUNT = "local_account"
"""What stands in `sign_in` beside digital keys, and as the provider of a session: a user name and password of our own."""


@dataclass(frozen=True, slots=True)
class Terms:
    """One document that somebody with a local account agrees to at every sign-in; its version is written down with the yes."""

    code: str
    version: str
    title: Text
    text: tuple[Text, ...] = ()
    page: str = ""


@dataclass(frozen=True, slots=True)
class LocalAccountPolicy:
    """How an application lets people in with a local account.

    `statement` stands at the box under the password, with links to `terms`. `remember_days`: how long a device may be
    remembered that was asked for, 0 never. An application that asks a higher `minimum_level` demands a stronger second factor.
    """

    statement: Text
    terms: tuple[Terms, ...]
    remember_days: int = 7


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """What a password of our own must be, and how many messages by SMS may leave.

    `least` counts signs, `strength` is zxcvbn's from 0 to 4, `history` how many earlier ones may not come back. `known_words` are
    guessed first here, and stand in no list of zxcvbn, which knows English.
    """

    least: int = 10
    digit: bool = True
    capital: bool = True
    small: bool = True
    strength: int = 3
    history: int = 5
    sms_a_day: int = 2000
    sms_a_prefix_an_hour: int = 200
    known_words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Application:
    """An application that the broker guards.

    `name` is how it is known ("CCinC – Cultuur- en gemeenschapscentra in Cijfers"), `short_name` its title
    ("Cultuurmonitor"), `called` how a sentence names it ("de Cultuurmonitor"), `technical_name` what VO Gebruikersbeheer
    calls it. `grant_months` is how long a right lasts. `decide_within_days` is how many working days a request may wait,
    `remind_after` after how many its deciders are reminded, `escalate_after` after how many the officer may decide too.
    `scope` and `claim` are those of its rights. `gives` is what an approval makes: a right, or an affiliation alone (then there is
    nothing to sign in to, and no scope or claim). `notify_requests`: its team is told of requests too, not of grants alone.
    """

    code: str
    name: Text
    short_name: Text
    called: Text
    technical_name: str
    page: str
    rights: Mapping[str, Right]
    entitlement_codes: Mapping[str, EntitlementCode]
    labels: Mapping[str, LabelPolicy]
    one_role_per: str | None
    grant_months: int
    decide_within_days: int
    remind_after: tuple[int, ...]
    escalate_after: int
    notify_grants: tuple[str, ...]
    contact: Contact
    scope: str
    claim: str
    sign_in: tuple[str, ...]
    minimum_level: int
    lifetimes: Lifetimes
    form: str
    clients: Mapping[str, Client]
    gives: str = RIGHT
    notify_requests: bool = False
    ask_administrator: AskAdministrator | None = None
    charter: Charter | None = None
    recertification: Recertification | None = None
    local_account: LocalAccountPolicy | None = None

    @property
    def entrance(self) -> str:
        """Where a person goes to sign in: the start of its first client, else its page."""
        return next((client.start_uri for client in self.clients.values() if client.start_uri), self.page)

    def label_needed(self, target_group: str, organisation_type: str) -> LabelPolicy | None:
        """The label that an organisation of this kind needs, or None."""
        for label in self.labels.values():
            if (target_group, organisation_type) in label.needed_by:
                return label
        return None


@dataclass(frozen=True, slots=True)
class FormField:
    """One question of a form. `kind`: email, phone, organisation, centre, text (several lines) or line.

    `help` is two empty texts where the form gives none; `longest` counts signs.
    """

    code: str
    kind: str
    label: Text
    help: Text
    required: bool
    longest: int


@dataclass(frozen=True, slots=True)
class Form:
    """What an applicant is asked. `identity`: which of `digital_key` and `typed` are ways to say who one is."""

    code: str
    identity: tuple[str, ...]
    fields: tuple[FormField, ...]


@dataclass(frozen=True, slots=True)
class Encryption:
    """How an identity provider encrypts what it says to us (RFC 7516): exactly this `alg` and `enc`, to one of `keys`,
    newest first.
    """

    alg: str
    enc: str
    keys: tuple[DecryptionKey, ...]


@dataclass(frozen=True, slots=True)
class IdentityProvider:
    """An upstream OpenID provider (digital key). `asserts`: what it may say of a person (name, national_number).

    `levels` maps an upstream acr to (our acr URN, level); `ceiling` caps the level. The claims that hold the
    rijksregisternummer and the names are paths: one name, or several where a claim stands within a claim.
    `number_from`: the level from which its word on a number counts. `signing_algorithm`: of its ID tokens and of a
    signed userinfo. `userinfo`: plain, signed or encrypted. `requested_claims`: what is asked by the claims parameter,
    where (id_token, userinfo) → claim → whether it is essential. `par`: required, when_offered or never.

    `signing_keys`: by which we prove ourselves with private_key_jwt, the first one signs; `assertion_audience`: issuer
    or token_endpoint. `also_at`: other origins that the browser passes on its way. `private_network`: its addresses may
    lie in a private range.
    """

    code: str
    name: Text
    hint: Text
    issuer: str
    metadata_url: str
    client_id: str
    client_secret: str | None = field(repr=False)
    authentication: str
    scope: str
    asserts: frozenset[str]
    number_claim: tuple[str, ...]
    levels: Mapping[str, tuple[str, int]]
    ceiling: int
    acr_values: str
    signing_algorithm: VerifiedAlgorithm
    given_name_claim: tuple[str, ...] = ("given_name",)
    family_name_claim: tuple[str, ...] = ("family_name",)
    number_from: int = 25
    userinfo: str = "plain"
    requested_claims: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    par: str = "when_offered"
    signing_keys: tuple[SigningKey, ...] = ()
    assertion_audience: str = "issuer"
    encryption: Encryption | None = None
    also_at: tuple[str, ...] = ()
    private_network: bool = False

    def own_public_keys(self) -> list[dict[str, Any]]:
        """The public halves of our keys for this provider (RFC 7517): with `use` sig, and with `use` enc."""
        signing = [key.public_jwk() for key in self.signing_keys]
        if self.encryption is None:
            return signing
        return signing + [key.public_jwk(self.encryption.alg) for key in self.encryption.keys]


@dataclass(frozen=True, slots=True)
class KindLinks:
    """One row of an application's table of links (seed 002): a kind of organisation, and right code → its entitlement
    codes.
    """

    target_group: str
    organisation_type: OrganisationType
    codes: Mapping[str, tuple[EntitlementCode, ...]]


@dataclass(frozen=True, slots=True)
class Replacement:
    """A file of a later folder that took the place of its namesake; `keys` are those whose values differ (threat
    PF2).
    """

    file: str
    replaced: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Everything the policies and forms say.

    `fingerprint` is a hash over all files in force; `files` are their names; `replaced` says which of them stand in
    for another. `retention` holds days by rule.
    """

    target_groups: Mapping[str, TargetGroup]
    applications: Mapping[str, Application]
    forms: Mapping[str, Form]
    identity_providers: Mapping[str, IdentityProvider]
    helpdesk: Helpdesk
    retention: Mapping[str, int]
    fingerprint: str
    files: tuple[str, ...]
    entitlement_codes: Mapping[str, EntitlementCode] = field(default_factory=dict)
    clients: Mapping[str, Client] = field(default_factory=dict)
    replaced: tuple[Replacement, ...] = ()
    passwords: PasswordPolicy = field(default_factory=PasswordPolicy)

    def with_local_accounts(self) -> tuple[Application, ...]:
        """The applications that let people in with a local account; of one without a client nobody comes in."""
        return tuple(each for each in self.applications.values() if each.local_account is not None and each.clients)

    def organisation_type(self, target_group: str, organisation_type: str) -> OrganisationType | None:
        """The kind of organisation, or None where the policies no longer know it."""
        group = self.target_groups.get(target_group)
        return group.types.get(organisation_type) if group else None

    def kind_links(self, application: Application) -> tuple[KindLinks, ...]:
        """The links of an application, a row for each kind of organisation, in the order of its policy."""
        rows: dict[tuple[str, str], dict[str, tuple[EntitlementCode, ...]]] = {}
        for code in application.entitlement_codes.values():
            row = rows.setdefault((code.target_group, code.organisation_type), {})
            row[code.right_code] = (*row.get(code.right_code, ()), code)
        return tuple(
            KindLinks(group, self.target_groups[group].types[kind], codes) for (group, kind), codes in rows.items()
        )

"""Reads a file of forms/: what an applicant is asked."""

from broker.catalogue.formats import both_languages, choice, code, truth, whole
from broker.catalogue.found import Entries, Found, list_of, show
from broker.catalogue.model import Form, FormField
from broker.text import Text

FORM = "a form"
_LONGEST = {
    "email": 254,
    "phone": 30,
    "organisation": 200,
    "centre": 120,
    "line": 200,
    "text": 1000,
    "replaces": 200,
    "general_email": 254,
}
_ALWAYS = ("email", "organisation")
_AT_MOST_ONCE = ("phone", "centre", "replaces", "general_email")
_BY_THEIR_KIND = ("replaces", "general_email")  # what is done with the answer is known by its code
# What the page itself sends beside the fields.
_TAKEN = frozenset(
    {"csrf_token", "dg", "ec", "an", "oc", "ctx", "taal", "given_name", "family_name", "national_number", "identity"}
)


def read_form(name: str, found: Found) -> Form:
    """One form; `name` is that of its file."""
    entries = Entries(found)
    identity = entries.required("identity", list_of(choice("digital_key", "typed"), least=1, most=2))
    fields = entries.required("fields", list_of(_field, least=2, most=30))
    if entries.sound("fields"):
        _fields_go_together(entries, fields)
    entries.close()
    return Form(code=name, identity=identity, fields=fields)


def _fields_go_together(entries: Entries, fields: tuple[FormField, ...]) -> None:
    kinds = [field.kind for field in fields]
    for kind in _ALWAYS:
        if kinds.count(kind) != 1:
            entries.mistake("fields", f"{kinds.count(kind)} fields of kind {kind}", "exactly one")
    for kind in _AT_MOST_ONCE:
        if kinds.count(kind) > 1:
            entries.mistake("fields", f"{kinds.count(kind)} fields of kind {kind}", "at most one")
    codes = [field.code for field in fields]
    for repeated in sorted({own_code for own_code in codes if codes.count(own_code) > 1}):
        entries.mistake("fields", f"the code {show(repeated)} more than once", "each code once")


def _field(found: Found) -> FormField:
    entries = Entries(found)
    own_code = entries.required("code", code(40))
    if entries.sound("code") and own_code in _TAKEN:
        entries.mistake("code", show(own_code), "a code that the page itself does not use")
    kind = entries.required("kind", choice(*_LONGEST))
    label = entries.required("label", both_languages(120))
    help_text = entries.optional("help", both_languages(), Text("", ""))
    required = entries.optional("required", truth, True)
    longest = entries.optional("longest", whole(1, 5000), None)
    if entries.sound("kind", "required") and kind in _ALWAYS and not required:
        entries.mistake("required", "false", f"true (a request needs its {kind})")
    if entries.sound("kind", "code") and kind in _BY_THEIR_KIND and own_code != kind:
        entries.mistake("code", show(own_code), f"{kind} (the code of a field of kind {kind})")
    if entries.sound("kind", "required") and kind in _BY_THEIR_KIND and required:
        entries.mistake("required", "true", f"false (who has no {kind} leaves it empty)")
    entries.close()
    return FormField(
        code=own_code,
        kind=kind,
        label=label,
        help=help_text,
        required=required,
        longest=longest or _LONGEST[kind],
    )

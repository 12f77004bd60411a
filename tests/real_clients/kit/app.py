"""An application behind Poortwachter with the kit: one page, for whoever has a right."""

from flask import Flask, redirect, render_template_string

from modules.kit import Application, Contact, MenuEntry, ModuleSettings, init_module, person_here, require_right, serve

APPLICATION = Application(
    code="cultuurmonitor",  # at the broker: the audience of the access tokens
    name="Cijfers",
    tagline="Een voorbeeld",
    path="/cijfers",
    home="page",
    scope="openid profile vo cjm_cultuurmonitor",
    rights_claim="cjm_cultuurmonitor_rol_3d",
    context="cultuurcentra",
    right_names={"CultuurmonitorInvoerder": "Invoerder", "CultuurmonitorRaadpleger": "Raadpleger"},
    contact=Contact(team="CCinC-team", phone="02 553 42 26", email="ccinc@vlaanderen.be"),
    menu=lambda person: (MenuEntry(label="Cijfers", endpoint="page", current=lambda endpoint: True),),
)
PAGE = """{% extends "kit/page.html" %}
{% block title %}Cijfers{% endblock %}
{% block content %}<h1>Dag {{ person.given_name }}</h1>
<p>U werkt voor <b>{{ person.organisation_name }}</b>.</p>
<ul>{% for right in person.rights|sort %}<li>{{ application.right_names[right] }}</li>{% endfor %}</ul>{% endblock %}"""

START = """{% extends "kit/public.html" %}
{% block title %}Cijfers{% endblock %}
{% block content %}<a href="/cijfers/cijfers">Aan de slag</a>{% endblock %}"""


def create_app():
    app = Flask(__name__)
    init_module(app, APPLICATION, ModuleSettings.from_environment("CIJFERS"))

    @app.get("/")
    def begin():
        return redirect("/cijfers/")

    @app.get("/cijfers/")
    def start():
        return render_template_string(START)

    @app.get("/cijfers/cijfers")
    @require_right(*APPLICATION.right_names)
    def page():
        return render_template_string(PAGE, person=person_here())

    return app


app = serve(create_app)

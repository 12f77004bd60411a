"""The look: language, shell, components and mails that the broker and the applications share.

Owns how pages look and how they speak (two languages, dates, hours). Knows neither the broker nor an application, no
person, no URL of a page. How a page uses it:

    app:      init_look(app, brand=Brand("Poortwachter", "toegang …"), translations=[Path(…/en.po)],
                        frame=lambda: Frame(menu=[MenuItem(…)], who=Who(…)), person_language=lambda: "nl" or None)
    python:   from look.language import gettext as _, ngettext, written_date, written_moment
    page:     {% extends "look/public.html" %}  (arch beside it)   or   {% extends "look/shell.html" %}
              {% import "look/macros.html" as m %}
              blocks: title, arch (public only: one m.arch_panel), content, head, body_class, foot
              context: errors=[(field id, sentence), …] puts "Fout:" before the title
    parts:    m.page_head(title, lead, back=(label, url), above)       m.arch_panel(icon, small, title, rows)
              m.button(label, kind, name, value, before, after)        m.link_button(label, url, kind, before, after)
              m.field(name, label, value, help, error, optional, type, width, rows)
              m.select(name, label, options, value)
              m.choices(name, legend, options, value, help, error)     m.tick(name, label, help, checked)
              m.error_summary(errors)   m.csrf()   m.verified(title, lines)   m.search_field(…)
              m.chip(kind, word)   m.flash(kind, title, text)   m.flashes()   m.steps(labels, now)
              m.timeline(steps)   m.facts(rows)   m.rules(rows)   m.tabs(items, label)   m.numbers(items)
              m.person(name, lines, url)   m.row_tick(name, value, about)   m.pager(words, next_url)   m.empty(…)
              {% call m.sheet(kind, title) %}   {% call m.confirm(title, …) %}   {% call m.bulk_bar(words) %}
              {% call m.capacity_door(name, lines, chip_) %}
    filters:  written_date, short_date, day_date, written_time, written_moment, initials
    mail:     look.mail.Mail(…).html() and .text()

Each macro says in `templates/look/macros.html` what it takes. Nothing needs JavaScript; no page needs inline style or
script.
"""

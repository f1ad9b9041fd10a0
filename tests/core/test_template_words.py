"""Templates say through the quick lookups exactly what Flask-Babel's own would say."""

from html import escape

import pytest
from flask import Flask, render_template_string
from flask_babel import Babel, force_locale

from lms.app.translations.compiled import FOLDER
from lms.core.template_words import speak_in_one_step

SAYINGS = (
    "{{ _('已保存') }}",
    "{{ _('共 %(n)s 题', n=3) }}",
    "{{ _('共 %(n)s 题', n='<b>') }}",
    "{{ _('没有这样的话：100%% & <i>') }}",
    "{{ _('没有这样的话 & <i>') }}",
    "{{ gettext('已保存') }}",
    "{{ pgettext('button', '交卷') }}",
    "{{ ngettext('%(num)s 个计划', '%(num)s 个计划', 1) }}",
    "{{ ngettext('%(num)s 个计划', '%(num)s 个计划', 7) }}",
    "{% set word = _('已保存') %}{{ word }}{{ [word, '<']|join }}",
    "{% autoescape false %}{{ _('没有这样的话：100%% & <i>') }}{{ _('共 %(n)s 题', n='<b>') }}{% endautoescape %}",
)


def an_app(*, quick: bool) -> Flask:
    app = Flask("reader")
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(FOLDER)
    Babel(app, default_locale="zh_Hans_CN")
    if quick:
        speak_in_one_step(app)
    return app


@pytest.fixture(scope="module")
def both() -> tuple[Flask, Flask]:
    return an_app(quick=False), an_app(quick=True)


@pytest.mark.parametrize("language", ["zh_Hans_CN", "en"])
@pytest.mark.parametrize("saying", SAYINGS)
def test_a_template_says_what_the_library_says(both: tuple[Flask, Flask], saying: str, language: str) -> None:
    said = []
    for app in both:
        with app.test_request_context(), force_locale(language):
            said.append(render_template_string(saying))
    assert said[0] == said[1] != ""


def test_another_language_in_the_same_request_is_spoken_at_once() -> None:
    app = an_app(quick=True)
    with app.test_request_context():
        said = [render_template_string("{{ _('已保存') }}")]
        with force_locale("en"):
            said.append(render_template_string("{{ _('已保存') }}"))
        said.append(render_template_string("{{ _('已保存') }}"))
    assert said == ["已保存", "Saved", "已保存"]


def test_what_is_put_in_is_escaped_and_the_text_is_not_escaped_twice() -> None:
    app = an_app(quick=True)
    with app.test_request_context():
        shown = render_template_string("{{ _('共 %(n)s 题', n=what) }}", what="<&>")
    assert shown == f"共 {escape('<&>')} 题"

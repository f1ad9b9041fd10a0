"""The face keeps its own rules: nothing inline, known icons, honest rings, safe addresses."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from jinja2 import Environment, FileSystemLoader
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request
from wtforms import DateField, Form, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined] # the stubs are behind 3.3
from wtforms.validators import InputRequired

from lms.core.formats import FILTERS

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates"
# The certificate is print, not a page: WeasyPrint gets its own sheet and no site policy applies.
PAGES = sorted(path for path in TEMPLATES.rglob("*.html") if path.parent.name != "certificates")


def environment(**names: Any) -> Environment:
    """The macros as the site sees them, without the site."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, extensions=["jinja2.ext.i18n"], trim_blocks=False
    )
    made.install_null_translations(newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    made.filters.update(FILTERS)
    made.globals.update(names)
    return made


def macro(file: str, name: str, **names: Any) -> Any:
    return getattr(environment(**names).get_template(f"_macros/{file}.html").module, name)


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_every_page_compiles_and_holds_nothing_the_policy_refuses(path: Path) -> None:
    source = path.read_text(encoding="utf-8")
    environment().parse(source)
    assert not re.search(r"\sstyle\s*=|<style\b|\son[a-z]+\s*=\s*[\"']|javascript:", source, re.IGNORECASE)
    for opening in re.findall(r"<script\b[^>]*>", source):
        assert "src=" in opening or 'type="application/json"' in opening, opening
    assert not re.search(r"(?:src|href)=[\"']https?://", source)


def used_icons() -> Iterator[tuple[str, str]]:
    for path in PAGES:
        for name in re.findall(r"\bicon\('([a-z-]+)'", path.read_text(encoding="utf-8")):
            yield path.name, name


def test_every_icon_a_page_names_is_drawn() -> None:
    drawings = macro("icon", "drawings")
    unknown = [(page, name) for page, name in used_icons() if name not in drawings]
    assert unknown == []
    for table in ("pill", "why", "notice", "verdict"):
        words = {"pill": "state_drawings"}.get(table, f"{table}_drawings")
        assert set(macro(table, words).values()) <= set(drawings)


def test_user_text_is_escaped_in_every_macro_that_shows_it() -> None:
    bad = "<script>x</script>"
    shown = [
        macro("pill", "pill")("ok", bad),
        macro("why", "why")(bad, [SimpleNamespace(rule=bad, now=bad, way_out=bad)]),
        macro("trail", "trail")([{"title": bad, "when": bad, "who": bad, "remark": bad, "kind": "ok"}]),
        macro("facts", "facts")([(bad, bad)]),
        macro("notice", "notice")("ok", bad),
        macro("job", "job")(SimpleNamespace(title=bad, note=bad, state="running", done=1, total=2, left=bad)),
        macro("opt", "opt")("q1", bad, "A", bad),
        macro("verdict", "verdict")("valid", bad, bad),
        macro("photo", "photo")("/p.jpg", bad),
    ]
    assert all("<script>" not in html and "&lt;script&gt;" in html for html in shown)


def arc(html: str) -> float:
    found = re.search(r'class="counted"[^>]*stroke-dasharray="([\d.]+) 10800"', html)
    assert found is not None
    return float(found[1])


def test_a_ring_is_full_only_when_the_last_second_is_counted() -> None:
    ring = macro("ring", "ring")
    almost, full = ring(10799, 1, 10800), ring(10800, 0, 10800)
    assert arc(almost) < 10700
    assert ">179:59<" in almost
    assert arc(full) == 10800
    assert ">180:00<" in full


def test_a_ring_says_the_exact_figures_to_a_screen_reader() -> None:
    label = "已计入 66 分 36 秒，待确认 45 秒，共需 180 分钟"
    assert f'aria-label="{label}"' in macro("ring", "ring")(3996, 45, 10800)


def test_the_coverage_bar_accounts_for_every_second_of_the_lesson() -> None:
    spans = [(0, 1450, "counted"), (1450, 1580, "refused"), (1580, 1966, "counted"), (1966, 2011, "pending")]
    html = macro("cover", "cover")(spans, 2520)
    label = "本课 42 分钟：已计入 30 分 36 秒，待确认 45 秒，未计入 2 分 10 秒，未观看 8 分 29 秒"
    assert f'aria-label="{label}"' in html
    assert html.count("url(#cover-refused)") == 1


def pager(query: str) -> str:
    request = Request(EnvironBuilder(path="/plans", query_string=query).get_environ())
    page = SimpleNamespace(number=2, pages=12, total=1234, size=100)
    return str(macro("table", "pager", request=request)(page))


def test_turning_a_page_keeps_the_filters() -> None:
    html = pager("q=%E7%94%B5%E5%B7%A5&page=2&state=open&state=done")
    assert 'href="/plans?q=%E7%94%B5%E5%B7%A5&amp;state=open&amp;state=done&amp;page=3"' in html
    assert "第 101—200 条，共 1,234 条" in html


def test_a_crafted_query_cannot_lead_out_of_the_site() -> None:
    html = pager('_scheme=javascript&_external=1&q="><script>')
    assert all(address.startswith("/plans?") for address in re.findall(r'href="([^"]*)"', html))
    assert "<script>" not in html


LEVELS = [SelectChoice("1", "考评员"), SelectChoice("2", "高级考评员")]


class Apply(Form):
    name = StringField("姓名", [InputRequired("请填写姓名")], description="与身份证上的字完全一致")
    since = DateField("参加工作时间")
    level = RadioField("申报级别", [InputRequired("请选择申报级别")], choices=LEVELS)


def test_a_wrong_field_points_to_its_error_and_its_help() -> None:
    form = Apply()
    form.validate()
    html = macro("field", "field")(form.name)
    assert 'aria-describedby="name-error name-help"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="name-error"' in html
    assert 'id="name-help"' in html


def test_a_date_has_the_browsers_own_field_and_an_example_for_browsers_without_one() -> None:
    html = macro("field", "field")(Apply(data={"since": date(2009, 7, 1)}).since)
    assert 'type="date"' in html
    assert 'value="2009-07-01"' in html
    assert "例：2009-07-01" in html


def test_choices_are_one_named_group() -> None:
    form = Apply()
    form.validate()
    html = macro("field", "field")(form.level)
    assert html.strip().startswith("<fieldset")
    assert 'aria-describedby="level-error"' in html
    assert html.count('type="radio"') == 2


def test_the_list_of_errors_links_to_every_field_and_takes_the_focus() -> None:
    form = Apply()
    form.validate()
    html = macro("field", "error_summary")(form)
    assert set(re.findall(r'href="#([^"]+)"', html)) == {"name", "level"}
    assert 'tabindex="-1" autofocus' in html
    assert macro("field", "error_summary")(SimpleNamespace(errors={})).strip() == ""

"""What forms say by themselves: where, what, and what to type instead."""

import pytest
from flask import Flask
from wtforms import DateField, DecimalField, IntegerField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length

from lms.core.forms import HouseForm


class Everything(HouseForm):
    """One field of each kind that can complain by itself."""

    day = DateField()
    count = IntegerField()
    share = DecimalField()
    kind = SelectField(choices=[SelectChoice("a", "甲")])
    name = StringField(validators=[DataRequired()])
    code = StringField(validators=[InputRequired()])
    long = StringField(validators=[Length(max=3)])
    short = StringField(validators=[Length(min=3)])


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("day", "请按 2009-07-01 的形式填写日期"), ("count", "请填写整数，例如 90"), ("share", "请填写数字，例如 2.5"),
        ("kind", "请从列表中选择一项"), ("name", "请填写这一项"), ("code", "请填写这一项"), ("long", "最多 3 个字"),
        ("short", "至少 3 个字"),
    ],
)  # fmt: skip
def test_a_form_says_what_to_type(app: Flask, field: str, words: str) -> None:
    sent = {
        "day": "21.11.2026",
        "count": "x",
        "share": "x",
        "kind": "b",
        "name": " ",
        "long": "四个字的",
        "short": "二",
    }
    with app.test_request_context("/", method="POST", data=sent):
        form = Everything()
        form.validate()
        assert form[field].errors[0] == words


def test_what_the_house_has_no_words_for_is_said_by_the_library(app: Flask) -> None:
    with app.test_request_context("/"):
        words = HouseForm(meta={"csrf": False}).meta.get_translations(None)
        assert words.gettext("Not a valid week value.")
        assert words.gettext("Nothing anybody says.") == "Nothing anybody says."

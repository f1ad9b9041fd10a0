"""What staff say of a class: how often it reminds by itself."""

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange

from lms.core.forms import HouseForm
from lms.study.policy.pace import EVERY_DAYS_MAX


class RuleForm(HouseForm):
    """Every how many days those who are behind are reminded."""

    every_days = IntegerField(
        _l("每隔几天自动提醒"),
        [
            InputRequired(_l("请填写天数，0 表示不自动提醒")),
            NumberRange(
                0, EVERY_DAYS_MAX, message=_l("间隔为 0 至 %(most)s 天，0 表示不自动提醒", most=EVERY_DAYS_MAX)
            ),
        ],
        description=_l("只提醒当天低于按期节奏的人，每人每天最多一次；0 表示不自动提醒"),
    )  # fmt: skip

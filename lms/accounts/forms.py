"""Forms of the accounts room, and the way a refusal reaches its fields."""

from collections.abc import Iterable
from typing import Any

from flask import request
from flask_babel import lazy_gettext as _l
from wtforms import (
    BooleanField,
    DateField,
    EmailField,
    FileField,
    PasswordField,
    RadioField,
    SelectField,
    StringField,
    TelField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, InputRequired, Length, Optional, Regexp, ValidationError

from lms.accounts.policy import (
    CANDIDATE_CATEGORIES,
    CONSENT_TEXTS,
    EDUCATIONS,
    EXAM_REGIONS,
    IDENTITY_FLAGS,
    MAX_PASSWORD_LENGTH,
    MAX_REASON_LENGTH,
    ROLE_NAMES,
    STAFF_ROLES,
    ConsentPurpose,
    OrganisationKind,
    plain_mobile,
)
from lms.core.errors import NotFound, Refusal
from lms.core.forms import CHOOSE, FILL_IN, HouseForm
from lms.core.speech import in_one_sentence

NAME_MAX = 30
LAST_PAGE = 1_000_000
_MAY_WAIT = _l("现在不勾选也能注册，报名前须同意")


def show_reasons(form: HouseForm, refusal: Refusal) -> None:
    """Put each reason of a refusal at the field it names, or at the head of the form.

    What is not found has no form to stand at: it is raised again and gets its own page.
    """
    if isinstance(refusal, NotFound):
        raise refusal
    for reason in refusal.reasons:
        field = form._fields.get(reason.field_name) if reason.field_name else None
        if field is None:
            form.form_errors.append(in_one_sentence(reason))
        else:
            field.errors = [*field.errors, in_one_sentence(reason)]


def page_asked() -> int:
    """Return the number of the page of a list in the address, from 1."""
    return min(max(1, request.args.get("page", 1, type=int)), LAST_PAGE)


def choices(words: Iterable[str], *, blank: Any = "") -> list[Any]:
    """Return select choices whose value is the word as it is stored, and whose label is its translation."""
    first = [SelectChoice("", blank)] if blank else []
    return first + [SelectChoice(word, _l(word)) for word in words]


def _text(label: Any, longest: int, *, required: bool = True, **options: Any) -> StringField:
    validators: list[Any] = [DataRequired(FILL_IN)] if required else [Optional()]  # spaces alone are nothing
    validators.append(Length(max=longest, message=_l("最多 %(max)d 个字")))
    return StringField(label, validators=validators, **options)


def _mobile(**options: Any) -> TelField:
    """Return a field that drops the spaces and hyphens by which people write a number."""
    return TelField(
        _l("手机号码"), validators=[InputRequired(FILL_IN), Length(max=20)],
        filters=[lambda value: plain_mobile(value) if value else value], **options,
    )  # fmt: skip


class SignInForm(HouseForm):
    """Name and password."""

    login_name = _text(_l("手机号或登录名"), 60, render_kw={"autocomplete": "username"})
    password = PasswordField(_l("密码"), validators=[InputRequired(FILL_IN), Length(max=MAX_PASSWORD_LENGTH)])


class RegisterForm(HouseForm):
    """Registering as a person (H22)."""

    name = _text(_l("姓名"), NAME_MAX, description=_l("与身份证一致，会印在证书上"))
    mobile = _mobile(description=_l("登录时使用"))
    email = EmailField(
        _l("电子邮箱"), description=_l("忘记密码时，用它接收重设链接"),
        validators=[InputRequired(FILL_IN), Email(_l("请填写完整的邮箱地址")), Length(max=120)],
    )  # fmt: skip
    password = PasswordField(
        _l("密码"), validators=[InputRequired(FILL_IN)], description=_l("至少 8 个字符，可以用一句话"),
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip
    purpose = BooleanField(
        _l(CONSENT_TEXTS[ConsentPurpose.PURPOSE]), validators=[InputRequired(_l("不同意就不能注册"))]
    )
    sensitive = BooleanField(_l(CONSENT_TEXTS[ConsentPurpose.SENSITIVE]), description=_MAY_WAIT)
    verification = BooleanField(_l(CONSENT_TEXTS[ConsentPurpose.VERIFICATION]), description=_MAY_WAIT)


class ConsentForm(HouseForm):
    """Each agreement by itself; taking a tick away withdraws it."""

    purpose = BooleanField(_l(CONSENT_TEXTS[ConsentPurpose.PURPOSE]))
    sensitive = BooleanField(_l(CONSENT_TEXTS[ConsentPurpose.SENSITIVE]))
    verification = BooleanField(_l(CONSENT_TEXTS[ConsentPurpose.VERIFICATION]))


def ticked(form: RegisterForm | ConsentForm) -> frozenset[ConsentPurpose]:
    """Return the purposes a person agreed to."""
    return frozenset(purpose for purpose in ConsentPurpose if form[purpose.value].data)


class RecoverForm(HouseForm):
    """Asking for a way back in."""

    login_name = _text(_l("手机号或登录名"), 60)


class NewPasswordForm(HouseForm):
    """Setting a password by a one-time link."""

    password = PasswordField(
        _l("新密码"), validators=[InputRequired(FILL_IN)], description=_l("至少 8 个字符，可以用一句话"),
        render_kw={"autocomplete": "new-password"},
    )  # fmt: skip


class ChangePasswordForm(NewPasswordForm):
    """Changing the password while signed in."""

    current_password = PasswordField(_l("现在的密码"), validators=[InputRequired(FILL_IN)])


class ProfileForm(HouseForm):
    """The personal and work data of A4 and A5."""

    name = _text(_l("姓名"), NAME_MAX)
    id_number = _text(_l("证件号码（居民身份证）"), 24, required=False)
    education = SelectField(
        _l("最高学历"), choices=choices(EDUCATIONS, blank=CHOOSE), validators=[InputRequired(CHOOSE)]
    )
    mobile = _mobile()
    email = EmailField(
        _l("电子邮箱"), validators=[Optional(), Email(_l("请填写完整的邮箱地址")), Length(max=120)]
    )
    postcode = StringField(
        _l("邮政编码"), validators=[Optional(), Regexp(r"[0-9]{6}\Z", message=_l("邮政编码为 6 位数字"))]
    )
    exam_region = SelectField(
        _l("报考区域"),
        choices=choices(EXAM_REGIONS),
        default=EXAM_REGIONS[0],
        description=_l("本平台的报考区域均为省直"),
    )
    candidate_category = SelectField(_l("考生类别"), choices=choices(CANDIDATE_CATEGORIES))
    address = _text(_l("联系地址"), 100)
    employer_id = SelectField(
        _l("工作单位"), validators=[InputRequired(CHOOSE)], description=_l("须为已登记的评价机构")
    )
    employed_since = DateField(_l("参加工作时间"), validators=[Optional()])
    identity_flag = SelectField(
        _l("身份信息（选填）"), choices=choices(IDENTITY_FLAGS, blank=_l("不填")), validators=[Optional()]
    )


class PhotoForm(HouseForm):
    """The portrait (A7)."""

    photo = FileField(_l("近期免冠照片"))


class OrganisationForm(HouseForm):
    """A city centre or an institution."""

    kind = RadioField(
        _l("类别"), default=OrganisationKind.INSTITUTION, validators=[InputRequired(CHOOSE)],
        choices=[
            SelectChoice(OrganisationKind.INSTITUTION.value, _l("评价机构")),
            SelectChoice(OrganisationKind.CITY.value, _l("市中心")),
        ],
    )  # fmt: skip
    parent_id = SelectField(_l("上级"), validators=[InputRequired(CHOOSE)])
    name = _text(_l("标准名称"), 60, description=_l("与备案文件一致"))
    code = _text(_l("机构代码"), 8, description=_l("8 位数字，会写进证书编号"))
    is_filed = BooleanField(_l("已备案或正在备案"), default=True)


def _role() -> SelectField:
    named = [SelectChoice(role.value, _l(ROLE_NAMES[role])) for role in STAFF_ROLES]
    return SelectField(
        _l("角色"), choices=[SelectChoice("", CHOOSE), *named], validators=[InputRequired(CHOOSE)]
    )


class StaffForm(HouseForm):
    """A member of staff with a first role."""

    name = _text(_l("姓名"), NAME_MAX)
    login_name = _text(_l("登录名"), 40, description=_l("小写字母、数字或 . _ -"))
    email = EmailField(
        _l("电子邮箱"), validators=[Optional(), Email(_l("请填写完整的邮箱地址")), Length(max=120)]
    )
    role = _role()
    organisation_id = SelectField(_l("范围"), validators=[InputRequired(CHOOSE)])


class LookupForm(HouseForm):
    """Finding one account: by the whole login name, or by the whole name and the end of the ID number."""

    login_name = _text(_l("手机号或登录名"), 60, required=False, description=_l("完整填写，只填一部分查不到"))
    name = _text(_l("姓名"), NAME_MAX, required=False)
    id_tail = StringField(
        _l("证件号码后四位"), filters=[lambda value: value.strip().upper() if value else value],
        validators=[Optional(), Regexp(r"[0-9]{3}[0-9X]\Z", message=_l("请填写最后四位，数字或末位的 X"))],
        render_kw={"autocomplete": "off"},
    )  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        """Refuse what would list people instead of finding one."""
        is_good = bool(super().validate(extra_validators))
        if self.login_name.data or (self.name.data and self.id_tail.data) or self.id_tail.errors:
            return is_good
        self.form_errors.append(_l("请填写手机号或登录名，或者姓名和证件号码后四位"))
        return False


class HandOverForm(HouseForm):
    """Why somebody is handed a way back in."""

    reason = TextAreaField(
        _l("原因"), description=_l("怎样核对了身份，例如“本人到窗口出示身份证”；写进审计记录"),
        validators=[DataRequired(_l("请写明怎样核对了身份")), Length(max=MAX_REASON_LENGTH)],
        render_kw={"rows": 3, "maxlength": MAX_REASON_LENGTH},
    )  # fmt: skip


class CorrectionForm(HouseForm):
    """Why somebody may correct his identity once more."""

    reason = TextAreaField(
        _l("核对了什么"), id="correction-reason",
        description=_l("例如“核对了身份证原件，登记时姓名错一字”；写进审计记录"),
        validators=[DataRequired(_l("请写明核对了什么材料")), Length(max=MAX_REASON_LENGTH)],
        render_kw={"rows": 3, "maxlength": MAX_REASON_LENGTH},
    )  # fmt: skip


class AuditFilterForm(HouseForm):
    """What of the record is shown; sent as an address, so that a page of it can be handed on."""

    class Meta(HouseForm.Meta):
        """Nothing is changed, so no token is asked for."""

        csrf = False

    who = _text(_l("人员姓名"), NAME_MAX, required=False, render_kw={"autocomplete": "off"})
    tag = SelectField(_l("操作"), validators=[Optional()], validate_choice=False)
    since = DateField(_l("从哪一天"), validators=[Optional()])
    until = DateField(_l("到哪一天"), validators=[Optional()])

    def validate_until(self, field: DateField) -> None:
        """A span that ends before it begins holds nothing, which would read as if nothing had happened."""
        if field.data and self.since.data and field.data < self.since.data:
            raise ValidationError(_l("结束的一天早于开始的一天，请改其中一个"))


class GrantForm(HouseForm):
    """One more role for somebody."""

    role = _role()
    organisation_id = SelectField(_l("范围"), validators=[InputRequired(CHOOSE)])


class ActForm(HouseForm):
    """A confirmation without fields: the token of the form is all it carries."""

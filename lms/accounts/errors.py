"""Refusals of the accounts room."""

from lms.core.errors import N_, Conflict, Invalid, Reason, Refusal


class SignInRefused(Refusal):
    """Name and password do not fit, or the account is disabled: the answer is the same (fault H5)."""

    code = "sign_in_refused"
    status = 422
    title = N_("没有登录")


class TooManyFailures(Refusal):
    """Too many failed sign-ins from this name or address."""

    code = "too_many_failures"
    status = 429
    title = N_("暂时不能登录")


class TooManyRequests(Refusal):
    """Too many requests for a way back in, for this name or from this address."""

    code = "too_many_requests"
    status = 429
    title = N_("暂时不能申请")


def wrong_credentials() -> SignInRefused:
    """Build the one answer to any wrong pair of name and password; it names no field, as nobody says which."""
    return SignInRefused(
        Reason("sign_in.wrong", "", N_("登录名或密码不正确"), N_("请检查后再试，忘记密码可以找回"))
    )


def wrong_current_password() -> Invalid:
    """Build the refusal of a change by somebody who does not know the password that counts now."""
    return Invalid(
        Reason(
            "password.current", "", N_("现在的密码不对"), N_("请重新填写；忘记了可以退出登录后找回"),
            field_name="current_password",
        )
    )  # fmt: skip


def mobile_taken() -> Conflict:
    """Build the refusal of a second registration of one mobile number."""
    return Conflict(
        Reason(
            "mobile.taken", N_("一个手机号码只能注册一个账号"), N_("这个手机号码已经注册"),
            N_("请直接登录，忘记密码可以找回"), field_name="mobile",
        )
    )  # fmt: skip


def login_name_taken() -> Conflict:
    """Build the refusal of a login name that an administrator wants to give a second time."""
    return Conflict(
        Reason(
            "login_name.taken", N_("一个登录名只能属于一个账号"), N_("这个登录名已经有人使用"),
            N_("请换一个登录名"), field_name="login_name",
        )
    )  # fmt: skip


def id_number_taken() -> Invalid:
    """Build the refusal of an ID number that another account holds (fault B5)."""
    return Invalid(
        Reason(
            "id_number.taken", N_("一个证件号码只能属于一个账号"), N_("这个证件号码已在另一个账号登记"),
            N_("请用原来的账号登录；如有疑问请联系服务电话"), source="B5", field_name="id_number",
        )
    )  # fmt: skip


def unknown_language() -> Invalid:
    """Build the refusal of a language that the site does not speak."""
    return Invalid(
        Reason(
            "language.unknown", N_("本站有简体中文和英文两种语言"), N_("没有您选的语言"),
            N_("请用页面上的按钮选择语言"), field_name="language",
        )
    )  # fmt: skip

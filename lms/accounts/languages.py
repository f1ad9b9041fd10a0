"""The two languages of the site, and which of them a request speaks.

A person's choice is kept with the account and goes along to every device; a cookie keeps the choice of
somebody who has not signed in, and repeats the account's for the routes that load no person. Without a
choice the browser's wish decides, and Chinese when it wishes for neither.
"""

from dataclasses import dataclass

from flask import Flask, Response, current_app, g, has_request_context, request
from flask_babel import Babel, get_locale, refresh

from lms.accounts.policy import Language
from lms.core.template_words import speak_in_one_step
from lms.core.web import page_address

LOCALES = {Language.CHINESE: "zh_Hans_CN", Language.ENGLISH: "en"}
TAGS = {Language.CHINESE: "zh-CN", Language.ENGLISH: "en"}
"""How HTML and HTTP name the languages."""
OWN_NAMES = {Language.CHINESE: "中文", Language.ENGLISH: "English"}
"""Each language in its own words, for those who read only that one."""
COOKIE = "language"
COOKIE_SECONDS = 365 * 24 * 3600
TRANSLATABLE = ("text/html", "application/problem+json")


def speak_the_readers_language(app: Flask) -> None:
    """Let the application choose the language of each request and say in its replies which it was."""
    Babel(app, locale_selector=_locale)
    speak_in_one_step(app)
    app.after_request(_name_the_language)
    # A macro is imported without its page's context, so this is a global.
    app.jinja_env.globals["language_switch"] = language_switch


def language_of_request() -> Language:
    """Return the language that this request speaks."""
    locale = get_locale()
    return Language.ENGLISH if locale is not None and locale.language == "en" else Language.CHINESE


def html_lang() -> str:
    """Return the language of the request as HTML and HTTP name it."""
    return TAGS[language_of_request()]


@dataclass(frozen=True, slots=True)
class Switch:
    """What the button for the other language needs: its value, its tag, its name, and the way back."""

    code: str
    tag: str
    name: str
    back: str


def language_switch() -> Switch:
    """Return the button of the page that is being made."""
    other = Language.CHINESE if language_of_request() is Language.ENGLISH else Language.ENGLISH
    return Switch(other.value, TAGS[other], OWN_NAMES[other], page_address())


def take_up(language: Language) -> None:
    """Speak a language for the rest of this request, and let the reply keep it in the browser."""
    g.language = language
    refresh()


def _locale() -> str:
    return LOCALES[_wanted()]


def _wanted() -> Language:
    if not has_request_context():
        return Language.CHINESE
    # Only a person who is loaded already counts: asking the store here would load one on every hot route,
    # and once more on the page that says the store does not answer.
    return g.get("language") or _of_cookie() or _of_browser()


def _of_cookie() -> Language | None:
    kept = request.cookies.get(COOKIE)
    return next((language for language in Language if language.value == kept), None)


def _of_browser() -> Language:
    # Best first, and by the main part of each tag: a browser that wishes for zh-CN and then en wants Chinese.
    for tag, quality in request.accept_languages:
        language = tag.replace("_", "-").partition("-")[0].lower()
        if quality > 0 and language in set(Language):
            return Language(language)
    return Language.CHINESE


def _name_the_language(response: Response) -> Response:
    if response.mimetype in TRANSLATABLE:
        response.headers["Content-Language"] = html_lang()
        response.vary.update(("Accept-Language", "Cookie"))
    chosen = g.get("language")
    if chosen is not None and chosen != _of_cookie():
        # No script needs the cookie, and it says nothing about anybody.
        response.set_cookie(
            COOKIE, chosen.value, max_age=COOKIE_SECONDS, httponly=True, samesite="Lax",
            secure=current_app.config["SESSION_COOKIE_SECURE"],
        )  # fmt: skip
    return response

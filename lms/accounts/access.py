"""Who may call a route: every view carries a declaration, and what carries none is refused.

`@public`, `@signed_in` and `@roles(...)` only say which roles may knock. Which rows they reach is
decided by the scope inside queries and services. `@leased` marks hot routes that a signed lease
opens without loading a person.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from flask import current_app, g
from flask_login import current_user

from lms.accounts.policy import Role
from lms.core.actors import EVERYWHERE, Actor
from lms.core.errors import N_, Forbidden, Reason, Refusal

View = TypeVar("View", bound=Callable[..., Any])


class SignInNeeded(Refusal):
    """Nobody is signed in, or the session has ended."""

    code = "sign_in_needed"
    status = 401
    title = N_("请先登录")


@dataclass(frozen=True, slots=True)
class Access:
    """The declaration of one route. `kind` is public, signed_in, roles or leased."""

    kind: str
    roles: frozenset[Role] = frozenset()


def _declare(access: Access) -> Callable[[View], View]:
    def decorate(view: View) -> View:
        view.__access__ = access  # type: ignore[attr-defined]  # functions carry attributes at run time
        return view

    return decorate


def public(view: View) -> View:
    """Anyone may call this view."""
    return _declare(Access("public"))(view)


def leased(view: View) -> View:
    """A hot route: the view checks a signed lease by itself and loads no person."""
    return _declare(Access("leased"))(view)


def signed_in(view: View) -> View:
    """Anyone who has signed in may call this view, for himself (scope self)."""
    return _declare(Access("signed_in"))(view)


def roles(*allowed: Role) -> Callable[[View], View]:
    """Only holders of one of these roles may call this view, in whatever scope they hold it."""
    return _declare(Access("roles", frozenset(allowed)))


def large_upload(view: View) -> View:
    """Mark a view that takes files larger than any other: who may not call it is turned away before they are read."""
    view.__large_upload__ = True  # type: ignore[attr-defined]  # functions carry attributes at run time
    return view


def without_token(view: View) -> View:
    """Mark a public view of the API that needs no form token: it acts for nobody and changes nothing of anybody's."""
    view.__without_token__ = True  # type: ignore[attr-defined]  # functions carry attributes at run time
    return view


def needs_token(view: Callable[..., Any]) -> bool:
    """Tell whether a view's unsafe methods need the token of a form that was sent from a page of this site."""
    declared = access_of(view)
    is_free = declared is not None and declared.kind == "public" and getattr(view, "__without_token__", False)
    return not (is_free or (declared is not None and declared.kind == "leased"))


def takes_large_upload(view: Callable[..., Any] | None) -> bool:
    """Tell whether a view takes large files."""
    return getattr(view, "__large_upload__", False)


def access_of(view: Callable[..., Any] | None) -> Access | None:
    """Return a view's declaration, or None when it carries none."""
    return cast("Access | None", getattr(view, "__access__", None))


def check(view: Callable[..., Any] | None) -> None:
    """Refuse the request when the view's declaration does not admit the present person."""
    access = access_of(view)
    if access is None:
        raise Forbidden(Reason("undeclared", N_("这个地址没有开放"), way_out=N_("请从首页进入")))
    if access.kind in {"public", "leased"}:
        return
    if not current_user.is_authenticated:
        raise SignInNeeded(
            Reason("sign_in_needed", N_("这一页要登录后才能看"), way_out=N_("请登录，登录后会回到这一页"))
        )
    if access.kind == "roles" and not current_actor().has_role(*access.roles):
        raise Forbidden(
            Reason(
                "role_missing", N_("这一页只对有相应角色的工作人员开放"), now=N_("您的账号没有这个角色"),
                way_out=N_("如确需办理，请联系系统管理员授权"),
            )
        )  # fmt: skip


def current_actor() -> Actor:
    """Return the signed-in person as an actor. Call only behind `signed_in` or `roles`."""
    return cast("Actor", g.actor)


def may_open(endpoint: str) -> bool:
    """Tell whether the present person passes the door of a page; his scope may still show him nothing there."""
    access = access_of(current_app.view_functions.get(endpoint))
    if access is None:
        return False
    return access.kind == "signed_in" or current_actor().has_role(*access.roles)


def may_open_everywhere(endpoint: str) -> bool:
    """Tell whether the present person opens a staff page for whatever it shows: by a role held for the province."""
    access = access_of(current_app.view_functions.get(endpoint))
    return access is not None and current_actor().covers(EVERYWHERE, access.roles)

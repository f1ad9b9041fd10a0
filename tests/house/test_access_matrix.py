"""The matrix against the real site: nobody gets further, or less far, than its line says (faults I1 and I2)."""

from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms.accounts import service as accounts
from lms.accounts.access import access_of
from lms.accounts.policy import PROVINCE_ROLES, OrganisationKind, Role
from lms.core.unit_of_work import Runtime
from tests.house.access_matrix import LEASE, MATRIX, PUBLIC, SELF, Line
from tests.house.world import World, build_world
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People
from tests.support.site import Site, build
from tests.support.thoroughness import on

# Who may open what, and what is on it, is not the database's to say: thoroughly on both.
pytestmark = pytest.mark.parametrize("site", on("sqlite"), indirect=True)

BY_ENDPOINT = {line.endpoint: line for line in MATRIX}
MADE_UP = "0000000000000000"
KINDS = {"what": "video"}
STAFF = tuple(role for role in Role if role is not Role.TRAINEE)
# A form that is turned down before anybody looks for the object would say nothing about its scope.
FIELDS = {"enrolment.decide": {"decision": "approve", "remark": "", "version": "1"}}
SignIn = Callable[[KnownPerson], Browser]
# These end what the others need, so they are called last, the sign-out after all others.
LAST = (
    "",
    "rooms.remove",
    "accounts.revoke_grant",
    "reissues.drop",
    "registry.revoke",
    "registry.restore",
    "plans.cancel",
    "exam.void",
    "accounts.disable",
    "accounts.sign_out",
)


def turn(endpoint: str) -> int:
    """Return when an endpoint has its turn: zero, or its place among the last."""
    return LAST.index(endpoint) if endpoint in LAST else 0


def rules(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield each rule with each of its own methods; HEAD and OPTIONS come with GET."""
    found = sorted(app.url_map.iter_rules(), key=lambda rule: (turn(rule.endpoint), rule.endpoint, rule.rule))
    for rule in found:
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule, method


def address(app: Flask, rule: Rule, values: dict[str, str] | None = None) -> str:
    """Fill the places of a rule with the ids given, or with one that belongs to nothing."""
    # Made-up addresses differ in their ids alone, so that the words of two refusals can be compared.
    given = {name: (values or {}).get(name, KINDS.get(name, MADE_UP)) for name in rule.arguments}
    if rule.endpoint == "static":
        given = {"release": "0", "filename": "theme.css"}
    with app.test_request_context():
        return str(app.url_map.bind("localhost").build(rule.endpoint, given))


def call(browser: Browser, method: str, url: str, endpoint: str = "") -> TestResponse:
    body = {} if method == "GET" else {"csrf_token": browser._token, **FIELDS.get(endpoint, {})}
    headers = {} if method == "GET" else {"X-CSRFToken": browser._token}
    response = browser.client.open(url, method=method, data=body, headers=headers)
    response.close()  # a static file comes as an open one
    return response


def is_sent_to_sign_in(response: TestResponse) -> bool:
    return response.status_code == 302 and response.headers["Location"].startswith("/sign-in?next=")


def is_admitted(response: TestResponse) -> bool:
    assert response.status_code < 500
    return response.status_code not in {401, 403} and not is_sent_to_sign_in(response)


# -- (a) the matrix and the site say the same -------------------------------------------------------


def test_every_route_has_its_line_and_every_line_its_route(app: Flask) -> None:
    assert len(BY_ENDPOINT) == len(MATRIX), "an endpoint has one line"
    methods: dict[str, set[str]] = {}
    for rule, method in rules(app):
        methods.setdefault(rule.endpoint, set()).add(method)
    assert methods == {line.endpoint: set(line.methods.split()) for line in MATRIX}


def test_every_view_declares_what_its_line_says(app: Flask) -> None:
    for endpoint, view in app.view_functions.items():
        declared = access_of(view)
        assert declared is not None, endpoint
        said = declared.roles if declared.kind == "roles" else declared.kind
        assert said == BY_ENDPOINT[endpoint].access, endpoint


def test_an_address_that_names_an_object_says_by_what_it_is_scoped(app: Flask) -> None:
    named = {rule.endpoint for rule, _ in rules(app) if rule.arguments}
    for line in MATRIX:
        if line.access == PUBLIC:
            assert line.scope == "-", line.endpoint
        elif line.endpoint in named:
            assert line.scope in {"own", "tree", "province", "open", "lease"}, line.endpoint


def test_a_route_that_nobody_listed_fails_the_matrix(site: Site) -> None:
    app = build(site)
    app.add_url_rule("/new", "new.page", lambda: "")
    with pytest.raises(AssertionError):
        test_every_route_has_its_line_and_every_line_its_route(app)
    with pytest.raises(AssertionError):
        test_every_view_declares_what_its_line_says(app)


# -- (b) who is admitted -----------------------------------------------------------------------------


def wanted_for(line: Line, role: Role | None) -> bool:
    """Tell whether a person with a role (none but the trainee's own: TRAINEE) passes the door."""
    if line.access in {PUBLIC, SELF}:
        return True
    return role in line.access


def test_nobody_passes_a_door_without_signing_in(app: Flask, people: People) -> None:
    browser = Browser(app)
    browser.get("/sign-in")
    wrong = []
    for rule, method in rules(app):
        line, url = BY_ENDPOINT[rule.endpoint], address(app, rule)
        response = call(browser, method, url)
        if line.access == PUBLIC:
            good = is_admitted(response)
        elif line.access == LEASE:
            good = 400 <= response.status_code < 500
        elif method == "GET" and not url.startswith("/api/"):
            good = is_sent_to_sign_in(response)
        else:
            good = response.status_code == 401
            good = good and (response.mimetype == "application/problem+json") is url.startswith("/api/")
        if not good:
            wrong.append((rule.endpoint, method, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("role", list(Role))
def test_each_role_passes_its_doors_and_no_other(
    app: Flask, people: People, signed_in: SignIn, role: Role
) -> None:
    person = people.trainee() if role is Role.TRAINEE else people.staff(role)
    browser = signed_in(person)
    wrong = []
    for rule, method in rules(app):
        line = BY_ENDPOINT[rule.endpoint]
        if rule.endpoint in {"accounts.sign_in", "accounts.register"} and method == "POST":
            continue  # an empty form at the gate is the stranger's business
        response = call(browser, method, address(app, rule))
        if line.access == LEASE:
            good = 400 <= response.status_code < 500
        elif wanted_for(line, role):
            good = is_admitted(response)
        else:
            good = response.status_code == 403
        if not good:
            wrong.append((rule.endpoint, method, response.status_code))
    assert wrong == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS"])
def test_the_quiet_methods_open_no_door(app: Flask, people: People, signed_in: SignIn, method: str) -> None:
    trainee = signed_in(people.trainee())
    for rule in app.url_map.iter_rules():
        line = BY_ENDPOINT[rule.endpoint]
        if method in (rule.methods or ()) and not isinstance(line.access, str):
            assert trainee.client.open(address(app, rule), method=method).status_code == 403, rule.endpoint


# -- (c) the scope behind the door ---------------------------------------------------------------------


@pytest.fixture
def world(runtime: Runtime, people: People) -> World:
    """Everything that an address can name, in one city."""
    return build_world(runtime, people)


def lines_of(app: Flask, scope: str) -> list[tuple[Rule, str]]:
    found = [
        (rule, method)
        for rule, method in rules(app)
        if rule.arguments and BY_ENDPOINT[rule.endpoint].scope == scope
    ]
    return sorted(found, key=lambda one: (turn(one[0].endpoint), one[1] != "GET"))


def ids_for(world: World, endpoint: str) -> dict[str, str]:
    if endpoint in {"enrolment.decide", "enrolment.reject", "enrolment.case", "enrolment.case_photo"}:
        return {**world.ids, "application_id": world.application_in_review}
    if endpoint.startswith("exam.archive"):
        return {
            **world.ids, "attempt_id": world.ids["graded_attempt_id"], "key": world.ids["picture_key"],
        }  # fmt: skip
    if endpoint.startswith("registry_imports."):
        return {**world.ids, "import_id": world.ids["registry_import_id"]}
    if endpoint == "exam.practice_picture":
        return {**world.ids, "key": world.ids["picture_key"]}
    if endpoint == "rooms.unbind":
        return {**world.ids, "person_id": world.ids["bound_id"]}
    if endpoint in {"classes.person", "rooms.person", "rooms.free"}:
        return {**world.ids, "person_id": world.ids["trainee_id"]}
    return world.ids


def test_what_belongs_to_somebody_else_does_not_exist(
    app: Flask, people: People, signed_in: SignIn, world: World
) -> None:
    stranger = signed_in(people.trainee())
    officer = signed_in(people.staff(Role.REVIEWER, organisation_id=world.next_city_id))
    registrar = signed_in(people.staff(Role.REGISTRAR))
    lines = lines_of(app, "own")
    assert lines
    for rule, method in lines:
        url = address(app, rule, ids_for(world, rule.endpoint))
        for browser in (stranger, officer) if BY_ENDPOINT[rule.endpoint].access == SELF else (registrar,):
            answer = call(browser, method, url)
            assert answer.status_code == 404, (rule.endpoint, method, answer.status_code)
            key = {name: value for name, value in ids_for(world, rule.endpoint).items() if name == "key"}
            made_up = call(browser, method, address(app, rule, key))
            assert made_up.status_code == 404
            assert _same_words(answer, made_up), f"{rule.endpoint} tells that the object exists"


def _same_words(one: TestResponse, other: TestResponse) -> bool:
    def words(response: TestResponse) -> str:
        return response.text.replace(response.headers["X-Request-ID"], "")

    return len(words(one)) == len(words(other))


def test_what_is_ones_own_is_there(app: Flask, signed_in: SignIn, world: World) -> None:
    owner, registrar = signed_in(world.owner), signed_in(world.registrar)
    for rule, method in lines_of(app, "own"):
        browser = owner if BY_ENDPOINT[rule.endpoint].access == SELF else registrar
        answer = call(browser, method, address(app, rule, ids_for(world, rule.endpoint)))
        assert answer.status_code in {200, 201, 206, 302, 303, 400, 409, 422}, (
            rule.endpoint,
            method,
            answer.status_code,
        )
        assert not is_sent_to_sign_in(answer)


def test_another_citys_staff_finds_nothing_and_this_citys_does(
    app: Flask, people: People, signed_in: SignIn, world: World
) -> None:
    """Foreign first: what they must not be able to do would spoil what the others look for."""
    lines = lines_of(app, "tree")
    roles = sorted({role for rule, _ in lines for role in BY_ENDPOINT[rule.endpoint].access} - PROVINCE_ROLES)
    # An officer's home is an institution; everybody else's is the city here.
    next_home = {Role.INSTITUTION_OFFICER: people.other_institution_id}
    near_home = {Role.INSTITUTION_OFFICER: people.institution_id}
    foreign = {
        role: signed_in(people.staff(role, organisation_id=next_home.get(role, world.next_city_id)))
        for role in roles
    }
    near = {
        role: signed_in(people.staff(role, organisation_id=near_home.get(role, world.city_id)))
        for role in roles
    }
    seen = set()
    for rule, method in lines:
        url = address(app, rule, ids_for(world, rule.endpoint))
        for role in sorted(set(BY_ENDPOINT[rule.endpoint].access) & set(roles)):
            answer = call(foreign[role], method, url, rule.endpoint)
            assert answer.status_code == 404, (rule.endpoint, method, role, answer.status_code)
    for rule, method in lines:
        url = address(app, rule, ids_for(world, rule.endpoint))
        for role in sorted(set(BY_ENDPOINT[rule.endpoint].access) & set(roles)):
            if (rule.endpoint, method) in seen and method != "GET":
                continue  # done once, a deed need not be possible again
            answer = call(near[role], method, url, rule.endpoint)
            assert answer.status_code in {200, 302, 303, 400, 409, 422}, (
                rule.endpoint,
                method,
                role,
                answer.status_code,
            )
            seen.add((rule.endpoint, method))
    assert seen == {(rule.endpoint, method) for rule, method in lines}


def test_an_officer_of_the_neighbouring_institution_in_the_same_city_finds_nothing(
    app: Flask, people: People, signed_in: SignIn, world: World, runtime: Runtime
) -> None:
    with runtime.write() as uow:
        neighbour_id = accounts.create_organisation(
            uow,
            people.operator,
            OrganisationKind.INSTITUTION,
            people.city_id,
            "云浦纺织技能评价中心",
            "34010006",
        )
    roles = (
        Role.INSTITUTION_OFFICER,
        Role.REVIEWER,
        Role.EXAM_ADMIN,
        Role.INVIGILATOR,
        Role.REGISTRAR,
        Role.ADMINISTRATOR,
    )
    for role in roles:
        browser = signed_in(people.staff(role, organisation_id=neighbour_id))
        for rule, method in lines_of(app, "tree"):
            if role in BY_ENDPOINT[rule.endpoint].access:
                answer = call(
                    browser, method, address(app, rule, ids_for(world, rule.endpoint)), rule.endpoint
                )
                assert answer.status_code == 404, (rule.endpoint, method, role, answer.status_code)


def test_a_role_that_was_held_elsewhere_opens_nothing_here(
    app: Flask, people: People, signed_in: SignIn, world: World, runtime: Runtime
) -> None:
    """Two scopes, two roles: the reach of one is not lent to the other."""
    person = people.staff(Role.REVIEWER, organisation_id=world.city_id)
    with runtime.write() as uow:
        accounts.grant_role(uow, people.operator, person.id, Role.ADMINISTRATOR, world.next_city_id)
    browser = signed_in(person)
    assert browser.get(f"/desk/staff/{world.ids['person_id']}").status_code == 404
    assert browser.get("/desk/staff").status_code == 200

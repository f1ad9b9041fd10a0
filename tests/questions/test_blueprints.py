"""Blueprints made in the browser: from nothing to one that a plan uses, and everything that is refused on the way."""

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select

from lms.accounts.policy import Role
from lms.app.invariants import ALL_INVARIANTS
from lms.audit.models import AuditEvent, StateLog
from lms.core.actors import Actor
from lms.core.errors import Conflict, Invalid, NotFound
from lms.core.invariants import check
from lms.core.unit_of_work import Runtime, UnitOfWork
from lms.questions import queries, service
from lms.questions.policy import (
    SECTIONS_MAX,
    BlueprintState,
    Proof,
    blueprint_publish_reasons,
    blueprint_verb_reasons,
    draft_reasons,
    prove,
)
from question_bank.items import POINT, Blueprint, BlueprintSection, Cell, Difficulty, ItemType
from tests.factories.plans import a_blueprint, a_draft
from tests.support.browser import Browser
from tests.support.people import KnownPerson, People

SignIn = Callable[[KnownPerson], Browser]
TEN = BlueprintSection(ItemType.SINGLE, None, None, 10, 10 * POINT)
ROW = {"type": "single", "area": "", "level": "", "count": "10", "points": "10"}


def sections(*rows: dict[str, str]) -> dict[str, str]:
    """Return the fields of the sections as the page sends them."""
    return {
        f"s{number}-{name}": value
        for number, row in enumerate(rows, start=1)
        for name, value in {**ROW, **row}.items()
    }


def codes(reasons: object) -> set[str]:
    """Return the codes of reasons, or of a refusal's."""
    return {reason.code for reason in getattr(reasons, "reasons", reasons)}  # type: ignore[call-overload]  # both hold reasons


@pytest.fixture
def author(people: People) -> Actor:
    """A question administrator."""
    return people.actor(people.staff(Role.QUESTION_ADMIN))


@pytest.fixture
def bank(people: People, signed_in: SignIn) -> Browser:
    """A question administrator's browser."""
    return signed_in(people.staff(Role.QUESTION_ADMIN))


def begin(browser: Browser, title: str = "春季卷", source_id: str = "") -> str:
    """Begin a draft in the browser; return the address of its page."""
    begun = browser.post("/questions/blueprints/new", {"title": title, "source_id": source_id})
    assert begun.status_code == 303, begun.text
    return begun.location.removesuffix("/edit")


def save(browser: Browser, address: str, *rows: dict[str, str], **more: str) -> int:
    """Save sections from the newest page; return the status."""
    base = re.search(r'name="base"[^>]*value="(\d+)"', browser.get(f"{address}/edit").text)
    assert base
    sent = {"title": "春季卷", "base": base[1], "act": "save", **sections(*rows), **more}
    return browser.post(f"{address}/edit", sent).status_code


# -- the rules -----------------------------------------------------------------------------------------


def test_a_proof_says_per_section_what_the_bank_has_and_which_cell_is_too_thin() -> None:
    spread = ((Difficulty.EASY, 3), (Difficulty.HARD, 2))
    paper = Blueprint(
        (
            BlueprintSection(ItemType.SINGLE, "policy", None, 5, 10 * POINT, spread=spread),
            BlueprintSection(ItemType.SINGLE, None, Difficulty.HARD, 5, 10 * POINT),
        )
    )
    counts = {
        Cell(ItemType.SINGLE, "policy", Difficulty.EASY): 4,
        Cell(ItemType.SINGLE, "policy", Difficulty.HARD): 2,
        Cell(ItemType.SINGLE, "methods", Difficulty.HARD): 4,
    }
    proof = prove(paper, counts)
    assert [(band.difficulty, band.needed, band.available) for band in proof.stock[0]] == [
        (Difficulty.EASY, 3, 4), (Difficulty.HARD, 2, 2),
    ]  # fmt: skip
    assert [(band.needed, band.available, band.is_thin) for band in proof.stock[1]] == [(5, 6, False)]
    # Each alone is content; together they ask for seven hard ones and there are six.
    assert [(one.sections, one.missing) for one in proof.shortages] == [((1, 2), 1)]
    assert proof.faults == ()
    assert len(proof.of_section(1)) == len(proof.of_section(2)) == 1


def test_an_unfinished_draft_may_be_stored_but_not_without_bounds() -> None:
    assert draft_reasons(Blueprint((BlueprintSection(ItemType.SINGLE, None, None, 0, 0),), "卷")) == []
    assert codes(draft_reasons(Blueprint(()))) == {"blueprint.title_missing"}
    assert codes(draft_reasons(Blueprint((), "长" * 81))) == {"blueprint.title_long"}
    assert codes(draft_reasons(Blueprint((TEN,) * (SECTIONS_MAX + 1), "卷"))) == {"blueprint.sections_many"}
    huge = Blueprint((TEN, BlueprintSection(ItemType.SINGLE, None, None, 201, 101 * POINT)), "卷")
    assert [(one.code, one.field_name) for one in draft_reasons(huge)] == [
        ("blueprint.count_bounds", "section:2:count"), ("blueprint.points_bounds", "section:2:points"),
    ]  # fmt: skip


def test_publishing_needs_a_draft_that_adds_up_a_bank_that_fills_it_and_a_name_of_its_own() -> None:
    full = {Cell(ItemType.SINGLE, "policy", Difficulty.EASY): 10}
    sound = prove(Blueprint((TEN,), "卷"), full)
    assert blueprint_publish_reasons(BlueprintState.DRAFT, sound, None) == []

    def said(state: BlueprintState, proof: Proof, namesake: str | None = None) -> set[str]:
        return codes(blueprint_publish_reasons(state, proof, namesake))

    assert said(BlueprintState.RETIRED, sound) == {"blueprint.not_draft"}
    assert said(BlueprintState.DRAFT, sound, "b1") == {"blueprint.title_taken"}
    assert said(BlueprintState.DRAFT, prove(Blueprint((), "卷"), full)) == {"blueprint.blueprint_empty"}
    assert said(BlueprintState.DRAFT, prove(Blueprint((TEN,), "卷"), {})) == {"blueprint.shortage"}
    assert said(BlueprintState.DRAFT, prove(Blueprint((TEN, TEN), "卷"), full)) == {
        "blueprint.blueprint_total", "blueprint.shortage",
    }  # fmt: skip


@pytest.mark.parametrize("state", list(BlueprintState))
def test_each_verb_has_the_one_state_it_starts_from(state: BlueprintState) -> None:
    for verb in ("edit", "publish", "discard"):
        assert bool(blueprint_verb_reasons(verb, state)) is (state is not BlueprintState.DRAFT)
    assert bool(blueprint_verb_reasons("retire", state)) is (state is not BlueprintState.PUBLISHED)


# -- the verbs, on both databases ------------------------------------------------------------------------


def test_a_draft_becomes_a_published_blueprint_and_then_a_retired_one(
    runtime: Runtime, author: Actor
) -> None:
    a_blueprint(runtime)
    with runtime.write() as uow:
        made = service.create_blueprint(uow, author, "春季卷")
        assert service.edit_blueprint(uow, author, made, 1, Blueprint((TEN,), "春季卷")) == 2
        assert service.edit_blueprint(uow, author, made, 2, Blueprint((TEN,), "春季卷")) == 2, "nothing new"
    with runtime.write() as uow:
        service.publish_blueprint(uow, author, made, 2)
        service.publish_blueprint(uow, author, made, 2)
    with runtime.read() as uow:
        assert queries.is_blueprint_on_offer(uow, made)
    with runtime.write() as uow, pytest.raises(Conflict) as refused:
        service.edit_blueprint(uow, author, made, 2, Blueprint((TEN,), "夏季卷"))
    assert codes(refused.value) == {"blueprint.not_draft"}
    with runtime.write() as uow:
        service.retire_blueprint(uow, author, made)
        service.retire_blueprint(uow, author, made)
    with runtime.read() as uow:
        moves = uow.session.scalars(
            select(StateLog.verb).where(StateLog.subject_id == made).order_by(StateLog.id)
        )
        acts = uow.session.scalars(
            select(AuditEvent.tag).where(AuditEvent.subject_id == made).order_by(AuditEvent.id)
        )
        assert list(moves) == ["create", "publish", "retire"]
        assert list(acts) == [f"blueprint:{verb}" for verb in ("create", "edit", "publish", "retire")]
        assert not queries.is_blueprint_on_offer(uow, made)
        assert check(uow, ALL_INVARIANTS) == {}


def test_a_copy_is_a_draft_of_its_own(runtime: Runtime, author: Actor) -> None:
    source = a_blueprint(runtime)
    with runtime.write() as uow:
        copy = service.create_blueprint(uow, author, "10 题", source)
        again = service.create_blueprint(uow, author, "10 题", source)
        assert copy == again, "a form sent twice begins one draft"
    with runtime.read() as uow:
        facts = queries.blueprint_facts(uow, copy)
        assert facts.blueprint.sections == queries.get_blueprint(uow, source).sections
        assert (facts.state, facts.copied_from) == (BlueprintState.DRAFT, source)
        assert codes(queries.publish_blueprint_reasons(uow, facts)) == {"blueprint.title_taken"}
    with runtime.write() as uow:
        service.retire_blueprint(uow, author, source)
        service.publish_blueprint(uow, author, copy, 1)
    with runtime.read() as uow:
        assert check(uow, ALL_INVARIANTS) == {}


def test_two_clicks_at_once_begin_one_draft_and_publish_it_once(runtime: Runtime, author: Actor) -> None:
    source = a_blueprint(runtime)

    def at_once(act: Callable[[UnitOfWork], object]) -> list[object]:
        barrier = Barrier(4)

        def call(_number: int) -> object:
            barrier.wait()
            with runtime.write() as uow:
                return act(uow)

        with ThreadPoolExecutor(4) as pool:
            return list(pool.map(call, range(4)))

    begun = set(at_once(lambda uow: service.create_blueprint(uow, author, "春季卷", source)))
    assert len(begun) == 1
    made = str(begun.pop())
    at_once(lambda uow: service.publish_blueprint(uow, author, made, 1))
    with runtime.read() as uow:
        moves = uow.session.scalars(select(StateLog.verb).where(StateLog.subject_id == made))
        assert sorted(moves) == ["create", "publish"]
        assert check(uow, ALL_INVARIANTS) == {}


def test_what_cannot_be_begun_or_written_says_why(runtime: Runtime, people: People, author: Actor) -> None:
    other = people.actor(people.staff(Role.QUESTION_ADMIN))
    with runtime.write() as uow:
        made = service.create_blueprint(uow, author, "春季卷")
        second = service.create_blueprint(uow, author, "夏季卷")
    refusals: list[tuple[str, Callable[[], object]]] = [
        ("blueprint.draft_title_taken", lambda: service.create_blueprint(uow, other, "春季卷")),
        ("blueprint.source_unknown", lambda: service.create_blueprint(uow, author, "卷", "0" * 16)),
        (
            "blueprint.draft_title_taken",
            lambda: service.edit_blueprint(uow, author, second, 1, Blueprint((), "春季卷")),
        ),
        ("blueprint.title_missing", lambda: service.edit_blueprint(uow, author, made, 1, Blueprint(()))),
    ]
    for code, act in refusals:
        with pytest.raises(Invalid) as refused, runtime.write() as uow:
            act()
        assert codes(refused.value) == {code}
    with pytest.raises(NotFound), runtime.write() as uow:
        service.discard_blueprint(uow, author, "0" * 16)


def test_what_somebody_wrote_meanwhile_is_neither_overwritten_nor_published_unseen(
    runtime: Runtime, author: Actor
) -> None:
    a_blueprint(runtime)
    with runtime.write() as uow:
        made = service.create_blueprint(uow, author, "春季卷")
        service.edit_blueprint(uow, author, made, 1, Blueprint((TEN,), "春季卷"))
    with pytest.raises(Conflict) as refused, runtime.write() as uow:
        service.edit_blueprint(uow, author, made, 1, Blueprint((), "春季卷"))
    assert codes(refused.value) == {"blueprint.newer"}
    with pytest.raises(Conflict) as refused, runtime.write() as uow:
        service.publish_blueprint(uow, author, made, 1)
    assert codes(refused.value) == {"blueprint.newer"}


def test_the_operator_and_a_draft_of_the_same_title_do_not_meet_in_a_crash(
    runtime: Runtime, author: Actor
) -> None:
    with runtime.write() as uow:
        service.create_blueprint(uow, author, "春季卷")
    with pytest.raises(Invalid) as refused, runtime.write() as uow:
        service.ensure_blueprint(uow, author, "spring", "春季卷", Blueprint((TEN,)))
    assert codes(refused.value) == {"blueprint.draft_title_taken"}


# -- the pages ---------------------------------------------------------------------------------------------


def test_from_nothing_to_a_published_blueprint_that_a_plan_uses(
    runtime: Runtime, people: People, signed_in: SignIn, bank: Browser
) -> None:
    plan = a_draft(runtime, people)
    page = begin(bank)
    assert "还没有大题" in bank.get(f"{page}/edit").text
    assert "组卷方案没有任何大题" in bank.get(page).text
    grown = bank.post(f"{page}/edit", {"title": "春季卷", "base": "1", "act": "add"})
    assert grown.status_code == 200
    assert re.search(
        r'<select[^>]*autofocus[^>]*id="s1-type"|<select[^>]*id="s1-type"[^>]*autofocus', grown.text
    )
    assert save(bank, page, {"count": "20", "points": "5"}) == 303
    lacking = bank.get(page).text
    assert "还缺 8 题" in lacking
    assert 'aria-describedby="why-publish"' in lacking
    refused = bank.post(f"{page}/publish", {"base": "2"})
    assert refused.status_code == 409
    assert "还缺 8 题" in refused.text, "the refusal says what the page says"
    assert save(bank, page, {"count": "10", "points": "10"}) == 303
    assert "可以发布了" in bank.get(page).text
    assert bank.post(f"{page}/publish", {"base": "3"}).status_code == 303
    assert bank.post(f"{page}/publish", {"base": "3"}).status_code == 303, "a double click publishes once"
    assert "在用" in bank.get(page).text

    planner = signed_in(people.staff(Role.EXAM_ADMIN))
    form = planner.get(f"/desk/plans/{plan.id}/edit").text
    blueprint_id = page.rsplit("/", 1)[1]
    assert f'<option value="{blueprint_id}">春季卷</option>' in form
    assert "新建方案" not in planner.get("/questions/blueprints").text
    assert "停用" not in planner.get(page).text
    assert planner.post(f"{page}/retire").status_code == 403


def test_sections_move_grow_and_go_without_a_script(bank: Browser) -> None:
    page = begin(bank)
    rows = sections({"count": "1"}, {"count": "2"}, {"count": "3x"})

    def press(act: str) -> list[str]:
        shown = bank.post(f"{page}/edit", {"title": "春季卷", "base": "1", "act": act, **rows})
        assert shown.status_code == 200
        return re.findall(r'name="s\d+-count"[^>]*value="([^"]*)"', shown.text)

    assert press("count") == ["1", "2", "3x"], "what cannot be read stays as it was typed"
    assert press("up-3") == ["1", "3x", "2"]
    assert press("down-1") == ["2", "1", "3x"]
    assert press("up-1") == press("down-3") == ["1", "2", "3x"]
    assert press("remove-2") == ["1", "3x"]
    assert press("add") == ["1", "2", "3x", "10"]
    assert press("remove-99") == ["1", "2", "3x"]
    assert bank.post(f"{page}/edit", {"act": "dance", **rows}).status_code == 400
    assert "还没有大题" in bank.get(page).text, "nothing of it was saved"


def test_every_wrong_field_is_told_how_it_should_look(bank: Browser) -> None:
    page = begin(bank)
    bad = {"count": "十", "points": "2.555", "area": "weather", "level": "spread", "easy": "-1"}
    refused = bank.post(f"{page}/edit", {"title": " ", "base": "1", "act": "save", **sections({}, bad)})
    assert refused.status_code == 422
    assert "请改好下面 5 处" in refused.text
    for place, words in (
        ("s2-count", "请填写整数，例如 20"),
        ("s2-points", "请填写分数，最多两位小数，例如 2.5"),
        ("s2-easy", "请填写整数，例如 5"),
        ("s2-area", "请从列表中选择一项"),
        ("title", "请填写方案名称"),
    ):
        assert f'href="#{place}"' in refused.text, place
        assert re.search(rf'id="{place}-error">.*{words}', refused.text), place
    assert 'value="十"' in refused.text
    many = bank.post(
        f"{page}/edit", {"title": "卷", "base": "1", "act": "save", **sections({"count": "201", "points": "１０"})}
    )  # fmt: skip
    assert many.status_code == 422
    assert "每个大题最多 200 题" in many.text
    assert "例如 2.5" not in many.text, "full-width digits are digits"
    crowd = {"title": "卷", "base": "1", "act": "save", **sections(*[{}] * (SECTIONS_MAX + 5))}
    assert "一个方案最多 30 个大题" in bank.post(f"{page}/edit", crowd).text


def test_a_spread_that_does_not_add_up_is_kept_and_named(bank: Browser) -> None:
    page = begin(bank)
    assert save(bank, page, {"level": "spread", "easy": "4", "medium": "5"}) == 303
    assert "第 1 大题有 10 题，各难度的题数合计 9 题" in bank.get(page).text
    again = bank.get(f"{page}/edit").text
    assert re.findall(r'name="s1-(?:easy|medium|hard)"[^>]*value="([^"]*)"', again) == ["4", "5", ""]


def test_a_stale_form_loses_to_the_newer_one_and_keeps_what_was_typed(bank: Browser) -> None:
    page = begin(bank)
    assert save(bank, page, {}) == 303
    stale = bank.post(
        f"{page}/edit", {"title": "春季卷", "base": "1", "act": "save", **sections({"count": "7"})}
    )
    assert stale.status_code == 409
    assert "这个草稿又有了改动" in stale.text
    assert 'value="7"' in stale.text
    assert "10 题，满分 100 分" in bank.get(page).text


def test_a_published_blueprint_is_copied_not_changed(
    runtime: Runtime, people: People, signed_in: SignIn, bank: Browser
) -> None:
    plan = a_draft(runtime, people)
    old = str(plan.blueprint_id)
    assert "现在不能修改" in bank.get(f"/questions/blueprints/{old}/edit").text
    sent = {"title": "10 题", "base": "1", "act": "save", **sections({})}
    assert bank.post(f"/questions/blueprints/{old}/edit", sent).status_code == 409
    assert bank.post(f"/questions/blueprints/{old}/discard").status_code == 409
    assert bank.post(f"/questions/blueprints/{old}/dance").status_code == 404
    offer = bank.get(f"/questions/blueprints/new?from={old}").text
    assert 'value="10 题"' in offer
    copy = begin(bank, "10 题（秋）", old)
    assert f'href="/questions/blueprints/{old}"' in bank.get(copy).text
    assert bank.post(f"{copy}/publish", {"base": "1"}).status_code == 303

    # The draft of a plan keeps a retired blueprint in sight, and cannot be published with it.
    assert bank.post(f"/questions/blueprints/{old}/retire").status_code == 303
    planner = signed_in(people.staff(Role.EXAM_ADMIN))
    assert "10 题（已停用）" in planner.get(f"/desk/plans/{plan.id}/edit").text
    assert "选的方案不在用" in planner.post(f"/desk/plans/{plan.id}/publish").text


def test_a_discarded_draft_is_gone_from_every_list(bank: Browser) -> None:
    page = begin(bank)
    assert bank.post(f"{page}/discard").status_code == 303
    assert bank.post(f"{page}/discard").status_code == 303
    assert page not in bank.get("/questions/blueprints").text
    assert bank.get(page).status_code == 200, "its record leads to it still"
    assert begin(bank) != page, "the title is free again"

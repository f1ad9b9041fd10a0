"""Every act that the house can record reads as a sentence, and no sentence is of an act that nobody does."""

import re
from pathlib import Path

import pytest
from flask import Flask

from lms.app.translations.upkeep import read
from lms.audit.sentences import KINDS, KINDS_ABOUT_PEOPLE, SENTENCES, STAGE_WORDS, SYSTEM_PARTS, kind_of
from lms.plans.policy import STAGE_NAMES
from tests.house.audit_tags import UnknownTag, machines, moved_tags, recorded_tags, system_labels, tags_in

pytestmark = pytest.mark.xdist_group("sources")
ROOT = Path(__file__).parents[2]


def test_every_tag_has_its_sentence_and_every_sentence_its_tag() -> None:
    assert set(SENTENCES) == moved_tags() | recorded_tags(ROOT)


def test_every_part_of_the_house_that_acts_by_itself_has_a_name() -> None:
    assert set(SYSTEM_PARTS) == system_labels(ROOT)


def test_every_kind_of_act_is_named_and_used() -> None:
    assert set(KINDS) == {kind_of(tag) for tag in SENTENCES}
    assert set(KINDS) >= KINDS_ABOUT_PEOPLE


def test_a_kind_leads_to_a_page_that_exists_and_takes_its_id(app: Flask) -> None:
    arguments = {
        rule.endpoint: rule.arguments for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
    }
    for kind in KINDS.values():
        if kind.endpoint:
            assert arguments[kind.endpoint] == {kind.argument}, kind


def test_the_stages_are_called_what_plans_call_them() -> None:
    assert dict(STAGE_WORDS) == {kind.value: name for kind, name in STAGE_NAMES.items()}


def test_the_machines_and_the_calls_are_found_at_all() -> None:
    assert len({machine.name for machine in machines()}) >= 9
    assert {"application:pass_on", "plan:create", "study_session:idle"} <= moved_tags()
    assert {"role:grant", "plan:edit", "application:lapsed", "demo:loaded"} <= recorded_tags(ROOT)


def test_a_new_act_is_seen_in_its_source() -> None:
    source = 'record(uow, actor, "teapot:boil", "1")\naudit.record(uow, actor, "teapot:pour", "1", cups=2)'
    assert tags_in(source, "lms.teapots") == {"teapot:boil", "teapot:pour"}


@pytest.mark.parametrize("tag", ['f"teapot:{verb}"', 'verb + ":x"'])
def test_a_tag_that_nobody_can_read_is_refused(tag: str) -> None:
    with pytest.raises(UnknownTag, match=r"lms\.teapots:1"):
        tags_in(f"record(uow, actor, {tag}, '1')", "lms.teapots")


def test_the_places_of_a_sentence_are_among_those_that_are_filled() -> None:
    places = {place for text in SENTENCES.values() for place in re.findall(r"%\((\w+)\)s", text)}
    assert places == {"kind", "purpose", "role", "organisation"}


def test_every_sentence_begins_alike_in_english() -> None:
    english = {message.id: str(message.string) for message in read() if isinstance(message.id, str)}
    assert [english[text] for text in SENTENCES.values() if not english[text][:1].isupper()] == []

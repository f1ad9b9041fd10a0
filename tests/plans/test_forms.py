"""The plan form: what it shows is what was stored, and it says so without falling over."""

from datetime import date

from lms.accounts.policy import Role
from lms.plans import service
from lms.plans.service import NewPlan
from lms.plans.templates import ANHUI


def test_the_form_of_a_fresh_draft_opens_with_its_pass_mark(runtime, people, signed_in):
    author = people.staff(Role.EXAM_ADMIN)
    with runtime.write() as uow:
        wanted = NewPlan(ANHUI.code, "第一期", date(2026, 12, 1), people.province_id)
        plan = service.create_from_template(uow, people.actor(author), wanted)
    page = signed_in(author).get(f"/desk/plans/{plan.id}/edit")
    assert page.status_code == 200
    assert 'name="pass_mark"' in page.text
    assert 'value="90.00"' in page.text

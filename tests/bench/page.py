"""The pages people wait for, with a hundred thousand applications in the database.

`GET /home` of signed-in trainees is measured under load beside a trivial Flask page. Then the same page and the
registrar's list are asked one request after the other: that is the server's time of a page (`home_p95_ms`,
`registry_p95_ms`, `registry_name_p95_ms`).
"""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from lms.accounts.policy import Role
from tests.bench.cookies import cookie_maker
from tests.bench.population import SURNAMES, multiply, swept
from tests.bench.rig import House
from tests.bench.rounds import Ask
from tests.bench.wrk import Load, Seat
from tests.support.crowd import Crowd

PEOPLE = 32
APPLICATIONS = 100_000


class Pages:
    """Pages of people whose application was approved and whose study is under way, and of their registrar."""

    script = "page"
    path = "/home"

    def __init__(self, house: House) -> None:
        crowd = Crowd(house.runtime, PEOPLE, sits=False)
        crowd.open_study()
        assert crowd.study_plan is not None
        multiply(house.runtime, crowd.people, crowd.study_plan, APPLICATIONS)
        swept(house.runtime)
        make = cookie_maker(house)

        def cookie(token: str) -> str:
            return "=".join(make(token))

        self._trainees = [{"cookie": cookie(member.token)} for member in crowd.members]
        registrar = crowd.sign_in(crowd.people.staff(Role.REGISTRAR))
        self._registrar = [{"cookie": cookie(registrar.token)}]

    def seats(self) -> Sequence[Seat]:
        """Return everybody's cookie, as signing in would have set it."""
        return self._trainees

    def lost(self, load: Load) -> int:
        """Nothing is written."""
        return 0

    def notes(self, ask: Ask) -> dict[str, Any]:
        """Say what each page costs when nobody else asks."""
        surname = quote(SURNAMES[0])
        return {
            "applications": APPLICATIONS,
            "home_p95_ms": ask(self.path, self._trainees).p95_ms,
            "registry_p95_ms": ask("/desk/registry", self._registrar).p95_ms,
            "registry_name_p95_ms": ask(f"/desk/registry?q={surname}", self._registrar).p95_ms,
        }

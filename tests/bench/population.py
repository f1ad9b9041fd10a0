"""A province's worth of rows: one graduate is made by the services, then multiplied inside the database.

A hundred thousand people cannot be walked through every service in a minute. What a page's speed depends on is how
many rows lie around the few it shows, so the rows beside the real one are copies with keys, names and dates of their
own. Nothing but benches reads them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import delete, insert, inspect, select, text, update

from lms.core.unit_of_work import Runtime
from lms.plans.policy import PlanFacts
from lms.registry.jobs.search import sweep_tally
from lms.registry.models.entries import RegistryEntry
from lms.registry.models.search import RegistryGram
from lms.registry.policy.search import grams_of
from tests.factories.certificates import a_graduate, deliver_blank
from tests.support.people import People

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许"
GIVEN = "书文知景怀云清嘉若明思远安宁和静一凡子涵"
VALID_DAYS = 900
"""The last valid days of the copies are spread over this many."""
SWEPT_AT_ONCE = 5_000


@dataclass(frozen=True)
class _Dialect:
    """The few words of SQL that the two databases spell differently."""

    padded: str
    days_back: str


SQLITE = _Dialect("printf('%012d', n.i)", "date(s.{column}, '-' || (n.i % {days}) || ' days')")
POSTGRESQL = _Dialect("lpad(CAST(n.i AS TEXT), 12, '0')", "s.{column} - CAST(n.i % {days} AS INTEGER)")


def multiply(runtime: Runtime, people: People, plan: PlanFacts, copies: int) -> None:
    """Make one graduate with a certificate and a registry entry, and `copies` more rows of each kind like his."""
    graduate = a_graduate(runtime, people, plan)
    deliver_blank(runtime, graduate)
    words = SQLITE if runtime.database.is_sqlite else POSTGRESQL
    padded = words.padded
    name = (
        f"substr('{SURNAMES}', CAST(1 + n.i % {len(SURNAMES)} AS INTEGER), 1)"
        f" || substr('{GIVEN}', CAST(1 + n.i / 7 % {len(GIVEN)} AS INTEGER), 1)"
        f" || substr('{GIVEN}', CAST(1 + n.i / 3 % {len(GIVEN)} AS INTEGER), 1)"
    )
    spread = {
        column: words.days_back.format(column=column, days=VALID_DAYS)
        for column in ("valid_from", "valid_until")
    }
    own = {"person_id": f"'p' || {padded}", "id_number_index": f"'x' || {padded}"}
    tables: dict[str, tuple[str, Mapping[str, str]]] = {
        "person": ("id", {"id": f"'p' || {padded}", "login_name": f"'l' || {padded}", "display_name": name}),
        "profile": ("person_id", {**own, "name": name}),
        "application": ("person_id", {**own, "id": f"'a' || {padded}"}),
        "certificate": (
            "person_id",
            {
                **own, **spread, "id": f"'c' || {padded}", "application_id": f"'a' || {padded}",
                "number": f"'9' || {padded}", "verification_code": f"'v' || {padded}", "holder_name": name,
                "number_year": "CAST(3000 + n.i / 9000 AS INTEGER)", "serial": "CAST(1 + n.i % 9000 AS INTEGER)",
            },
        ),
        "registry_entry": (
            "person_id",
            {
                **own, **spread, "id": f"'e' || {padded}", "certificate_id": f"'c' || {padded}",
                "certificate_number": f"'9' || {padded}", "holder_name": name,
            },
        ),
    }  # fmt: skip
    copy_rows(runtime, tables, graduate.person.id, 1, copies)


def swept(runtime: Runtime) -> None:
    """Make of the copies what the sweepers would make within some minutes: all are found by name, and are counted."""
    entry_id, name, number = RegistryEntry.id, RegistryEntry.holder_name, RegistryEntry.certificate_number
    with runtime.write() as uow:
        rows = uow.session.execute(select(entry_id, name, number)).all()
        uow.session.execute(delete(RegistryGram))
        for first in range(0, len(rows), SWEPT_AT_ONCE):
            grams = [
                {"gram": gram, "position": position, "entry_id": row.id}
                for row in rows[first : first + SWEPT_AT_ONCE]
                for gram, position in grams_of(row.holder_name, [row.certificate_number])
            ]
            uow.session.execute(insert(RegistryGram), grams)
        uow.session.execute(update(RegistryEntry).values(searched_as=name + "|" + number))
    sweep_tally(runtime)
    settle(runtime)


def copy_rows(
    runtime: Runtime, tables: Mapping[str, tuple[str, Mapping[str, str]]], seed: str, first: int, last: int
) -> None:
    """Copy the rows of one person, numbered from `first` to `last`.

    `tables`: by name the column that holds the seed's id, and the columns that differ with an SQL expression over
    the seed's row `s` and the number `n.i`.
    """
    columns = inspect(runtime.database.engine)
    with runtime.write() as uow:
        for table, (key, changed) in tables.items():
            names = [column["name"] for column in columns.get_columns(table)]
            values = ", ".join(changed.get(column, f"s.{column}") for column in names)
            uow.session.execute(
                text(
                    "WITH RECURSIVE n(i) AS"
                    # A small number would be a small integer to PostgreSQL, and one more than it is not.
                    " (SELECT CAST(:first AS INTEGER) UNION ALL SELECT i + 1 FROM n WHERE i < :last)"
                    f" INSERT INTO {table} ({', '.join(names)}) SELECT {values} FROM {table} s, n"
                    f" WHERE s.{key} = :seed"
                ),
                {"first": first, "last": last, "seed": seed},
            )
    settle(runtime)


def settle(runtime: Runtime) -> None:
    """Let the database look at what it holds now, as it does by itself in time."""
    with runtime.database.engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT").execute(
            text("ANALYZE" if runtime.database.is_sqlite else "VACUUM ANALYZE")
        )

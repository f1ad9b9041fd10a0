"""Finding examiners in a register of a million.

Every figure is the 95th percentile of whole lists as the page asks for them: opening the read, finding the ids,
counting up to the bound, and reading the fifty entries that are shown. By number (whole, and the last six digits), by
two characters of a name (the whole name, and a part of a longer one), by syllables and initials, by one common
character, and by each filter alone, in pairs, within one city, and beside a name. `counts_p95_ms` is what stands above
the list.

`value` is the median by name; `baseline` asks for the same fifty by `LIKE '%…%'`, the plainest search there is. A
name's hits are compared with those of `LIKE`: what one finds and the other does not is an error.
"""

import os
import random
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median, quantiles
from typing import Any

from sqlalchemy import Connection, func, select, text

from lms.accounts.models import Organisation
from lms.accounts.policy import OrganisationKind, Role
from lms.certificates.policy.certificates import local_day
from lms.core.actors import Actor, Grant
from lms.core.clock import to_ms
from lms.core.unit_of_work import Runtime
from lms.plans.policy import ExaminerLevel
from lms.registry.jobs.search import sweep_tally
from lms.registry.models.entries import RegistryEntry
from lms.registry.policy.entries import LISTED, EntryState
from lms.registry.policy.search import GRAM_LENGTH, grams_of, readings_of
from lms.registry.queries.counts import counts
from lms.registry.queries.search import MOST_LISTED, EntryFilter, entries
from tests.bench.cores import Cores, machine_words
from tests.bench.population import settle
from tests.bench.rig import fresh_house
from tests.support.people import People

ROWS = 50_000
ASKED = 150
"""Searches of each kind."""
COMPARED = 20
CITIES, INSTITUTIONS = 16, 480
AT_ONCE = 20_000
SURNAMES = (
    # Share of the commonest surnames in 1/1000; what is left is spread over rarer ones.
    ("王", 72), ("李", 72), ("张", 68), ("刘", 54), ("陈", 45), ("杨", 31), ("黄", 23), ("赵", 21),
    ("吴", 20), ("周", 19), ("徐", 14), ("孙", 14), ("马", 13), ("朱", 12), ("胡", 12), ("郭", 11),
    ("何", 11), ("林", 11), ("高", 10), ("罗", 9), ("郑", 9), ("梁", 8), ("谢", 7), ("宋", 7),
    ("唐", 7), ("许", 6), ("韩", 6), ("冯", 6), ("邓", 6), ("曹", 6), ("曾", 5), ("单", 1),
    ("仇", 1), ("欧阳", 1), ("尉迟", 1),
)  # fmt: skip
RARER = (
    "彭萧蔡潘田董袁于余叶蒋杜苏魏程吕丁沈任姚卢傅钟姜崔谭廖范汪陆金石戴贾韦夏邱方侯邹"
    "熊孟秦白江阎薛尹段雷黎史龙陶贺顾毛郝龚邵万钱严"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂英华建国文志海玲燕红春梅林辉云飞鹏宇"
    "浩然子涵欣怡雨轩梓萱晨阳思博家豪俊雪琳佳慧婷雯嘉诚东升永福德成玉珍秀荣凤兴旺学民"
    "庆新安康宁和光正立世昌连生全振启发少青松柏山川河泉金银铁木水火土天地人中"
)
OCCUPATIONS = [(f"6-31-{n // 10:02d}-{n % 10:02d}", f"职业{n:02d}工") for n in range(1, 61)]
WORTH = [1 / (1 + n) for n in range(max(INSTITUTIONS, len(OCCUPATIONS)))]
"""A few are common and many are rare, as among occupations and institutions."""


@dataclass(frozen=True)
class _Register:
    """A site with a register of many entries, and who looks into it."""

    runtime: Runtime
    names: Sequence[str]
    numbers: Sequence[str]
    cities: Sequence[str]
    institutions: Sequence[str]
    province: Actor
    city: Actor

    def ask(
        self, wanted: EntryFilter, actor: Actor | None = None, page: int = 1
    ) -> tuple[float, int, list[str]]:
        """Ask for a page; return the milliseconds, how many were counted, and the names on it."""
        began = time.perf_counter()
        with self.runtime.read() as uow:
            found = entries(uow, actor or self.province, wanted, page)
        taken = (time.perf_counter() - began) * 1000
        return taken, found.page.total, [one.holder_name for one in found.entries]


def measure(database: str, rows: int) -> dict[str, Any]:
    """Run the bench, print its table, and return what the JSON line says."""
    cores = Cores.take()
    with ExitStack() as closing:
        house = closing.enter_context(fresh_house(database))
        print(f"registry-search on {database}: {rows:,} entries; {cores.words}")
        print(f"  {machine_words(house.folder)}")
        if cores.serving is not None:
            os.sched_setaffinity(0, {cores.serving})
        began = time.perf_counter()
        register = _seed(house.runtime, rows)
        built = time.perf_counter() - began
        print(f"  written in {built:.0f} s, {_size(house.runtime)}")
        draw = random.Random(7)
        kinds = _kinds(register, draw)
        figures: dict[str, list[float]] = {}
        errors = 0
        print("  what                      asked   p50 ms   p95 ms   max ms   counted")
        for kind, asked in kinds.items():
            for wanted, actor in asked[:3]:
                register.ask(wanted, actor)
            taken, hits = [], []
            for wanted, actor in asked:
                ms, total, names = register.ask(wanted, actor)
                taken.append(ms)
                hits.append(total)
                # Everybody asked for is there: the words were taken from entries.
                errors += kind in {"number", "name", "pinyin", "one character"} and not names
            figures[kind] = taken
            worst = max(range(len(taken)), key=taken.__getitem__)
            print(
                f"  {kind:24} {len(taken):6} {median(taken):8.2f} {_share(taken, 95):8.2f} {max(taken):8.2f}"
                f" {median(hits):9.0f}   worst: {_said(asked[worst][0])}",
                flush=True,
            )
        wrong, compared, plain = _compare(register, [wanted.words for wanted, _ in kinds["name"][:COMPARED]])
        errors += wrong
        over = [_counts_ms(register) for _ in range(20)]
        print(
            f"  {'counts above the list':24} {len(over):6} {median(over):8.2f} {_share(over, 95):8.2f} {max(over):8.2f}"
        )
        print(f"  the same names by LIKE: {median(plain):.1f} ms; {compared} compared, {wrong} differ")
    filters = [ms for kind, taken in figures.items() if kind.startswith("filter") for ms in taken]
    return {
        "bench": "registry-search",
        "database": database,
        "value": round(median(figures["name"]), 2),
        "baseline": round(median(plain), 2),
        "ratio": round(median(figures["name"]) / median(plain), 3),
        "rows": rows,
        "number_p95_ms": round(_share(figures["number"], 95), 2),
        "name_p95_ms": round(_share(figures["name"], 95), 2),
        "pinyin_p95_ms": round(_share(figures["pinyin"], 95), 2),
        "character_p95_ms": round(_share(figures["one character"], 95), 2),
        "filter_p95_ms": round(_share(filters, 95), 2),
        "counts_p95_ms": round(_share(over, 95), 2),
        "built_seconds": round(built, 1),
        "errors": errors,
    }


Asked = list[tuple[EntryFilter, Actor]]


def _kinds(register: _Register, draw: random.Random) -> dict[str, Asked]:  # noqa: C901 - a list of questions
    """Make the questions of each kind."""

    def several(
        make: Callable[[], EntryFilter], actor: Actor = register.province, count: int = ASKED
    ) -> Asked:
        return [(make(), actor) for _ in range(count)]

    def name() -> str:
        return draw.choice(register.names)

    def two() -> str:
        full = name()
        start = draw.randrange(len(full) - 1)
        return full[start : start + 2]

    def reading() -> str:
        ways = readings_of(name())[0]
        match draw.randrange(4):
            case 0:
                return "".join(ways)
            case 1:
                return " ".join(ways)
            case 2:
                return ways[0]
            case _:
                return "".join(syllable[0] for syllable in ways)

    def number() -> str:
        whole = draw.choice(register.numbers)
        return whole if draw.random() < 0.7 else whole[-6:]

    def employer() -> str:
        return f"评价机构{draw.choices(range(INSTITUTIONS), WORTH[:INSTITUTIONS])[0]}"

    def occupation() -> str:
        return draw.choices(OCCUPATIONS, WORTH[: len(OCCUPATIONS)])[0][0]

    def level() -> str:
        return draw.choice([*ExaminerLevel]).value

    def standing() -> str:
        return draw.choice(LISTED).value

    def span() -> dict[str, str]:
        first = date(2026, 1, 1) + timedelta(days=draw.randrange(1000))
        return {
            "ends_from": first.isoformat(),
            "ends_to": (first + timedelta(days=draw.choice([0, 7, 90]))).isoformat(),
        }

    one_of = [
        EntryFilter, lambda: EntryFilter(occupation=occupation()), lambda: EntryFilter(level=level()),
        lambda: EntryFilter(standing=standing()), lambda: EntryFilter(employer=employer()),
        lambda: EntryFilter(region=draw.choice(register.cities)),
        lambda: EntryFilter(region=draw.choice(register.institutions)), lambda: EntryFilter(**span()),
        lambda: EntryFilter(ends="2027-03"),
    ]  # fmt: skip
    pairs = [
        lambda: EntryFilter(occupation=occupation(), level=level(), standing=standing()),
        lambda: EntryFilter(occupation=occupation(), region=draw.choice(register.cities)),
        lambda: EntryFilter(employer=employer(), standing=standing()),
        lambda: EntryFilter(region=draw.choice(register.institutions), level=level(), **span()),
        lambda: EntryFilter(words=two(), occupation=occupation()),
        lambda: EntryFilter(words=name()[0], standing=standing()),
        lambda: EntryFilter(words=name()[0], employer=employer()),
    ]
    return {
        "number": several(lambda: EntryFilter(words=number())),
        "name": several(lambda: EntryFilter(words=two())),
        "pinyin": several(lambda: EntryFilter(words=reading())),
        "one character": several(lambda: EntryFilter(words=draw.choice(name()))),
        "filter alone": [one for make in one_of for one in several(make, count=20)],
        "filter in pairs": [one for make in pairs for one in several(make, count=20)],
        "filter within a city": [
            one for make in (*one_of, *pairs) for one in several(make, register.city, 10)
        ],
        "name within a city": several(lambda: EntryFilter(words=two()), register.city),
    }


def _compare(register: _Register, words: Sequence[str]) -> tuple[int, int, list[float]]:
    """Ask for the same by LIKE; return how many answers differ, how many were compared, and the milliseconds."""
    wrong, plain = 0, []
    for word in words:
        _, total, names = register.ask(EntryFilter(words=word))
        like = RegistryEntry.holder_name.contains(word, autoescape=True)
        began = time.perf_counter()
        with register.runtime.read() as uow:
            uow.session.execute(
                select(RegistryEntry)
                .where(like)
                .order_by(RegistryEntry.holder_name, RegistryEntry.id)
                .limit(50)
            ).all()
        plain.append((time.perf_counter() - began) * 1000)
        with register.runtime.read() as uow:
            whole = uow.session.execute(
                select(func.count()).select_from(RegistryEntry).where(like)
            ).scalar_one()
        wrong += min(whole, MOST_LISTED) != total or any(word not in name for name in names)
    return wrong, len(words), plain


def _counts_ms(register: _Register) -> float:
    began = time.perf_counter()
    with register.runtime.read() as uow:
        counts(uow, register.province)
    return (time.perf_counter() - began) * 1000


def _seed(runtime: Runtime, rows: int) -> _Register:
    """Write a province's organisations, and entries whose names are as common as in life."""
    people = People(runtime)
    draw = random.Random(1)
    cities, institutions = (
        [f"city{n:04d}" for n in range(CITIES)],
        [f"inst{n:04d}" for n in range(INSTITUTIONS)],
    )
    with runtime.write() as uow:
        for n, city in enumerate(cities):
            uow.session.add(
                Organisation(
                    id=city, kind=OrganisationKind.CITY, parent_id=people.province_id, path=f"/{city}/",
                    name=f"第{n}市中心", code=f"9{n:07d}", created_at=uow.now,
                )
            )  # fmt: skip
        uow.session.flush()
        for n, institution in enumerate(institutions):
            city = cities[n % CITIES]
            uow.session.add(
                Organisation(
                    id=institution, kind=OrganisationKind.INSTITUTION, parent_id=city, path=f"/{city}/{institution}/",
                    name=f"评价机构{n}", code=f"8{n:07d}", created_at=uow.now,
                )
            )  # fmt: skip
        now, today = to_ms(uow.now), local_day(uow.now)
    surnames, shares = [*dict(SURNAMES), *RARER], [share for _, share in SURNAMES]
    weights = [*shares, *[max(1, (1000 - sum(shares)) // len(RARER))] * len(RARER)]
    names: list[str] = []
    numbers: list[str] = []
    states = [EntryState.ACTIVE, EntryState.EXPIRED, EntryState.REVOKED, EntryState.SUSPENDED]
    columns = [column.name for column in RegistryEntry.__table__.columns]
    with runtime.database.engine.connect() as connection, connection.begin():
        _unguarded(connection)
        for start in range(0, rows, AT_ONCE):
            count = min(AT_ONCE, rows - start)
            some_names = [
                surname + "".join(draw.choices(GIVEN, k=1 if draw.random() < 0.25 else 2))
                for surname in draw.choices(surnames, weights, k=count)
            ]
            places = draw.choices(range(INSTITUTIONS), WORTH[:INSTITUTIONS], k=2 * count)
            trades = draw.choices(OCCUPATIONS, WORTH[: len(OCCUPATIONS)], k=count)
            lives = draw.choices(states, (800, 185, 10, 5), k=count)
            entries_rows: list[dict[str, Any]] = []
            gram_rows: list[tuple[str, int, str]] = []
            for n, (name, trade, state) in enumerate(zip(some_names, trades, lives, strict=True)):
                serial = start + n
                entry_id = f"e{draw.getrandbits(48):012x}{n % 1000:03d}"
                # Fifteen digits like a real one.
                number = (
                    f"{20 + serial % 7}8{serial // 9999:07d}{1 + (serial % 5 > 0)}{1 + serial % 9999:04d}"
                )
                until = today + timedelta(
                    days=-draw.randrange(1, 600) if state is EntryState.EXPIRED else draw.randrange(1095)
                )
                entries_rows.append(
                    {
                        "id": entry_id, "person_id": f"p{serial}", "id_number_index": f"x{serial}", "holder_name": name,
                        "id_number_masked": "340103********0012", "occupation_edition": "2022",
                        "occupation_code": trade[0], "occupation_name": trade[1],
                        "level": (ExaminerLevel.SENIOR if serial % 5 == 0 else ExaminerLevel.EXAMINER).value,
                        "certificate_id": f"c{serial}", "certificate_number": number,
                        "issuing_organisation_id": institutions[places[n]],
                        "employer_organisation_id": institutions[places[count + n]], "state": state.value,
                        "valid_from": (until - timedelta(days=1095)).isoformat(), "valid_until": until.isoformat(),
                        "registered_at": now - (rows - serial) * 60_000, "changed_at": now,
                        "searched_as": f"{name}|{number}",
                    }
                )  # fmt: skip
                gram_rows += [(*gram, entry_id) for gram in grams_of(name, [number])]
            # Columns of other migrations may have been added; what is not named here stays empty.
            _write(
                connection,
                "registry_entry",
                columns,
                [tuple(row.get(c) for c in columns) for row in entries_rows],
            )
            _write(connection, "seeded_gram", ["gram", "position", "entry_id"], gram_rows)
            names += some_names[:200]
            numbers += [row["certificate_number"] for row in entries_rows[:200]]
        connection.exec_driver_sql("DELETE FROM registry_gram")
        _order_by = 'gram COLLATE "C"' if not runtime.database.is_sqlite else "gram"
        connection.exec_driver_sql(
            "INSERT INTO registry_gram SELECT gram, position, entry_id FROM seeded_gram"
            f" ORDER BY {_order_by}, position, entry_id"
        )
        connection.exec_driver_sql("DROP TABLE seeded_gram")
        if not runtime.database.is_sqlite:
            connection.exec_driver_sql("SET session_replication_role = DEFAULT")
    runtime.database.dispose()
    settle(runtime)
    sweep_tally(runtime)
    province = Actor("bench", "bench", (Grant(Role.REGISTRAR, "/"),))
    city = Actor("bench", "bench", (Grant(Role.REGISTRAR, f"/{cities[3]}/"),))
    return _Register(runtime, names, numbers, cities, institutions, province, city)


def _unguarded(connection: Connection) -> None:
    """Let entries stand without people and certificates, which nothing here reads, and make room for grams."""
    if connection.dialect.name == "sqlite":
        # Inside a transaction the pragma for foreign keys is without effect; this one is for its length.
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA foreign_keys=OFF")
        connection.exec_driver_sql("PRAGMA query_only=OFF")
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    else:
        connection.exec_driver_sql("SET session_replication_role = replica")
    connection.exec_driver_sql(
        f"CREATE TEMPORARY TABLE seeded_gram (gram VARCHAR({GRAM_LENGTH}), position INTEGER, entry_id VARCHAR(16))"
    )


def _write(
    connection: Connection, table: str, columns: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(columns))
        connection.exec_driver_sql(f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})", list(rows))
        return
    driver: Any = connection.connection.dbapi_connection
    with driver.cursor() as cursor, cursor.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as copy:
        for row in rows:
            copy.write_row(row)


def _size(runtime: Runtime) -> str:
    with runtime.read() as uow:
        grams = uow.session.execute(text("SELECT COUNT(*) FROM registry_gram")).scalar_one()
        if runtime.database.is_sqlite:
            pages, size = (
                uow.session.execute(text(f"PRAGMA {what}")).scalar_one()
                for what in ("page_count", "page_size")
            )
            return f"{grams:,} grams, {pages * size / 1e6:,.0f} MB in all"
        size = uow.session.execute(text("SELECT pg_total_relation_size('registry_gram')")).scalar_one()
    return f"{grams:,} grams in {size / 1e6:,.0f} MB"


def _said(wanted: EntryFilter) -> str:
    return " ".join(f"{name}={value}" for name, value in vars_of(wanted).items() if value) or "nothing"


def vars_of(wanted: EntryFilter) -> dict[str, str]:
    """Return the fields of a filter by name."""
    return {name: getattr(wanted, name) for name in EntryFilter.__dataclass_fields__}


def _share(taken: Sequence[float], percent: int) -> float:
    return quantiles(taken, n=100, method="inclusive")[percent - 1]

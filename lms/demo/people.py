"""The cast of the demo: staff for every role, a trainee at every stage, and a crowd behind them.

Nobody here exists. The names are invented, and every ID number begins with the district code 349900,
which no register has given to any place.
"""

from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property

from lms.accounts.policy import Role, id_check_character
from lms.plans.policy import REQUIRED_STUDY_SECONDS

_NO_DISTRICT = "349900"
_STREETS = {
    "institution": ("230001", "江岚省云浦市文澜路 8 号"),
    "other institution": ("232001", "江岚省岚山市澄江街 16 号"),
}
_EDUCATIONS = ("大学本科", "大学专科", "大学本科", "技师学院", "研究生", "高级技校")


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who works here: login name, name, role, and the organisation the role is held in."""

    login_name: str
    name: str
    role: Role
    scope: str
    place: str = ""
    """What tells two of one role apart."""


STAFF = (
    Member("admin", "沈知远", Role.ADMINISTRATOR, "province"),
    Member("bank", "顾清和", Role.QUESTION_ADMIN, "province"),
    Member("exam", "陆景行", Role.EXAM_ADMIN, "province"),
    # What one of them proposes or answers, another has to confirm.
    Member("exam-second", "温以南", Role.EXAM_ADMIN, "province", "第二人"),
    Member("invigilator", "顾明远", Role.INVIGILATOR, "province"),
    Member("invigilator-room", "薛怀冰", Role.INVIGILATOR, "province", "第 2 考场"),
    Member("reviewer", "方文澜", Role.REVIEWER, "province", "省中心"),
    Member("city", "许嘉木", Role.REVIEWER, "city", "云浦市中心"),
    Member("officer", "何云舒", Role.INSTITUTION_OFFICER, "institution", "云浦电力"),
    Member("officer-lanshan", "陈若水", Role.INSTITUTION_OFFICER, "other institution", "岚山机电"),
    Member("registrar", "吕怀瑾", Role.REGISTRAR, "province"),
    Member("registrar-second", "秦晚晴", Role.REGISTRAR, "province", "第二人"),
    Member("auditor", "施思齐", Role.AUDITOR, "province"),
)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a reviewer decides, so many days after the plan's first day."""

    day: int
    login_name: str
    decision: str
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Sanction:
    """What the registrar does to the entry, so many days before today: `revoke` or `suspend`."""

    days_ago: int
    verb: str
    reason: str


@dataclass(frozen=True, slots=True)
class Road:
    """How far somebody has come in a class. Days count from the first day of its enrolment."""

    lesson_class: str
    applied: int
    verdicts: tuple[Verdict, ...] | None = None
    """None: the province's reviewer approves on the next day."""
    corrected: int | None = None
    """The day on which a returned application was handed in again."""
    evenings: tuple[int, ...] = ()
    """The days on which lessons were watched."""
    studied: int = REQUIRED_STUDY_SECONDS
    """Seconds counted in the end."""
    misses_a_check: bool = False
    """Whether the first presence check of the last evening goes unanswered."""
    appeal: str = ""
    """What is written after the last evening about the check that was missed."""
    answer_to_appeal: str = ""
    """The reason with which the exam administrator grants that on the next day; empty: it still waits."""
    answers_at_once: bool = False
    """Whether presence checks are answered faster than anybody reads: a finding for a human to look at."""
    scores: tuple[int, ...] = ()
    """Points of each sitting; every question of the paper is worth an even number."""
    sat: tuple[int, ...] = ()
    """The day of each sitting."""
    sits_today: bool = False
    """Whether the last sitting ended just before the demo begins; then `sat` names one day less."""
    sanction: Sanction | None = None


@dataclass(frozen=True)
class Trainee:
    """Somebody who comes to become an examiner."""

    number: int
    name: str
    woman: bool
    road: Road | None = None
    stage: str = ""
    """What the login shows, for those whose login is printed."""
    employer: str = "institution"

    @cached_property
    def mobile(self) -> str:
        """The login name: the named ones follow one another, the crowd has a range of its own."""
        return f"1380000{5620 + self.number}" if self.stage else f"139000010{self.number:02d}"

    @cached_property
    def email(self) -> str:
        """A mail address in a domain that nobody can own."""
        return f"t{self.mobile}@example.com"

    @cached_property
    def birth_date(self) -> date:
        """A day between 1968 and 1994."""
        return date(1968 + self.number * 7 % 27, self.number * 5 % 12 + 1, self.number * 11 % 28 + 1)

    @cached_property
    def id_number(self) -> str:
        """A number with a right check character in a district that does not exist."""
        return invented_id_number(self.birth_date, 2 * (100 + self.number) + (0 if self.woman else 1))

    @property
    def education(self) -> str:
        """One of the words of the data form."""
        return _EDUCATIONS[self.number % len(_EDUCATIONS)]

    @property
    def employed_since(self) -> date:
        """A first of July in the twenties of a life."""
        return date(self.birth_date.year + 23 + self.number % 3, 7, 1)

    @property
    def postcode(self) -> str:
        """Of the employer's town."""
        return _STREETS[self.employer][0]

    @property
    def address(self) -> str:
        """Of the employer."""
        return _STREETS[self.employer][1]


def invented_id_number(birth_date: date, serial: int) -> str:
    """Return a number that nobody can have; an odd serial is a man's."""
    body = f"{_NO_DISTRICT}{birth_date:%Y%m%d}{serial % 1000:03d}"
    return body + id_check_character(body)


def _then(road: Road, **changes: object) -> Road:
    return replace(road, **changes)  # type: ignore[arg-type]  # the names are those of Road, checked when it is made


def _approved(day: int, *logins: str) -> tuple[Verdict, ...]:
    return tuple(Verdict(day + step, login, "approve") for step, login in enumerate(logins))


_UNREADABLE = "职业技能等级证书扫描件看不清编号，请重新上传清晰的扫描件后再提交"
_CALLED_AWAY = "当时单位来电话处理故障，离开了几分钟，没有看到在学确认"
_POWER_CUT = "学到一半小区停电，电脑关机，没能回答在学确认"
_REVOKED_BECAUSE = "经核查，报名时提交的职业技能等级证书为他人证书，依据考评人员管理规定撤销"
_SUSPENDED_BECAUSE = "接到考评工作投诉，核查期间暂停考评资格"

NAMED = (
    Trainee(0, "林书禾", woman=True, stage="新注册 / new"),
    Trainee(1, "苏砚青", woman=False, stage="审核中 / under review", road=Road("current", 14, verdicts=())),
    Trainee(2, "程若溪", woman=True, stage="退回补正 / returned with a reason",
            road=Road("current", 11, verdicts=(Verdict(13, "reviewer", "return", _UNREADABLE),))),
    Trainee(3, "叶南星", woman=True, stage="学习中 37% / studying, 37 %",
            road=Road("current", 6, evenings=(10, 15), studied=3996, misses_a_check=True,
                      appeal=_CALLED_AWAY)),
    Trainee(4, "韩既白", woman=False, stage="差 1 分钟学满 / one minute short", employer="other institution",
            road=Road("current", 3, evenings=(6, 9, 15), studied=REQUIRED_STUDY_SECONDS - 60)),
    Trainee(5, "宋时雨", woman=True, stage="可以考试 / exam unlocked",
            road=Road("current", 2, evenings=(4, 5, 14))),
    Trainee(6, "罗长风", woman=False, stage="考过一次没有通过 / failed once", employer="other institution",
            road=Road("current", 1, evenings=(3, 4), scores=(84,), sat=(8,))),
    Trainee(7, "唐采薇", woman=True, stage="刚通过 / passed, certificate just issued",
            road=Road("current", 1, evenings=(3, 5), scores=(96,), sits_today=True)),
    Trainee(8, "高远山", woman=False, stage="证书即将到期 / certificate expiring soon",
            road=Road("past", 96, evenings=(99, 100, 102), scores=(92,), sat=(113,))),
    Trainee(9, "梁月白", woman=True, stage="证书已到期 / certificate expired", employer="other institution",
            road=Road("past", 12, evenings=(15, 16), scores=(90,), sat=(28,))),
    Trainee(10, "魏承泽", woman=False, stage="证书已撤销 / certificate revoked",
            road=Road("earlier", 2, evenings=(5, 6), scores=(92,), sat=(12,),
                      sanction=Sanction(20, "revoke", _REVOKED_BECAUSE))),
)  # fmt: skip

_PAST = Road("past", 0)
_EARLIER = Road("earlier", 0)
_CURRENT = Road("current", 0)
_SENIOR = Road("senior", 0)

CROWD = (
    # Three years ago; their certificates end one after another, month by month.
    Trainee(11, "贺知秋", woman=False, road=_then(_PAST, applied=3, evenings=(6, 7), scores=(96,), sat=(20,))),
    Trainee(12, "范静姝", woman=True, employer="other institution",
            road=_then(_PAST, applied=38, evenings=(41, 43), scores=(86, 94), sat=(48, 55))),
    Trainee(13, "石允恭", woman=False, road=_then(_PAST, applied=70, evenings=(73, 74), scores=(90,), sat=(90,))),
    Trainee(14, "邹明溪", woman=True, road=_then(_PAST, applied=118, evenings=(121, 122), scores=(98,), sat=(140,))),
    Trainee(15, "熊敬之", woman=False, employer="other institution",
            road=_then(_PAST, applied=140, evenings=(144, 145), scores=(70, 82), sat=(150, 166))),
    Trainee(16, "金若兰", woman=True, road=_then(_PAST, applied=147, evenings=(150, 152), scores=(92,), sat=(171,))),
    Trainee(17, "白言川", woman=False, employer="other institution",
            road=_then(_PAST, applied=148, evenings=(160, 161, 170), scores=(100,), sat=(200,))),
    # Five months ago, in the other city.
    Trainee(18, "崔以宁", woman=True, employer="other institution",
            road=_then(_EARLIER, applied=1, evenings=(4, 5), scores=(94,), sat=(8,))),
    Trainee(19, "康泊舟", woman=False, employer="other institution",
            road=_then(_EARLIER, applied=3, evenings=(6, 8), scores=(88, 90), sat=(11, 17))),
    Trainee(20, "毛锦书", woman=True, employer="other institution",
            road=_then(_EARLIER, applied=6, evenings=(9, 10), scores=(98,), sat=(15,),
                       sanction=Sanction(9, "suspend", _SUSPENDED_BECAUSE))),
    Trainee(21, "邱牧野", woman=False,
            road=_then(_EARLIER, applied=8, evenings=(12, 13), scores=(82, 74), sat=(18, 24))),
    Trainee(22, "秦望舒", woman=True, road=_then(_EARLIER, applied=9, evenings=(13, 14), scores=(100,), sat=(20,))),
    Trainee(23, "江屹", woman=False, employer="other institution",
            road=_then(_EARLIER, applied=12, evenings=(16, 20), studied=6480)),
    Trainee(24, "史念真", woman=True, employer="other institution",
            road=_then(_EARLIER, applied=15, evenings=(18, 19), scores=(92,), sat=(25,))),
    # The class that is running now.
    Trainee(25, "顾言蹊", woman=False, road=_then(_CURRENT, evenings=(2, 3), scores=(94,), sat=(5,))),
    Trainee(26, "侯书恒", woman=False, employer="other institution",
            road=_then(_CURRENT, evenings=(2, 4), scores=(78, 92), sat=(5, 9))),
    Trainee(27, "邵听澜", woman=True, road=_then(_CURRENT, applied=1, evenings=(3, 5), scores=(86, 88), sat=(6, 12))),
    Trainee(28, "孟怀远", woman=False, road=_then(_CURRENT, applied=3, evenings=(5, 6))),
    Trainee(29, "龙启明", woman=False, employer="other institution",
            road=_then(_CURRENT, applied=4, evenings=(6, 7), scores=(88,), sat=(13,))),
    Trainee(30, "万清如", woman=True,
            road=_then(_CURRENT, applied=4, evenings=(7, 8, 12), studied=10260, answers_at_once=True)),
    Trainee(31, "段子衿", woman=True, employer="other institution",
            road=_then(_CURRENT, applied=5, evenings=(8, 14), studied=8640)),
    Trainee(32, "雷正阳", woman=False,
            road=_then(_CURRENT, applied=7, evenings=(11, 13), studied=5940, misses_a_check=True, appeal=_POWER_CUT,
                       answer_to_appeal="物业停电通知与时间相符，同意补记")),
    Trainee(33, "钱若谷", woman=False, employer="other institution",
            road=_then(_CURRENT, applied=9, evenings=(14,), studied=2160)),
    Trainee(34, "汤映雪", woman=True, road=_then(_CURRENT, applied=13)),
    Trainee(35, "尹星河", woman=False, employer="other institution", road=_then(_CURRENT, applied=14, verdicts=())),
    Trainee(36, "黎安然", woman=True,
            road=_then(_CURRENT, applied=10, verdicts=(Verdict(12, "reviewer", "return", _UNREADABLE),), corrected=15)),
    # Senior examiners, reviewed by three tiers: one case waits at each.
    Trainee(37, "常致远", woman=False, road=_then(_SENIOR, verdicts=())),
    Trainee(38, "武凝霜", woman=True, road=_then(_SENIOR, verdicts=_approved(1, "officer"))),
    Trainee(39, "赖德邻", woman=False, road=_then(_SENIOR, verdicts=_approved(1, "officer", "city"))),
    Trainee(40, "龚采苓", woman=True, road=_then(_SENIOR, verdicts=(
        *_approved(1, "officer"),
        Verdict(2, "city", "reject", "取得考评员资格不满 1 年，不符合申报高级考评员的条件"),
    ))),
)  # fmt: skip

TRAINEES = (*NAMED, *CROWD)

"""A bank as large as a country would keep, brought in by the service file after file, for measuring."""

from lms.core.actors import Actor
from lms.core.unit_of_work import Runtime
from lms.questions.service import import_questions
from question_bank.items import AREAS

OPERATOR = Actor.system("operator")
ROWS_A_FILE = 20_000
HEADER = "题型,题干,选项A,选项B,选项C,选项D,答案,解析,知识领域,难度"
KINDS = ("单选题", "多选题", "判断题")


def row(number: int) -> str:
    """A line of a file; types, areas and difficulties are mixed evenly."""
    kind = number % 3
    options = ",,," if kind == 2 else f"核对考生身份{number},检查考场设备与工具,宣读考场纪律,填写评分记录表"
    answer = ("ABCD"[number % 4], "ABD", "正确")[kind]
    area, difficulty = list(AREAS.values())[number // 3 % 5], "易中难"[number // 15 % 3]
    stem = f"考评员第{number}号条款规定，现场考评时应当首先完成的工作是（）。"
    return f"{KINDS[kind]},{stem},{options},{answer},见工作流程第{number}条。,{area},{difficulty}"


def a_large_bank(runtime: Runtime, count: int) -> None:
    """Bring in as many sound questions, no two alike."""
    for start in range(0, count, ROWS_A_FILE):
        lines = [HEADER, *(row(number) for number in range(start, min(start + ROWS_A_FILE, count)))]
        with runtime.write() as uow:
            result = import_questions(uow, OPERATOR, f"题库{start}.csv", "\n".join(lines).encode())
        assert result.added == len(lines) - 1, result.faults[:3]

"""What graded papers say about their questions: classical item analysis, exact in its definitions.

Everything takes *sheets*, the graded papers of examinees, and no two need hold the same questions. `items`
has the figures of a question, `reliability` those of a paper, `drift` compares wordings, `suspicion` says
which question somebody should look at. All names may be imported from here.

Words: *difficulty* (难度系数 p: the share of the points that was earned, so 1 is easy), *rest score* (what
an examinee earned on the rest of his own paper), *discrimination* (区分度: how much those who do well on the
rest do better here), *reliability* (信度: KR-20 and alpha).
"""

from question_bank.statistics.drift import Drift, drift
from question_bank.statistics.items import ItemFigures, OptionFigures, WrittenFigures, item_figures
from question_bank.statistics.reliability import Reliability, reliability
from question_bank.statistics.responses import Response, Sheet
from question_bank.statistics.suspicion import (
    ENOUGH_ANSWERS,
    SUSPICION_NAMES,
    Suspicion,
    suspicions,
)

__all__ = [
    "ENOUGH_ANSWERS",
    "SUSPICION_NAMES",
    "Drift",
    "ItemFigures",
    "OptionFigures",
    "Reliability",
    "Response",
    "Sheet",
    "Suspicion",
    "WrittenFigures",
    "drift",
    "item_figures",
    "reliability",
    "suspicions",
]

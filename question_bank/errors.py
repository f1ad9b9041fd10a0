"""The few things that can go wrong where a list of faults is not enough."""


class QuestionBankError(Exception):
    """Base of this package's exceptions; `code` is stable and safe to store."""

    code = "question_bank"


class PaperFormatError(QuestionBankError):
    """A stored paper or key lacks a field or holds another kind of value there; `field` names it."""

    code = "paper_format"

    def __init__(self, field: str) -> None:
        super().__init__(f"试卷数据缺少或写错了字段“{field}”。")
        self.field = field

"""What an entry's page says of what happened to it."""

from flask_babel import gettext

from lms.audit.queries import LoggedMove
from lms.registry.policy.entries import VERB_NAMES, EntryState
from lms.registry.policy.merges import TAKEN_WORDS
from lms.registry.queries.merges import MergeLines


def told_history(
    moves: list[LoggedMove], names: dict[str, str], merges: MergeLines
) -> list[dict[str, object]]:
    """Tell the history of an entry, the newest first, with what was merged into it and taken out again.

    `names` are those of the persons who acted, by id; who is not among them was the house itself.
    """
    told = [_told(move, names) for move in moves]
    for one in merges.taken:
        title = gettext(TAKEN_WORDS[one.kind], number=one.number)
        told.append({"title": title, "at": one.at, "remark": one.words, "who": one.who, "state": ""})
    return sorted(told, key=lambda event: str(event["at"]), reverse=True)


def _told(move: LoggedMove, names: dict[str, str]) -> dict[str, object]:
    return {
        "title": gettext(VERB_NAMES[move.verb]), "at": move.at, "remark": move.remark,
        "who": names.get(move.actor_id or "", gettext("系统")), "state": EntryState(move.to_state),
    }  # fmt: skip

"""The online exam: papers, attempts, saved answers, closing and grading.

Words: *paper* (试卷, drawn ahead and frozen, for one person and one sitting), *attempt* (考核机会 as used),
*answer revision* (one saved choice; the highest revision of a question counts), *lease* (the signed proof that
opens the hot routes of one attempt to one login session), *close* (hand-in or time-out, graded in the same
transaction), *void* (an attempt given back by an exam administrator, H10), *correction* (what was found wrong with
a wording; papers are graded by what is in force), *room* and *seat* (where a candidate sits; they open
nothing), *review* (a candidate doubts his score), *practice* (untimed,
explained at once, from questions that no exam draws).
Neighbours: questions and plans say what is asked and when, enrolment keeps the spine of stages; certificates and
dashboards look here.
"""

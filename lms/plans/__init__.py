"""Training plans: who may enrol, when, in which stages, by which pass rules.

Words: *plan* (考评计划, one batch with a 16-digit number, A8), *window* (an explicit span for enrolling,
studying or sitting the exam; the end is exclusive), *stage* (study, online exam, offline day,
qualification exam; an ordered list, H4), *route* (the tiers that review an application, A12, A18),
*template* (a province's route as data), *occupation* (edition, code, name and examiner level, H16).
Neighbours: courses and questions below (a plan names a course and a blueprint); enrolment above.
"""

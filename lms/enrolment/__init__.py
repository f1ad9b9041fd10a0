"""Applications, their review, and the spine: the state of each stage of each application.

Words: *application* (报名申请), *evidence* (佐证材料, A9), *route* (the tiers that review, as data),
*step* (the place on the route), *decision* (one reviewer's act at one step), *spine* (one row per
application and stage: `locked -> open -> passed | failed | waived`), *outcome* (how an application
ended: completed, failed, lapsed, annulled).
Neighbours: plans and accounts below. The stage rooms above (study, exam) ask the spine whether their
stage is open and report the outcome back to it; they know no other stage room.
"""

"""Study: the ledger of seconds of video that were really played under the server's clock (B1, B2, H11).

Words: *beat* = what a player reports every few seconds: which stretch of a lesson it has just played;
*credit* = the whole seconds the server grants for a beat; *coverage* = which seconds of a lesson are
counted or pending; *window* = the credit between two presence checks: pending, then counted or void;
*presence check* (在学确认) = a short question at a random moment; *study session* = one player that may
send beats. A person has one open session; a newer one takes over.
Neighbours: it asks plans for the numbers, enrolment (the spine) whether the stage is open, courses for
lessons; it reports to the spine when the requirement is reached and knows no room ahead.
"""

"""Drills: a fault is injected into a running site, and afterwards the clients' ledger is held against the database.

What was acknowledged must be stored, and what is stored must have been sent: acked ⊆ stored ⊆ acked ∪ unanswered.
Then every invariant of the house is checked by the operator's own command.
"""

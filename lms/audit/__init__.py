"""Who did what, when: append-only.

Words: *audit event* (one act, with ids and field names, never personal values), *state log* (one
move of one state machine), *seal* (the hash chain over audit events).
Neighbours: core below; every room above records here in the same transaction as the act.
"""

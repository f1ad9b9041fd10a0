"""What every room stands on, and what knows no room.

Words: *unit of work* (one declared read or write transaction), *clock* (the one source of time),
*journal* (the lane of hot writes), *outbox* (jobs written in the transaction that causes them),
*vault* (sealed personal values), *reason* (why something is refused, and the way out).
Neighbours: none below; every room above.
"""

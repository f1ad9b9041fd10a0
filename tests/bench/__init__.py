"""Benches: what the site can carry, beside the plainest honest thing on the same server in the same run.

`script/bench NAME` starts a site of its own on loopback, in a temporary folder, with a fresh migrated database.
The web process is production's (granian, one process, eight blocking threads) on core 0; the load generator (wrk,
16 keep-alive connections, closed loop) and, where there is one, PostgreSQL are on core 1. Value and baseline take
turns in at least five rounds, each resting while the other works, and the median of the rounds' ratios is printed:
the same machine drifts by a third between minutes, so requests per second only give the size.
"""

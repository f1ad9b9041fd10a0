"""Runs the whole site on one machine: Redis, web, worker and scheduler under one parent.

`python -m lms.app.supervisor` is what `script/start` ends in. Each part is a child in a session of
its own, so the terminal's Ctrl-C reaches the supervisor alone and the parts stop in order: web
first, so that nobody is told "saved" by a site that is going away; then worker and scheduler; Redis
last. A part that dies is started again; one that keeps dying stops the site with its last words.
Redis is executed; the parts of Python are forked from the supervisor, which has read their code once.
A large site runs the same commands under systemd instead.

Words: *part* (one program of the site and how to run it), *child* (a part that runs), *lock* (the
claim on the instance folder, which the parts hold too until the last of them has ended).
Neighbours: `lms.core` for the settings and the clock.
"""

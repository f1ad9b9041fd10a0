"""The training and exam platform for examiners (考评员).

Rooms stand in the order of the examiner's journey; a room may use the ones before it and
never the ones after it. `docs/architecture.md` draws the house on one page.
"""

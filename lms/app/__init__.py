"""Where the rooms are put together: factory, reactions, schedule, error pages and commands.

Words: *reaction* (an event of one room causes a job of another), *sweeper* (periodic work that
repairs what a crash left).
Neighbours: every room below; nothing above.
"""

"""Messages to people.

Words: *notice* (a message that a person can find again), *mail* (its copy by e-mail). For now the
room sends mail alone: the way back in for a forgotten password, and word that an exported file is there.
Neighbours: accounts below (who somebody is, and where mail reaches them).
"""

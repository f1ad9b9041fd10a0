"""Messages to people.

Words: *notice* (a message that a person can find again), *mail* (its copy by e-mail). For now the
room sends the one mail that this house needs: the way back in for a forgotten password.
Neighbours: accounts below (who somebody is, and where mail reaches them).
"""

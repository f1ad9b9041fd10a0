"""Files that people take out of the house: asked for, written by a job, fetched, and let go after a week.

Words: *export* (导出, one file somebody asked for), *kind* (what it is taken from), *writer* (the function of a
later room that makes the bytes; `lms/app/reactions.py` says which), *to let go* (the file is removed from the
store, the row stays).
Neighbours: accounts and notices below; questions and registry ask for exports and write them.
"""

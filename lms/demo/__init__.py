"""What a fresh installation is filled with, so that every page can be tried at once.

Words: *course* = the five lessons as text, *lesson video* = the same lessons as real MP4 files, *cast* = the
invented people, *road* = how far one of them has come, *story* = what one of them does, act by act, at stated
past moments. Stories call the services that pages call; nothing is inserted by hand.
Everything here is invented or restates a public rule; no real person appears.
Neighbours: it may use every room before it (it stands just before `app`); nothing depends on it.
"""

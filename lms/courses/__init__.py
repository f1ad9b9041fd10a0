"""Courses: lessons, their videos and the order they are taught in.

Words: *course* = an ordered list of lessons, *lesson* = one video with title and summary, *video facts*
= what a file really is, read from the file itself (`mp4.py`), never from a form.
Neighbours: it uses core, audit, accounts and notices; plans offer courses, study counts their seconds.
"""

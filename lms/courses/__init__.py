"""Courses: lessons, their videos and the order they are taught in; and how a course is prepared.

Words: *course* = an ordered list of lessons, *lesson* = one video with title and summary, *draft* = a course
that is being prepared; publishing it registers the course, which never changes again, because counted seconds
belong to the video that was watched. *Video facts* = what a file really is, read from the file itself
(`mp4.py`), never from a form. What people upload is opened by `video_process.py` alone, in a process of its own.
Neighbours: it uses core, audit, accounts and notices; plans offer courses, study counts their seconds.
"""

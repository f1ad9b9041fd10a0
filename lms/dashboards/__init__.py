"""Pages that gather from several rooms: the trainee's home and the desk of staff. They only read.

Words: *station* (one stop of the road from application to registry), *step* (what the person does next),
*work list* (what waits for a member of staff, by role).
Neighbours: every room of the journey behind it; none ahead but the demo and the app.
"""

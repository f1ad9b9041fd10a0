"""Pages that gather from several rooms: the trainee's home, the desk of staff, and the figures. They only read.

Words: *station* (one stop of the road from application to registry), *step* (what the person does next),
*work item* (a kind of work that waits for a decision, how much of it and since when), *figure* (what is drawn of
many people), *reach* (whom an actor may count in a figure), *pace* (what somebody who studies evenly has by now).
Neighbours: every room of the journey behind it; none ahead but the demo and the app.
"""

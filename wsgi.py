"""What a WSGI server imports: ``wsgi:app``."""

import gc

# Nothing that is read while starting is garbage: looking for some costs a fifth of the start, and looking through
# what stays for good would later make requests wait.
gc.disable()

from lms.app.factory import create_app  # noqa: E402  # after the collector is off, which is the point

app = create_app()
gc.freeze()
gc.enable()

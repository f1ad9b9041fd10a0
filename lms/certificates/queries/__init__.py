"""Reading certificates: the documents, their versions and files, what is decided about them, what waits."""

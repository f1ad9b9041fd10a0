"""The tables of the certificates room."""

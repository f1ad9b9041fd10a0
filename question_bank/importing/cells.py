"""What a cell says, whatever type the spreadsheet gave it."""

from collections.abc import Sequence


def is_filled(row: Sequence[object]) -> bool:
    """Tell whether any cell of `row` holds more than blanks."""
    # A plain loop: this runs over every row, and a generator costs more than the test.
    for value in row:  # noqa: SIM110 - for the reason above
        if value != "" and (not isinstance(value, str) or value.strip()):
            return True
    return False


def cell_text(value: object) -> str:
    """Return a cell as the text that a person sees in it: 3.0 as 3, logical values in capitals."""
    if type(value) is str:
        return value
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)

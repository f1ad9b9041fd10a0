"""`python -m lms.app.translations refresh|check|compile`; see script/translations."""

import argparse
import sys

from lms.app.translations.compiled import WRITTEN, compile_catalogue
from lms.app.translations.upkeep import extract, faults, read, refresh


def main(arguments: list[str] | None = None) -> int:
    """Run one command; return 0 when all is well, 1 when texts are missing or wrong."""
    parser = argparse.ArgumentParser(prog="python -m lms.app.translations", description=__doc__)
    parser.add_argument("command", choices=("refresh", "check", "compile"))
    chosen = parser.parse_args(arguments)
    if chosen.command == "compile":
        print("compiled" if compile_catalogue() else "nothing to do")
        return 0
    if chosen.command == "refresh":
        found = faults(refresh())
        compile_catalogue()
    else:
        found = faults(read(), extract())
    for fault in found:
        print(fault)
    print(f"{len(read())} texts, {len(found)} to mend" + (f" in {WRITTEN}" if found else ""))
    return 1 if found and chosen.command == "check" else 0


if __name__ == "__main__":
    sys.exit(main())

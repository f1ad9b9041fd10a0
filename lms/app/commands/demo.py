"""The verb that fills an empty site with invented people."""

from functools import partial

import click
from flask.cli import with_appcontext

from lms.app.handlers import HANDLERS
from lms.certificates.seal_keys import make_if_missing
from lms.core.settings import ROOT
from lms.core.web import runtime
from lms.demo.house import JobFailed
from lms.demo.load import load_demo
from lms.demo.logins import login_table
from lms.demo.opening import film_course


@click.command("demo")
@with_appcontext
def load_the_demo() -> None:
    """Fill an empty site with invented people at every stage of the road; print the logins.

    Once, and while the site is stopped; a load that was cut off goes on.
    """
    house = runtime()
    if house.settings.env == "production":
        raise click.ClickException("the demo never loads into a production site")
    # The first certificates of a new site are printed here, before the supervisor has looked for the keys.
    make_if_missing(house.settings, house.clock.now())
    film = partial(film_course, ROOT / "var" / "lessons", house.settings.font_dir)
    try:
        shown = load_demo(house, HANDLERS, film, lambda line: click.echo(line, err=True))
    except JobFailed as failure:
        raise click.ClickException(
            f"job {failure} of the demo failed; the lines above say why. Mend it and start again: the load goes on"
        ) from failure
    if shown:
        click.echo(login_table(shown))

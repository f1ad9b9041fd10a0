"""Tests share applications, but never one that was built with other settings."""

from pydantic import SecretStr

from tests.support.site import Applications, Site


def test_a_house_takes_an_application_of_its_own_settings_wherever_it_keeps_its_things(site: Site) -> None:
    idle, app = Applications(), site.app()
    idle.give_back(app, site.settings.model_copy(update={"database_url": "sqlite:///elsewhere.db"}))
    assert idle.take(site) is app
    assert idle.take(site) is not app, "one application serves one house at a time"


def test_settings_that_differ_in_a_secret_alone_differ(site: Site) -> None:
    idle, app = Applications(), site.app()
    idle.give_back(app, site.settings.model_copy(update={"secret_key": SecretStr("another" * 8)}))
    assert idle.take(site) is not app

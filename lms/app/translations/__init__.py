"""The catalogues: every text of the site in its second language, and whether they are whole.

The message ids are the Chinese texts themselves, so Chinese needs no catalogue. A text that the English
one lacks would be shown in Chinese without a word; therefore a site with a missing or old compiled
catalogue does not start, and `script/translations check` names every text that is not translated.
"""

from lms.app.translations.compiled import StaleCatalogue, compile_catalogue, refuse_stale

__all__ = ["StaleCatalogue", "compile_catalogue", "refuse_stale"]

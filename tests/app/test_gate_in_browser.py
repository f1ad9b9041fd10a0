"""The pages before the sign-in: their landscape stands under the words, never behind them."""

import shutil

import pytest
from playwright.sync_api import Browser

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(shutil.which("chromium") is None, reason="no Chromium is installed"),
    pytest.mark.parametrize("site", ["sqlite"], indirect=True),
]
WIDTHS = (320, 390, 600, 768, 990)
"""From the narrowest phone to the widest page that stands in one column."""
GAP = """() => {
  const ridges = [...document.querySelectorAll('.land .near path')];
  const peak = Math.min(...ridges.map(one => one.getBoundingClientRect().top));
  return peak - document.querySelector('.gate-art h1').getBoundingClientRect().bottom;
}"""


@pytest.mark.parametrize("language", ["zh-CN", "en"])
def test_no_peak_reaches_into_the_words(address: str, chromium: Browser, language: str) -> None:
    page = chromium.new_context(base_url=address, locale=language).new_page()
    gaps = {}
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 844})
        page.goto("/sign-in")
        gaps[width] = round(page.evaluate(GAP))
    assert {width: gap for width, gap in gaps.items() if gap < 0} == {}

"""A person at a browser: keeps cookies, reads pages, fills in forms, follows links. Nothing else reaches the site."""

from typing import Any

import httpx

from tests.support.page import NotOnThePage, Page
from tests.support.plain import NO_CERTIFICATES
from tests.support.server import LiveSite


class Person:
    """One browser of one person. Signs in again by himself, through the form, when his session has ended."""

    def __init__(self, site: LiveSite, login_name: str = "", password: str = "") -> None:
        self.site = site
        self.login_name = login_name
        self.password = password
        self.page: Page | None = None
        self._client = httpx.Client(
            base_url=site.url,
            follow_redirects=True,
            timeout=30,
            headers={"Accept": "text/html,*/*;q=0.8"},
            verify=NO_CERTIFICATES,
        )
        site.visitors.callback(self._client.close)

    @property
    def here(self) -> Page:
        """The page that is open."""
        if self.page is None:
            raise NotOnThePage("no page has been opened")
        return self.page

    def open(self, address: str) -> Page:
        """Open an address of the site; sign in first when the site asks for it."""
        page = self._show(self._client.get(address))
        if page.path == "/sign-in" and self.login_name and not address.endswith("/sign-in"):
            page = self.sign_in(page)
        return page

    def sign_in(self, page: Page | None = None) -> Page:
        """Sign in through the form; a page that led there is open afterwards."""
        self.page = page or self._show(self._client.get("/sign-in"))
        return self.send("登录", login_name=self.login_name, password=self.password)

    def follow(self, text: str) -> Page:
        """Follow the link that reads so."""
        return self.open(self.here.link(text))

    def send(self, button: str, *, has: str = "", files: dict[str, Any] | None = None, **values: Any) -> Page:
        """Fill in the form with this button on the open page, press it, and see what comes back."""
        form = self.here.form(button=button, has=has)
        form.fill(**values)
        content = form.content()
        name, value, _, own_action = next(one for one in form.buttons if one[2] == button)
        if name:
            content.append((name, value))
        for field in files or {}:
            if field not in form.controls or form.controls[field].kind != "file":
                raise NotOnThePage(f"no file field {field}; there are {sorted(form.controls)}")
        action = httpx.URL(form.action).join(own_action) if own_action else form.action
        headers = {"Referer": self.here.url, "Origin": self.site.url}
        if form.method == "get":
            return self._show(self._client.get(action, params=content, headers=headers))
        if form.is_multipart:
            parts = [(key, (None, text.encode())) for key, text in content]
            parts += [(key, file) for key, file in (files or {}).items()]
            return self._show(self._client.post(action, files=parts, headers=headers))
        fields: dict[str, list[str]] = {}
        for key, text in content:
            fields.setdefault(key, []).append(text)
        return self._show(self._client.post(action, data=fields, headers=headers))

    def post(self, address: str, **fields: str) -> Page:
        """Send what no button offers, with the token of the open page: what a stubborn visitor can do."""
        token = self.here.csrf_token
        return self._show(self._client.post(address, data={"csrf_token": token, **fields}))

    def call(self, address: str, body: Any = None, *, method: str = "POST") -> httpx.Response:
        """Call the site as the open page's own script does."""
        headers = {"X-CSRFToken": self.here.csrf_token, "Accept": "application/json"}
        return self._client.request(method, address, json=body, headers=headers)

    def download(self, address: str, **headers: str) -> httpx.Response:
        """Fetch a file."""
        return self._client.get(address, headers=headers)

    def carry_on(self, cookies: dict[str, str]) -> None:
        """Go on with the login of another window of the same person."""
        self._client.cookies.update(cookies)

    def cookies(self) -> list[tuple[str, str]]:
        """Return the cookies, so that the same person can go on in another window."""
        return [(cookie.name, cookie.value or "") for cookie in self._client.cookies.jar]

    def _show(self, response: httpx.Response) -> Page:
        if response.headers.get("content-type", "").startswith("text/html"):
            self.page = Page(str(response.url), response.text, response.status_code)
            return self.page
        raise NotOnThePage(f"{response.url} is no page: {response.status_code} {response.text[:300]}")

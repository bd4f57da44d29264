"""Somebody at a desk without scripts: pages, and forms with the page's own token."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx2


@dataclass
class Browser:
    """A browser of its own on one service; it keeps cookies and the page it saw last."""

    client: httpx2.AsyncClient
    cookies: dict[str, str] = field(default_factory=dict)
    page: str = ""

    async def get(self, path: str, status: int = 200) -> str:
        """A page."""
        answer = await self.client.get(path, headers=self.cookie())
        assert answer.status_code == status, answer.text[:300]
        self.page = unescape(answer.text)
        return self.page

    async def post(self, path: str, status: int = 303, /, **fields: Any) -> str:
        """A form with the page's token; where it leads, or the page it answers."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.page)
        data = {"csrf": found[1] if found else "", **fields}
        ours = {"origin": str(self.client.base_url).rstrip("/")}
        answer = await self.client.post(path, data=data, headers=ours | self.cookie(), follow_redirects=False)
        assert answer.status_code == status, f"{answer.status_code} {unescape(answer.text)[:2000]}"
        for cookie in answer.headers.get_list("set-cookie"):
            name, _, rest = cookie.partition("=")
            self.cookies[name] = rest.partition(";")[0]
        self.client.cookies.clear()
        if status == 303:
            return str(answer.headers["location"])
        self.page = unescape(answer.text)
        return self.page

    def cookie(self) -> dict[str, str]:
        """The header that carries its cookies."""
        self.client.cookies.clear()
        return {"cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())} if self.cookies else {}

    def value(self, name: str) -> str:
        """What stands in a field of the page."""
        found = re.search(rf'<input id="{name}"[^>]*? value="([^"]*)"', self.page)
        found = found or re.search(rf'<textarea id="{name}"[^>]*>\n(.*?)</textarea>', self.page, re.DOTALL)
        assert found is not None, name
        return found[1]

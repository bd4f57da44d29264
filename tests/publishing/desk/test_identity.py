"""Who may come in: tokens that are shown once and end, and people who sign in from our own page only."""

from tests.publishing.desk.at_door import NewDatabase, Person, at_door, until


async def test_a_token_is_shown_once_remembers_its_use_and_ends(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        order = {"name": "Partner archive", "roles": ["reader"]}
        made = await house.chief.answer("POST", "/v1/tokens", order, idempotency_key="k")
        assert made.json()["token"].startswith(f"nwr_{made.json()['id']}_")
        again = await house.chief.answer("POST", "/v1/tokens", order, idempotency_key="k")
        assert (again.status_code, again.json()["type"]) == (409, "/problems/shown-once"), "no secret is kept to repeat"
        partner = Person(house.client, made.json()["token"])
        await until(partner, "/v1/me", 200)
        await partner.ask("GET", "/v1/articles", None, 403)
        (listed,) = (await house.chief.ask("GET", "/v1/tokens"))["items"]
        assert (listed["name"], listed["last_used_at"] is not None, "token" in listed) == (
            "Partner archive",
            True,
            False,
        )
        forged = Person(house.client, partner.token[:-1] + ("a" if partner.token[-1] != "a" else "b"))
        await forged.ask("GET", "/v1/me", None, 401)
        await house.chief.ask("DELETE", f"/v1/tokens/{listed['id']}", None, 204)
        await until(partner, "/v1/me", 401)
        short = await house.chief.ask("POST", "/v1/tokens", {**order, "expires_at": "2020-01-01T00:00:00Z"}, 201)
        await house.chief.ask("POST", "/v1/tokens", {**order, "roles": ["editor"]}, 201)
        await until(Person(house.client, short["token"]), "/v1/me", 401)
        chief = await house.hire("Chief", "chief")
        await chief.ask("POST", "/v1/tokens", {"name": "x", "roles": ["operator"]}, 403)


async def test_who_signs_in_changes_things_from_our_own_page_only(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        person = {"name": "hoa.vu", "display_name": "Hoa Vu", "password": "a long password", "roles": ["editor"]}
        made = await house.chief.ask("POST", "/v1/users", person, 201)
        assert "password" not in made
        browser = house.client
        wrong = await browser.post("/v1/session", json={"name": "hoa.vu", "password": "another one here"})
        nobody = await browser.post("/v1/session", json={"name": "nobody", "password": "another one here"})
        assert (wrong.status_code, wrong.json()) == (nobody.status_code, nobody.json())
        signed = await browser.post("/v1/session", json={"name": "hoa.vu", "password": "a long password"})
        assert signed.status_code == 200, signed.text
        cookie = signed.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert (await browser.get("/v1/me")).json()["name"] == "Hoa Vu"
        ours, csrf = {"origin": "http://testserver"}, {"x-csrf-token": signed.json()["csrf"]}
        story = {"headline": "Bridge"}
        for headers in ({}, ours, csrf, {"origin": "https://evil.example", **csrf}, {**ours, "x-csrf-token": "guess"}):
            refused = await browser.post("/v1/articles", json=story, headers=headers)
            assert (refused.status_code, refused.json()["type"]) == (403, "/problems/foreign-form"), headers
        written = await browser.post("/v1/articles", json=story, headers={**ours, **csrf})
        assert written.status_code == 201
        assert written.json()["created_by"] == f"user:{made['id']}"
        await house.chief.ask("PATCH", f"/v1/users/{made['id']}", {"disabled": True})
        assert (await browser.get("/v1/me")).status_code == 401, "signed out everywhere"
        audited = (await house.chief.ask("GET", f"/v1/audit?subject=user:{made['id']}"))["items"]
        assert [entry["act"] for entry in audited] == ["change account", "sign in", "make account"]
        assert "a long password" not in str(audited)
        chain = await house.chief.ask("GET", "/v1/audit/verification")
        assert chain["broken_at"] is None
        assert chain["entries"] >= 4

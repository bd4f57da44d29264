"""An editor's day at the door: write, collide, merge, lock, take over, undo, correct, follow up, translate, restore."""

from datetime import datetime

from tests.publishing.desk.at_door import STORY, NewDatabase, at_door


async def test_two_editors_collide_and_both_changes_are_kept(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        mai, hoa = await house.hire("Mai", "editor"), await house.hire("Hoa", "editor")
        seen = await mai.write()
        path = f"/v1/articles/{seen['id']}"
        await hoa.save(seen, headline="Bridge opens at last", note="sounds better")
        body = "<p>It is 3.2 km long. Thousands came to see it.</p>"
        refused = await mai.save(seen, 412, body_html=body)
        assert (refused["type"], refused["mergeable"], refused["revision"]) == ("/problems/changed-meanwhile", True, 2)
        assert [(d["field"], d["old"], d["new"]) for d in refused["theirs"]] == [
            ("headline", "Bridge opens", "Bridge opens at last")
        ]
        both = await mai.save(seen, merge=True, body_html=body)
        assert (both["headline"], both["body_html"], both["revision"]) == ("Bridge opens at last", body, 3)
        clash = await hoa.save(seen, 412, merge=True, body_html="<p>It is 3.2 km long. Nobody came.</p>")
        assert clash["conflicts"][0]["theirs"] == "Thousands came to see it."
        assert "if-match" in (await mai.ask("PATCH", path, {"headline": "x"}, 428))["detail"].lower()
        await mai.ask("PATCH", path, {"headline": "x"}, 428, if_match="*")
        assert (await mai.ask("PATCH", path, {"headline": "x"}, 400, if_match="abc"))["type"] == "/problems/bad-etag"

        compared = await mai.ask("GET", f"{path}/comparison?old=1&new=3")
        assert [difference["field"] for difference in compared["differences"]] == ["headline", "body_html"]
        added = "".join(run["text"] for run in compared["differences"][1]["words"] if run["kind"] == "in")
        assert "to see it." in added
        restored = await hoa.ask("POST", f"{path}/revisions/1/restore", None, 200, if_match=both["etag"])
        assert (restored["headline"], restored["revision"]) == ("Bridge opens", 4)
        kept = (await hoa.ask("GET", f"{path}/revisions"))["items"]
        assert [(one["number"], one["act"], one["base"], one["by_name"]) for one in kept] == [
            (4, "restore_words", 3, "Hoa"), (3, "save", 1, "Mai"), (2, "save", 1, "Hoa"), (1, "create", None, "Mai")
        ]  # fmt: skip
        assert kept[2]["note"] == "sounds better"
        replaced = await mai.ask("PUT", path, {**STORY, "headline": "New"}, 200, if_match=restored["etag"])
        assert (replaced["headline"], replaced["revision"]) == ("New", 5)
        assert (await mai.answer("GET", path, if_none_match=replaced["etag"])).status_code == 304


async def test_a_takeover_keeps_the_unsaved_words_of_whom_it_takes_over(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with at_door(new_database, redis_url) as house:
        mai, hoa = await house.hire("Mai", "editor"), await house.hire("Hoa", "editor")
        seen = await mai.write()
        path = f"/v1/articles/{seen['id']}"
        assert (await mai.ask("PUT", f"{path}/lock"))["by"] == "Mai"
        typed = {"base": 1, "changes": {"body_html": "<p>Half a sentence</p>"}}
        await mai.ask("PUT", f"{path}/autosave", typed)
        refused = await hoa.ask("PUT", f"{path}/lock", None, 409)
        assert (refused["type"], refused["by"]) == ("/problems/being-edited", "Mai")
        assert (await hoa.ask("GET", path))["editing"]["by"] == "Mai"
        assert (await hoa.ask("PUT", f"{path}/lock?takeover=true"))["by"] == "Hoa"
        assert (await house.chief.ask("GET", "/v1/articles"))["items"][0]["editing"]["by"] == "Hoa"
        (kept,) = await hoa.ask("GET", f"{path}/autosaves")
        assert kept["changes"] == typed["changes"]
        assert (await hoa.ask("GET", path))["body_html"] == STORY["body_html"], "an autosave is no save"
        assert len((await hoa.ask("GET", f"{path}/revisions"))["items"]) == 1
        writer = await house.hire("Lan", "contributor")
        assert await writer.ask("GET", f"{path}/autosaves") == [], "unsaved words are one's own, but for editors"
        await mai.ask("DELETE", f"{path}/autosave", None, 204)
        assert await mai.ask("GET", f"{path}/autosaves") == []
        await mai.ask("DELETE", f"{path}/lock", None, 204)
        assert (await hoa.ask("GET", path))["editing"]["by"] == "Hoa", "one drops one's own lock only"
        await hoa.ask("DELETE", f"{path}/lock", None, 204)
        assert (await hoa.ask("GET", path))["editing"] is None


async def test_a_publish_is_undone_within_its_seconds_and_a_correction_is_shown(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        story = await mai.write()
        public = f"/v1/public/articles/{story['id']}"
        waits = (await mai.do("publish", story))["waits"]
        assert (waits["waits_for"], waits["verb"]) == ("undo", "publish")
        await mai.ask("GET", public, None, 404)
        assert (await mai.do("unschedule", story))["state"] == "draft"
        assert (await mai.do("publish", story, undo_seconds=0))["state"] == "published"
        assert (await mai.ask("GET", public))["headline"] == "Bridge opens"

        seen = await mai.ask("GET", f"/v1/articles/{story['id']}")
        await mai.save(seen, body_html="<p>It is 2.3 km long. Thousands came.</p>")
        assert "3.2" in (await mai.ask("GET", public))["body_html"], "a save changes nothing readers see"
        wrong = await mai.do("correct", story, 422, undo_seconds=0)
        assert wrong["type"] == "/problems/correction-missing"
        said = {"note": "The bridge is 2.3 km long.", "old": "3.2 km", "new": "2.3 km"}
        assert (await mai.do("correct", story, undo_seconds=0, correction=said))["state"] == "corrected"
        shown = await mai.ask("GET", public)
        assert "2.3" in shown["body_html"]
        assert [(c["note"], c["old"], c["new"]) for c in shown["corrections"]] == [
            ("The bridge is 2.3 km long.", "3.2 km", "2.3 km")
        ]
        actions = {a["verb"]: a for a in await mai.ask("GET", f"/v1/articles/{story['id']}/actions")}
        assert "already public" in actions["publish"]["why_not"]
        assert actions["correct"]["allowed"]


async def test_a_follow_up_and_a_translation_know_where_they_come_from(
    new_database: NewDatabase, redis_url: str
) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        first = await mai.write()
        second = await mai.write(headline="Bridge closes", follows=first["id"])
        assert second["follows"] == first["id"]
        assert (await mai.ask("GET", f"/v1/articles/{first['id']}"))["followed_by"] == [second["id"]]
        note = {"of_revision": 1, "engine": "a machine", "reviewer": "Hoa Vu", "disclosure": "Translated by machine."}
        other = await mai.write(headline="Cầu mở", language="vi", translation_of=first["id"], translation=note)
        assert other["source_changed_since"] is False
        await mai.do("submit", first)
        assert not (await mai.ask("GET", f"/v1/articles/{other['id']}"))["source_changed_since"], "no word changed"
        await mai.save(await mai.ask("GET", f"/v1/articles/{first['id']}"), headline="Bridge opens at last")
        assert (await mai.ask("GET", f"/v1/articles/{other['id']}"))["source_changed_since"] is True


async def test_a_clock_time_means_the_editors_own_zone(new_database: NewDatabase, redis_url: str) -> None:
    async with at_door(new_database, redis_url) as house:
        mai = await house.hire("Mai", "editor")
        story = await mai.write()
        due = (await mai.do("schedule", story, at="2099-12-01T07:00:00", time_zone="Asia/Ho_Chi_Minh"))["waits"]
        assert datetime.fromisoformat(due["due_at"]) == datetime.fromisoformat("2099-12-01T00:00:00+00:00")
        bare = await mai.do("schedule", story, 422, at="2099-12-01T07:00:00")
        assert "has no UTC offset" in bare["detail"]
        twice = await mai.do("schedule", story, 422, at="2026-10-25T02:30:00", time_zone="Europe/Berlin")
        assert "comes twice" in twice["detail"]
        never = await mai.do("schedule", story, 422, at="2026-03-29T02:30:00", time_zone="Europe/Berlin")
        assert "does not exist" in never["detail"]
        late = await mai.write(embargoed_until="2099-06-01T09:00:00", time_zone="Asia/Ho_Chi_Minh")
        assert late["embargoed_until"].startswith("2099-06-01T02:00:00")
        refused = await mai.do("schedule", late, 409, at="2099-06-01T08:59:59", time_zone="Asia/Ho_Chi_Minh")
        assert "embargo" in refused["detail"]

"""The person's screen: how one gets there, why identifiers are joined, what `= ! u` and Enter do."""

from __future__ import annotations

from dataclasses import replace

import pytest

from engine.errors import UsageError
from engine.questions import Attribute, PersonAnswer
from tests.tui.fake_session import FakeSession
from tests.tui.screens.console import console, press, settled, shown
from tui.actions import BY_ID
from tui.place import Place
from tui.widgets.table import TableWidget

pytestmark = pytest.mark.slow

THERE = ("2", "j", "j", "enter", "enter")
"""From the funnel to the first person who dropped."""
CONFLICT = ("tab", "G")
"""To the last row of the card."""


def test_the_keys_of_the_screen_are_those_of_the_registry() -> None:
    assert [BY_ID[name].keys for name in ("person.link", "person.unlink", "person.reveal")] == [
        ("=",), ("!",), ("u",),
    ]  # fmt: skip


async def test_the_card_says_why_each_identifier_is_the_persons() -> None:
    async with console((200, 50)) as (app, pilot):
        await press(app, pilot, *THERE)
        text = shown(app)
        assert "canonical" in text
        assert "beside 138****2207 · orders_1022.csv:118 · since 2026-10-22" in text
        assert "linked by hand to m_****82" in text
        assert "once canonical" in text
        assert "shared by many: not used to join" in text
        assert "conflict: over the limit of phone, kept apart" in text


async def test_the_journey_has_visits_marks_of_the_funnel_and_what_joined() -> None:
    async with console((120, 36)) as (app, pilot):
        await press(app, pilot, *THERE)
        text = shown(app)
        assert "Sat 10-24  ── visit 1 · Douyin · 6 min · 3 facts ──" in text
        assert "219.00 CNY" in text
        assert "credit RED" in text
        assert "1 ▸  web_1024:40211" in text
        assert "◇ joined       o6****x9 beside 138****2207" in text
        assert 'step 3 "add to cart" did not happen' in text


async def test_enter_shows_the_line_of_the_file_and_on_a_conflict_the_other_person() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, *THERE, "j", "enter")
        assert app.stacks.here == Place("line", file="orders_1022.csv", line=118)
        await press(app, pilot, "escape", *CONFLICT, "enter")
        assert (app.stacks.here.kind, app.stacks.here.person) == ("person", "p_other")


async def test_a_conflict_is_linked_after_the_form_said_what_happens_and_got_a_reason() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE, *CONFLICT, "=")
        assert "become one person" in shown(app)
        await press(app, pilot, "enter")
        assert fake.linked == [], "a reason is needed"
        await press(app, pilot, *"same", "enter")
        person = app.stacks.here.person
        wanted = ("always", "member_id:m_****82", "phone:139****1140", "li", "same", person)
        assert fake.linked == [wanted]
        assert "linked" in shown(app)


async def test_an_identifier_is_parted_from_the_one_it_was_joined_by() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE, "tab", "j", "!", *"no", "enter")
        assert [each[:3] for each in fake.linked] == [("never", "member_id:m_****82", "phone:138****2207")]


async def test_what_was_linked_by_hand_is_taken_back_by_the_link_key() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE, "tab", "j", "j", "j", "=", *"wrong", "enter")
        assert [each[:3] for each in fake.linked] == [("forget", "email:l***@x.com", "member_id:m_****82")]


async def test_an_identifier_is_linked_to_one_that_is_typed() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE, "tab", "=", *"phone:1", "enter", *"told", "enter")
        assert [each[:3] for each in fake.linked] == [("always", "phone:138****2207", "phone:1")]


async def test_escape_leaves_all_as_it_was() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE, *CONFLICT, "!", *"x", "escape")
        assert fake.linked == []
        assert app.stacks.here.kind == "person"


async def test_the_link_key_in_the_journey_goes_to_the_card_first() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE, "=")
        assert "Choose an identifier or a conflict" in shown(app)
        assert app.main.focused is app.page.query_one("#person-card", TableWidget)


async def test_identifiers_are_shown_in_full_only_after_a_reason_and_masked_again_by_the_same_key() -> None:
    fake = FakeSession()
    async with console(session=fake) as (app, pilot):
        await press(app, pilot, *THERE)
        await press(app, pilot, "u", "enter")
        assert not [each for each in fake.asked if isinstance(each, tuple) and each[-1] is True]
        assert fake.revealed == []
        await press(app, pilot, *"call back", "enter")
        await settled(app, pilot)
        assert "+8613812342207" in shown(app)
        assert fake.revealed == [("call back", "li", f"console person {app.stacks.here.person}")]
        await press(app, pilot, "u")
        assert "+8613812342207" not in shown(app)


class Unwritable(FakeSession):
    """A state in which nothing can be logged."""

    def reveal(self, reason: str, *, by: str, what: str) -> None:
        raise UsageError("the state cannot be written: nothing is revealed")


async def test_nothing_is_shown_where_it_cannot_be_logged() -> None:
    async with console(session=Unwritable()) as (app, pilot):
        await press(app, pilot, *THERE, "u", *"why", "enter")
        await settled(app, pilot)
        assert "+8613812342207" not in shown(app)
        assert "nothing is revealed" in shown(app)


async def test_leaving_the_place_masks_the_person_again() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, *THERE, "u", *"why", "enter", "escape", "enter")
        assert app.stacks.here.kind == "person"
        assert "+8613812342207" not in shown(app)


async def test_a_filter_narrows_the_journey() -> None:
    async with console() as (app, pilot):
        await press(app, pilot, *THERE, "/", *"push", "enter")
        table = app.page.query_one("#journey", TableWidget)
        assert len(table.rows) == 2


@pytest.mark.parametrize("typed", ["phone:13812342207", "p_3fa90c77d1e2b604", "person phone:13812342207"])
async def test_the_command_line_finds_a_person(typed: str) -> None:
    async with console() as (app, pilot):
        await press(app, pilot, ":", *typed, "enter")
        assert (app.stacks.here.kind, app.stacks.here.person) == ("person", typed.removeprefix("person "))


async def test_rows_lead_to_the_person_of_the_chosen_column_and_a_line_to_its_person() -> None:
    async with console((200, 50)) as (app, pilot):
        await press(app, pilot, ":", *"metrics revenue", "enter", "enter", "enter", "enter", "enter", "enter")
        assert app.stacks.here.kind == "line"
        await press(app, pilot, "enter")
        assert (app.stacks.here.kind, app.stacks.here.person) == ("person", "p_1")
        await press(app, pilot, "escape", "escape")
        table = app.page.table
        assert table is not None
        table.model.chosen = "person"
        await press(app, pilot, "enter")
        assert (app.stacks.here.kind, app.stacks.here.person) == ("person", "p_1")


async def test_in_a_small_terminal_the_card_is_above_and_in_a_tiny_one_alone() -> None:
    async with console((80, 24)) as (app, pilot):
        await press(app, pilot, *THERE)
        assert "beside 138****2207 · orders_1022.csv:118" in shown(app)
        assert "88121" in shown(app)
    async with console((40, 15)) as (app, pilot):
        await press(app, pilot, "2", "tab", "tab", "tab")
        app.enter(Place("person", person="p_1"))
        await press(app, pilot, "=")
        assert "2/3" in shown(app)


class Told(FakeSession):
    """The person of the plates with a profile, hostile in places."""

    def person(self, name: str, reveal: bool = False) -> PersonAnswer:
        said = (
            Attribute("name", "李*" if not reveal else "李四", "members.csv", 4),
            Attribute("region", "华东\x1b[31m", "members.csv", 4),
            Attribute("tags", ["new", "[bold]sofa"], "members.csv", 4),
            Attribute("shoe", 42, "members.csv", 4),
        )
        return replace(super().person(name, reveal), attributes=said)


async def test_what_profiles_say_stands_above_the_journey() -> None:
    for lang, words in (("en", "name 李*   region 华东"), ("zh", "姓名 李*   大区 华东")):
        async with console((120, 36), lang, Told()) as (app, pilot):
            await press(app, pilot, *THERE)
            text = shown(app)
            assert words in text
            assert "tags new, [bold]sofa   shoe 42" in text or "标签 new, [bold]sofa   shoe 42" in text
            lines = text.splitlines()
            profile = next(n for n, line in enumerate(lines) if "李*" in line)
            assert any("219.00 CNY" in line for line in lines[profile + 1 :])
    async with console((40, 15), "en", Told()) as (app, pilot):
        await press(app, pilot, *THERE)
        assert "李*" not in shown(app), "one panel at a time: the journey alone"

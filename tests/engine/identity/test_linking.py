"""Linking and parting by hand, as the console and the command line do it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from engine.errors import UnknownName, UsageError
from engine.session import Session

CONFIGURATION = """
[console]
timezone = "Asia/Shanghai"
clock = "data"

[[source]]
name = "web"
files = ["web.csv"]
table = "events"
event = { column = "event" }
"""
WEB = """ts,event,phone,member_id
2026-11-01 10:00:00,visit,13812342207,m_100482
2026-11-02 10:00:00,visit,13956781140,m_100482
2026-11-02 11:00:00,visit,13956782207,m_100482
2026-11-02 12:00:00,order,13956781140,
"""
ONE, OTHER = "phone:+8613812342207", "phone:+8613956781140"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """A member seen with three phones, of which a person may have one."""
    root = tmp_path / "shop"
    root.mkdir()
    (root / "looptop.toml").write_text(CONFIGURATION, "utf-8")
    (root / "web.csv").write_text(WEB, "utf-8")
    opened = Session.open(root, state=tmp_path / "state", clock=lambda: datetime(2026, 11, 3), key="k")
    opened.refresh()
    yield opened
    opened.close()


@pytest.mark.parametrize("side", ["member_id:m_100482", OTHER])
def test_linking_a_refused_join_as_it_is_shown_makes_both_persons_one(session: Session, side: str) -> None:
    shown = session.person(side)
    conflict = next(one for one in shown.conflicts if "phone:139****1140" in (one.a, one.b))
    session.link("always", conflict.a, conflict.b, by="li", reason="told", person=shown.entry.person)
    session.refresh()
    assert session.person(ONE).entry.person == session.person(OTHER).entry.person
    assert len(session.person(ONE).journey) == 4, "the rows of the member and the order of the other phone"


def test_a_person_is_still_found_by_the_name_it_had_before(session: Session) -> None:
    before = {session.person(end).entry.person for end in (ONE, OTHER)}
    session.link("always", ONE, OTHER, by="li")
    session.refresh()
    assert {session.person(name).entry.person for name in before} == {session.person(ONE).entry.person}


def test_what_was_said_can_be_taken_back(session: Session) -> None:
    session.link("always", ONE, OTHER, by="li")
    session.refresh()
    session.link("forget", ONE, OTHER, by="li")
    session.refresh()
    assert session.person(ONE).entry.person != session.person(OTHER).entry.person


def test_parted_identifiers_are_two_persons_and_the_conflict_says_by_hand(session: Session) -> None:
    session.link("never", "member_id:m_100482", ONE, by="li")
    session.refresh()
    assert session.person(ONE).entry.person != session.person("member_id:m_100482").entry.person
    assert "never_link" in {one.reason for one in session.conflicts()}


def test_an_identifier_is_written_in_any_spelling_that_ingest_knows(session: Session) -> None:
    assert session.link("always", "phone:138-1234-2207", "phone:+86 13956781140", by="li") == (
        "phone:138****2207",
        "phone:139****1140",
    )
    assert session.person("phone:138 1234 2207").entry == session.person(ONE).entry


@pytest.mark.parametrize("wrong", ["13812342207", "phone:", "phone:12"])
def test_what_names_nobody_is_refused(session: Session, wrong: str) -> None:
    with pytest.raises(UsageError):
        session.link("always", wrong, OTHER, by="li")


def test_an_unknown_type_names_the_nearest_and_one_identifier_is_no_link(session: Session) -> None:
    with pytest.raises(UnknownName, match="nearest: phone"):
        session.link("always", "phon:13812342207", OTHER, by="li")
    with pytest.raises(UsageError, match="a link needs two"):
        session.link("always", ONE, "phone:13812342207", by="li")

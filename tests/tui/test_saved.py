"""Saved views: what is kept is what is shared, and a text that is none is refused in one sentence."""

from __future__ import annotations

import stat
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.questions import Range, View
from tui.place import Place, Rules, Versus
from tui.saved import Looked, NoViewError, Saved, forget, keep, load, parsed, text_of
from tui.view import Sort

KINDS = frozenset({"metrics", "funnel", "beside", "person"})
ONE = Saved(
    'Q3 "gross"\n',
    3,
    (
        Place("metrics", metric="revenue"),
        Place(
            "metrics",
            metric="revenue",
            path=(("channel", "Baidu"), ("campaign", None)),
            second="day",
            heat=True,
        ),
        Place("beside", funnel="buy", rules=Rules(steps=(1, 2), where="a = 'x'"), versus=Versus("periods")),
    ),
    View(
        "fixed",
        range=Range(date(2026, 7, 1), date(2026, 9, 30)),
        compare="year",
        by="region",
        where="value > 1",
    ),
    (Looked("members", Sort("value", False), "ba", ("member", "value"), (("member", 30),)),),
    '[metric.mine]\ntable = "events"\n',
)


def test_what_is_written_is_read() -> None:
    found = parsed(text_of(ONE), KINDS)
    assert found.name == 'Q3 "gross"'
    assert (found.screen, found.places, found.view) == (3, ONE.places, ONE.view)
    assert (found.tables, found.toml) == (ONE.tables, ONE.toml)


names = st.text(max_size=12)


@settings(max_examples=15)
@given(names.filter(str.strip), names, names, names)
def test_any_text_comes_back_as_it_was(name: str, metric: str, member: str, where: str) -> None:
    place = Place("metrics", metric=metric, path=((metric, member),))
    found = parsed(text_of(Saved(name, 3, (place,), View(where=where))), KINDS)
    assert found.places[0].path == ((metric, member or None),)
    assert (found.name, found.places[0].metric, found.view.where) == (name.strip(), metric, where)


def test_identifiers_are_never_shown_in_full_by_a_view() -> None:
    text = text_of(Saved("x", 3, (Place("person", person="p_1", reveal="curious"),)))
    assert "curious" not in text
    asked = 'name = "x"\nscreen = 3\nplaces = [{ kind = "person", person = "p_1", reveal = "curious" }]\n'
    assert parsed(asked, KINDS).places[0].reveal == ""


@pytest.mark.parametrize(
    "text",
    [
        "", "[", "x = 1", 'name = "x"\nscreen = 4\nplaces = [{ kind = "metrics" }]',
        'name = "x"\nscreen = 3\nplaces = []', 'name = "x"\nscreen = 3\nplaces = [{ kind = "nothing" }]',
        'name = " "\nscreen = 3\nplaces = [{ kind = "metrics" }]',
        'name = "x"\nscreen = 3\nplaces = [{ kind = "metrics" }]\n[view]\nkind = "ever"',
    ],
)  # fmt: skip
def test_a_text_that_is_no_view_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(NoViewError) as found:
        parsed(text, KINDS)
    assert "\n" not in str(found.value)


def test_views_are_files_for_the_owner_alone_and_a_name_is_no_path(tmp_path: Path) -> None:
    folder = tmp_path / "views"
    for name in ("../b", "a", "a"):
        keep(folder, Saved(name, 3, (Place("metrics"),)))
    (folder / "broken.toml").write_text("[", encoding="utf-8")
    assert [one.name for one in load(folder, KINDS)] == ["../b", "a"]
    assert [path.parent for path in tmp_path.rglob("*.toml")] == [folder] * 3
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("[0-9a-f]*.toml")} >= {0o600}
    forget(folder, "a")
    assert [one.name for one in load(folder, KINDS)] == ["../b"]
    assert load(None, KINDS) == load(tmp_path / "none", KINDS) == ()

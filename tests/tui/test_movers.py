"""The deltas of the movers add up to their sum as they are shown, whatever they are."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from tests.tui.fake_session import snapshot
from tui.lines import text_of
from tui.place import Place
from tui.views import movers
from tui.views.scene import Scene

deltas = st.lists(st.floats(-1e7, 1e7).map(lambda value: round(value, 2)), min_size=1, max_size=12)
NUMBER = re.compile(r"([−+]?)([\d,]+(?:\.\d+)?)(?:k|M|B)?(?:   |,|$)")


def number(text: str) -> Decimal:
    sign, digits = NUMBER.findall(text)[0]
    return Decimal(digits.replace(",", "")) * (-1 if sign == "−" else 1)


@given(deltas)
def test_the_shown_deltas_add_up_to_the_shown_sum(values: list[float]) -> None:
    moved = tuple((f"m{'x' * at}", value) for at, value in enumerate(values))
    scene = Scene(Place("overview"), replace(snapshot(), movers=moved))
    *rows, total = (text_of(each) for each in movers.panel(scene).lines)
    names = [row[3:].split()[0] for row in rows]
    shown = sum(number(row[3:].removeprefix(name)) for row, name in zip(rows, names, strict=True))
    assert shown == number(total.removeprefix(" Sum "))


def test_without_a_comparison_the_panel_says_what_would_fill_it() -> None:
    scene = Scene(Place("overview"), replace(snapshot(), movers=()))
    assert "v chooses" in text_of(movers.panel(scene).lines[0])

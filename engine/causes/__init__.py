"""Why a metric changed: which element moved it, which factor, what is rate and what is mix.

    leaves (dims, num, den, before and now) ─► split ─► causes · members · verdict      pure
    metric, period, comparison ─► answer ─► leaves ─► split, tree ─► sentence           from the tables

Source: SPEC section 6 (`why`) and reference alerts.md section 5.
"""

from engine.causes.answer import answer
from engine.causes.document import to_json
from engine.causes.leaves import Leaves
from engine.causes.split import Split, split

__all__ = ["Leaves", "Split", "answer", "split", "to_json"]

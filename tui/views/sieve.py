"""What a feed of alerts can be narrowed to."""

from __future__ import annotations

from collections.abc import Iterable

from engine.questions import ReviewAnswer, RulesAnswer
from tui.asking import AlertRulesAsk, ReviewAsk
from tui.harmless import harmless
from tui.place import Sieve
from tui.views.alerts import rule_name
from tui.views.feed import history
from tui.views.scene import Scene


def choices(scene: Scene, now: Sieve) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
    """(field, its values with words); what is chosen now is among them."""
    say = scene.say
    every = ("", say("sieve.every"))
    states = tuple((name, say(f"sieve.{name}")) for name in ("open", "all", "earlier"))
    severities = tuple((name, say(f"state.{name}")) for name in ("critical", "warning", "info"))
    owners = [(name, harmless(name)) for name in owners_of(scene, now)]
    named = [(name, rule_name(name, scene)) for name in rules_of(scene, now)]
    return (
        ("state", states),
        ("severity", (every, *severities)),
        ("owner", (every, ("@", say("sieve.mine")), *owners)),
        ("rule", (every, *named)),
    )


def owners_of(scene: Scene, now: Sieve) -> list[str]:
    """Everybody who has an alert, a closed one, or a rule."""
    review, rules = scene.got(ReviewAsk(), ReviewAnswer), scene.got(AlertRulesAsk(), RulesAnswer)
    found: set[str | None] = {each.owner for each in (scene.snapshot.alerts.alerts if scene.snapshot else ())}
    found |= {each.owner for each in (*review.queue, *review.done)} if review else set()
    found |= {each.owner for each in rules.rules} if rules else set()
    return _sorted((*found, now.owner if now.owner != "@" else None))


def rules_of(scene: Scene, now: Sieve) -> list[str]:
    """Every rule that is known, has an alert, or had one."""
    rules = scene.got(AlertRulesAsk(), RulesAnswer)
    found = {each.name for each in rules.rules} if rules else set()
    found |= {each.rule for each in (scene.snapshot.alerts.alerts if scene.snapshot else ())}
    found |= {each.rule for each in history(scene)}
    return _sorted((*found, now.rule))


def _sorted(names: Iterable[str | None]) -> list[str]:
    return sorted({name for name in names if name})

"""An answer as the JSON of `looptop why --json`."""

from __future__ import annotations

from engine.questions import Cause, MemberChange, WhyAnswer


def to_json(answer: WhyAnswer, language: str | None = None) -> dict[str, object]:
    """Keys in the order of the contract; a member is its value where one dimension was named."""
    single = len(answer.by) == 1
    return {
        "metric": answer.metric,
        "period": answer.period,
        "base_period": answer.base_period,
        "base": answer.base,
        "now": answer.now,
        "total_change": answer.total_change,
        "by": list(answer.by),
        "causes": [_cause(each) for each in answer.causes],
        "members": [_member(each, single) for each in answer.members],
        "tree": {"method": answer.tree_method, "effects": dict(answer.tree)},
        "verdict": answer.verdict,
        "sentence": answer.sentences.get(language or "", answer.sentence),
        "definition": answer.definition,
        "watermark": answer.watermark,
    }


def _cause(cause: Cause) -> dict[str, object]:
    return {
        "element": dict(cause.element),
        "effect": cause.effect,
        "share": cause.share,
        "ratio": cause.ratio,
        "llr": cause.llr,
        "factor": cause.factor,
        "factor_effect": cause.factor_effect,
    }


def _member(each: MemberChange, single: bool) -> dict[str, object]:
    return {
        "member": each.member[0][1] if single else dict(each.member),
        "effect": each.effect,
        "share": each.share,
        "rate_effect": each.rate_effect,
        "mix_effect": each.mix_effect,
    }

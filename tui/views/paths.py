"""Members gone into, as a condition of the expression language."""

from engine.questions.members import TIMES, member_filter, quoted

__all__ = ["TIMES", "member_filter", "quoted"]

"""Members gone into, as a condition of the expression language."""

from engine.questions.members import member_filter, quoted

__all__ = ["member_filter", "quoted"]

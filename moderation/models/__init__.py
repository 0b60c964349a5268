"""What we decide: the case of each message, what is owed on it, what was decided."""

from moderation.models.case import Case
from moderation.models.decision import Decision, Handover, Reply
from moderation.models.finding import Duty, Finding
from moderation.models.learned import LearnedModel
from moderation.models.report import Report

__all__ = [
    "Case",
    "Decision",
    "Duty",
    "Finding",
    "Handover",
    "LearnedModel",
    "Reply",
    "Report",
]

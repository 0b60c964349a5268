"""What we decide: the case of each message, what is owed on it, what was decided."""

from moderation.models.answer import AnswerTemplate, Draft, DraftStep
from moderation.models.case import Case
from moderation.models.classification import Confirmation, Proposal, ReplyKind
from moderation.models.decision import Decision, Handover, Reply
from moderation.models.duty import DeadlineChange, Duty, DutyPart
from moderation.models.finding import Finding
from moderation.models.learned import LearnedModel
from moderation.models.purge import Emptied, Purge, PurgeRule
from moderation.models.referral import Referral, ReferralAddress, ReferralEvent
from moderation.models.report import Report
from moderation.models.saved_view import SavedView
from moderation.models.team import Absence, Assignment, Digest
from moderation.models.undoing import Undoing

__all__ = [
    "Absence",
    "AnswerTemplate",
    "Assignment",
    "Case",
    "Confirmation",
    "DeadlineChange",
    "Decision",
    "Digest",
    "Draft",
    "DraftStep",
    "Duty",
    "DutyPart",
    "Emptied",
    "Finding",
    "Handover",
    "LearnedModel",
    "Proposal",
    "Purge",
    "PurgeRule",
    "Referral",
    "ReferralAddress",
    "ReferralEvent",
    "Reply",
    "ReplyKind",
    "Report",
    "SavedView",
    "Undoing",
]

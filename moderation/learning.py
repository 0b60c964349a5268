"""Learning from the municipality's own decisions: a ranking per rule and per kind of
message, no decision.

A score stands on a message's page as a sentence with its reasons. It opens nothing,
closes nothing and takes nothing away: that a person does (K-23).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Coalesce

from channels.models import Message, Version
from moderation.models import Confirmation, Decision, LearnedModel, ReplyKind
from policies.models import Rule
from policies.screening.learning import (
    DECISIONS_NEEDED,
    OF_CLASS_NEEDED,
    Example,
    NotEnough,
    train,
    training_set_hash,
)
from policies.screening.ranking import MODEL_VERSION, Model, Reason, from_bytes

if TYPE_CHECKING:
    from channels.models import User

# The newest decisions, which show how the municipality decides now; as many train in
# a few seconds a rule.
MOST = 5_000
# A ranking is trained anew by itself once a twentieth of its decisions are new.
STALE = 0.05
LIKELY = 0.5
# So few decisions are learned from while the person waits for the page.
AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Judged:
    """A text as it was when a person decided on it; `rule` is "" where it stayed."""

    text: str
    rule: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A text as it was when a person said what kinds of message it is."""

    text: str
    kinds: frozenset[str]
    at: datetime


@dataclass(frozen=True, slots=True)
class State:
    """Where the learning of one rule, or of one kind of message, stands. `decisions`
    and `of_class` count distinct texts, as the training does."""

    rule: Rule | None
    kind: ReplyKind | None
    decisions: int
    of_class: int
    newest: LearnedModel | None

    @property
    def enough(self) -> bool:
        rest = self.decisions - self.of_class
        return (
            self.decisions >= DECISIONS_NEEDED
            and min(self.of_class, rest) >= OF_CLASS_NEEDED
        )

    @property
    def outdated(self) -> bool:
        """Trained by an earlier release, whose rankings this one does not read."""
        return self.newest is not None and self.newest.version != MODEL_VERSION


@dataclass(frozen=True, slots=True)
class Likeness:
    """A text resembles what was taken away under a rule; `score` is between 0 and 1."""

    rule: Rule
    score: float
    reasons: tuple[Reason, ...]
    decisions: int
    trained_at: datetime


@dataclass(frozen=True, slots=True)
class LikelyKind:
    """A text resembles those that people confirmed as this kind of message."""

    kind: ReplyKind
    score: float
    decisions: int


# What says whether a text breaks a rule. That it is none of ours says nothing.
SPEAKS = (
    Decision.Verb.KEEP,
    Decision.Verb.HIDE,
    Decision.Verb.REMOVE,
    Decision.Verb.RESTORE,
)


def judged() -> list[Judged]:
    """What people decided, the oldest first: per message its newest decision that
    stands, with the
    text as it was then. At most the newest MOST decisions, in one query. Comments
    alone: a direct message is nobody else's business and is never taken away."""
    text = (
        Version.objects.filter(
            message=OuterRef("case__message"), seen_at__lte=OuterRef("at")
        )
        .order_by("-number")
        .values("text")[:1]
    )
    rows = (
        Decision.objects.filter(
            case__message__kind=Message.Kind.COMMENT, verb__in=SPEAKS, undoing=None
        )
        .order_by("-at", "-id")
        .annotate(decided_on=Coalesce(Subquery(text), "case__message__text"))
        .values_list("case_id", "verb", "rule_version__rule__code", "decided_on", "at")
    )
    taken_away = (Decision.Verb.HIDE, Decision.Verb.REMOVE)
    newest: dict[int, Judged] = {}
    for case, verb, rule, decided_on, at in rows[:MOST]:
        # What a rule for messages has emptied teaches nothing any more.
        if case not in newest and decided_on:
            under = rule if verb in taken_away else ""
            newest[case] = Judged(decided_on, under, at)
    return list(newest.values())[::-1]


def examples(decided: Sequence[Judged], rule: str) -> list[Example]:
    """Taken away under the rule, or not: what stayed, and what fell under another."""
    return [Example(one.text, one.rule == rule) for one in decided]


def confirmed() -> list[Confirmed]:
    """What people said comments are, the oldest first: per message the newest word,
    with the text as it was then. At most the newest MOST, in one query."""
    text = (
        Version.objects.filter(
            message=OuterRef("case__message"), seen_at__lte=OuterRef("at")
        )
        .order_by("-number")
        .values("text")[:1]
    )
    rows = (
        Confirmation.objects.filter(case__message__kind=Message.Kind.COMMENT)
        .order_by("-at", "-id")
        .annotate(said_of=Coalesce(Subquery(text), "case__message__text"))
        .values_list("case_id", "kinds", "said_of", "at")
    )
    newest: dict[int, Confirmed] = {}
    for case, kinds, said_of, at in rows[:MOST]:
        if case not in newest and said_of:
            newest[case] = Confirmed(said_of, frozenset(kinds), at)
    return list(newest.values())[::-1]


def states() -> list[State]:
    """Each rule with what there is to learn from and what was learned."""
    under = {one.text: one.rule for one in judged()}
    newest = _newest()
    return [
        State(
            rule=rule,
            kind=None,
            decisions=len(under),
            of_class=sum(code == rule.code for code in under.values()),
            newest=newest.get((rule.pk, "")),
        )
        for rule in Rule.objects.with_versions()
    ]


def states_of_kinds() -> list[State]:
    """The same of each kind of message, from what people confirmed."""
    kinds = {one.text: one.kinds for one in confirmed()}
    newest = _newest()
    return [
        State(
            rule=None,
            kind=kind,
            decisions=len(kinds),
            of_class=sum(kind in said for said in kinds.values()),
            newest=newest.get((None, kind)),
        )
        for kind in ReplyKind
    ]


def learn(*, by: User | None = None) -> list[LearnedModel]:
    """Trains each rule and each kind of message that has enough decisions and something
    new to learn; answers with what was stored. Asked for by a person, every new
    decision counts as news."""
    decided, said = judged(), confirmed()
    newest = _newest()
    lessons: list[tuple[Rule | None, str, list[Example], list[datetime]]] = [
        (rule, "", examples(decided, rule.code), [one.at for one in decided])
        for rule in Rule.objects.all()
    ]
    lessons += [
        (
            None,
            kind,
            [Example(one.text, kind in one.kinds) for one in said],
            [one.at for one in said],
        )
        for kind in ReplyKind
    ]
    trained = []
    for rule, kind, given, times in lessons:
        known = newest.get((rule.pk if rule else None, kind))
        if known is not None and not by and not _stale(known, times):
            continue
        made = _learn(rule, kind, given, known, by)
        if made is not None:
            trained.append(made)
    return trained


def _stale(known: LearnedModel, times: Sequence[datetime]) -> bool:
    news = sum(at > known.created_at for at in times)
    return known.version != MODEL_VERSION or news > STALE * len(times)


def _learn(
    rule: Rule | None,
    kind: str,
    given: list[Example],
    known: LearnedModel | None,
    by: User | None,
) -> LearnedModel | None:
    fresh = known is not None and known.version == MODEL_VERSION
    if known and fresh and known.training_set == training_set_hash(given):
        return None
    model = train(given)
    if isinstance(model, NotEnough):
        return None
    return LearnedModel.objects.create(
        rule=rule,
        reply_kind=kind,
        model=model.to_bytes(),
        version=model.version,
        training_set=model.training_set,
        decisions=model.figures.examples,
        of_class=model.figures.of_class,
        figures=model.figures.as_dict(),
        asked_for_by=by,
    )


def likely_kinds(text: str) -> list[LikelyKind]:
    """Kinds of message that a text resembles, the likest first; where it is likelier
    than not, or reaches the border that cross-validation found best. It ranks what is
    proposed and confirms nothing (K-13, K-23)."""
    found = []
    for (_rule, kind), kept in _newest().items():
        model = _read(kept) if kind else None
        if model is None:
            continue
        score = model.score(text)
        if score >= min(model.threshold, LIKELY):
            found.append(LikelyKind(ReplyKind(kind), score, kept.decisions))
    return sorted(found, key=lambda one: -one.score)


def resembles(text: str, *, most: int = 3) -> list[Likeness]:
    """The rules under which like texts were taken away before, the likest first: where
    it is likelier than not, or reaches the border that cross-validation found best."""
    found = []
    for kept in _newest().values():
        model = _read(kept) if kept.rule is not None else None
        if model is None or kept.rule is None:
            continue
        score = model.score(text)
        if score >= min(model.threshold, LIKELY):
            found.append(
                Likeness(
                    rule=kept.rule,
                    score=score,
                    reasons=model.reasons(text),
                    decisions=kept.decisions,
                    trained_at=kept.created_at,
                )
            )
    found.sort(key=lambda one: -one.score)
    return found[:most]


def of_rules() -> list[Model]:
    """The newest ranking of each rule that has one."""
    rankings = (_read(kept) for kept in _newest().values() if kept.rule is not None)
    return [ranking for ranking in rankings if ranking is not None]


Subject = tuple[int | None, str]
"""Key of a rule and "", or None and a kind of message."""


def _newest() -> dict[Subject, LearnedModel]:
    """Its newest ranking of each subject, without the bytes."""
    rows = (
        LearnedModel.objects.order_by("rule_id", "reply_kind", "-id")
        .distinct("rule_id", "reply_kind")
        .select_related("rule")
        .defer("model")
    )
    return {(row.rule_id, row.reply_kind): row for row in rows}


# Rankings are never changed, so what a process has read once it keeps: the newest of
# each subject.
_read_before: dict[Subject, tuple[tuple[int, datetime], Model]] = {}


def _read(kept: LearnedModel) -> Model | None:
    """The ranking to score by; None for one that an earlier release trained."""
    if kept.version != MODEL_VERSION:
        return None
    name = (kept.pk, kept.created_at)
    subject = (kept.rule_id, kept.reply_kind)
    before = _read_before.get(subject)
    if before is None or before[0] != name:
        before = (name, from_bytes(bytes(kept.model)))
        _read_before[subject] = before
    return before[1]

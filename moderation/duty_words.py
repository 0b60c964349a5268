"""What the signals of `policies.duties` are called where a person reads them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import Promise

# Seen outside the text: on the message's place, or on nothing at all.
PLACES: dict[str, str | Promise] = {
    "direct_message": _("it is a direct message"),
    "reply_to_us": _("it answers what the municipality wrote"),
    "unsure": _("nothing speaks clearly for it"),
}
# What words in the text are taken for.
SIGNALS: dict[str, str | Promise] = {
    "accusation": _("an accusation"),
    "address": _("speaks to us"),
    "angry_emoji": _("an angry face"),
    "ask_readers": _("asks whoever reads"),
    "body": _("a political body"),
    "care_place": _("a place of care or school"),
    "case_number": _("a case number"),
    "case_topic": _("a matter that is handled as a case"),
    "chatter": _("small talk"),
    "correction": _("puts something right"),
    "damage": _("damage"),
    "date": _("a date"),
    "fact_claim": _("a claim"),
    "figure": _("a figure"),
    "first_name": _("a first name"),
    "formal_request": _("a formal request"),
    "happy_emoji": _("a happy face"),
    "has_done": _("says what somebody has done"),
    "injury": _("an injury"),
    "laughter": _("laughter"),
    "may_i": _("asks for leave"),
    "municipality": _("names the municipality"),
    "name_tag": _("tags somebody"),
    "negated_praise": _("praise that is denied"),
    "negative": _("a complaint"),
    "other_mention": _("mentions somebody else"),
    "own_case": _("a case of one's own"),
    "own_mention": _("mentions the municipality"),
    "party": _("a party"),
    "person_cared_for": _("somebody who is cared for"),
    "politics": _("politics"),
    "praise": _("praise"),
    "promise": _("a promise"),
    "question_form": _("the form of a question"),
    "question_mark": _("a question mark"),
    "record": _("asks for something to be kept or known"),
    "reproach": _("a reproach"),
    "request": _("asks for something"),
    "sarcasm": _("sarcasm"),
    "severe": _("strong words"),
    "singular_you": _("speaks to one person"),
    "thanks": _("thanks"),
    "topic": _("a matter of the municipality's"),
    "want": _("wants something"),
}


def signal_words(signal: str) -> str:
    return str(SIGNALS.get(signal, ""))


def place_words(signal: str) -> str:
    return str(PLACES.get(signal, ""))

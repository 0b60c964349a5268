"""What the information unit types: an entry, a text to try, why a change is made."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from moderation.desk_forms import rule_words
from policies import wording
from policies.models import Rule
from policies.screening import Entry
from policies.screening.vocabulary import RULE_OF_KIND

LANGUAGES = {
    "sv": _("Swedish"),
    "nb": _("Norwegian Bokmål"),
    "nn": _("Norwegian Nynorsk"),
    "en": _("English"),
    "fi": _("Finnish"),
    "da": _("Danish"),
    "se": _("Northern Sami"),
}
KINDS = {
    "swear": _("swear word"),
    "obscene": _("obscene word"),
    "porn": _("pornographic word"),
    "sexist": _("sexist word"),
    "slur": _("slur against a group"),
    "insult": _("insult"),
    "threat": _("threat"),
}
SEVERITIES = {1: _("mild"), 2: _("plain"), 3: _("grave")}
# A usual word of each inflection, from which its forms are shown in the choice.
EXAMPLES = {
    "sv": {
        "n1": "flicka",
        "n2": "stol",
        "n3": "kommun",
        "n4": "äpple",
        "n5": "hus",
        "n6": "lärare",
        "v1": "kasta",
        "adj": "dum",
    },
    "no": {
        "m": "bil",
        "me": "lærer",
        "f": "jente",
        "n": "hus",
        "ne": "eple",
        "v": "kaste",
        "adj": "dum",
    },
    "en": {"n": "house", "v": "jump", "v2": "drop"},
}
FAMILIES = {"sv": _("Swedish"), "no": _("Norwegian"), "en": _("English")}
TRIED_LONGEST = 20_000


class Words(forms.CharField):
    """Words with blanks or commas between them."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, max_length=2000, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return " ".join(value) if isinstance(value, (list, tuple)) else value

    def clean(self, value: Any) -> tuple[str, ...]:
        text = str(super().clean(value)).replace(",", " ").lower()
        return tuple(dict.fromkeys(text.split()))


class EntryForm(forms.Form):
    """One entry of the word list, whole."""

    term = forms.CharField(
        label=_("Word"), max_length=60, help_text=_("In its dictionary form.")
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages in which it means this"),
        choices=[(code, LANGUAGES[code]) for code in wording.LANGUAGES],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one language.")},
    )
    kind = forms.ChoiceField(label=_("Kind of word"), choices=list(KINDS.items()))
    rule = forms.ChoiceField(label=_("Rule that it breaks"), required=False, choices=[])
    severity = forms.TypedChoiceField(
        label=_("How grave"), coerce=int, choices=list(SEVERITIES.items()), initial=2
    )
    paradigm = forms.ChoiceField(
        label=_("Inflection"),
        choices=[],
        required=False,
        help_text=_("As this usual word is inflected."),
    )
    spellings = Words(
        label=_("Further forms and spellings"),
        help_text=_("With blanks between them."),
    )
    head = forms.BooleanField(
        label=_("Also as the last part of a compound"), required=False
    )
    modifiers = Words(
        label=_("Also as the first part of a compound, in these shapes"),
        help_text=_("Such as «skit» in «skitkommun»."),
    )
    not_in = forms.MultipleChoiceField(
        label=_("An innocent word in"),
        choices=[(code, LANGUAGES[code]) for code in wording.INNOCENT_IN],
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    without = Words(
        label=_("Forms that do not count"),
        help_text=_("Where a form is another, innocent word."),
    )
    directed = forms.BooleanField(
        label=_("Counts only when the text turns it at somebody"), required=False
    )
    guards = Words(
        label=_("Innocent beside these words"),
        help_text=_(
            "«@identity» stands for the words by which people say who they are."
        ),
    )
    note = forms.CharField(label=_("Note"), required=False, max_length=500)

    def __init__(self, *args: Any, entry: Entry | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.changed_entry = entry
        self._choose_rules()
        self._choose_paradigms(entry)
        if entry is not None:
            self.initial.update(
                asdict(entry), spellings=entry.forms, paradigm=_paradigm_key(entry)
            )

    def _choose_rules(self) -> None:
        field = self.fields["rule"]
        assert isinstance(field, forms.ChoiceField)
        rules = Rule.objects.with_versions().order_by("position")
        field.choices = [
            ("", _("The usual one for this kind")),
            *((rule.code, rule_words(rule)) for rule in rules),
        ]

    def _choose_paradigms(self, entry: Entry | None) -> None:
        field = self.fields["paradigm"]
        assert isinstance(field, forms.ChoiceField)
        choices: list[tuple[str, Any]] = [("", _("None: as it is written"))]
        for family, examples in EXAMPLES.items():
            known = wording.paradigms(family)
            group = [
                (f"{family}/{name}", _shown(example, family, name))
                for name, example in examples.items()
                if name in known
            ]
            choices.append((str(FAMILIES[family]), group))
        given = _paradigm_key(entry) if entry else ""
        if given and given not in {
            key for _label, group in choices[1:] for key, _words in group
        }:
            assert entry is not None
            forms_of = ", ".join(wording.forms_of(entry)[:5])
            choices.insert(1, (given, forms_of))
        field.choices = choices

    def clean_term(self) -> str:
        return str(self.cleaned_data["term"]).strip().lower()

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not self.errors:
            family, _slash, name = data["paradigm"].partition("/")
            if name and family != _family(data["languages"][0]):
                self.add_error(
                    "paradigm", _("The inflection is not one of the first language.")
                )
            else:
                wrong = wording.fault(self.entry())
                if wrong:
                    self.add_error(None, wrong)
        return data

    def entry(self) -> Entry:
        """What was typed, as the screening takes it."""
        data = self.cleaned_data
        return Entry(
            term=data["term"],
            kind=data["kind"],
            rule=data["rule"] or RULE_OF_KIND[data["kind"]],
            languages=tuple(data["languages"]),
            not_in=tuple(data["not_in"]),
            severity=data["severity"],
            paradigm=data["paradigm"].partition("/")[2] or "-",
            head=data["head"],
            modifiers=data["modifiers"],
            directed=data["directed"],
            guards=data["guards"],
            forms=data["spellings"],
            without=data["without"],
            note=data["note"].strip(),
        )

    def changes(self) -> list[wording.Change]:
        """The entry in; the one it was made from out, when its name has changed."""
        made = [wording.add(self.entry())]
        before = self.changed_entry
        if before is not None and before.id != self.entry().id:
            made.insert(0, wording.remove(before.id))
        return made

    @property
    def further(self) -> list[forms.BoundField]:
        """Fields that most entries do without."""
        return [self[n] for n in ("not_in", "without", "directed", "guards", "note")]

    @property
    def first(self) -> list[forms.BoundField]:
        names = ("term", "languages", "kind", "rule", "severity", "paradigm")
        return [self[name] for name in (*names, "spellings", "head", "modifiers")]

    @property
    def further_filled(self) -> bool:
        return any(field.value() or field.errors for field in self.further)

    def sent(self) -> list[tuple[str, str]]:
        """All that was typed, to be carried through the preview."""
        assert isinstance(self.data, QueryDict)
        return [
            (name, str(value))
            for name in self.fields
            for value in self.data.getlist(name)
        ]


class WhyForm(forms.Form):
    """The last word before a change takes effect."""

    why = forms.CharField(
        label=_("Why the words are changed"),
        help_text=_("Kept for good with your name and the time."),
        widget=forms.Textarea(attrs={"rows": 2}),
        max_length=wording.NOTE_LONGEST,
        error_messages={"required": _("Say why the words are changed.")},
    )
    after = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class TryForm(forms.Form):
    text = forms.CharField(
        label=_("Text"),
        widget=forms.Textarea(attrs={"rows": 5}),
        max_length=TRIED_LONGEST,
        strip=False,
        error_messages={"required": _("Write a text first.")},
    )


def _family(language: str) -> str:
    return "no" if language in ("nb", "nn") else language


def _paradigm_key(entry: Entry) -> str:
    if entry.paradigm == "-":
        return ""
    return f"{_family(entry.languages[0])}/{entry.paradigm}"


def _shown(example: str, family: str, name: str) -> str:
    language = "nb" if family == "no" else family
    inflected = wording.forms_of(
        Entry(example, "swear", "K-20.6", (language,), paradigm=name)
    )
    return ", ".join(form for form in inflected if not form.endswith("s"))[:60] or (
        ", ".join(inflected)
    )

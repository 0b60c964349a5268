"""Translations are collected, completed, checked and compiled without gettext."""

import gettext
import os
from pathlib import Path

import polib
import pytest

from config import texts


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small project: one module and one template."""
    monkeypatch.setattr(texts, "BORROWED", ())
    (tmp_path / "channels").mkdir()
    (tmp_path / "channels" / "models.py").write_text(
        """
from django.utils import translation
from django.utils.translation import gettext_lazy as _, ngettext as count_text
from django.utils.translation import pgettext

title = _("Channel")
plain = translation.gettext("a text "
                            "in two parts")
many = count_text("%(n)d day", "%(n)d days", 2)
verb = pgettext("verb", "record")
empty = _("")
""",
        encoding="utf-8",
    )
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "desk.html").write_text(
        """{% load i18n %}
{% translate "Due today" %} {{ _("Overdue")|upper }}
{% translate "record" context "noun" %}
{% blocktranslate trimmed with name=x.name %}
  {{ name }} waits at 100 %.
{% endblocktranslate %}
{% blocktranslate count n=n %}{{ n }} case{% plural %}{{ n }} cases\
{% endblocktranslate %}
{# translate "Not this" #}
""",
        encoding="utf-8",
    )
    return tmp_path


def test_texts_of_python_and_templates_are_collected(root: Path) -> None:
    found = texts.collect(root)
    assert {key: text.plural for key, text in found.items()} == {
        ("", "Channel"): "",
        ("", "a text in two parts"): "",
        ("", "%(n)d day"): "%(n)d days",
        ("verb", "record"): "",
        ("", "Due today"): "",
        ("", "Overdue"): "",
        ("noun", "record"): "",
        ("", "%(name)s waits at 100 %%."): "",
        ("", "%(n)s case"): "%(n)s cases",
    }


def test_a_text_that_nobody_could_collect_is_named(root: Path) -> None:
    (root / "channels" / "bad.py").write_text("x = gettext(name)\n")
    with pytest.raises(texts.CannotCollect, match=r"channels/bad.py:1: gettext"):
        texts.collect(root)


def _translate_all(path: Path) -> None:
    catalogue = polib.pofile(str(path))
    for entry in catalogue:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: entry.msgid, 1: f"{entry.msgid_plural} (sv)"}
        else:
            entry.msgstr = f"{entry.msgid} (sv)"
    catalogue.save()


def test_a_catalogue_is_completed_checked_and_compiled(root: Path) -> None:
    assert texts.faults(root, "sv") == [
        "sv: locale/sv/LC_MESSAGES/django.po is missing."
    ]
    assert texts.complete(root, "sv") == (9, 9)
    assert len(texts.faults(root, "sv")) == 9

    path = texts.catalogue(root, "sv")
    _translate_all(path)
    assert texts.faults(root, "sv") == []

    assert texts.compile_all(root) == 1
    assert texts.compile_all(root) == 0, "nothing changed"
    with path.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    assert compiled.gettext("Channel") == "Channel (sv)"
    assert compiled.ngettext("%(n)d day", "%(n)d days", 2) == "%(n)d days (sv)"
    assert compiled.pgettext("noun", "record") == "record (sv)"


def test_what_is_translated_is_kept_and_what_is_gone_is_set_aside(root: Path) -> None:
    texts.complete(root, "sv")
    path = texts.catalogue(root, "sv")
    _translate_all(path)
    (root / "channels" / "models.py").write_text("t = _('Channel')\nn = _('New')\n")
    assert texts.faults(root, "sv")
    assert texts.complete(root, "sv") == (7, 1)
    catalogue = polib.pofile(str(path))
    assert catalogue.find("Channel").msgstr == "Channel (sv)"
    assert {e.msgid for e in catalogue.obsolete_entries()} >= {"a text in two parts"}

    # It comes back: so does its translation.
    (root / "channels" / "models.py").write_text("t = _('a text in two parts')\n")
    texts.complete(root, "sv")
    back = polib.pofile(str(path)).find("a text in two parts")
    assert back.msgstr == "a text in two parts (sv)"
    assert not back.obsolete


@pytest.mark.parametrize(
    ("msgid", "said", "complaint"),
    [
        ("%(name)s waits at 100 %%.", "%(namn)s väntar till 100 %%.", "placeholders"),
        ("%(name)s waits at 100 %%.", "Väntar till 100 %%.", "placeholders"),
        ("Channel", "", "not translated"),
    ],
)
def test_a_wrong_translation_is_named(
    root: Path, msgid: str, said: str, complaint: str
) -> None:
    texts.complete(root, "sv")
    path = texts.catalogue(root, "sv")
    _translate_all(path)
    catalogue = polib.pofile(str(path))
    catalogue.find(msgid).msgstr = said
    catalogue.save()
    (sentence,) = texts.faults(root, "sv")
    assert msgid in sentence
    assert complaint in sentence


def test_an_unsure_or_left_over_translation_is_named(root: Path) -> None:
    texts.complete(root, "sv")
    path = texts.catalogue(root, "sv")
    _translate_all(path)
    catalogue = polib.pofile(str(path))
    catalogue.find("Channel").flags.append("fuzzy")
    catalogue.append(polib.POEntry(msgid="Gone", msgstr="Borta"))
    catalogue.save()
    assert texts.faults(root, "sv") == [
        "sv: channels/models.py: “Channel” is not translated.",
        "sv: “Gone” is in no source any more.",
    ]


def test_a_newer_catalogue_is_compiled_again(root: Path) -> None:
    texts.complete(root, "sv")
    texts.compile_all(root)
    path = texts.catalogue(root, "sv")
    later = path.with_suffix(".mo").stat().st_mtime + 10
    os.utime(path, (later, later))
    assert texts.compile_all(root) == 1


def test_texts_that_a_library_leaves_untranslated_are_ours_to_translate() -> None:
    swedish, norwegian = texts.borrowed("sv"), texts.borrowed("nb")
    assert ("", "Change reason") in swedish, "simple_history has no Swedish"
    assert ("", "Change reason") not in norwegian, "but it has Norwegian"
    assert ("", "Skip to main content") in norwegian
    assert ("", "Skip to main content") not in swedish

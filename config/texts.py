"""Translations without the gettext tools: collect, complete, check, compile.

The texts stand in English in Python and templates; `locale/<language>/LC_MESSAGES/
django.po` holds what we translate them to. Where a library that people see has no
translation for a language of ours, its texts are collected too.
"""

import ast
import importlib.util
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import polib
from django.utils.translation.template import templatize

LANGUAGES = ("sv", "nb")
OWN = ("config", "moderation", "channels", "archive", "policies", "templates")
# Libraries whose pages and messages a person meets.
BORROWED = ("simple_history", "django.contrib.admin", "django.contrib.auth")

Key = tuple[str, str]  # context ("" for none), English text

# Function → positions of context, text and plural among its arguments.
_SIMPLE = (None, 0, None)
_PLURAL = (None, 0, 1)
_CONTEXT = (0, 1, None)
_BOTH = (0, 1, 2)
_Shape = tuple[int | None, int, int | None]
_CALLS: dict[str, _Shape] = {
    **dict.fromkeys(("gettext", "gettext_lazy", "gettext_noop", "_"), _SIMPLE),
    **dict.fromkeys(("ngettext", "ngettext_lazy"), _PLURAL),
    **dict.fromkeys(("pgettext", "pgettext_lazy"), _CONTEXT),
    **dict.fromkeys(("npgettext", "npgettext_lazy"), _BOTH),
}
_STRING = r"""u?(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_TEMPLATE_CALL = re.compile(
    rf"\b(?:_|n?p?gettext)\(\s*{_STRING}(?:\s*,\s*(?:{_STRING}|count))*\s*\)", re.S
)
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdr]|\{\w*\}|%%")


@dataclass
class Text:
    """One text to translate and the files it stands in."""

    plural: str = ""
    files: set[str] = field(default_factory=set)


Texts = dict[Key, Text]


class CannotCollect(Exception):
    """A text is marked for translation in a way that nobody could collect."""


def collect(root: Path, folders: Iterable[str] = OWN) -> Texts:
    """Every text marked for translation under the folders of `root`."""
    texts: Texts = {}
    for folder in folders:
        for path in _sources(root / folder):
            name = path.relative_to(root).as_posix()
            for key, plural in _texts_of(path, name):
                text = texts.setdefault(key, Text())
                text.plural = text.plural or plural
                text.files.add(name)
    return texts


def _sources(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(
            f for f in folders if f not in ("__pycache__", "migrations", "tests")
        )
        for name in sorted(names):
            if name.endswith((".py", ".html", ".txt")):
                yield Path(parent, name)


def _texts_of(path: Path, name: str) -> Iterator[tuple[Key, str]]:
    source = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tree = ast.parse(source, name)
        yield from _python(tree, _names(tree), name)
    elif "{%" in source or "{{" in source:
        for call in _TEMPLATE_CALL.findall(templatize(source, origin=name)):
            yield from _python(ast.parse(call.strip()), {}, name)


def _names(tree: ast.AST) -> dict[str, str]:
    """Local name → Django's, for `from django.utils.translation import … as …`."""
    return {
        alias.asname or alias.name: alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom)
        and node.module == "django.utils.translation"
        for alias in node.names
    }


def _python(
    tree: ast.AST, names: dict[str, str], file: str
) -> Iterator[tuple[Key, str]]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        if isinstance(node.func, ast.Name):
            called = names.get(node.func.id, node.func.id)
        elif isinstance(node.func, ast.Attribute):
            called = node.func.attr
        else:
            continue
        shape = _CALLS.get(called)
        if shape is None or not node.args:
            continue
        try:
            context, text, plural = (
                "" if position is None else _constant(node.args[position])
                for position in shape
            )
        except (IndexError, ValueError) as error:
            raise CannotCollect(
                f"{file}:{node.lineno}: {called}() needs its text written out there"
            ) from error
        if text:
            yield (context, text), plural


def _constant(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ValueError


def borrowed(language: str) -> Texts:
    """Texts of the libraries that they do not translate to this language."""
    texts: Texts = {}
    for package in BORROWED:
        spec = importlib.util.find_spec(package)
        assert spec is not None
        folder = Path(str(spec.origin)).parent
        theirs = folder / "locale" / language / "LC_MESSAGES" / "django.po"
        done: set[Key] = set()
        if theirs.exists():
            done = {
                (entry.msgctxt or "", entry.msgid)
                for entry in polib.pofile(str(theirs))
                if entry.translated()
            }
        for key, text in _library(folder).items():
            if key not in done:
                texts[key] = Text(text.plural, {package})
    return texts


def _library(folder: Path) -> Texts:
    texts: Texts = {}
    for path in _sources(folder):
        try:
            for key, plural in _texts_of(path, path.name):
                texts.setdefault(key, Text(plural))
        except CannotCollect:
            continue  # theirs to mend: a file that passes variables to gettext
    return texts


def needed(root: Path, language: str) -> Texts:
    return {**borrowed(language), **collect(root)}


def catalogue(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def complete(root: Path, language: str) -> tuple[int, int]:
    """Bring the catalogue up to date, keeping every translation it has.

    Texts that are gone stay at its end, marked obsolete. Returns how many texts
    there are and how many wait for a translation.
    """
    path = catalogue(root, language)
    old = polib.pofile(str(path)) if path.exists() else polib.POFile()
    known = {(e.msgctxt or "", e.msgid): e for e in old}
    new = polib.POFile(wrapwidth=88)
    new.metadata = {
        "Project-Id-Version": "Kanalvakt",
        "Language": language,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
        "Plural-Forms": "nplurals=2; plural=(n != 1);",
    }
    texts = needed(root, language)
    for key in sorted(texts, key=lambda k: (min(texts[k].files), k[1], k[0])):
        new.append(_entry(key, texts[key], known.pop(key, None)))
    for entry in known.values():
        if entry.translated() or entry.obsolete:
            entry.obsolete = True
            entry.occurrences = []
            new.append(entry)
    path.parent.mkdir(parents=True, exist_ok=True)
    new.save(str(path))
    waiting = sum(not e.translated() for e in new if not e.obsolete)
    return len(texts), waiting


def _entry(key: Key, text: Text, old: polib.POEntry | None) -> polib.POEntry:
    context, msgid = key
    entry = polib.POEntry(msgid=msgid, msgctxt=context or None)
    entry.occurrences = [(file, "") for file in sorted(text.files)]
    if _PLACEHOLDER.search(msgid + text.plural):
        entry.flags = ["python-brace-format" if "{" in msgid else "python-format"]
    if text.plural:
        entry.msgid_plural = text.plural
        entry.msgstr_plural = {0: "", 1: ""}
    if old is not None:
        entry.tcomment = old.tcomment
        if text.plural and old.msgstr_plural:
            entry.msgstr_plural = dict(old.msgstr_plural)
        elif text.plural:
            entry.msgstr_plural = {0: old.msgstr, 1: old.msgstr}
        else:
            entry.msgstr = old.msgstr or old.msgstr_plural.get(0, "")
    return entry


def faults(root: Path, language: str) -> list[str]:
    """What is missing or wrong in a catalogue, a sentence each; [] when complete."""
    path = catalogue(root, language)
    if not path.exists():
        return [f"{language}: {path.relative_to(root)} is missing."]
    entries = {
        (e.msgctxt or "", e.msgid): e for e in polib.pofile(str(path)) if not e.obsolete
    }
    texts = needed(root, language)
    found = []
    for key, text in texts.items():
        entry = entries.get(key)
        file = min(text.files)
        if entry is None or not entry.translated():
            state = "not in the catalogue" if entry is None else "not translated"
            found.append(f"{language}: {file}: “{key[1]}” is {state}.")
            continue
        if bool(entry.msgid_plural) != bool(text.plural):
            found.append(f"{language}: {file}: “{key[1]}” has the wrong plural forms.")
            continue
        found += [
            f"{language}: {file}: “{key[1]}” has other placeholders in “{said}”."
            for said in _translations(entry)
            if not _same_placeholders(entry, said)
        ]
    stale = [key[1] for key in entries if key not in texts]
    found += [f"{language}: “{msgid}” is in no source any more." for msgid in stale]
    return found


def _translations(entry: polib.POEntry) -> list[str]:
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def _same_placeholders(entry: polib.POEntry, said: str) -> bool:
    """The singular may leave its number out ("one day"), never name another."""
    allowed = set(_PLACEHOLDER.findall(entry.msgid + (entry.msgid_plural or "")))
    used = set(_PLACEHOLDER.findall(said))
    if entry.msgid_plural:
        return used <= allowed
    return sorted(_PLACEHOLDER.findall(said)) == sorted(
        _PLACEHOLDER.findall(entry.msgid)
    )


def compile_all(root: Path) -> int:
    """Write the `.mo` beside each `.po` that is newer; returns how many were."""
    written = 0
    for source in sorted(root.glob("locale/*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime_ns >= source.stat().st_mtime_ns:
            continue
        unfinished = target.with_name(f".{target.name}.{os.getpid()}")
        polib.pofile(str(source)).save_as_mofile(str(unfinished))
        unfinished.replace(target)
        written += 1
    return written

"""What a fault means, in words a registrar understands."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from archive.checking import Fault

SENTENCES = {
    "checkpoint-missing": _("the published checkpoint of %s entries is not kept"),
    "checkpoint-not-of-the-log": _("the entries do not give the signed root"),
    "checkpoint-not-signed": _("the note is not what the log's key signed (%s)"),
    "column-changed": _("the column %s is not what was sealed"),
    "commitment-changed": _("the commitment does not follow from the field digests"),
    "commitment-not-logged": _("the commitment is not the one in the log"),
    "content-missing": _("the content is gone although it was not disposed of"),
    "content-not-canonical": _("the sealed bytes were changed"),
    "content-unreadable": _("the sealed bytes cannot be read"),
    "digests-unreadable": _("the field digests cannot be read"),
    "disposal-not-logged": _("disposed of without an entry in the log"),
    "disposed-but-present": _("still there although its disposal is logged"),
    "disposed-but-searchable": _("disposed of but still found by search"),
    "entries-missing": _("entries are missing at place %s"),
    "entry-column-changed": _("the column %s is not what the leaf says"),
    "entry-missing": _("there is no entry in the log"),
    "entry-twice": _("there are two entries of its sealing in the log"),
    "erasure-not-logged": _("fields were erased without an entry in the log"),
    "field-changed": _("the field %s does not match its digest"),
    "field-missing": _("the field %s is missing"),
    "file-changed": _("the file %s was changed"),
    "file-list-changed": _("file number %s is not the one that was sealed"),
    "file-missing": _("the file %s is missing"),
    "key-not-logged": _("the log does not tell of the keys that it was signed with"),
    "leaf-changed": _("the leaf does not match its hash"),
    "leaf-not-canonical": _("the leaf's bytes were changed"),
    "leaf-unreadable": _("the leaf cannot be read"),
    "marking-missing": _("a marking is gone although the log has it"),
    "marking-not-logged": _("a marking is not the one in the log"),
    "record-missing": _("the record is gone although the log has it"),
    "salt-missing": _("the salt of the field %s is missing"),
    "salt-without-field": _("there is a salt for the field %s, but no such field"),
    "published-not-of-the-log": _("what is published is not this log (%s)"),
    "tile-changed": _("the hashes are not those of the entries"),
    "tile-missing": _("the tile is missing"),
    "token-wrong": _("the time stamp does not verify"),
}


def sentence(fault: Fault) -> str:
    """`record 5b0…: the field /facts/sender/name does not match its digest`."""
    text = str(SENTENCES[fault.code])
    return f"{fault.where}: {text % fault.detail if '%s' in text else text}"

from __future__ import annotations


class ExportError(Exception):
    """The export cannot be made as asked; the text says why."""

"""The secret of the embedded mode, which nobody has to think of."""

import os
import secrets
from pathlib import Path


def kept(path: Path) -> str:
    """Made at the first start, readable to us alone."""
    try:
        return path.read_text().strip()
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
    text = secrets.token_urlsafe(64)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # another process was first
        return path.read_text().strip()
    with os.fdopen(handle, "w") as file:
        file.write(text + "\n")
    return text

"""`make test`: the peers, then every test, then what could not be tested."""

import os
import subprocess
import sys

from tools import peers


def main(arguments: list[str]) -> int:
    missing = peers.get_all()
    in_ci = os.environ.get("CI") == "true"
    if missing and in_ci:
        print(f"Tests need what is missing here: {'; '.join(missing)}.")
        return 1
    code = subprocess.call([sys.executable, "-m", "pytest", *arguments])
    if missing:
        print(f"Not tested, because it is missing here: {'; '.join(missing)}.")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""`make test`: the peers, then every test, then what could not be tested."""

import os
import subprocess
import sys

from tools import peers

# Each process has servers of its own, a browser and a WordPress.
MOST = 4


def main(arguments: list[str]) -> int:
    missing = peers.get_all()
    in_ci = os.environ.get("CI") == "true"
    if missing and in_ci:
        print(f"Tests need what is missing here: {'; '.join(missing)}.")
        return 1
    # All of them are too many for one processor; a few named ones start sooner in one
    # process.
    spread = ["-n", str(min(os.cpu_count() or 1, MOST)), "--dist", "worksteal"]
    asked = arguments or spread
    code = subprocess.call([sys.executable, "-m", "pytest", *asked])
    if missing:
        print(f"Not tested, because it is missing here: {'; '.join(missing)}.")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

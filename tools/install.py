"""Makes `.venv` and installs the locked requirements, when they changed.

Called as `python3 tools/install.py run|dev`, before anything of ours is installed and
perhaps by a Python that is too old, so it uses nothing but the oldest Python 3.
"""

import hashlib
import os
import shutil
import subprocess
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
OLDEST = (3, 11)


def stop(sentence):
    print("kanalvakt: " + sentence, file=sys.stderr)
    sys.exit(2)


def works():
    """Whether `.venv` is whole: a killed start may have left half of one."""
    question = "import pip, sys; sys.exit(sys.version_info < (%d, %d))" % OLDEST
    try:
        return subprocess.call([PYTHON, "-c", question], stderr=subprocess.DEVNULL) == 0
    except OSError:
        return False


def make_venv():
    if sys.version_info < OLDEST:
        stop(
            "Python %d.%d or newer is needed; this is %d.%d. Name another one with: "
            "PYTHON=python3.12 make run" % (OLDEST + sys.version_info[:2])
        )
    print("Making .venv …", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    done = subprocess.run(
        [sys.executable, "-m", "venv", VENV],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode or not works():
        shutil.rmtree(VENV, ignore_errors=True)
        stop(
            "Python's venv does not work. On Debian and Ubuntu it is a package of its "
            "own: apt install python3-venv"
        )


def install(kind):
    path = os.path.join(ROOT, "requirements", kind + ".txt")
    with open(path, "rb") as file:
        digest = hashlib.sha256(file.read()).hexdigest()
    stamp = os.path.join(VENV, "installed-" + kind)
    if works():
        try:
            with open(stamp) as file:
                if file.read() == digest:
                    return
        except OSError:
            pass
    else:
        make_venv()
    print(
        "Installing the locked requirements (requirements/%s.txt) …" % kind, flush=True
    )
    command = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    command += ["install", "--quiet", "--require-hashes", "--requirement", path]
    if subprocess.call(command):
        stop("The requirements could not be installed; pip says why above.")
    with open(stamp, "w") as file:
        file.write(digest)


if __name__ == "__main__":
    if len(sys.argv) != 2 or sys.argv[1] not in ("run", "dev"):
        stop("Use: python3 tools/install.py run|dev")
    install(sys.argv[1])

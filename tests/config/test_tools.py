"""What stands behind `make`: it says what is missing and never passes without it."""

import subprocess
import sys
from pathlib import Path

import pytest

import tools.test
from config.embedded import BASE_DIR
from tools import install, peers


def test_a_python_that_is_too_old_gets_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(install, "OLDEST", (99, 1))
    monkeypatch.setattr(install, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(install, "PYTHON", str(tmp_path / ".venv/bin/python"))
    with pytest.raises(SystemExit) as stop:
        install.install("run")
    assert stop.value.code == 2
    assert "Python 99.1 or newer is needed" in capsys.readouterr().err
    assert not (tmp_path / ".venv").exists()


def test_requirements_are_installed_when_they_change_and_only_then(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "requirements").mkdir()
    wanted = tmp_path / "requirements" / "run.txt"
    wanted.write_text("")
    monkeypatch.setattr(install, "ROOT", str(tmp_path))
    monkeypatch.setattr(install, "VENV", str(tmp_path / ".venv"))
    monkeypatch.setattr(install, "PYTHON", str(tmp_path / ".venv/bin/python"))
    commands: list[list[str]] = []
    real = subprocess.call

    def call(command: list[str], **options: object) -> int:
        if "--require-hashes" in command:
            commands.append(command)
        return real(command, **options)  # type: ignore[call-overload, no-any-return]

    monkeypatch.setattr(subprocess, "call", call)
    # Half of an environment, as a killed start leaves it.
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to("/does/not/exist")
    install.install("run")
    assert install.works()
    install.install("run")
    assert len(commands) == 1
    wanted.write_text("# another lock\n")
    install.install("run")
    assert len(commands) == 2


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """What `make test` runs, once a peer cannot be had."""
    commands: list[list[str]] = []

    def call(command: list[str]) -> int:
        commands.append(command)
        print("1 passed")
        return 0

    monkeypatch.setattr(peers, "get_all", lambda: ["WordPress with PHP"])
    monkeypatch.setattr(subprocess, "call", call)
    return commands


def test_in_the_gate_a_missing_peer_fails(
    ran: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CI", "true")
    assert tools.test.main([]) == 1
    assert ran == []


def test_elsewhere_a_missing_peer_is_named_in_the_last_line(
    ran: list[list[str]],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.delenv("CI", raising=False)
    assert tools.test.main(["tests/config"]) == 0
    assert ran == [[sys.executable, "-m", "pytest", "tests/config"]]
    assert capsys.readouterr().out.splitlines()[-1] == (
        "Not tested, because it is missing here: WordPress with PHP."
    )


def test_every_command_of_the_makefile_is_there() -> None:
    targets = ["run", "test", "check", "format", "texts", "bench", "bench-words"]
    done = subprocess.run(
        ["make", "--dry-run", *targets],
        cwd=BASE_DIR,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""``make bench-web``: decisions over HTTP, ours and Ozone's in turn, in one run.

Ozone is Bluesky's moderation service, the real one, installed from
requirements/bench-ozone.json; its decision is a moderator's takedown of a reported
comment. Both answer on this machine, with one PostgreSQL that waits for the disk at
each commit, to the same Python client. Rounds alternate, so that a change of the
machine's speed hits both. What the decisions do:

Ours: the rule and the reason, the record with the comment sealed, the decision, and an
order to the platform that waits for the time in which it may be undone.
Ozone's: the token's signature is verified and the member read; an event, the subject's
state and a signed label are written in one commit, and the label's readers notified. It
keeps no content. Of a plain comment it first asks the AppView, to see whether a picture
hangs on it; of one with a link it noted that at the report. In real use that AppView is
across a network; here it shares the machine. So there are two figures: linked comments
are Ozone's least work, plain ones what ours are. Not counted, since they come before or
after: the report, and the servers that read the label.
"""

import django

django.setup()

import os  # noqa: E402
import statistics  # noqa: E402
from collections import defaultdict  # noqa: E402

from benchmarks import _figures as figures  # noqa: E402
from benchmarks import _ozone as peer  # noqa: E402
from benchmarks import web  # noqa: E402
from config.embedded import default_var  # noqa: E402
from moderation.models import Decision  # noqa: E402

ROUNDS = 3
CLIENTS = (1, 4)
FIRST = 100
"""Decisions on each side before any is measured: both compile while they run."""
NEEDED = FIRST + ROUNDS * sum(web.EACH + clients * web.WARM for clients in CLIENTS)
NEEDED += max(CLIENTS) * web.WARM

COMPARED = {
    "linked": "linked comments, fetches nothing",
    "plain": "plain comments, fetches each",
}


def say(name: str, kind: str, our: web.Took, their: web.Took) -> None:
    more = {
        f"{whose}{figure}_ms": round(value * 1000, 2)
        for whose, took in (("", our), ("ozone_", their))
        for figure, value in (
            ("p95", figures.p95(took.each)),
            ("median", statistics.median(took.each)),
        )
    }
    figures.say(
        name,
        our.rate,
        "decisions/s",
        f"Ozone {peer.VERSION} in the same run, {COMPARED[kind]}",
        our.rate / their.rate,
        ozone=round(their.rate, 3),
        **more,
    )


def compare(ozone: peer.Ozone, port: int, cases: list[int], rule: int) -> None:
    def measure(side: str, clients: int, each: int) -> web.Took:
        if side == "ours":
            officers = [web.Officer(port) for _client in range(clients)]
            acts = [lambda case, o=one: o.remove(case, rule) for one in officers]
            return web.spread(acts, cases, each)
        moderators = [peer.Moderator(ozone) for _client in range(clients)]
        takedowns = [one.take_down for one in moderators]
        return web.spread(takedowns, ozone.subjects[side], each)

    # Ours between the two, next to either.
    sides = ("linked", "ours", "plain")
    for side in sides:
        measure(side, max(CLIENTS), FIRST)
    took: dict[tuple[str, int], list[web.Took]] = defaultdict(list)
    for turn in range(1, ROUNDS + 1):
        for clients in CLIENTS:
            for side in sides:
                took[side, clients].append(measure(side, clients, web.EACH))
            for kind in COMPARED:
                name = f"round {turn}: decisions over HTTP, {clients} clients"
                say(name, kind, took["ours", clients][-1], took[kind, clients][-1])
    for clients in CLIENTS:
        for kind in COMPARED:
            name = f"all {ROUNDS} rounds: decisions over HTTP, {clients} clients"
            ours, theirs = took["ours", clients], took[kind, clients]
            say(name, kind, web.together(ours), web.together(theirs))


def main() -> None:
    node = peer.install()
    cases, rule = web.prepare(NEEDED)
    texts = [item.text for item in figures.items(NEEDED, "ozone")]
    # Goes with everything else of this run.
    folder = default_var() / "ozone"
    folder.mkdir()
    with (
        peer.running(node, texts, os.environ["DATABASE_URL"], folder) as ozone,
        web.server() as port,
    ):
        compare(ozone, port, list(cases), rule)
        # A failure stops the run; these tell that each success was also kept.
        done = Decision.objects.filter(case__in=cases).exclude(record=None)
        assert done.count() == NEEDED
        assert ozone.decided() == len(COMPARED) * NEEDED


if __name__ == "__main__":
    try:
        main()
    except peer.Missing as missing:
        raise SystemExit(f"bench-web: {missing}") from missing
    except KeyboardInterrupt:
        raise SystemExit(130) from None

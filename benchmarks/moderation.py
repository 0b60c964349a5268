"""Intake beside a bare bulk insert; a removal beside a bare insert-and-commit."""

from __future__ import annotations

import django

django.setup()

import copy  # noqa: E402
import statistics  # noqa: E402
import time  # noqa: E402

from django.db import connection, transaction  # noqa: E402

from archive.canonical import dumps  # noqa: E402
from benchmarks import _figures as figures  # noqa: E402
from channels.models import Message, Version  # noqa: E402
from channels.platforms.base import Batch  # noqa: E402
from moderation import decisions, duties, intake  # noqa: E402
from moderation.models import Case, Duty, Finding, Proposal  # noqa: E402
from policies.models import Rule  # noqa: E402

BATCH, ROUNDS = 100, 20


def bench_intake() -> None:
    """The same rows twice: received (stored, screened, duties opened), and bare."""
    officer, department = figures.town()
    real = figures.channel(officer, department, "bench-intake")
    plain = figures.channel(officer, department, "bench-plain")
    batches = [figures.items(BATCH, f"b{n}", seed=n) for n in range(ROUNDS + 2)]
    received, bare = [], []
    for number, batch in enumerate(batches):
        took = figures.timed(
            lambda batch=batch: intake.receive(channel=real, batch=Batch(changes=batch))
        )
        rows = _rows(real.pk, batch, plain)
        took_bare = figures.timed(lambda rows=rows: _bulk_create(rows))
        if number >= 2:  # the first two warm everything up
            received.append(took)
            bare.append(took_bare)
    ratio = statistics.median(a / b for a, b in zip(received, bare, strict=True))
    figures.say(
        "intake",
        BATCH / statistics.median(received),
        "messages/s",
        f"bulk_create of the same rows, {BATCH / statistics.median(bare):.0f}/s",
        ratio,
        limit=6,
    )


def _rows(channel_id, batch, plain):  # type: ignore[no-untyped-def]
    """Unsaved copies of everything that one batch left behind."""
    ids = [item.id for item in batch]
    messages = list(Message.objects.filter(channel_id=channel_id, external_id__in=ids))
    cases = {c.message_id: c for c in Case.objects.filter(message__in=messages)}
    versions = list(Version.objects.filter(message__in=messages))
    findings = list(Finding.objects.filter(case__in=cases.values()))
    duties = list(Duty.objects.filter(case__in=cases.values()))
    proposals = list(Proposal.objects.filter(case__in=cases.values()))
    new_messages = {m.pk: _anew(m, channel=plain, ref=None) for m in messages}
    new_cases = {
        c.pk: _anew(c, channel=plain, message=new_messages[c.message_id])
        for c in cases.values()
    }
    new_versions = {
        v.pk: _anew(v, message=new_messages[v.message_id]) for v in versions
    }
    return (
        list(new_messages.values()),
        list(new_versions.values()),
        list(new_cases.values()),
        [
            _anew(f, case=new_cases[f.case_id], version=new_versions[f.version_id])
            for f in findings
        ],
        [_anew(d, case=new_cases[d.case_id]) for d in duties],
        [
            _anew(p, case=new_cases[p.case_id], version=new_versions[p.version_id])
            for p in proposals
        ],
    )


def _anew(row, **changes):  # type: ignore[no-untyped-def]
    twin = copy.copy(row)
    twin._state = copy.copy(row._state)
    twin._state.fields_cache = {}
    twin.pk = None
    twin._state.adding = True
    for name, value in changes.items():
        if name == "ref":
            value = Message._meta.get_field("ref").get_default()
        setattr(twin, name, value)
    return twin


def _bulk_create(rows) -> None:  # type: ignore[no-untyped-def]
    messages, versions, cases, findings, duties, proposals = rows
    with transaction.atomic():
        Message.objects.bulk_create(messages)
        for version in versions:
            version.message_id = version.message.pk
        Version.objects.bulk_create(versions)
        for case in cases:
            case.message_id = case.message.pk
        Case.objects.bulk_create(cases)
        for finding in findings:
            finding.case_id, finding.version_id = finding.case.pk, finding.version.pk
        Finding.objects.bulk_create(findings)
        for duty in duties:
            duty.case_id = duty.case.pk
        Duty.objects.bulk_create(duties)
        for proposal in proposals:
            proposal.case_id = proposal.case.pk
            proposal.version_id = proposal.version.pk
        Proposal.objects.bulk_create(proposals)


def bench_duties() -> None:
    """Duties counted and stored, beside the same rows stored without counting."""
    officer, department = figures.town()
    channel = figures.channel(officer, department, "bench-duties")
    intake.receive(channel=channel, batch=Batch(changes=figures.items(1000, "duties")))
    cases = list(Case.objects.filter(channel=channel).select_related("message"))
    owed = {
        case.pk: duties.Owed("answer", case.message.posted_at, []) for case in cases
    }

    def opened() -> list[Duty]:
        days = duties.calendar()
        return [duties.build(case, owed[case.pk], days, 8) for case in cases]

    counted, bare = [], []
    for number in range(12):
        for times, make in ((counted, opened), (bare, None)):
            Duty.objects.filter(case__in=cases).delete()
            rows = None if make else opened()
            start = time.perf_counter()
            Duty.objects.bulk_create(make() if make else rows)  # type: ignore[arg-type]
            if number >= 2:
                times.append(time.perf_counter() - start)
    ratio = statistics.median(a / b for a, b in zip(counted, bare, strict=True))
    figures.say(
        "opening duties with their deadlines",
        len(cases) / statistics.median(counted),
        "duties/s",
        f"bulk_create of the same rows, {len(cases) / statistics.median(bare):.0f}/s",
        ratio,
        limit=3,
    )


def bench_remove() -> None:
    """`remove()` until committed, beside one insert-and-commit of the same bytes."""
    officer, department = figures.town()
    channel = figures.channel(officer, department, "bench-remove")
    count = 300
    intake.receive(channel=channel, batch=Batch(changes=figures.items(count, "remove")))
    rule = Rule.objects.get(code="K-20.6")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_bytes (id bigserial primary key, b bytea)")
    removed, bare = [], []
    for number, case in enumerate(Case.objects.filter(channel=channel)):
        start = time.perf_counter()
        decision = decisions.remove(case=case, by=officer, rule=rule, reason="Swears.")
        took = time.perf_counter() - start
        record = decision.record
        assert record is not None
        body = bytes(record.canonical) + dumps([record.salts, record.field_digests])
        start = time.perf_counter()
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO bench_bytes (b) VALUES (%s)", [body])
        took_bare = time.perf_counter() - start
        if number >= 20:
            removed.append(took)
            bare.append(took_bare)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_bytes")
    figures.say(
        "remove() until committed, p95",
        figures.p95(removed) * 1000,
        "ms",
        f"insert and commit of the same {len(body)} bytes, "
        f"p95 {figures.p95(bare) * 1000:.2f} ms",
        figures.p95(removed) / figures.p95(bare),
        limit=10,
        median_ms=round(statistics.median(removed) * 1000, 2),
        median_bare_ms=round(statistics.median(bare) * 1000, 2),
    )


if __name__ == "__main__":
    bench_intake()
    bench_duties()
    bench_remove()

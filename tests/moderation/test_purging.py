"""The desk's own copies of messages, and the municipality's rules for how long their
words stay."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from archive import disclosure, files, retention
from archive.models import Record
from archive.verification import verify
from channels import delivery
from channels.models import Attachment, Delivery, Message, Version
from moderation import (
    decisions,
    drafts,
    figures,
    meeting,
    purge_rules,
    purging,
    referrals,
    replies,
    reports,
    rereading,
)
from moderation.models import (
    Case,
    Draft,
    DraftStep,
    Duty,
    Emptied,
    Finding,
    Purge,
    PurgeRule,
    Referral,
    Report,
)
from moderation.refusals import Refused
from tests import make

if TYPE_CHECKING:
    from django.test import Client

    from channels.models import Channel, User
    from tests.conftest import Cast

RUDE = "Vilken jävla skit är det här?"
MONTHS = 24
# Three years on, everything that a test makes now was settled long ago.
LATER = timedelta(days=3 * 365)


@pytest.fixture
def second(cast: Cast) -> User:
    return make.person("Berit", "Archivist")


@pytest.fixture
def in_force(cast: Cast, second: User) -> Any:
    """Makes a rule that holds from tomorrow on."""

    def made(kind: str = Emptied.COMMENT, months: int | None = MONTHS) -> PurgeRule:
        one = purge_rules.propose(
            kind=kind,
            months=months,
            starts_on=timezone.localdate() + timedelta(days=1),
            basis="KS 2026/12, dokumenthanteringsplan 7.3",
            by=cast.arkiv,
        )
        return purge_rules.confirm(rule=one, by=second)

    return made


def settled(channel: Channel, cast: Cast, text: str = RUDE, **changes: Any) -> Case:
    """Decided on, with nothing owed any more."""
    case = make.case(channel, text, **changes)
    if case.message.kind == Message.Kind.COMMENT:
        decisions.keep(case=case, by=cast.anna)
    for duty in case.duties.open():
        Duty.objects.filter(pk=duty.pk).update(
            closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted"
        )
    Case.objects.filter(pk=case.pk).update(due_at=None)
    case.refresh_from_db()
    return case


def later() -> Any:
    return timezone.now() + LATER


def words_of(case: Case) -> tuple[str, str, int, int]:
    message = Message.objects.get(pk=case.message_id)
    return (
        message.text,
        message.author_name + message.author_id + message.author_url,
        Version.objects.filter(message=message).exclude(text="", raw=b"").count(),
        Finding.objects.filter(case=case).exclude(sentences={}).count(),
    )


def test_without_a_rule_nothing_goes(school_channel: Channel, cast: Cast):
    case = settled(school_channel, cast)
    assert purging.run(later()) == 0
    assert words_of(case)[0] == RUDE
    assert not Purge.objects.exists()


def test_a_settled_message_loses_its_words_and_keeps_its_history(
    school_channel: Channel, cast: Cast, in_force: Any
):
    """What goes and what stays is what docs/retention.md says."""
    case = settled(school_channel, cast, id="one")
    assert case.findings.exists()
    rule = in_force()
    assert purging.run(timezone.now() + timedelta(days=2)) == 0
    assert purging.run(later()) == 1
    assert words_of(case) == ("", "", 0, 0)
    message = Message.objects.get(pk=case.message_id)
    assert message.purged_at is not None
    assert (message.external_id, message.permalink != "") == ("one", True)
    decision = case.decisions.get()
    assert (decision.verb, decision.by) == ("keep", cast.anna)
    assert case.findings.exists()
    entry = Purge.objects.get()
    assert (entry.rule, entry.messages, entry.versions) == (rule, 1, 1)
    assert entry.findings == case.findings.count()
    assert purging.run(later()) == 0


def test_it_is_not_read_in_anew_but_an_edit_is(
    school_channel: Channel, cast: Cast, in_force: Any
):
    """K-22: what is written into an old comment today is looked at today."""
    case = settled(school_channel, cast, "Fin bild", id="one")
    in_force()
    assert purging.run(later()) == 1
    again = make.receive(school_channel, make.item("Fin bild", id="one"))
    assert (again.new, again.changed, again.unchanged) == (0, 0, 1)
    assert words_of(case)[0] == ""
    edited = make.receive(school_channel, make.item(RUDE, id="one"))
    assert edited.changed == 1
    case.refresh_from_db()
    message = Message.objects.get(pk=case.message_id)
    assert (message.text, message.purged_at) == (RUDE, None)
    assert message.author_name == "Kim Karlsson"
    assert case.due_at is not None


def test_drafts_notes_reports_and_referrals_lose_their_words(
    school_channel: Channel, cast: Cast, in_force: Any
):
    colleague = make.person("Cecilia", "Communications officer")
    make.registration.give_mandate(
        channel=school_channel, person=colleague, by=cast.hanna
    )
    case = make.case(school_channel, RUDE, permalink="https://social.example/c/1")
    report = reports.receive(
        address="https://social.example/c/1", what="Kim ljuger", contact="a@b.example"
    )
    replies.hand_over(case=case, by=cast.anna, to=colleague, note="Kim igen")
    drafts.save(case=case, by=cast.anna, text="Hej Kim")
    draft = Draft.objects.get()
    drafts.ask(case=case, by=cast.anna, text="Hej Kim!")
    drafts.send_back(draft=draft, by=colleague, note="Snällare mot Kim")
    drafts.drop(draft=draft, by=cast.anna)
    referral = referrals.refer(
        case=case, by=cast.anna, to=referrals.destinations(case)[0], note="Om Kim"
    )
    referral.letter.sent_at = timezone.now()
    referral.letter.save()
    decisions.keep(case=case, by=cast.anna)
    case.duties.open().update(
        closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted"
    )
    Case.objects.filter(pk=case.pk).update(due_at=None)
    in_force()
    assert purging.run(later()) == 1
    report.refresh_from_db()
    assert (report.what, report.contact, report.outcome) == ("", "", "kept")
    assert set(Draft.objects.values_list("text", flat=True)) == {""}
    assert not DraftStep.objects.exclude(text="").exists()
    assert set(DraftStep.objects.values_list("note", flat=True)) == {"", "–"}
    assert case.handovers.get().note == ""
    assert Referral.objects.get().note == ""
    told = Record.objects.get(kind=Record.Kind.REFERRAL).facts["referral"]
    assert told["note"] == "Om Kim"
    entry = Purge.objects.get()
    assert (entry.drafts, entry.reports, entry.notes) == (1, 1, 2)


@pytest.mark.parametrize("kept_by", list(purging.KEEPERS))
def test_nothing_goes_while_something_keeps_it(
    school_channel: Channel, cast: Cast, in_force: Any, kept_by: str
):
    """Each reason alone keeps a message, and the preview names it."""
    kind = Emptied.COMMENT
    address = "https://social.example/c/9"
    case = settled(school_channel, cast, permalink=address)
    now = later()
    match kept_by:
        case "duty":
            reports.receive(address=address, what="Fult")
            Report.objects.update(
                closed_at=timezone.now(), closed_by=cast.anna, outcome="kept"
            )
        case "report":
            reports.receive(address=address, what="Fult")
            case.duties.open().update(
                closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted"
            )
            Case.objects.filter(pk=case.pk).update(due_at=None)
        case "delivery":
            delivery.enqueue(
                message=case.message, act=Delivery.Act.REPLY, by=cast.anna, text="Hej"
            )
        case "draft":
            drafts.save(case=case, by=cast.anna, text="Hej")
        case "referral":
            referrals.refer(
                case=case, by=cast.anna, to=referrals.destinations(case)[0], note="x"
            )
        case "hold":
            record = meeting.seal_record(case=case, by=cast.anna)
            assert record is not None
            [sealed] = Record.objects.about(case.message.ref)
            retention.hold(record=sealed, reason="Mål T 12", by="Arkiv")
        case "disclosure":
            meeting.seal_record(case=case, by=cast.anna)
            [sealed] = Record.objects.about(case.message.ref)
            wanted = disclosure.receive(asked="Allt", law="SE", by="Arkiv")
            disclosure.pick(request=wanted, records=[sealed.pk], by="Arkiv")
        case "record":
            kind = Emptied.DM
            Message.objects.filter(pk=case.message_id).update(kind="dm")
        case "recent":
            # It came in long before it was decided on.
            Message.objects.filter(pk=case.message_id).update(
                received_at=timezone.now() - timedelta(days=20)
            )
            now = timezone.now() + timedelta(days=725)
    rule = in_force(kind)
    before = purging.settled_before(MONTHS, now)
    seen = purging.foresee(rule.kind, before)
    assert (seen.older, seen.goes, seen.kept) == (1, 0, {kept_by: 1})
    assert purging.run(now) == 0
    assert words_of(case)[0] != ""


def test_what_nothing_keeps_is_what_is_foreseen(
    school_channel: Channel, cast: Cast, in_force: Any, monkeypatch: Any
):
    """Several rounds, passing over what is kept; the register adds up."""
    monkeypatch.setattr(purging, "AT_ONCE", 3)
    cases = [settled(school_channel, cast, f"Hej {n}") for n in range(8)]
    drafts.save(case=cases[2], by=cast.anna, text="Hej")
    rule = in_force()
    seen = purging.foresee(rule.kind, purging.settled_before(MONTHS, later()))
    assert (seen.older, seen.goes, seen.kept) == (8, 7, {"draft": 1})
    assert purging.run(later()) == 7
    assert sum(Purge.objects.values_list("messages", flat=True)) == 7
    assert len({one.run_at for one in Purge.objects.all()}) == 1
    assert words_of(cases[2])[0] == "Hej 2"
    assert words_of(cases[7])[0] == ""


def test_the_archive_keeps_what_it_has(
    school_channel: Channel, cast: Cast, in_force: Any
):
    """K-17, K-19: only the working copy is emptied; the records stand as sealed."""
    letter = settled(school_channel, cast, "Ring mig", kind="dm")
    removed = make.case(school_channel, RUDE)
    decision = decisions.remove(
        case=removed, by=cast.anna, rule=make.rule(), reason="Swears."
    )
    assert decision.delivery is not None
    Delivery.objects.filter(pk=decision.delivery.pk).update(
        state="done", settled_at=timezone.now()
    )
    Case.objects.filter(pk=removed.pk).update(due_at=None)
    in_force(Emptied.DM)
    in_force(Emptied.TAKEN_DOWN)
    assert purging.run(later()) == 2
    assert words_of(letter)[0] == words_of(removed)[0] == ""
    texts = {record.facts["message"]["text"] for record in Record.objects.all()}
    assert texts == {"Ring mig", RUDE}
    assert verify().faults == []


@pytest.mark.django_db(transaction=True)
def test_pictures_go_with_the_words_unless_a_record_has_them(
    school_channel: Channel, cast: Cast, in_force: Any
):
    """The bytes too, once nothing names them."""
    shared, alone = make.picture(colour="teal"), make.picture(colour="red")
    case = settled(
        school_channel,
        cast,
        attachments=(make.attached(shared), make.attached(alone)),
    )
    sealed = settled(school_channel, cast, attachments=(make.attached(shared),))
    meeting.seal_record(case=sealed, by=cast.anna)
    in_force()
    assert purging.run(later()) == 2
    left = Attachment.objects.all()
    assert {one.missing for one in left} == {"let_go"}
    assert not Message.objects.exclude(attachments_count=0).exists()
    assert {one.name + one.platform_id + one.sha256 for one in left} == {""}
    assert sum(Purge.objects.values_list("files", flat=True)) == 3
    assert files.is_kept(files.digest_of(shared))
    assert not files.is_kept(files.digest_of(alone))
    assert words_of(case)[0] == ""


def test_the_municipalitys_own_words_stay(
    school_channel: Channel, cast: Cast, in_force: Any
):
    """No record holds an answer, so its text is not let go."""
    case = make.case(school_channel, "När öppnar ni?")
    answer = replies.reply(case=case, by=cast.anna, text="Klockan tio.")
    Delivery.objects.filter(pk=answer.delivery_id).update(
        state="done", settled_at=timezone.now()
    )
    Case.objects.filter(pk=case.pk).update(due_at=None)
    case.duties.open().update(
        closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted"
    )
    own = make.item("Vi öppnar tio.", id="own", is_ours=True)
    make.receive(school_channel, own)
    in_force()
    assert purging.run(later()) == 1
    assert Delivery.objects.get(pk=answer.delivery_id).text.startswith("Klockan tio.")
    assert Message.objects.get(external_id="own").text == "Vi öppnar tio."


def test_the_figures_are_the_same_afterwards(
    school_channel: Channel, cast: Cast, in_force: Any
):
    """K-14, M-R1."""
    for number in range(3):
        settled(school_channel, cast, f"{RUDE} {number}")
    today = timezone.localdate()
    asked = figures.scope([school_channel.pk], today - timedelta(days=7), today)
    before = figures.in_time(asked), figures.activity(asked), figures.taken_down(asked)
    in_force()
    assert purging.run(later()) == 3
    assert before == (
        figures.in_time(asked),
        figures.activity(asked),
        figures.taken_down(asked),
    )


def test_two_people_make_a_rule_and_one_stops_it(
    school_channel: Channel, cast: Cast, second: User
):
    tomorrow = timezone.localdate() + timedelta(days=1)

    def propose(day: date = tomorrow, by: User = cast.arkiv) -> PurgeRule:
        return purge_rules.propose(
            kind=Emptied.COMMENT, months=12, starts_on=day, basis="KS 1", by=by
        )

    with pytest.raises(PermissionDenied):
        propose(by=cast.anna)
    with pytest.raises(Refused, match="tomorrow"):
        propose(timezone.localdate())
    first = propose()
    with pytest.raises(Refused, match="proposed already"):
        propose()
    with pytest.raises(Refused, match="Somebody else"):
        purge_rules.confirm(rule=first, by=cast.arkiv)
    assert PurgeRule.objects.in_force(tomorrow) == []
    case = settled(school_channel, cast)
    confirmed = purge_rules.confirm(rule=first, by=cast.chief)
    assert confirmed.foreseen["older"] == 0
    with pytest.raises(Refused, match="settled already"):
        purge_rules.cancel(rule=first, by=second)
    assert PurgeRule.objects.in_force(timezone.localdate()) == []
    assert PurgeRule.objects.in_force(tomorrow) == [first]
    purge_rules.stop(rule=first, reason="Fel tid", by=cast.chief)
    assert purging.run(later()) == 0
    assert words_of(case)[0] == RUDE


def test_the_newest_version_that_has_begun_holds(cast: Cast, second: User):
    today = timezone.localdate()
    for days, months in ((10, 12), (20, None), (20, 36)):
        one = purge_rules.propose(
            kind=Emptied.DM,
            months=months,
            starts_on=today + timedelta(days=days),
            basis="KS 1",
            by=cast.arkiv,
        )
        purge_rules.confirm(rule=one, by=second)

    def held(days: int) -> list[int | None]:
        found = PurgeRule.objects.in_force(today + timedelta(days=days))
        return [one.months for one in found]

    assert (held(9), held(10), held(19), held(20)) == ([], [12], [12], [36])
    # Stopped before it begins it never counted, and the one before goes on.
    last = PurgeRule.objects.get(number=3)
    purge_rules.stop(rule=last, reason="x", by=second)
    assert held(20) == [None]
    # Stopped while it holds nothing goes, nor by the one before.
    first = PurgeRule.objects.get(number=1)
    purge_rules.stop(rule=first, reason="x", by=second)
    assert held(12) == []


def test_the_database_lets_words_go_with_an_entry_only(
    school_channel: Channel, cast: Cast, in_force: Any
):
    case = settled(school_channel, cast)
    rule = in_force()
    other = settled(school_channel, cast)
    empty = "text = '', author_id = '', author_name = '', author_handle = ''"
    with (
        pytest.raises(IntegrityError, match="with an entry in the register"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(
            f"UPDATE channels_message SET {empty}, author_url = '', purged_at = now()"
            f" WHERE id = {other.message_id}"
        )
    purging.run(later())
    entry = Purge.objects.get()
    fresh = settled(school_channel, cast)
    for statement, why in (
        (
            "UPDATE channels_version SET text = '', raw = ''"
            f" WHERE message_id = {fresh.message_id}",
            "only grows",
        ),
        (f"UPDATE moderation_purge SET messages = 9 WHERE id = {entry.pk}", "grows"),
        (f"DELETE FROM moderation_purge WHERE id = {entry.pk}", "grows"),
        (f"UPDATE moderation_purgerule SET months = 1 WHERE id = {rule.pk}", "grows"),
        (f"DELETE FROM moderation_purgerule WHERE id = {rule.pk}", "grows"),
        (
            f"UPDATE channels_message SET text = 'x' WHERE id = {case.message_id}",
            "without_words",
        ),
    ):
        with (
            pytest.raises(IntegrityError, match=why),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    assert words_of(other)[0] == ""


def test_what_is_reported_again_is_fetched_again(
    cast: Cast, in_force: Any, client: Client
):
    """K-15, K-19: nobody removes what they cannot read; the record has the words."""
    from channels import wall
    from channels.models import WallPost
    from moderation import polling

    channel = make.channel(cast.anna, cast.schools, slug="wall")
    post = WallPost.objects.create(channel=channel, title="Winter", text="Snow.")
    wall.write(
        channel=channel,
        kind="comment",
        author_name="Kim",
        author_key="k" * 32,
        text=RUDE,
        post=post,
    )
    polling.poll(channel.stream)
    case = Case.objects.get(channel=channel, message__is_ours=False)
    decisions.keep(case=case, by=cast.anna)
    case.duties.open().update(
        closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted"
    )
    Case.objects.filter(pk=case.pk).update(due_at=None)
    in_force()
    assert purging.run(later()) == 1
    case = Case.objects.select_related("message", "channel").get(pk=case.pk)
    with pytest.raises(Refused, match="Nothing is owed"):
        rereading.read_anew(case=case, by=cast.anna)
    report = reports.receive(address=case.message.permalink, what="Det är fult")
    assert report.case == case
    client.force_login(cast.anna)
    queue = client.get(reverse("desk:queue")).content.decode()
    assert "Its words have been emptied." in queue
    case = Case.objects.select_related("message", "channel").get(pk=case.pk)
    with pytest.raises(Refused, match="Fetch them anew"):
        decisions.remove(case=case, by=cast.anna, rule=make.rule(), reason="Swears.")
    with pytest.raises(Refused, match="no mandate"):
        rereading.read_anew(case=case, by=cast.bo)
    rereading.read_anew(case=case, by=cast.anna)
    assert words_of(case)[0] == RUDE
    assert case.findings.exclude(sentences={}).exists()
    decision = decisions.remove(
        case=case, by=cast.anna, rule=make.rule(), reason="Swears."
    )
    assert decision.record is not None
    assert decision.record.facts["message"]["text"] == RUDE


def test_the_oldest_are_found_by_an_index(school_channel: Channel, cast: Cast):
    """One walk at a million messages, however many have no words any more."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT m.id FROM channels_message m JOIN moderation_case c"
            " ON c.message_id = m.id WHERE m.kind = 'comment'"
            " AND c.state IN ('new', 'kept') AND m.purged_at IS NULL"
            " AND m.outside_at IS NULL AND NOT m.is_ours AND m.received_at < now()"
            " ORDER BY m.received_at, m.id LIMIT 500"
        )
        plan = " ".join(row for (row,) in cursor.fetchall())
    assert "message_with_words" in plan

"""Messages passed on by e-mail: sealed, whole, and owed again when they do not arrive
(K-13, K-17, M-R4 to M-R6, M-E)."""

from __future__ import annotations

import json
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from archive import files
from archive.models import Record
from archive.sealing import FileFacts, seal
from channels import letters
from channels.models import Letter
from moderation import duties, kinds, referrals
from moderation.decisions import settle
from moderation.models import Case, Duty, DutyPart, Referral, ReferralAddress
from moderation.referrals import Destination
from moderation.refusals import Refused
from tests import make
from tests.channels.test_bounces import report

if TYPE_CHECKING:
    from django.test import Client

    from channels.models import Channel
    from tests.conftest import Cast
    from tests.peers.services import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(cast: Cast) -> ReferralAddress:
    return ReferralAddress.objects.create(
        kind="officer", name="Byggkontoret", email="bygg@testnas.example"
    )


@pytest.fixture
def case(school_channel: Channel) -> Case:
    # The channel's approval told three people of it.
    Letter.objects.all().delete()
    return make.case(school_channel, "Vi vill ansöka om bygglov för en lekstuga.")


@pytest.fixture
def letter_case(school_channel: Channel) -> Case:
    return make.case(school_channel, "Kan ni ringa om skolskjutsen?", kind="dm")


def to(case: Case, name: str) -> Destination:
    return next(one for one in referrals.destinations(case) if one.name == name)


def registrar(case: Case) -> Destination:
    return next(one for one in referrals.destinations(case) if one.kind == "registrar")


def owe(case: Case, kind: str) -> Duty:
    """The duty of this kind, whatever the software proposed."""
    found = case.duties.filter(kind=kind, closed_at=None).first()
    if found is None:
        owed = duties.Owed(kind, case.message.posted_at, [])
        found = duties.build(case, owed, duties.calendar())
        found.save()
        settle(case)
    return found


def fail(referral: Referral, **how: Any) -> None:
    Letter.objects.filter(pk=referral.letter_id).update(
        **(how or {"failed_at": timezone.now(), "error": "550 5.1.1 no such mailbox"})
    )
    assert referrals.notice_failures() == 1


def fresh(referral: Referral) -> Referral:
    return Referral.objects.select_related("letter", "case").get(pk=referral.pk)


# -- Made --------------------------------------------------------------------------


def test_a_referral_is_sealed_and_meets_its_duty_at_once(
    case: Case, officer: ReferralAddress, cast: Cast
):
    """M-R4, K-13: record, duty and letter stand or fall together."""
    duty = owe(case, "refer")
    made = referrals.refer(
        case=case, by=cast.anna, to=to(case, "Byggkontoret"), note="Hej, er fråga."
    )
    duty.refresh_from_db()
    assert (duty.outcome, duty.closed_by, duty.closed_with) == (
        "met",
        cast.anna,
        "refer",
    )
    assert duty.record == made.record
    facts = made.record.facts
    assert made.record.kind == Record.Kind.REFERRAL
    assert made.record.subject == case.message.ref
    assert facts["message"]["text"] == case.message.text
    assert facts["sender"]["name"] == "Kim Karlsson"
    assert facts["referral"]["email"] == "bygg@testnas.example"
    assert facts["referral"]["note"] == "Hej, er fråga."
    assert facts["referral"]["officer"].startswith("Anna Test")
    assert str(made.mandate_id) in facts["referral"]["mandate"]
    assert made.letter.state == Letter.State.WAITING


def test_the_letter_holds_the_whole_message_for_people_and_machines(
    case: Case, officer: ReferralAddress, cast: Cast, smtp: SmtpServer, settings: Any
):
    """K-17, M-E: from the official address, with the officer's role and unit."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", smtp.port
    cast.anna.job_title = "Kommunikatör"
    cast.anna.save()
    digest, size = files.keep(BytesIO(b"\x89PNG picture"))
    seal(
        kind=Record.Kind.COMMENT,
        subject=case.message.ref,
        facts={},
        files=[FileFacts(sha256=digest, size=size, mime="image/png", name="hål.png")],
        retention="moderated-message",
        by="tests",
    )
    made = referrals.refer(
        case=case, by=cast.anna, to=to(case, "Byggkontoret"), note="Brådskar."
    )
    assert letters.send_due() == 1
    mail: EmailMessage = smtp.mails[0]
    assert mail["To"] == "bygg@testnas.example"
    sender = mail["From"].addresses[0]
    assert sender.addr_spec == "webb@testnas.example"
    assert sender.display_name == "Anna Test, Kommunikatör, Schools, Testnäs kommun"
    assert mail["Reply-To"] == cast.anna.email
    body, page, data, picture = mail.iter_parts()
    assert "Brådskar." in body.get_content()
    assert case.message.text in body.get_content()
    assert str(made.record_id) in body.get_content()
    assert page.get_filename() == f"{made.record_id}.html"
    assert '<p class="text">Vi vill ansöka om bygglov' in page.get_content()
    document = json.loads(data.get_content())
    assert document == made.record.document
    assert document["record"]["id"] == str(made.record_id)
    assert (picture.get_filename(), picture.get_content()) == (
        "hål.png",
        b"\x89PNG picture",
    )
    assert document["files"]["0"]["sha256"] == digest


def test_what_is_too_large_for_a_letter_is_named_in_it(
    case: Case,
    officer: ReferralAddress,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr("moderation.referral_letter.MOST_BYTES", 5)
    digest, size = files.keep(BytesIO(b"too long"))
    seal(
        kind=Record.Kind.COMMENT,
        subject=case.message.ref,
        facts={},
        files=[FileFacts(sha256=digest, size=size, mime="video/mp4", name="film.mp4")],
        retention="moderated-message",
        by="tests",
    )
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    assert digest in made.letter.body
    assert "film.mp4" in bytes(made.letter.files.first().content).decode()
    assert not made.letter.files.exclude(sha256="").exists()


def test_the_senders_pictures_go_with_the_letter(
    school_channel: Channel, officer: ReferralAddress, cast: Cast
):
    """Also of a comment that no record held before; what is missing is named."""
    red, blue = make.picture("PNG", "red"), make.picture("JPEG", "blue")
    case = make.case(
        school_channel,
        "Titta på hålet!",
        attachments=[
            make.attached(red, name="hål.png"),
            make.attached(blue, name="../väg.jpg"),
            make.attached(name="film.mp4"),
        ],
    )
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    mail = message_from_bytes(
        letters.mail_of(made.letter).message().as_bytes(), policy=policy.default
    )
    sent = {
        (part.get_filename(), part.get_content_type()): part.get_content()
        for part in mail.iter_attachments()
    }
    assert sent["hål.png", "image/png"] == red
    assert sent["väg.jpg", "image/jpeg"] == blue
    page = bytes(made.letter.files.first().content).decode()
    assert "film.mp4" in made.letter.body
    assert "film.mp4" in page
    assert files.digest_of(red) in page
    assert made.record.document["files"]["1"]["name"] == "väg.jpg"
    assert made.record.files.count() == 2


def test_pictures_too_large_for_a_letter_are_named_and_linked(
    school_channel: Channel,
    officer: ReferralAddress,
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
    client: Client,
):
    """The first that fit go along; of the others the letter says where they are."""
    small = make.picture("PNG", "red")
    large = make.picture("PNG", "blue") + b"\0" * 5000
    monkeypatch.setattr("moderation.referral_letter.MOST_BYTES", 4000)
    case = make.case(
        school_channel,
        "Två bilder",
        attachments=[
            make.attached(large, name="stor.png"),
            make.attached(small, name="liten.png"),
        ],
    )
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    assert [one.name for one in made.letter.files.exclude(sha256="")] == ["liten.png"]
    address = f"/admin/keeping/record/{made.record_id}/file/0/"
    assert f"{address}\n" in made.letter.body
    assert address in bytes(made.letter.files.first().content).decode()
    client.force_login(cast.arkiv)
    assert b"".join(client.get(address).streaming_content) == large


def test_a_message_full_of_markup_stays_text(school_channel: Channel, cast: Cast):
    case = make.case(school_channel, "<script>alert(1)</script> Hej!\n.\nHej")
    made = referrals.refer(case=case, by=cast.anna, to=registrar(case))
    page = bytes(made.letter.files.first().content).decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


def test_the_registrars_mailbox_is_there_without_being_listed(
    case: Case, officer: ReferralAddress, cast: Cast
):
    assert [one.kind for one in referrals.destinations(case)] == [
        "officer",
        "registrar",
    ]
    ReferralAddress.objects.create(
        kind="registrar", name="Diariet", email="diarium@testnas.example"
    )
    ReferralAddress.objects.create(
        kind="officer",
        name="Streets alone",
        email="gata@testnas.example",
        department=cast.streets,
    )
    ReferralAddress.objects.filter(pk=officer.pk).update(in_use=False)
    assert [one.name for one in referrals.destinations(case)] == ["Diariet"]


def test_documenting_takes_notice_referral_and_record(
    case: Case, officer: ReferralAddress, cast: Cast
):
    """M-R5: the referral seals the message; the notice to the sender is still owed."""
    duty = owe(case, "document")
    referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    duty.refresh_from_db()
    assert set(duty.parts.values_list("part", flat=True)) == {"record", "referral"}
    assert duty.closed_at is None


def test_only_the_registrar_registers(
    letter_case: Case, officer: ReferralAddress, cast: Cast
):
    """K-17."""
    duty = owe(letter_case, "register")
    referrals.refer(case=letter_case, by=cast.anna, to=to(letter_case, "Byggkontoret"))
    duty.refresh_from_db()
    assert duty.closed_at is None
    referrals.refer(case=letter_case, by=cast.anna, to=registrar(letter_case))
    duty.refresh_from_db()
    assert duty.outcome == "met"


# -- Refused -----------------------------------------------------------------------


def test_nothing_goes_twice_to_the_same_place(case: Case, cast: Cast):
    referrals.refer(case=case, by=cast.anna, to=registrar(case))
    with pytest.raises(Refused, match="has had it since"):
        referrals.refer(case=case, by=cast.anna, to=registrar(case))
    assert Letter.objects.filter(referral__isnull=False).count() == 1


def test_nothing_goes_to_an_address_that_is_not_kept(case: Case, cast: Cast):
    elsewhere = Destination("address-1", "officer", "Me", "me@home.example")
    with pytest.raises(Refused, match="no address"):
        referrals.refer(case=case, by=cast.anna, to=elsewhere)
    assert not Record.objects.filter(kind="referral").exists()


def test_without_a_mandate_nothing_is_referred(case: Case, cast: Cast):
    with pytest.raises(Refused, match="no mandate"):
        referrals.refer(case=case, by=cast.bo, to=registrar(case))


def test_an_older_page_refers_nothing(case: Case, cast: Cast):
    kinds.correct(case=case, by=cast.anna, kinds=["negative"])
    with pytest.raises(Refused):
        referrals.refer(case=case, by=cast.anna, to=registrar(case), turn=case.turn)


# -- Came to nothing ---------------------------------------------------------------


def test_a_refused_letter_gives_the_duty_back_by_its_old_deadline(
    case: Case, officer: ReferralAddress, cast: Cast
):
    duty = owe(case, "refer")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    fail(made)
    again = case.duties.get(kind="refer", closed_at=None)
    assert (again.due_at, again.since) == (duty.due_at, duty.since)
    case.refresh_from_db()
    assert case.due_at is not None
    failure = fresh(made).failure
    assert failure is not None
    assert (failure.act, failure.reason) == ("refused", "550 5.1.1 no such mailbox")
    assert referrals.notice_failures() == 0, "once is enough"


def test_a_referral_that_nobody_owed_comes_back_too(
    case: Case, officer: ReferralAddress, cast: Cast
):
    """Nothing else would put the message on the desk again."""
    Duty.objects.filter(case=case).delete()
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    case.refresh_from_db()
    assert case.due_at is None
    fail(made)
    case.refresh_from_db()
    assert case.due_at == case.duties.get(kind="refer", closed_at=None).due_at


def test_documenting_owes_the_referral_again_and_keeps_the_rest(
    case: Case, officer: ReferralAddress, cast: Cast
):
    """M-R5."""
    first = owe(case, "document")
    duties.part_done(case=case, part="notice", by=cast.anna, how="reply")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    first.refresh_from_db()
    assert first.outcome == "met"
    fail(made)
    second = case.duties.get(kind="document", closed_at=None)
    assert set(second.parts.values_list("part", flat=True)) == {"notice", "record"}
    referrals.refer(case=case, by=cast.anna, to=registrar(case), instead_of=fresh(made))
    second.refresh_from_db()
    assert second.outcome == "met"


def test_an_open_duty_to_document_forgets_a_referral_that_failed(
    case: Case, officer: ReferralAddress, cast: Cast
):
    first = owe(case, "document")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    fail(made)
    first.refresh_from_db()
    second = case.duties.get(kind="document", closed_at=None)
    assert first.outcome == "lifted"
    assert [part.part for part in second.parts.all()] == ["record"]
    assert DutyPart.objects.filter(duty=first).count() == 2


def test_trying_again_sends_the_same_letter_and_meets_the_duty(
    case: Case, officer: ReferralAddress, cast: Cast
):
    owe(case, "refer")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    fail(made)
    referrals.try_again(referral=made, by=cast.anna)
    made = fresh(made)
    assert (made.failure, made.letter.state) == (None, Letter.State.WAITING)
    assert not case.duties.filter(kind="refer", closed_at=None).exists()
    with pytest.raises(Refused, match="not waiting"):
        referrals.try_again(referral=made, by=cast.anna)
    fail(made)
    assert case.duties.filter(kind="refer", closed_at=None).count() == 1
    assert Record.objects.filter(kind="referral").count() == 1


def test_another_address_takes_the_place_of_the_one_that_failed(
    case: Case, officer: ReferralAddress, cast: Cast
):
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    with pytest.raises(Refused, match="Only a referral that came to nothing"):
        referrals.refer(case=case, by=cast.anna, to=registrar(case), instead_of=made)
    fail(made)
    other = referrals.refer(
        case=case, by=cast.anna, to=registrar(case), instead_of=fresh(made)
    )
    assert other.instead_of == made
    assert not Letter.objects.stuck().exists()
    with pytest.raises(Refused, match="not waiting"):
        referrals.try_again(referral=fresh(made), by=cast.anna)


def test_a_letter_with_an_unclear_end_waits_for_a_person(
    case: Case, officer: ReferralAddress, cast: Cast
):
    owe(case, "refer")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    fail(made, unclear_at=timezone.now() - timedelta(minutes=5))
    failure = fresh(made).failure
    assert failure is not None
    assert failure.act == "unclear"
    assert letters.send_due() == 0
    referrals.arrived(referral=made, by=cast.anna)
    assert fresh(made).failure is None
    assert not case.duties.filter(kind="refer", closed_at=None).exists()
    assert not Letter.objects.stuck().exists()


def test_a_bounce_comes_back_to_the_desk(
    case: Case, officer: ReferralAddress, cast: Cast
):
    owe(case, "refer")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    Letter.objects.filter(pk=made.letter_id).update(sent_at=timezone.now())
    raw = report(Letter.objects.get(pk=made.letter_id))
    assert referrals.take_bounce(raw)
    assert not referrals.take_bounce(raw)
    failure = fresh(made).failure
    assert failure is not None
    assert (failure.act, failure.by) == ("bounced", None)
    assert "5.1.1" in failure.reason
    assert case.duties.filter(kind="refer", closed_at=None).exists()


def test_the_receiver_sends_it_back_with_a_reason(
    case: Case, officer: ReferralAddress, cast: Cast
):
    owe(case, "refer")
    made = referrals.refer(case=case, by=cast.anna, to=to(case, "Byggkontoret"))
    with pytest.raises(Refused, match="Say why"):
        referrals.give_back(referral=made, by=cast.anna, reason=" ")
    referrals.give_back(referral=made, by=cast.anna, reason="Inte vårt bord.")
    failure = fresh(made).failure
    assert failure is not None
    assert (failure.reason, failure.by) == ("Inte vårt bord.", cast.anna)
    assert case.duties.filter(kind="refer", closed_at=None).exists()
    with pytest.raises(Refused, match="choose another address"):
        referrals.try_again(referral=made, by=cast.anna)
    with pytest.raises(Refused, match="come to nothing already"):
        referrals.give_back(referral=made, by=cast.anna, reason="Igen")


# -- By itself ---------------------------------------------------------------------


def test_direct_messages_go_to_the_registrar_where_the_municipality_says_so(
    letter_case: Case, cast: Cast, school_channel: Channel
):
    """K-17: on arrival, once, and nothing else with them."""
    assert referrals.forward_direct_messages() == 0
    cast.municipality.refers_direct_messages = True
    cast.municipality.save()
    make.case(school_channel, "När öppnar badet?")
    assert referrals.forward_direct_messages() == 1
    assert referrals.forward_direct_messages() == 0
    made = Referral.objects.get()
    assert (made.case, made.by, made.kind) == (letter_case, None, "registrar")
    assert made.letter.to == "registrator@testnas.example"
    assert made.letter.from_name == "Schools, Testnäs kommun"
    duty = letter_case.duties.get(kind="register")
    assert (duty.outcome, duty.closed_with) == ("met", "automatic")
    assert duty.closed_by == cast.chief
    fail(made)
    assert letter_case.duties.filter(kind="register", closed_at=None).exists()
    assert referrals.forward_direct_messages() == 0, "what failed is a person's"


def test_without_a_registrars_mailbox_they_wait(letter_case: Case, cast: Cast):
    cast.municipality.refers_direct_messages = True
    cast.municipality.registrar_email = ""
    cast.municipality.save()
    assert referrals.forward_direct_messages() == 0
    assert letter_case.duties.filter(kind="register", closed_at=None).exists()


# -- Held by the database ----------------------------------------------------------


def test_referrals_and_their_events_only_grow(case: Case, cast: Cast):
    made = referrals.refer(case=case, by=cast.anna, to=registrar(case))
    referrals.give_back(referral=made, by=cast.anna, reason="Nej")
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        made.events.all().delete()
    with pytest.raises(IntegrityError, match="only grows"), transaction.atomic():
        Referral.objects.update(email="other@testnas.example")
    with pytest.raises(IntegrityError, match="under_a_mandate"), transaction.atomic():
        Referral.objects.create(
            case=case,
            kind="officer",
            email="x@testnas.example",
            record=made.record,
            letter=letters.write_to(address="x@y.example", subject="x", body="y"),
        )

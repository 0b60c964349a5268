"""A channel's way into the register, through the pages people use."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.urls import reverse
from django.utils import timezone, translation

from channels import credentials, registration
from channels.models import Channel, Credential, Letter, Mandate, Stream
from channels.platforms.base import AuthExpired, Author, Transient
from tests import make

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpResponse
    from django.test import Client

    from channels.models import User
    from tests.conftest import Cast

ADD = "admin:channels_channel_add"
CHANGE = "admin:channels_channel_change"


@pytest.fixture
def client(client: Client) -> Client:
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def proposed(cast: Cast) -> Channel:
    return make.proposal(cast.anna, cast.schools, name="School news", slug="news")


def entry(cast: Cast, **changes: object) -> dict[str, object]:
    return {
        "name": "School news",
        "slug": "news",
        "platform": "wordpress",
        "address": "https://news.example/",
        "department": cast.schools.pk,
        "owner": cast.anna.pk,
        "login_holder": cast.anna.pk,
        "purpose": "News about the schools.",
        "takes_comments": "on",
        "comment_purpose": "Questions about school days.",
    } | changes


def press(
    client: Client, who: User, button: str, channel: Channel, **data: str
) -> HttpResponse:
    client.force_login(who)
    address = reverse(f"admin:channels_channel_{button}", args=[channel.pk])
    return client.post(address, data, follow=True)


def test_an_officer_proposes_and_the_head_is_told_by_letter(cast: Cast, client: Client):
    """K-6, K-8"""
    client.force_login(cast.anna)
    answer = client.post(reverse(ADD), entry(cast), follow=True)
    assert answer.status_code == 200
    channel = Channel.objects.get(slug="news")
    assert channel.proposed_by == cast.anna
    assert channel.decision == ""
    letter = Letter.objects.get()
    assert letter.to == cast.hanna.email
    assert reverse(CHANGE, args=[channel.pk]) in letter.body


def test_a_proposal_says_what_the_channel_and_its_comments_are_for(
    cast: Cast, client: Client
):
    """K-3, K-4"""
    client.force_login(cast.anna)
    answer = client.post(reverse(ADD), entry(cast, purpose="", comment_purpose=" "))
    errors = answer.context["adminform"].form.errors
    assert set(errors) == {"purpose", "comment_purpose"}
    assert not Channel.objects.exists()


def test_a_one_way_channel_needs_no_words_on_comments(cast: Cast, client: Client):
    """K-2"""
    client.force_login(cast.anna)
    one_way = entry(cast, comment_purpose="")
    del one_way["takes_comments"]
    client.post(reverse(ADD), one_way)
    assert Channel.objects.get().takes_comments is False


def test_a_practice_wall_gets_its_own_address(cast: Cast, client: Client, settings):
    client.force_login(cast.anna)
    client.post(reverse(ADD), entry(cast, platform="practice", address=""))
    assert Channel.objects.get().address == f"{settings.BASE_URL}/wall/news/"


def test_without_the_permission_nothing_can_be_proposed(cast: Cast, client: Client):
    client.force_login(cast.arkiv)
    assert client.post(reverse(ADD), entry(cast)).status_code == 403
    with pytest.raises(registration.Refused):
        make.proposal(cast.arkiv, cast.schools)
    assert not Channel.objects.exists()


def test_only_the_departments_head_approves(
    cast: Cast, proposed: Channel, client: Client
):
    """K-6: not another head, not the proposer, not the chief, not an administrator."""
    root = make.person("Root", is_superuser=True)
    for who in (cast.otto, cast.anna, cast.bo, cast.chief, cast.arkiv, root):
        press(client, who, "approve", proposed)
        press(client, who, "refuse", proposed, reason="No.")
        proposed.refresh_from_db()
        assert proposed.decision == "", who
        with pytest.raises(registration.Refused):
            registration.approve(channel=proposed, by=who)
    answer = press(client, cast.hanna, "approve", proposed)
    assert "in use" in answer.content.decode()
    proposed.refresh_from_db()
    assert proposed.is_active
    assert proposed.decided_by == cast.hanna


def test_the_greyed_button_says_the_sentence_of_the_refusal(
    cast: Cast, proposed: Channel, client: Client
):
    client.force_login(cast.anna)
    page = client.get(reverse(CHANGE, args=[proposed.pk])).content.decode()
    sentence = registration.refusal(proposed, cast.anna)
    assert "Hanna Test" in sentence
    assert sentence in page
    assert 'disabled aria-describedby="why-not-decide"' in page
    client.force_login(cast.hanna)
    page = client.get(reverse(CHANGE, args=[proposed.pk])).content.decode()
    assert "disabled" not in page


def test_the_approval_is_told_to_proposer_and_information_chief(
    cast: Cast, proposed: Channel
):
    """K-8: with contact details and the person responsible."""
    Letter.objects.all().delete()
    registration.approve(channel=proposed, by=cast.hanna)
    letters = {letter.to: letter.body for letter in Letter.objects.all()}
    assert set(letters) == {cast.anna.email, cast.chief.email}
    assert cast.anna.email in letters[cast.chief.email]
    assert proposed.address in letters[cast.chief.email]


def test_refusing_asks_for_a_reason_and_tells_it(
    cast: Cast, proposed: Channel, client: Client
):
    press(client, cast.hanna, "refuse", proposed, reason="  ")
    proposed.refresh_from_db()
    assert proposed.decision == ""
    press(client, cast.hanna, "refuse", proposed, reason="We have one already.")
    proposed.refresh_from_db()
    assert proposed.decision == Channel.Decision.REFUSED
    assert "We have one already." in Letter.objects.latest("pk").body
    press(client, cast.hanna, "approve", proposed)
    proposed.refresh_from_db()
    assert proposed.decision == Channel.Decision.REFUSED


def test_nothing_is_read_before_approval_or_after_closing(
    cast: Cast, proposed: Channel, client: Client
):
    """K-6"""
    assert not Stream.objects.due().exists()
    registration.approve(channel=proposed, by=cast.hanna)
    assert Stream.objects.due().get().channel == proposed
    press(client, cast.otto, "close", proposed)
    assert Stream.objects.due().exists()
    press(client, cast.hanna, "close", proposed)
    assert not Stream.objects.due().exists()
    assert not Channel.objects.active().exists()


def test_owner_and_head_keep_the_entry_up_to_date_with_history(
    cast: Cast, proposed: Channel, client: Client
):
    """K-8; what was approved stays: the address does not change."""
    registration.approve(channel=proposed, by=cast.hanna)
    address = reverse(CHANGE, args=[proposed.pk])
    client.force_login(cast.anna)
    changed = entry(cast, purpose="Changed.", address="https://elsewhere.example/")
    assert client.post(address, changed).status_code == 302
    client.force_login(cast.chief)
    assert client.post(address, entry(cast, purpose="Not mine")).status_code == 403
    channel = Channel.objects.get()
    assert channel.purpose == "Changed."
    assert channel.address == proposed.address
    newest = channel.history.first()
    assert newest.history_user == cast.anna
    history = client.get(reverse("admin:channels_channel_history", args=[channel.pk]))
    page = history.content.decode()
    assert "Changed." in page
    for raw in ("None", "Deleted", "+00:00"):
        assert raw not in page, raw


def test_an_earlier_version_is_read_and_not_brought_back(
    cast: Cast, proposed: Channel, client: Client
):
    version = proposed.history.first().pk
    registration.approve(channel=proposed, by=cast.hanna)
    client.force_login(cast.hanna)
    address = reverse(
        "admin:channels_channel_simple_history", args=[proposed.pk, version]
    )
    assert client.get(address).status_code == 200
    assert client.post(address, entry(cast)).status_code == 403
    assert Channel.objects.get().is_active


def test_a_stranger_to_the_channel_sees_neither_page_nor_history(
    cast: Cast, proposed: Channel, client: Client
):
    client.force_login(cast.bo)
    listed = client.get(reverse("admin:channels_channel_changelist"))
    assert "School news" not in listed.content.decode()
    for name in ("change", "history"):
        answer = client.get(
            reverse(f"admin:channels_channel_{name}", args=[proposed.pk])
        )
        assert answer.status_code in (302, 403, 404), name
        assert "School news" not in answer.content.decode()


def test_nothing_in_the_register_can_be_deleted(
    cast: Cast, proposed: Channel, client: Client
):
    root = make.person("Root", is_superuser=True)
    client.force_login(root)
    for name, thing in {
        "channel": proposed,
        "department": cast.schools,
        "user": cast.anna,
        "municipality": cast.municipality,
    }.items():
        address = reverse(f"admin:channels_{name}_delete", args=[thing.pk])
        assert client.post(address, {"post": "yes"}).status_code == 403, name


# -- Mandates -----------------------------------------------------------------------


def test_only_the_head_gives_and_ends_mandates(
    cast: Cast, school_channel: Channel, client: Client
):
    """K-6"""
    give = reverse("admin:channels_mandate_add")
    data = {
        "channel": school_channel.pk,
        "person": cast.bo.pk,
        "starts_on": timezone.localdate().isoformat(),
    }
    for who in (cast.anna, cast.chief, cast.otto):
        client.force_login(who)
        client.post(give, data)
        assert not Mandate.objects.filter(person=cast.bo).exists(), who
    client.force_login(cast.hanna)
    assert client.post(give, data).status_code == 302
    mandate = Mandate.objects.get(person=cast.bo)
    assert mandate.decided_by == cast.hanna
    again = client.post(give, data)
    assert "already" in str(again.context["adminform"].form.errors)
    end = reverse("admin:channels_mandate_change", args=[mandate.pk])
    client.force_login(cast.chief)
    assert client.post(end, {"ends_on": "2030-01-01"}).status_code == 403
    client.force_login(cast.hanna)
    today = timezone.localdate().isoformat()
    assert client.post(end, {"ends_on": today}).status_code == 302
    mandate.refresh_from_db()
    assert mandate.ends_on == timezone.localdate()


def test_a_mandate_does_not_end_before_it_starts(
    cast: Cast, school_channel: Channel, client: Client
):
    mandate = Mandate.objects.get(person=cast.anna)
    client.force_login(cast.hanna)
    address = reverse("admin:channels_mandate_change", args=[mandate.pk])
    answer = client.post(address, {"ends_on": "2001-01-01"})
    assert answer.status_code == 200
    assert "ends_on" in answer.context["adminform"].form.errors
    mandate.refresh_from_db()
    assert mandate.ends_on is None


# -- The login and the connection -----------------------------------------------------


@pytest.fixture
def blog(cast: Cast) -> Channel:
    return make.channel(
        cast.anna, cast.schools, platform="wordpress", address="https://blog.example/"
    )


SECRET = "abcd efgh ijkl mnop"
LOGIN = {"username": "kanalvakt", "application_password": SECRET}


def test_a_login_is_kept_encrypted_and_its_secret_never_shown(
    cast: Cast, blog: Channel, client: Client
):
    """K-9"""
    answer = press(client, cast.anna, "login", blog, **LOGIN)
    assert credentials.values_of(blog) == LOGIN
    assert SECRET.encode() not in bytes(Credential.objects.get().sealed)
    page = answer.content.decode()
    assert SECRET not in page
    assert 'value="kanalvakt"' in page
    history = client.get(reverse("admin:channels_channel_history", args=[blog.pk]))
    assert SECRET not in history.content.decode()


def test_a_login_is_entered_by_owner_login_holder_or_head_only(
    cast: Cast, blog: Channel, client: Client
):
    registration.give_mandate(channel=blog, person=cast.bo, by=cast.hanna)
    for who in (cast.bo, cast.chief, cast.otto):
        press(client, who, "login", blog, **LOGIN)
        press(client, who, "check", blog)
        assert not Credential.objects.exists(), who
    press(client, cast.hanna, "login", blog, **LOGIN)
    assert Credential.objects.get().kept_by == cast.hanna


def test_half_a_login_is_refused(cast: Cast, blog: Channel, client: Client):
    press(client, cast.anna, "login", blog, username="kanalvakt")
    assert not Credential.objects.exists()


def test_a_login_waits_for_the_approval(cast: Cast, client: Client):
    proposed = make.proposal(cast.anna, cast.schools, platform="wordpress")
    press(client, cast.anna, "login", proposed, **LOGIN)
    answer = press(client, cast.anna, "check", proposed)
    assert "not in use" in answer.content.decode()
    assert not Credential.objects.exists()


class Platform:
    """A platform that answers as told; the real one is met in the WordPress tests."""

    def __init__(self, answer: Author | Exception) -> None:
        self.answer = answer

    def check(self) -> Author:
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Author(name="Testnäs", handle="@testnas"), "Testnäs (@testnas)"),
        (AuthExpired("no", code="401"), "does not accept the login"),
        (Transient("no"), "cannot be reached"),
    ],
)
def test_the_check_says_who_we_are_or_what_is_wrong(
    cast: Cast, blog: Channel, client: Client, monkeypatch, answer, words
):
    monkeypatch.setattr(
        "channels.channel_admin.connector_of", lambda channel: Platform(answer)
    )
    page = press(client, cast.anna, "check", blog).content.decode()
    assert words in page


def test_a_missing_login_is_said_in_words(cast: Cast, blog: Channel, client: Client):
    page = press(client, cast.anna, "check", blog).content.decode()
    assert "No login has been entered yet. Enter it first." in page


def test_a_channel_waits_for_its_login_and_is_read_when_there_is_one(
    cast: Cast, blog: Channel
):
    assert blog not in {stream.channel for stream in Stream.objects.due()}
    credentials.keep(channel=blog, values=LOGIN, by=cast.anna)
    assert blog in {stream.channel for stream in Stream.objects.due()}


def test_a_paused_reading_is_shown_and_set_going_again(
    cast: Cast, blog: Channel, client: Client
):
    credentials.keep(channel=blog, values=LOGIN, by=cast.anna)
    Stream.objects.filter(channel=blog).update(
        paused_at=timezone.now(), last_error="401 from the platform", failures=3
    )
    client.force_login(cast.anna)
    page = client.get(reverse(CHANGE, args=[blog.pk])).content.decode()
    assert "401 from the platform" in page
    assert "3 failures in a row" in page
    press(client, cast.anna, "resume", blog)
    assert Stream.objects.due().get(channel=blog).failures == 0


# -- People and municipality ----------------------------------------------------------


def test_a_persons_page_shows_no_password(cast: Cast, client: Client):
    client.force_login(make.person("Root", is_superuser=True))
    page = client.get(reverse("admin:channels_user_change", args=[cast.anna.pk]))
    assert cast.anna.password not in page.content.decode()
    assert "algorithm" not in page.content.decode()
    address = reverse("admin:auth_user_password_change", args=[cast.anna.pk])
    new = {"usable_password": "true", "password1": "a long walk", "password2": "a walk"}
    assert client.post(address, new).status_code == 200
    new["password1"] = new["password2"] = "a long walk in the snow"
    client.post(address, new)
    cast.anna.refresh_from_db()
    assert cast.anna.check_password("a long walk in the snow")
    assert not hasattr(cast.anna.history.first(), "password")


def test_whoever_may_change_people_makes_no_administrators(cast: Cast, client: Client):
    from django.contrib.auth.models import Permission

    root = make.person("Root", is_superuser=True)
    for name in ("view_user", "change_user", "add_user"):
        cast.bo.user_permissions.add(Permission.objects.get(codename=name))
    client.force_login(cast.bo)
    own = reverse("admin:channels_user_change", args=[cast.bo.pk])
    data = {
        "username": "bo",
        "email": "bo@testnas.example",
        "language": "sv",
        "is_active": "on",
        "is_staff": "on",
        "is_superuser": "on",
    }
    assert client.post(own, data).status_code == 302
    cast.bo.refresh_from_db()
    assert cast.bo.language == "sv"
    assert not cast.bo.is_superuser
    theirs = reverse("admin:channels_user_change", args=[root.pk])
    assert client.post(theirs, data).status_code == 403


def test_there_is_one_municipality(cast: Cast, client: Client):
    client.force_login(make.person("Root", is_superuser=True))
    assert client.get(reverse("admin:channels_municipality_add")).status_code == 403
    with pytest.raises(ValidationError):
        type(cast.municipality)(name="Another").full_clean()


def test_only_who_sees_to_the_connection_keeps_a_login(cast: Cast, blog: Channel):
    """K-9: also past the page."""
    credentials.keep(channel=blog, values=LOGIN, by=cast.hanna)
    for stranger in (cast.bo, cast.otto, cast.chief):
        with pytest.raises(PermissionDenied, match="Only the owner"):
            credentials.keep(channel=blog, values=LOGIN, by=stranger)
    waiting = make.proposal(cast.anna, cast.schools, platform="wordpress")
    with pytest.raises(PermissionDenied, match="not in use"):
        credentials.keep(channel=waiting, values=LOGIN, by=cast.anna)


def test_a_channel_that_takes_comments_says_what_for(cast: Cast):
    """K-4: whatever enters it."""
    with pytest.raises(ValidationError, match="what commenting is for"):
        make.proposal(cast.anna, cast.schools, comment_purpose=" ")
    make.proposal(cast.anna, cast.schools, comment_purpose="", takes_comments=False)

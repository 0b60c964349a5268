"""The municipality's rules for messages at the desk, in a real browser."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from channels.models import Message
from moderation import decisions, purging, reports
from moderation.models import Case, PurgeRule
from tests import make

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from channels.models import Channel
    from tests.conftest import Cast

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_rule_is_looked_at_proposed_confirmed_and_empties(
    page: Page,
    address: str,
    sign_in: Any,
    check: Any,
    cast: Cast,
    school_channel: Channel,
) -> None:
    """Retention of messages that were never removed."""
    link = "https://social.example/c/1"
    cases = [
        make.case(school_channel, f"Hej {number}", permalink=f"{link}{number}")
        for number in range(5)
    ]
    for case in cases:
        decisions.keep(case=case, by=cast.anna)
        case.duties.open().update(
            closed_at=timezone.now(), closed_by=cast.anna, outcome="lifted"
        )
        Case.objects.filter(pk=case.pk).update(due_at=None)
    reports.receive(address=f"{link}4", what="Fult")
    sign_in(cast.arkiv)
    page.goto(f"{address}/admin/keeping/messages/")
    check(page, "purging-empty")
    later = timezone.localdate() + timedelta(days=800)
    page.fill("[name=months]", "24")
    page.fill("[name=starts_on]", later.isoformat())
    page.fill("[name=basis]", "KS 2026/12, dokumenthanteringsplan 7.3")
    page.click("text=See what would go")
    page.wait_for_selector("text=5 messages came in before")
    check(page, "purging-foreseen")
    page.click("section button:has-text('Propose')")
    page.wait_for_selector("text=Somebody else has to confirm it now")
    one = page.url
    check(page, "purging-own")
    sign_in(cast.chief)
    check(page, "purging-front-page")
    page.click("text=Look at it")
    assert page.url == one
    check(page, "purging-proposed")
    page.check("[name=sure]")
    page.click("text=Confirm the rule")
    page.wait_for_selector("text=Confirmed.")
    check(page, "purging-confirmed")
    assert PurgeRule.objects.get().foreseen["goes"] == 4
    assert purging.run(timezone.now() + timedelta(days=801)) == 4
    page.goto(f"{address}/admin/keeping/messages/emptied/")
    check(page, "purging-register")
    sign_in(cast.anna)
    gone = Case.objects.get(pk=cases[0].pk)
    assert Message.objects.get(pk=gone.message_id).text == ""
    reports.receive(address=f"{link}0", what="Fult")
    page.goto(f"{address}/admin/desk/{gone.pk}/")
    check(page, "purging-at-the-desk")

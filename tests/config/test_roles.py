"""The groups that an installation starts with, and what a new version brings them."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission

from channels.models import StartingRole
from config import roles

pytestmark = pytest.mark.django_db
HOLD = "archive.add_hold"


def held(group: Group) -> set[str]:
    return {
        f"{one.content_type.app_label}.{one.codename}"
        for one in group.permissions.select_related("content_type")
    }


def permission(name: str) -> Permission:
    app, codename = name.split(".")
    return Permission.objects.get(content_type__app_label=app, codename=codename)


def test_every_group_has_its_permissions_from_the_start():
    for name, permissions in roles.ROLES.items():
        assert held(Group.objects.get(name=name)) == set(permissions), name
        assert set(StartingRole.objects.get(name=name).given) == set(permissions)


def test_what_a_new_version_adds_comes_by_itself(monkeypatch: pytest.MonkeyPatch):
    new = "channels.view_mandate"
    wider = (*roles.ROLES["Registrar"], new)
    monkeypatch.setitem(roles.ROLES, "Registrar", wider)
    roles.ensure_roles()
    assert new in held(Group.objects.get(name="Registrar"))


def test_what_a_municipality_has_changed_stays(monkeypatch: pytest.MonkeyPatch):
    """Taken away, added, renamed, deleted."""
    registrar = Group.objects.get(name="Registrar")
    own = permission("policies.edit_words")
    registrar.permissions.remove(permission(HOLD))
    registrar.permissions.add(own)
    chief = Group.objects.get(name="Information chief")
    Group.objects.filter(pk=chief.pk).update(name="Kommunikationschef")
    Group.objects.get(name="Head of department").delete()
    before = held(registrar)
    roles.ensure_roles()
    assert held(registrar) == before
    assert HOLD not in before
    assert not Group.objects.filter(name="Head of department").exists()
    assert not Group.objects.filter(name="Information chief").exists()
    wider = (*roles.ROLES["Information chief"], "archive.view_hold")
    monkeypatch.setitem(roles.ROLES, "Information chief", wider)
    roles.ensure_roles()
    assert "archive.view_hold" in held(chief)


def test_a_group_of_somebody_elses_making_is_left_alone():
    StartingRole.objects.filter(name="Registrar").delete()
    Group.objects.filter(name="Registrar").delete()
    theirs = Group.objects.create(name="Registrar")
    roles.ensure_roles()
    assert held(theirs) == set()


def test_an_older_installation_gets_what_is_new_and_nothing_back():
    """As the migration finds it: groups without the table that remembers."""
    step = import_module("channels.migrations.0013_statement_and_roles")
    StartingRole.objects.all().delete()
    archivist = Group.objects.get(name="Archivist")
    archivist.permissions.set(
        [permission(one) for one in step.BASELINE["Archivist"] if one != HOLD]
    )
    Group.objects.get(name="Registrar").delete()
    step.note_what_was_given(apps, None)
    roles.ensure_roles()
    assert HOLD not in held(archivist)
    assert "moderation.add_purgerule" in held(archivist)

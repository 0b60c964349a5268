"""The walls around the tests stand."""

import socket
import urllib.request

import pytest
from django.db import connection
from django.test import Client

from tests.plugin import BlockedSocket


def test_no_test_can_call_another_machine() -> None:
    with pytest.raises(BlockedSocket):
        socket.create_connection(("192.0.2.1", 80), timeout=1)
    with pytest.raises(BlockedSocket):
        urllib.request.urlopen("http://example.org/", timeout=1)


@pytest.mark.django_db
def test_the_database_is_postgresql_and_folds_swedish_letters() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "select lower('ÅÄÖ'), 'ÅRSTA' ilike 'årsta',"
            " to_tsvector('swedish', 'ÅKER') @@ to_tsquery('swedish', 'åker')"
        )
        assert cursor.fetchone() == ("åäö", True, True)


@pytest.mark.django_db
def test_healthz_answers(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"

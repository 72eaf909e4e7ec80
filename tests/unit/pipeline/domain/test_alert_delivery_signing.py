"""Ids that never change, and signatures an independent package accepts."""

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from pipeline.domain.alert import REASONS, Status, alert_id
from pipeline.domain.delivery import EventType, delivery_id
from pipeline.domain.signing import new_secret, sign
from pipeline.errors import Misconfigured
from pipeline.formats import native
from tests.contract.making import alert


def test_ids_are_the_same_every_time_and_differ_by_what_they_name() -> None:
    assert alert_id("tallow", "t1", 1) == alert_id("tallow", "t1", 1)
    made = {
        alert_id("tallow", "t1", 1),
        alert_id("tallow", "t1", 2),
        alert_id("tallow", "t11", 1),
        alert_id("t", "1", 1),
    }
    made |= {delivery_id(EventType.ALERT_CREATED, "a", 1, "e"), delivery_id(EventType.ALERT_CREATED, "a", 2, "e")}
    assert len(made) == 6


def test_every_decision_has_reasons_and_only_decisions_do() -> None:
    assert set(REASONS) == set(Status) - {Status.NEW, Status.IN_REVIEW}
    assert [status for status in Status if status.leaves] == [Status.RELEVANT, Status.ESCALATED]


@given(body=st.binary(max_size=200), message_id=st.uuids())
def test_the_standardwebhooks_package_verifies_our_signatures_and_no_others(body: bytes, message_id: object) -> None:
    secret, key = new_secret(), str(message_id)
    at = int(datetime.now(UTC).timestamp())
    text = json.dumps({"body": body.hex()}).encode()
    headers = {"webhook-id": key, "webhook-timestamp": str(at), "webhook-signature": sign(secret, key, at, text)}
    Webhook(secret).verify(text, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(new_secret()).verify(text, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(text + b" ", headers)


def test_the_vector_of_the_specification() -> None:
    """Source: Standard Webhooks 1.0.0, test vector of the reference libraries."""
    secret, key, at = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
    signed = sign(secret, key, at, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_!!", "whsec_c2hvcnQ=", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"])
def test_a_secret_that_is_none_says_how_to_make_one(secret: str) -> None:
    with pytest.raises(Misconfigured, match="whsec_"):
        sign(secret, "m", 1, b"")


def test_an_event_holds_ids_and_labels_and_no_words_of_a_thread() -> None:
    made = alert(title="what nobody may see", reason="offers")
    for reviewed in (True, False):
        event = native.event(
            EventType.ALERT_STATUS_CHANGED, made, made.updated_at, reviewed=reviewed, console_url="https://c.test/"
        )
        data = event["data"]
        assert isinstance(data, dict)
        assert data["machine_only"] is not reviewed
        assert data["url"] == f"https://c.test/alerts/{made.id}"
        assert "nobody may see" not in json.dumps(event)
        assert len(json.dumps(event)) < 2_000

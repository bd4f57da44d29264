"""A consumer takes what is real and refuses everything else; the client's own checker says the same."""

import base64
import time
from typing import Any

import pytest
from newsroom_client import FileCursor, Unverified, verify
from newsroom_client.conformance import Case, an_event, cases
from newsroom_client.webhooks import sign

from services.publishing.outlets import signatures

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'
VECTOR = {
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
}


def test_the_official_vector() -> None:
    assert verify(BODY, VECTOR, secrets=[SECRET], now=1614265330) == {"test": 2432232314}
    assert sign(BODY, VECTOR["webhook-id"], 1614265330, SECRET) == VECTOR["webhook-signature"]


@pytest.mark.parametrize("skew", [0, 1, 299, 300, -299, -300])
def test_within_five_minutes_it_is_taken(skew: int) -> None:
    assert verify(BODY, VECTOR, secrets=[SECRET], now=1614265330 + skew)


@pytest.mark.parametrize(("skew", "why"), [(301, "too old"), (-301, "in the future"), (10**9, "too old")])
def test_beyond_it_is_refused(skew: int, why: str) -> None:
    with pytest.raises(Unverified, match=why):
        verify(BODY, VECTOR, secrets=[SECRET], now=1614265330 + skew)


@pytest.mark.parametrize("name", list(VECTOR))
def test_each_header_is_needed(name: str) -> None:
    with pytest.raises(Unverified, match=name):
        verify(BODY, {k: v for k, v in VECTOR.items() if k != name}, secrets=[SECRET], now=1614265330)


@pytest.mark.parametrize(
    ("change", "body"),
    [
        ({"webhook-id": "msg_x"}, BODY),
        ({"webhook-timestamp": "1614265331"}, BODY),
        ({}, BODY + b" "),
        ({}, b""),
        ({"webhook-signature": "v1,"}, BODY),
        ({"webhook-signature": "v1"}, BODY),
        ({"webhook-signature": "v2,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, BODY),
        ({"webhook-signature": "g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, BODY),
        ({"webhook-signature": "v1,đ"}, BODY),
        ({"webhook-signature": "v1a,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="}, BODY),
    ],
)
def test_what_was_changed_is_refused(change: dict[str, str], body: bytes) -> None:
    with pytest.raises(Unverified):
        verify(body, {**VECTOR, **change}, secrets=[SECRET], now=1614265330)


@pytest.mark.parametrize("timestamp", ["now", "1614265330.5", "-1614265330", "٣", "1e9"])
def test_a_timestamp_is_digits(timestamp: str) -> None:
    with pytest.raises(Unverified, match="number of seconds"):
        verify(BODY, {**VECTOR, "webhook-timestamp": timestamp}, secrets=[SECRET], now=1614265330)


def test_header_names_have_no_case() -> None:
    assert verify(BODY, {k.upper(): v for k, v in VECTOR.items()}, secrets=[SECRET], now=1614265330)


def test_either_secret_fits_while_one_is_rotated() -> None:
    other = signatures.new_secret()
    for known in ([SECRET, other], [other, SECRET]):
        assert verify(BODY, VECTOR, secrets=known, now=1614265330)
    with pytest.raises(Unverified, match="no signature fits"):
        verify(BODY, VECTOR, secrets=[other], now=1614265330)


def test_the_public_key_alone_is_enough() -> None:
    private = signatures.new_private()
    now = int(time.time())
    sent = signatures.headers(signatures.Keys([SECRET], private), "msg_1", now, BODY)
    assert verify(BODY, sent, public_key=signatures.public_of(private))
    with pytest.raises(Unverified, match="no signature fits"):
        verify(BODY, sent, public_key=signatures.public_of(signatures.new_private()))


def test_without_any_key_it_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="secrets"):
        verify(BODY, VECTOR)
    with pytest.raises(ValueError, match="base64"):
        verify(BODY, VECTOR, secrets=["whsec_!"], now=1614265330)


def test_a_signed_body_that_is_no_json_is_refused() -> None:
    sent = signatures.headers(signatures.Keys([SECRET]), "m", 1614265330, b"{")
    with pytest.raises(Unverified, match="no JSON"):
        verify(b"{", sent, secrets=[SECRET], now=1614265330)


def _id(case: Any) -> str:
    return case.name if isinstance(case, Case) else str(case)


@pytest.mark.parametrize("case", cases(SECRET, 1614265330), ids=_id)
def test_our_own_verification_conforms(case: Case) -> None:
    try:
        verify(case.body, case.headers, secrets=[SECRET], now=1614265330)
        taken = True
    except Unverified:
        taken = False
    assert taken == case.taken, case.why


def test_a_made_up_event_says_what_it_is() -> None:
    assert b'"type": "newsroom.article.published.v1"' in an_event()


def test_a_file_cursor_survives_and_names_a_broken_file(tmp_path: Any) -> None:
    cursor = FileCursor(tmp_path / "cursor")
    assert cursor.load() is None
    cursor.save(41)
    assert FileCursor(tmp_path / "cursor").load() == 41
    (tmp_path / "cursor").write_text("abc")
    with pytest.raises(ValueError, match="holds no position"):
        cursor.load()


def test_secrets_hold_what_they_say() -> None:
    assert len(base64.b64decode(signatures.new_secret().removeprefix("whsec_"))) == 32

"""Bad relays, one behaviour at a time: nobody is lost, nobody gets two, and the reason is said."""

from __future__ import annotations

import ssl
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from delivery.sending import HASTY, plain_mail, readers, relay, send
from fakes import NOON, Clock, MemoryOutbox
from smtp_server.behaviours import Behaviour
from smtp_server.server import Sink, closed_port

from digest.delivery.rate_limit import RateLimits
from digest.delivery.retry import RetryPolicy
from digest.delivery.send_limits import SendLimits
from digest.errors import StoreBusyError
from digest.model import DeliveryState, UnknownPolicy
from digest.tls import Security

S = DeliveryState
BAD = "reader50@example.test"
SLUGGISH = replace(HASTY, greeting=0.3, mail=0.3, rcpt=0.3, data=0.3, final=0.3, block=0.3)


def only(address: str, reply: str) -> Callable[[str], str | None]:
    """That reply to that address, the usual one to all others."""
    return lambda other: reply if other == address else None


def always(reply: str) -> Callable[[str], str | None]:
    return lambda _: reply


class Once:
    """True the first time it is asked about one of the addresses (any, if none is given)."""

    def __init__(self, *addresses: str) -> None:
        self._addresses, self._used = addresses, False
        self._lock = threading.Lock()

    def __call__(self, address: str) -> bool:
        with self._lock:
            fits = not self._used and (not self._addresses or address in self._addresses)
            self._used = self._used or fits
            return fits


def nobody_got_two(sink: Sink) -> bool:
    return max(Counter(mail.recipient for mail in sink.mails).values(), default=0) <= 1


PIPELINED = ("PIPELINING", "8BITMIME", "SMTPUTF8")
STEPWISE = ("8BITMIME", "SMTPUTF8")


@pytest.fixture(params=[PIPELINED, STEPWISE], ids=["pipelined", "stepwise"])
def features(request: pytest.FixtureRequest) -> tuple[str, ...]:
    return request.param  # type: ignore[no-any-return]


@pytest.mark.parametrize("connections", [1, 4])
def test_every_mail_arrives_once_at_a_well_behaved_relay(
    features: tuple[str, ...], connections: int, journals: Path
) -> None:
    ledger = MemoryOutbox(readers(300))
    with Sink(Behaviour(features=features)) as sink:
        report = send(ledger, relay(sink.port), connections=connections, journals=journals)
    assert report.accepted == 300
    assert {mail.recipient for mail in sink.mails} == set(readers(300))
    assert nobody_got_two(sink)
    assert sink.connections <= connections
    assert all(mail.sender == "bounces@list.test" for mail in sink.mails)


def test_the_next_envelope_rides_with_the_body() -> None:
    with Sink() as sink:
        send(MemoryOutbox(readers(20)), relay(sink.port))
    alone = [group for group in sink.groups if group.startswith(b"MAIL")]
    # One write for the first mail of each batch that was at hand; bodies carry the other envelopes.
    assert len(alone) < 10
    assert all(b"DATA" in group for group in alone)


@pytest.mark.parametrize(
    ("step", "reply", "state"),
    [
        ("mail", "451 4.3.0 later", S.DEFERRED),
        ("rcpt", "450 4.2.1 later", S.DEFERRED),
        ("rcpt", "452 4.2.2 mailbox full", S.DEFERRED),
        ("rcpt", "550 5.1.1 nobody here", S.REJECTED),
        ("rcpt", "550 no", S.REJECTED),
        ("rcpt", "550 5.7.1 not from you", S.DEFERRED),
        ("data", "451 later", S.DEFERRED),
        ("data", "554 5.6.0 never", S.REJECTED),
        ("final", "451 4.3.0 later", S.DEFERRED),
        ("final", "452 4.2.2 mailbox full", S.DEFERRED),
        ("final", "552 5.2.2 mailbox full", S.REJECTED),
        ("final", "554 5.7.1 looks like spam", S.DEFERRED),
    ],
)
def test_one_refusal_concerns_one_mail(
    step: str, reply: str, state: DeliveryState, features: tuple[str, ...]
) -> None:
    ledger = MemoryOutbox(readers(60))
    behaviour = Behaviour(features=features)
    about = "bounces@list.test" if step == "mail" else BAD
    refused = Once() if step == "mail" else (lambda a: a == about)
    setattr(behaviour, step, lambda a: reply if refused(a) else None)
    with Sink(behaviour) as sink:
        report = send(ledger, relay(sink.port))
    assert ledger.states() == {S.ACCEPTED: 59, state: 1}
    assert len(sink.mails) == 59
    assert nobody_got_two(sink)
    assert report.paused is None
    assert report.halted is None
    assert sink.connections == 1


def test_one_bad_recipient_in_a_thousand(features: tuple[str, ...]) -> None:
    ledger = MemoryOutbox(readers(1000))
    behaviour = Behaviour(features=features, rcpt=only(BAD, "550 5.1.1 nobody here"))
    with Sink(behaviour) as sink:
        report = send(ledger, relay(sink.port), connections=2)
    assert (report.accepted, report.rejected) == (999, 1)
    assert ledger.outcome(BAD).status == "5.1.1"


def test_a_relay_that_waits_for_the_body_of_nobody_gets_an_empty_one() -> None:
    ledger = MemoryOutbox(readers(10))
    behaviour = Behaviour(
        rcpt=only("reader5@example.test", "550 5.1.1 no"), accepts_data_without_recipient=True
    )
    with Sink(behaviour) as sink:
        report = send(ledger, relay(sink.port))
    assert (report.accepted, report.rejected, sink.connections) == (9, 1, 1)


@pytest.mark.parametrize("step", ["mail", "rcpt", "data"])
def test_cut_before_the_body_costs_no_attempt(step: str, features: tuple[str, ...]) -> None:
    ledger = MemoryOutbox(readers(60))
    once = Once("bounces@list.test") if step == "mail" else Once(BAD)
    with Sink(Behaviour(features=features, disconnects_at=step, disconnects_for=once)) as sink:
        report = send(ledger, relay(sink.port))
    assert report.accepted == 60
    assert nobody_got_two(sink)
    assert sink.connections == 2


def test_cut_in_the_body_is_certainly_not_sent(features: tuple[str, ...]) -> None:
    ledger = MemoryOutbox(readers(60))
    large = b"x" * 70 + b"\r\n"

    def compose(delivery: Any) -> bytes:
        # Far more than the buffers of both sides hold, so that the dot cannot have left.
        return plain_mail(delivery) + large * (300_000 if delivery.subscriber.email == BAD else 1)

    with Sink(
        Behaviour(features=features, disconnects_at="body", disconnects_for=Once(BAD))
    ) as sink:
        report = send(ledger, relay(sink.port), compose=compose)
    assert ledger.states() == {S.ACCEPTED: 59, S.DEFERRED: 1}
    assert report.unknown == 0
    assert nobody_got_two(sink)


def test_cut_after_the_final_dot_is_in_doubt(features: tuple[str, ...], journals: Path) -> None:
    ledger = MemoryOutbox(readers(60))
    with Sink(
        Behaviour(features=features, disconnects_at="final", disconnects_for=Once(BAD))
    ) as sink:
        report = send(ledger, relay(sink.port), journals=journals)
        send(ledger, relay(sink.port), journals=journals)
    assert ledger.states() == {S.ACCEPTED: 59, S.UNKNOWN: 1}
    assert report.unknown == 1
    assert nobody_got_two(sink)
    assert [mail.recipient for mail in sink.mails if not mail.acknowledged] == [BAD]


def test_what_is_in_doubt_goes_out_once_more_if_the_operator_says_so(journals: Path) -> None:
    ledger = MemoryOutbox(readers(5))
    in_doubt = "reader3@example.test"
    with Sink(Behaviour(disconnects_at="final", disconnects_for=lambda a: a == in_doubt)) as sink:
        for _ in range(4):
            send(ledger, relay(sink.port), journals=journals, unknown_policy=UnknownPolicy.RESEND)
    assert len(sink.mailbox(in_doubt)) == 2
    assert len({mail.content for mail in sink.mailbox(in_doubt)}) == 1
    assert ledger.states() == {S.ACCEPTED: 4, S.UNKNOWN: 1}


@pytest.mark.parametrize("step", ["mail", "rcpt", "data", "body"])
def test_a_relay_that_never_answers_is_out_of_reach(step: str) -> None:
    ledger = MemoryOutbox(readers(10))
    with Sink(Behaviour(features=STEPWISE, silent_at=step)) as sink:
        report = send(ledger, relay(sink.port, timeouts=SLUGGISH))
    assert report.halted is not None
    assert report.accepted == 0
    in_doubt = 3 if step == "body" else 0
    assert (report.unknown, report.deferred, report.tally.planned) == (in_doubt, 0, 10 - in_doubt)


def test_silence_after_the_dot_is_doubt_not_failure() -> None:
    ledger = MemoryOutbox(readers(10))
    with Sink(
        Behaviour(
            features=STEPWISE, silent_at="final", disconnects_for=Once(BAD, "reader5@example.test")
        )
    ) as sink:
        report = send(ledger, relay(sink.port, timeouts=SLUGGISH))
    assert (report.accepted, report.unknown) == (9, 1)
    assert nobody_got_two(sink)


def test_a_slow_relay_is_only_slow() -> None:
    ledger = MemoryOutbox(readers(10))
    with Sink(Behaviour(delay=0.02)) as sink:
        report = send(ledger, relay(sink.port))
    assert report.accepted == 10


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(greeting="554 5.3.2 not today"),
        Behaviour(greeting="421 4.3.2 not today"),
        Behaviour(greeting="SSH-2.0-OpenSSH_9.2"),
        Behaviour(greeting="+OK POP3 ready"),
        Behaviour(refuses_connections=True),
        Behaviour(disconnects_at="greeting"),
        Behaviour(silent_at="greeting"),
        Behaviour(hello="421 4.3.2 go away"),
        Behaviour(disconnects_at="hello"),
    ],
    ids=lambda m: f"{m.greeting[:8]}-{m.disconnects_at}-{m.silent_at}-{m.hello}",
)
def test_no_session_means_no_attempt(behaviour: Behaviour, journals: Path) -> None:
    ledger = MemoryOutbox(readers(10))
    with Sink(behaviour) as sink:
        report = send(ledger, relay(sink.port, timeouts=SLUGGISH), journals=journals)
    assert report.halted is not None
    assert report.paused is None
    assert ledger.states() == {S.PLANNED: 10}
    assert all(row.attempt <= 1 for row in ledger.rows.values())


def test_nobody_listens() -> None:
    ledger = MemoryOutbox(readers(10))
    with closed_port() as port:
        report = send(ledger, relay(port))
    assert report.halted is not None
    assert "connect" in report.halted
    assert ledger.states() == {S.PLANNED: 10}


def test_421_in_the_middle_goes_on_with_a_new_session(features: tuple[str, ...]) -> None:
    ledger = MemoryOutbox(readers(60))
    with Sink(Behaviour(features=features, mails_per_connection=7)) as sink:
        report = send(ledger, relay(sink.port))
    assert report.accepted == 60
    assert nobody_got_two(sink)
    assert sink.connections == 9


def test_421_always_ends_the_run() -> None:
    ledger = MemoryOutbox(readers(60))
    with Sink(Behaviour(mail=always("421 4.7.0 too busy"))) as sink:
        report = send(ledger, relay(sink.port))
    assert report.halted is not None
    assert ledger.states() == {S.PLANNED: 60}
    assert not sink.mails


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(rcpt=always("550 5.7.1 relaying denied")),
        Behaviour(rcpt=always("554 Relay access denied")),
        Behaviour(mail=always("553 5.7.1 sender not owned by user")),
        Behaviour(mail=always("530 5.7.0 authentication required")),
        Behaviour(final=always("550 5.7.26 unauthenticated mail is blocked")),
        Behaviour(final=always("552 5.3.4 too big")),
        Behaviour(greeting="554 5.7.1 your address is blocked by a list"),
        Behaviour(data=always("502 5.5.1 no such command")),
    ],
    ids=lambda m: "refused",
)
def test_a_refusal_of_us_pauses_and_harms_no_reader(behaviour: Behaviour, journals: Path) -> None:
    ledger = MemoryOutbox(readers(100))
    with Sink(behaviour) as sink:
        report = send(ledger, relay(sink.port), connections=2, journals=journals)
    assert report.paused is not None
    assert report.rejected == 0
    assert set(ledger.states()) <= {S.PLANNED, S.DEFERRED}
    assert ledger.states()[S.PLANNED] >= 80
    assert report.paused.startswith("the relay refuses this sender at")


def test_a_single_reader_refused_for_our_sake_pauses_too() -> None:
    ledger = MemoryOutbox(readers(1))
    with Sink(Behaviour(rcpt=always("550 5.7.1 blocked"))) as sink:
        report = send(ledger, relay(sink.port))
    assert report.paused is not None
    assert ledger.states() == {S.DEFERRED: 1}


def test_too_many_refusals_in_a_row_pause() -> None:
    ledger = MemoryOutbox(readers(500))
    with Sink(Behaviour(rcpt=always("550 5.1.1 nobody"))) as sink:
        report = send(ledger, relay(sink.port))
    assert report.paused is not None
    assert "in a row" in report.paused
    assert report.rejected < 100


def test_a_login_that_is_not_offered_ends_the_run() -> None:
    with Sink() as sink:
        report = send(
            MemoryOutbox(readers(3)), relay(sink.port, username="digest", password="secret")
        )
    assert report.halted is not None
    assert "login" in report.halted


def test_login_over_tls_only(tls: ssl.SSLContext, ca_file: Path) -> None:
    ledger = MemoryOutbox(readers(30))
    behaviour = Behaviour(users={"digest": "secret"})
    with Sink(behaviour, tls=tls) as sink:
        report = send(
            ledger,
            relay(
                sink.port,
                security=Security.STARTTLS,
                ca_file=ca_file,
                username="digest",
                password="secret",
            ),
        )
    assert report.accepted == 30
    starttls = sink.commands.index("STARTTLS")
    login = next(i for i, c in enumerate(sink.commands) if c.startswith("AUTH"))
    assert starttls < login


@pytest.mark.parametrize(
    "behaviour",
    [
        Behaviour(starttls="454 4.7.0 not available", users={"digest": "secret"}),
        Behaviour(starttls="500 what", users={"digest": "secret"}),
        Behaviour(disconnects_at="starttls", users={"digest": "secret"}),
    ],
    ids=["454", "500", "cut"],
)
def test_starttls_never_falls_back(
    behaviour: Behaviour, tls: ssl.SSLContext, ca_file: Path
) -> None:
    ledger = MemoryOutbox(readers(3))
    secured = {"security": Security.STARTTLS, "ca_file": ca_file}
    with Sink(behaviour, tls=tls) as sink:
        report = send(ledger, relay(sink.port, username="digest", password="secret", **secured))
    assert report.halted is not None
    assert not any(c.startswith(("AUTH", "MAIL")) for c in sink.commands)
    assert ledger.states() == {S.PLANNED: 3}


def test_starttls_stripped_by_somebody_in_between(ca_file: Path) -> None:
    with Sink(Behaviour(users={"digest": "secret"})) as sink:
        report = send(
            MemoryOutbox(readers(3)),
            relay(
                sink.port,
                security=Security.STARTTLS,
                ca_file=ca_file,
                username="digest",
                password="secret",
            ),
        )
    assert report.halted is not None
    assert "STARTTLS" in report.halted
    assert not any(c.startswith(("AUTH", "MAIL")) for c in sink.commands)


@pytest.mark.parametrize("implicit", [True, False], ids=["tls", "starttls"])
def test_a_certificate_for_somebody_else_is_refused(
    implicit: bool, tls_of_another: ssl.SSLContext, ca_file: Path
) -> None:
    security = Security.TLS if implicit else Security.STARTTLS
    with Sink(tls=tls_of_another, implicit_tls=implicit) as sink:
        report = send(
            MemoryOutbox(readers(3)), relay(sink.port, security=security, ca_file=ca_file)
        )
    assert report.halted is not None
    assert "certificate does not verify" in report.halted
    assert "DIGEST_SMTP_CA_FILE" in report.halted
    assert not sink.mails


def test_a_tls_relay_that_speaks_in_the_clear(ca_file: Path) -> None:
    with Sink() as sink:
        report = send(
            MemoryOutbox(readers(3)), relay(sink.port, security=Security.TLS, ca_file=ca_file)
        )
    assert report.halted is not None
    assert not sink.mails


def test_cut_after_the_dot_under_tls(tls: ssl.SSLContext, ca_file: Path) -> None:
    ledger = MemoryOutbox(readers(60))
    with Sink(
        Behaviour(disconnects_at="final", disconnects_for=Once(BAD)), tls=tls, implicit_tls=True
    ) as sink:
        send(ledger, relay(sink.port, security=Security.TLS, ca_file=ca_file))
    assert ledger.states() == {S.ACCEPTED: 59, S.UNKNOWN: 1}
    assert nobody_got_two(sink)


def test_pipelining_offered_and_broken_falls_back_to_one_by_one() -> None:
    ledger = MemoryOutbox(readers(30))
    with Sink(Behaviour(drops_pipelined_commands=True)) as sink:
        report = send(ledger, relay(sink.port), connections=2)
    assert report.accepted == 30
    assert nobody_got_two(sink)
    assert report.deferred == 0


def test_pipelining_that_loses_the_recipient_falls_back_too() -> None:
    ledger = MemoryOutbox(readers(30))

    def lost(_: str) -> str | None:
        return "503 5.5.1 need RCPT" if sink.connections == 1 else None

    with Sink(Behaviour(data=lost)) as sink:
        report = send(ledger, relay(sink.port))
    assert report.accepted == 30
    assert nobody_got_two(sink)


def test_a_session_that_breaks_between_runs_of_work_is_replaced() -> None:
    ledger = MemoryOutbox(readers(40))
    with Sink(Behaviour(disconnects_at="mail", disconnects_for=Once("bounces@list.test"))) as sink:
        report = send(ledger, relay(sink.port), connections=3)
    assert report.accepted == 40


def test_more_connections_than_the_relay_takes_are_simply_not_used() -> None:
    ledger = MemoryOutbox(readers(400))
    behaviour = Behaviour(delay=0.001)
    with Sink(behaviour) as sink:
        original = sink._serve

        def picky(sock: Any) -> None:
            behaviour.greeting = "220 sink" if sink.open < 2 else "421 4.7.0 too many connections"
            original(sock)

        sink._serve = picky  # type: ignore[method-assign]
        report = send(ledger, relay(sink.port), connections=6)
    assert report.accepted == 400
    assert report.halted is None


def test_readers_who_left_in_the_meantime_get_nothing() -> None:
    ledger = MemoryOutbox(readers(10))
    original = ledger.lease

    def lease(*args: Any, **values: Any) -> Any:
        leases = original(*args, **values)
        ledger.unsubscribe("reader7@example.test")
        return leases

    ledger.lease = lease  # type: ignore[method-assign]
    with Sink() as sink:
        report = send(ledger, relay(sink.port))
    assert (report.accepted, report.excluded) == (9, 1)
    assert not sink.mailbox("reader7@example.test")


def test_deferred_mail_comes_again_after_the_wait_the_relay_asked_for() -> None:
    ledger, clock = MemoryOutbox(readers(1)), Clock()
    refusal: list[str | None] = ["450 4.7.1 greylisted, come back in 20 minutes"]
    with Sink(Behaviour(rcpt=lambda _: refusal[0])) as sink:
        send(ledger, relay(sink.port), clock=clock)
        assert ledger.rows[1].due_at == NOON + timedelta(minutes=20)
        refusal[0] = None
        clock.forward(minutes=19)
        assert send(ledger, relay(sink.port), clock=clock).accepted == 0
        clock.forward(minutes=1)
        assert send(ledger, relay(sink.port), clock=clock).accepted == 1
    assert ledger.rows[1].attempt == 2


def test_an_expired_edition_is_not_sent() -> None:
    ledger = MemoryOutbox(readers(5), expires_at=NOON - timedelta(hours=1))
    with Sink() as sink:
        report = send(ledger, relay(sink.port))
    assert report.tally.excluded == 5
    assert not sink.connections


def test_a_stop_finishes_the_mail_in_flight_and_frees_the_rest(journals: Path) -> None:
    ledger, stop = MemoryOutbox(readers(500)), threading.Event()

    def final(_: str) -> None:
        if len(sink.mails) == 20:
            stop.set()

    with Sink(Behaviour(final=final, delay=0.001)) as sink:
        report = send(ledger, relay(sink.port), connections=2, stop=stop, journals=journals)
        assert report.stopped
        assert 20 <= report.accepted < 200
        assert ledger.states() == {S.ACCEPTED: report.accepted, S.PLANNED: 500 - report.accepted}
        assert not list(journals.iterdir())
        send(ledger, relay(sink.port), connections=2, journals=journals)
    assert ledger.states() == {S.ACCEPTED: 500}
    assert nobody_got_two(sink)


def test_a_store_that_is_full_for_a_while_loses_nothing(journals: Path) -> None:
    ledger = MemoryOutbox(readers(100))
    original = ledger.record

    def record(outcomes: Any) -> None:
        if ledger.calls["record"] == 0:
            ledger.busy = 3
        original(outcomes)

    ledger.record = record  # type: ignore[method-assign]
    with Sink() as sink:
        report = send(ledger, relay(sink.port), journals=journals)
    assert report.accepted == 100
    assert nobody_got_two(sink)
    assert ledger.calls["record"] > 3


def test_a_commit_that_lasted_though_it_failed_loses_nothing(journals: Path) -> None:
    ledger = MemoryOutbox(readers(30))
    original = ledger.lease_and_begin

    def unheard(*arguments: Any, **terms: Any) -> Any:
        found = original(*arguments, **terms)
        if ledger.calls["lease"] in (2, 3):
            raise StoreBusyError("the connection broke at the commit")
        return found

    ledger.lease_and_begin = unheard  # type: ignore[method-assign]
    with Sink() as sink:
        report = send(ledger, relay(sink.port), journals=journals)
    assert (report.accepted, report.unknown) == (30, 0)
    assert ledger.states() == {S.ACCEPTED: 30}
    assert nobody_got_two(sink)
    assert not list(journals.iterdir())


@pytest.mark.parametrize("lasted", [True, False])
def test_a_commit_of_mails_that_had_to_wait_may_have_lasted_as_well(
    journals: Path, lasted: bool
) -> None:
    ledger = MemoryOutbox(readers(30))
    original = ledger.begin_sending

    def unheard(*arguments: Any) -> Any:
        if ledger.calls["unheard"] == 1:
            ledger.calls["unheard"] += 1
            if lasted:
                original(*arguments)
            raise StoreBusyError("the connection broke at the commit")
        ledger.calls["unheard"] += 1
        return original(*arguments)

    ledger.begin_sending = unheard  # type: ignore[assignment,method-assign]
    with Sink() as sink:
        limits = SendLimits(connections=1, rates=RateLimits(total=500.0))
        report = send(ledger, relay(sink.port), journals=journals, limits=limits)
    assert (report.accepted, report.excluded, report.unknown) == (30, 0, 0)
    assert ledger.states() == {S.ACCEPTED: 30}
    assert nobody_got_two(sink)
    assert not list(journals.iterdir())


def test_a_commit_that_may_have_lasted_is_taken_back_by_the_next_run(journals: Path) -> None:
    ledger = MemoryOutbox(readers(30))
    original = ledger.lease_and_begin

    def unheard(*arguments: Any, **terms: Any) -> Any:
        original(*arguments, **terms)
        raise StoreBusyError("the connection broke at the commit")

    ledger.lease_and_begin = unheard  # type: ignore[method-assign]
    with Sink() as sink:
        limits = SendLimits(connections=1, store_patience=timedelta())
        with pytest.raises(StoreBusyError):
            send(ledger, relay(sink.port), journals=journals, limits=limits)
        assert ledger.states()[S.SENDING] > 0
        ledger.lease_and_begin = original  # type: ignore[method-assign]
        report = send(ledger, relay(sink.port), journals=journals)
    assert report.recovered > 0
    assert ledger.states() == {S.ACCEPTED: 30}
    assert nobody_got_two(sink)


def test_the_limit_on_mails_in_a_connection() -> None:
    with Sink() as sink:
        limits = SendLimits(connections=1, mails_per_connection=10)
        report = send(MemoryOutbox(readers(50)), relay(sink.port), limits=limits)
    assert report.accepted == 50
    assert sink.connections >= 4


def test_the_policy_is_the_operators() -> None:
    ledger = MemoryOutbox(readers(1))
    with Sink(Behaviour(rcpt=always("450 later"))) as sink:
        send(ledger, relay(sink.port), policy=RetryPolicy(first_wait=timedelta(seconds=7)))
    wait = ledger.rows[1].due_at - NOON
    assert timedelta(seconds=7) <= wait <= timedelta(seconds=8)

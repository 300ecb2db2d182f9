"""What a sender should publish, and what is made of what it has published."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

import dns.zonefile
import pytest
from deliverability.name_server import ROOT, NameServer
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliverability import DnsFinding, DnsRecord, SenderDomain, Severity, examine_sender
from digest.deliverability.resolver import Resolver

KEY = base64.b64encode(b"0\x82SPKI\x00" + b"k" * 270).decode()
ED_KEY = base64.b64encode(b"e" * 32).decode()
RSA = DnsRecord("r1._domainkey.example.org", f"v=DKIM1; k=rsa; p={KEY}")
ED25519 = DnsRecord("e1._domainkey.example.org", f"v=DKIM1; k=ed25519; p={ED_KEY}")
SENDER = SenderDomain(
    author="example.org",
    envelope="example.org",
    relay="mail.example.org",
    keys=(RSA,),
    signing="example.org",
    reports="postmaster@example.org",
)
ADDRESS = "9.9.9.1"  # public, and never sent to
HOST = f"mail.example.org. IN A {ADDRESS}\n"
REVERSE = "1.9.9.9.in-addr.arpa. IN PTR mail.example.org.\n"
MX = "example.org. IN MX 10 mail.example.org.\n"
SPF = 'example.org. IN TXT "v=spf1 a:mail.example.org ~all"\n'
DMARC = '_dmarc.example.org. IN TXT "v=DMARC1; p=none; rua=mailto:r@example.org"\n'
DKIM = f"{RSA.zone_line}\n"
GOOD = ROOT + HOST + REVERSE + MX + SPF + DMARC + DKIM


def found(zone: str, sender: SenderDomain = SENDER) -> dict[str, DnsFinding]:
    """The verdicts on a sender whose zone that is, by what they are about."""
    with NameServer(zone) as server:
        verdicts = list(examine_sender(sender, Resolver(server.address).look_up))
    for verdict in verdicts:
        assert verdict.says.isascii()
        assert verdict.says.isprintable()
    return {verdict.about: verdict for verdict in verdicts}


def without(line: str, instead: str = "") -> str:
    """The good zone with that line taken out or changed."""
    assert line in GOOD
    return GOOD.replace(line, instead)


def txt(name: str, *texts: str) -> str:
    return "".join(f'{name} IN TXT "{text}"\n' for text in texts)


def test_a_sender_who_has_published_everything_stands_well() -> None:
    verdicts = found(GOOD)
    assert {verdict.severity for verdict in verdicts.values()} == {Severity.OK}
    assert list(verdicts) == ["dkim", "spf", "dmarc", "alignment", "bounces", "reverse"]
    assert "permits mail.example.org" in verdicts["spf"].says
    assert verdicts["reverse"].says.startswith("9.9.9.1 is mail.example.org")


def test_what_is_proposed_is_what_a_check_wants_to_see() -> None:
    bare = ROOT + HOST
    first = found(bare)
    lines = [verdict.record.zone_line for verdict in first.values() if verdict.record]
    assert [line.split()[0] for line in lines] == [
        "r1._domainkey.example.org.",
        "example.org.",
        "_dmarc.example.org.",
        ";",
        "1.9.9.9.in-addr.arpa.",
    ]
    second = found(bare + "\n".join([*lines, MX]))
    assert {verdict.severity for verdict in second.values()} == {Severity.OK}


def test_a_missing_key_is_a_failure_and_every_other_gap_a_warning() -> None:
    severities = {about: verdict.severity for about, verdict in found(ROOT + HOST).items()}
    assert severities == {
        "dkim": Severity.MEND,
        "spf": Severity.WARN,
        "dmarc": Severity.WARN,
        "alignment": Severity.OK,
        "bounces": Severity.WARN,
        "reverse": Severity.WARN,
    }


class TestKeys:
    """What stands at the selector's name."""

    @pytest.mark.parametrize(
        ("published", "severity", "says"),
        [
            (("k=rsa; p=" + KEY,), Severity.OK, "holds the key"),
            (("v=DKIM1;p=" + KEY + ";",), Severity.OK, "holds the key"),
            ((f"v=DKIM1; p={KEY[:60]} {KEY[60:]}",), Severity.OK, "holds the key"),
            (
                ("v=DKIM1; p=" + base64.b64encode(b"k" * 270).decode(),),
                Severity.OK,
                "holds the key",
            ),
            (("v=DKIM1; h=sha1:sha256; s=email; t=s; p=" + KEY,), Severity.OK, "holds the key"),
            (("v=DKIM1; p=" + KEY, "v=DKIM1; p="), Severity.MEND, "2 TXT records"),
            (("v=DKIM1; k=rsa; p=",), Severity.MEND, "revoked"),
            (("v=DKIM1; k=rsa",), Severity.MEND, "p= is missing"),
            (("v=DKIM1; k=ed25519; p=" + KEY,), Severity.MEND, "for ed25519 keys, ours is rsa"),
            (("v=DKIM1; p=" + ED_KEY,), Severity.MEND, "another key"),
            (("v=DKIM1; p=not base64!",), Severity.MEND, "another key"),
            (("v=DKIM2; p=" + KEY,), Severity.MEND, "no DKIM key"),
            (("p=" + KEY + "; v=DKIM1",), Severity.MEND, "no DKIM key"),
            (("v=DKIM1; p=a; p=b",), Severity.MEND, "no DKIM key"),
            (("hello",), Severity.MEND, "no DKIM key"),
            (("v=DKIM1; h=sha1; p=" + KEY,), Severity.MEND, "h="),
            (("v=DKIM1; s=other; p=" + KEY,), Severity.MEND, "s="),
            (("v=DKIM1; t=y:s; p=" + KEY,), Severity.WARN, "t=y"),
        ],
    )
    def test_each_way_to_publish_a_key(
        self, published: tuple[str, ...], severity: Severity, says: str
    ) -> None:
        with NameServer(without(DKIM)) as server:
            texts = [
                [text.encode()[at : at + 200] for at in range(0, len(text), 200)]
                for text in published
            ]
            server.publish_octets(RSA.name, *texts)
            verdict = next(examine_sender(SENDER, Resolver(server.address).look_up))
        assert (verdict.severity, verdict.record) == (severity, RSA)
        assert says in verdict.says

    def test_each_of_several_keys_is_looked_for(self) -> None:
        with NameServer(GOOD) as server:
            both = replace(SENDER, keys=(RSA, ED25519))
            rsa, ed25519, *_ = examine_sender(both, Resolver(server.address).look_up)
        assert (rsa.severity, ed25519.severity) == (Severity.OK, Severity.MEND)
        assert ed25519.says.startswith("e1._domainkey.example.org is not published")

    def test_without_keys_there_is_nothing_to_look_for(self) -> None:
        assert "dkim" not in found(GOOD, replace(SENDER, keys=(), signing=""))


class TestPermission:
    """SPF."""

    @pytest.mark.parametrize(
        ("record", "severity", "says"),
        [
            ("v=spf1 ip4:9.9.9.0/24 -all", Severity.OK, "permits mail.example.org (0 of 10"),
            ("v=spf1 mx -all", Severity.OK, "permits mail.example.org (1 of 10"),
            ("v=spf1 mx//64 a:mail.example.org/24 -all", Severity.OK, "(2 of 10"),
            ("V=SPF1 A:mail.example.org", Severity.OK, "permits"),
            ("v=spf1 include:near.example.org ?all", Severity.OK, "permits"),
            ("v=spf1 redirect=near.example.org", Severity.OK, "permits"),
            ("v=spf1 exists:%{i}.example.org -all", Severity.OK, "see that it has the address"),
            ("v=spf1 include:%{d}.example.org -all", Severity.OK, "see that it has the address"),
            ("v=spf1 exp=why.example.org a:mail.example.org", Severity.OK, "permits"),
            ("v=spf1 ip4:9.9.8.0/24 -all", Severity.WARN, "does not permit 9.9.9.1: add a:mail"),
            ("v=spf1 -ip4:9.9.9.1 -mx ip6:2001:db8::/32 -all", Severity.WARN, "does not permit"),
            ("v=spf1 ip4:9.9.9.1 +all", Severity.WARN, "everybody"),
            ("v=spf1 all", Severity.WARN, "everybody"),
            ("v=spf1 -all", Severity.MEND, "nobody"),
            ("v=spf1", Severity.MEND, "nobody"),
            ("v=spf1 ip4:9.9.9 -all", Severity.MEND, "ip4:9.9.9 is no network"),
            ("v=spf1 ip4:2001:db8::1 -all", Severity.MEND, "is no network"),
            ("v=spf1 a:mail.example.org/99 -all", Severity.MEND, "/99 is no size"),
            ("v=spf1 ipv4:9.9.9.1 -all", Severity.MEND, "ipv4:9.9.9.1 is nothing that SPF knows"),
            ("v=spf1 include: -all", Severity.MEND, "nothing that SPF knows"),
            ("v=spf1 include:none.example.org -all", Severity.MEND, "leads to no SPF record"),
            ("v=spf1 include:two.example.org -all", Severity.MEND, "leads to 2 SPF records"),
            ("v=spf1 include:loop.example.org -all", Severity.MEND, "more than 10 lookups"),
            ("v=spf1 " + "a:x.example.org " * 11 + "-all", Severity.MEND, "more than 10 lookups"),
        ],
    )
    def test_each_way_to_write_a_record(self, record: str, severity: Severity, says: str) -> None:
        others = (
            txt("near.example.org.", "v=spf1 ip4:9.9.9.1 -all")
            + txt("two.example.org.", "v=spf1 -all", "v=spf1 mx")
            + txt("loop.example.org.", "v=spf1 include:loop.example.org")
        )
        verdict = found(without(SPF, txt("example.org.", record)) + others)["spf"]
        assert verdict.severity is severity, verdict.says
        assert says in verdict.says
        assert verdict.record is None

    def test_other_texts_of_the_domain_do_not_matter_but_a_second_record_does(self) -> None:
        assert (
            found(GOOD + txt("example.org.", "site-verification=1", "v=spf10 x"))["spf"].severity
            is Severity.OK
        )
        verdict = found(GOOD + txt("example.org.", "v=spf1 -all"))["spf"]
        assert verdict.severity is Severity.MEND
        assert "2 SPF records" in verdict.says

    @pytest.mark.parametrize(
        ("relay", "text", "blank"),
        [
            ("mail.example.org", "v=spf1 a:mail.example.org ~all", ""),
            ("9.9.9.1", "v=spf1 ip4:9.9.9.1 ~all", ""),
            ("[2620:fe::fe]", "v=spf1 ip6:2620:fe::fe ~all", ""),
            ("localhost", "v=spf1 ip4:ADDRESS ~all", "ADDRESS is the public one"),
            ("127.0.0.1", "v=spf1 ip4:ADDRESS ~all", "ADDRESS is the public one"),
            ("inside.example.org", "v=spf1 ip4:ADDRESS ~all", "ADDRESS is the public one"),
            ("smtp.provider.net", "v=spf1 include:PROVIDER ~all", "smtp.provider.net names"),
        ],
    )
    def test_what_to_publish_depends_on_whose_the_relay_is(
        self, relay: str, text: str, blank: str
    ) -> None:
        zone = without(SPF) + "inside.example.org. IN A 10.0.0.1\nsmtp.provider.net. IN A 9.9.9.7\n"
        verdict = found(zone, replace(SENDER, relay=relay))["spf"]
        assert verdict.record is not None
        assert verdict.record.text == text
        assert blank in verdict.record.blank
        assert verdict.record.zone_line.startswith("; ") is bool(blank)

    def test_of_a_provider_only_the_provider_knows_the_addresses(self) -> None:
        zone = without(SPF, txt("example.org.", "v=spf1 include:spf.provider.net -all")) + txt(
            "spf.provider.net.", "v=spf1 ip4:9.9.7.0/24 -all"
        )
        verdict = found(zone, replace(SENDER, relay="smtp.provider.net"))["spf"]
        assert verdict.severity is Severity.OK
        assert "includes spf.provider.net: see that it has" in verdict.says


class TestPolicy:
    """DMARC, and what it ties together."""

    @pytest.mark.parametrize(
        ("texts", "severity", "says"),
        [
            (("v=DMARC1; p=reject",), Severity.OK, "p=reject; nobody gets reports"),
            (("v=DMARC1;",), Severity.OK, "p=none"),
            (("v=DMARC1; p=Quarantine; x=1", "hello"), Severity.OK, "p=quarantine"),
            (("v=DMARC1; p=none", "v=DMARC1; p=none;"), Severity.WARN, "2 DMARC records"),
            (("v=DMARC1; p=some",), Severity.WARN, "p= at _dmarc.example.org is none of"),
            (("v=DMARC1; p=none; p=none",), Severity.WARN, "cannot be read"),
            (("v=dmarc1; p=none",), Severity.WARN, "cannot be read"),
            (("p=none",), Severity.WARN, "none of DMARC's"),
        ],
    )
    def test_each_way_to_write_a_record(
        self, texts: tuple[str, ...], severity: Severity, says: str
    ) -> None:
        lines = "".join(
            '_dmarc.example.org. IN TXT "' + text.replace(";", "\\;") + '"\n' for text in texts
        )
        verdict = found(without(DMARC, lines))["dmarc"]
        assert verdict.severity is severity
        assert says in verdict.says
        if severity is Severity.WARN:
            assert verdict.record == DnsRecord(
                "_dmarc.example.org", "v=DMARC1; p=none; rua=mailto:postmaster@example.org"
            )

    def test_a_record_of_the_organisation_governs_what_is_below(self) -> None:
        below = replace(SENDER, author="lists.example.org", envelope="bounces.example.org")
        verdicts = found(GOOD, below)
        assert verdicts["dmarc"].says.startswith("_dmarc.example.org asks")
        assert verdicts["alignment"].severity is Severity.OK
        assert "SPF aligns" in verdicts["alignment"].says
        assert "DKIM aligns (d=example.org)" in verdicts["alignment"].says

    def test_a_record_that_ends_the_organisation_keeps_what_is_above_out(self) -> None:
        below = replace(SENDER, author="lists.example.org")
        zone = GOOD + txt("_dmarc.lists.example.org.", "v=DMARC1\\; p=none\\; psd=n")
        says = found(zone, below)["alignment"].says
        assert says.startswith("SPF does not align (bounces to example.org), DKIM does not align")

    def test_names_below_a_public_suffix_are_strangers(self) -> None:
        shop = replace(SENDER, author="a.shop.test", envelope="b.shop.test", signing="a.shop.test")
        zone = ROOT + txt("_dmarc.shop.test.", "v=DMARC1\\; p=reject\\; psd=y")
        says = found(zone, shop)["alignment"].says
        assert says.startswith("SPF does not align (bounces to b.shop.test), DKIM aligns")

    def test_before_anything_is_published_the_proposed_record_counts(self) -> None:
        below = replace(SENDER, author="lists.example.org", envelope="example.org")
        verdicts = found(ROOT + HOST, below)
        assert verdicts["dmarc"].record is not None
        assert verdicts["dmarc"].record.name == "_dmarc.example.org"
        assert "SPF aligns" in verdicts["alignment"].says

    @pytest.mark.parametrize(
        ("policy", "severity"),
        [("none", Severity.WARN), ("quarantine", Severity.MEND), ("reject", Severity.MEND)],
    )
    def test_nothing_that_aligns_is_as_bad_as_the_policy(
        self, policy: str, severity: Severity
    ) -> None:
        zone = without(DMARC, txt("_dmarc.example.org.", f"v=DMARC1\\; p={policy}"))
        stranger = replace(SENDER, envelope="bounces.test", signing="signer.test")
        verdict = found(zone, stranger)["alignment"]
        assert verdict.severity is severity
        assert "so DMARC fails: set DIGEST_BOUNCE_ADDRESS or DIGEST_DKIM_DOMAIN" in verdict.says

    def test_a_relay_that_may_sign_leaves_it_at_a_warning(self) -> None:
        zone = without(DMARC, txt("_dmarc.example.org.", "v=DMARC1\\; p=reject"))
        unsigned = replace(SENDER, envelope="bounces.test", keys=(), signing="")
        verdict = found(zone, unsigned)["alignment"]
        assert verdict.severity is Severity.WARN
        assert "have mails signed" in verdict.says

    def test_strict_means_the_very_same_domain(self) -> None:
        zone = without(DMARC, txt("_dmarc.example.org.", "v=DMARC1\\; aspf=s\\; adkim=s"))
        below = replace(SENDER, envelope="b.example.org", signing="s.example.org")
        assert "SPF does not align" in found(zone, below)["alignment"].says
        assert "DKIM does not align" in found(zone, below)["alignment"].says
        assert found(zone)["alignment"].severity is Severity.OK

    def test_a_deep_name_is_climbed_in_eight_questions(self) -> None:
        deep = "a.b.c.d.e.f.g.h.i.j.example.org"
        with NameServer(GOOD) as server:
            list(examine_sender(replace(SENDER, author=deep), Resolver(server.address).look_up))
        asked = [
            name for name, _ in server.questions if deep.endswith(name[7:-1]) and "_dm" in name
        ]
        assert len(asked) == 8
        assert "_dmarc.example.org." in asked


class TestBounces:
    """Whether the bounce address can be reached."""

    @pytest.mark.parametrize(
        ("zone", "severity", "says"),
        [
            ("example.org. IN MX 0 .\n", Severity.WARN, "takes no mail"),
            ("example.org. IN AAAA 2620:fe::fe\n", Severity.OK, "which has no MX"),
            ("", Severity.WARN, "bounces are lost"),
        ],
    )
    def test_each_way_to_have_no_exchanger(self, zone: str, severity: Severity, says: str) -> None:
        verdict = found(without(MX, zone))["bounces"]
        assert verdict.severity is severity
        assert says in verdict.says

    def test_the_record_to_publish_leaves_the_server_to_a_person(self) -> None:
        verdict = found(without(MX))["bounces"]
        assert verdict.record is not None
        assert verdict.record.zone_line == "; example.org. IN MX 10 SERVER."


class TestReverse:
    """The name of the relay's address."""

    @pytest.mark.parametrize(
        ("zone", "severity", "says"),
        [
            ("", Severity.WARN, "9.9.9.1 has no name"),
            (
                "1.9.9.9.in-addr.arpa. IN PTR elsewhere.test.\n",
                Severity.WARN,
                "9.9.9.1 is called elsewhere.test, which does not lead back",
            ),
            (
                "1.9.9.9.in-addr.arpa. IN PTR elsewhere.test.\n"
                "1.9.9.9.in-addr.arpa. IN PTR other.test.\nother.test. IN A 9.9.9.1\n",
                Severity.OK,
                "9.9.9.1 is other.test",
            ),
        ],
    )
    def test_it_must_lead_back(self, zone: str, severity: Severity, says: str) -> None:
        verdict = found(without(REVERSE, zone))["reverse"]
        assert verdict.severity is severity
        assert says in verdict.says

    @pytest.mark.parametrize("relay", ["localhost", "relay", "10.1.2.3", "::1", "in.example.org"])
    def test_a_relay_inside_is_judged_by_what_it_sends_from(self, relay: str) -> None:
        zone = GOOD + "in.example.org. IN A 192.168.0.9\n"
        verdict = found(zone, replace(SENDER, relay=relay))["reverse"]
        assert verdict.severity is Severity.OK
        assert "is not a public address" in verdict.says

    def test_an_address_given_as_such_needs_a_name_too(self) -> None:
        verdict = found(ROOT, replace(SENDER, relay="2620:fe::fe"))["reverse"]
        assert verdict.record is not None
        assert verdict.record.zone_line.endswith("ip6.arpa. IN PTR NAME.")

    def test_a_providers_address_is_the_providers_matter(self) -> None:
        zone = GOOD + "smtp.provider.net. IN A 9.9.9.7\n"
        verdict = found(zone, replace(SENDER, relay="smtp.provider.net"))["reverse"]
        assert verdict.severity is Severity.WARN
        assert "its provider must correct that" in verdict.says
        assert verdict.record is None

    def test_a_relay_that_dns_does_not_know_is_no_fault(self) -> None:
        verdict = found(GOOD, replace(SENDER, relay="smtp.provider.net"))["reverse"]
        assert verdict.severity is Severity.OK
        assert "has no address in DNS" in verdict.says


def test_a_network_that_does_not_see_the_world_proves_nothing() -> None:
    for verdict in found(HOST + REVERSE).values():
        if verdict.about not in ("alignment", "reverse"):
            assert verdict.unanswered == "the name servers here do not see the public DNS"
    assert found("org. IN NS ns.org.\n")["dkim"].severity is Severity.MEND


OCTETS = st.lists(st.binary(max_size=255), min_size=1, max_size=4)
PIECES = st.lists(
    st.sampled_from(
        [
            b"v=spf1 ", b"v=DMARC1;", b"v=DKIM1;", b" p=", b"none", b";", b"=", b" a", b":", b"/",
            b" include:", b"example.org", b" redirect=", b" ip4:", b" ip6:", b"1.2.3.4", b"%{i}",
            b" mx", b"k=rsa;", b"\x1b[31m", b"\r\n", b"\xff", b"rua=", b"..", b" +all", b"h=",
        ]
    )
).map(lambda pieces: [b"".join(pieces)[:255]])  # fmt: skip


class TestAnything:
    """Whatever stands in DNS, reading it ends in a line that a terminal can show."""

    @pytest.fixture(scope="class")
    @staticmethod
    def server() -> Iterator[NameServer]:
        with NameServer(GOOD) as server:
            yield server

    @settings(max_examples=150, deadline=None)
    @given(records=st.lists(st.one_of(OCTETS, PIECES), max_size=2))
    def test_any_octets_are_read_without_harm(
        self, server: NameServer, records: list[list[bytes]]
    ) -> None:
        for name in (RSA.name, "example.org", "_dmarc.example.org"):
            server.publish_octets(name, *records)
        for verdict in examine_sender(SENDER, Resolver(server.address).look_up):
            assert verdict.says.isascii()
            assert verdict.says.isprintable()
            assert not verdict.unanswered


@given(st.text(max_size=700))
def test_a_long_text_is_split_so_that_a_zone_file_gives_it_back(text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    line = DnsRecord("x.example.org", text).zone_line
    assert line.isprintable()
    ((rdata,),) = dns.zonefile.read_rrsets(line, rdclass=None, default_ttl=60)
    assert b"".join(rdata.strings) == text.encode()

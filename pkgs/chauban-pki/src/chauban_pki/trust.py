"""Whom to trust, and which addresses may be asked (design decision 19)."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol, Self
from urllib.parse import urlsplit

from cryptography import x509

from chauban_pki.certificates import encoded, parse_certificate
from chauban_pki.errors import AddressNotAllowed, CertificateMalformed


class Fetch(Protocol):
    """The network as an argument: GET without a body, else POST of that content type.

    It answers within limits of time and size of its own, or raises `Unreachable`.
    """

    def __call__(self, url: str, body: bytes | None = None, content_type: str = "") -> bytes: ...


@dataclass(frozen=True)
class Trust:
    """Anchors, helpful intermediates, and the addresses that may be fetched.

    `signing` are the anchors for persons, agencies, services and their revocation;
    `timestamping` those for time-stamps. `addresses` maps a host name as certificates have it
    to the address to use for it; a host that is not listed is never asked.
    """

    signing: tuple[x509.Certificate, ...] = ()
    timestamping: tuple[x509.Certificate, ...] = ()
    intermediates: tuple[x509.Certificate, ...] = ()
    addresses: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of_pem(cls, *pems: bytes, addresses: Mapping[str, str] | None = None) -> Self:
        """Return trust in the self-issued certificates of PEM files, for both uses.

        The others become intermediates.

        Raises:
            CertificateMalformed: no certificate in a file, or one that cannot be read.
        """
        certificates: list[x509.Certificate] = []
        for pem in pems:
            try:
                found = x509.load_pem_x509_certificates(pem)
            except ValueError as error:
                raise CertificateMalformed(str(error)) from None
            certificates += (parse_certificate(encoded(one)) for one in found)
        anchors = tuple(one for one in certificates if one.subject == one.issuer)
        others = tuple(one for one in certificates if one.subject != one.issuer)
        return cls(anchors, anchors, others, dict(addresses or {}))

    def __or__(self, other: "Trust") -> "Trust":
        """Return trust in the anchors of both, each for its own purposes.

        So the national root, the Government CA and a demonstration PKI stand side by side.
        Where both map a host name, this one's address counts.
        """
        return Trust(
            tuple(dict.fromkeys(self.signing + other.signing)),
            tuple(dict.fromkeys(self.timestamping + other.timestamping)),
            tuple(dict.fromkeys(self.intermediates + other.intermediates)),
            {**other.addresses, **self.addresses},
        )

    def resolve(self, url: str) -> str:
        """Return the address to ask instead of one that a certificate names.

        Raises:
            AddressNotAllowed: it is not plain http(s), or its host is not listed.
        """
        try:
            parts = urlsplit(url)
            base = self.addresses[parts.hostname or ""]
        except (KeyError, ValueError):
            raise AddressNotAllowed(url) from None
        if parts.scheme not in ("http", "https"):
            raise AddressNotAllowed(url)
        query = f"?{parts.query}" if parts.query else ""
        return f"{base.rstrip('/')}{parts.path or '/'}{query}"

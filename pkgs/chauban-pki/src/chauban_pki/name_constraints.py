"""Name constraints (RFC 5280 section 4.2.1.10, 6.1.3 (b), (c) and 6.1.4 (g))."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv4Network, IPv6Network
from itertools import chain
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

_COMPARABLE = (
    x509.DirectoryName,
    x509.IPAddress,
    x509.DNSName,
    x509.RFC822Name,
    x509.UniformResourceIdentifier,
)


@dataclass(frozen=True)
class PermittedNames:
    """What the CAs above allow: within every group of `permitted`, outside all `excluded`."""

    permitted: tuple[tuple[x509.GeneralName, ...], ...] = ()
    excluded: tuple[x509.GeneralName, ...] = ()

    def narrowed_by(self, certificate: x509.Certificate) -> "PermittedNames":
        """Return what remains allowed below a CA certificate."""
        try:
            constraints = certificate.extensions.get_extension_for_class(x509.NameConstraints)
        except x509.ExtensionNotFound:
            return self
        permitted = tuple(constraints.value.permitted_subtrees or ())
        excluded = tuple(constraints.value.excluded_subtrees or ())
        return replace(
            self,
            permitted=(*self.permitted, permitted) if permitted else self.permitted,
            excluded=(*self.excluded, *excluded),
        )

    def refuse(self, certificate: x509.Certificate) -> str | None:
        """Return the first name of the certificate that is not allowed, None when all are."""
        if not self.permitted and not self.excluded:
            return None
        trees = (*self.excluded, *chain.from_iterable(self.permitted))
        for name in _names(certificate):
            if not isinstance(name, _COMPARABLE) and any(type(name) is type(one) for one in trees):
                return str(name)
            if any(_is_within(name, tree) for tree in self.excluded):
                return str(name.value)
            for group in self.permitted:
                alike = [tree for tree in group if type(tree) is type(name)]
                if alike and not any(_is_within(name, tree) for tree in alike):
                    return str(name.value)
        return None


def _names(certificate: x509.Certificate) -> Iterable[x509.GeneralName]:
    if certificate.subject.rdns:
        yield x509.DirectoryName(certificate.subject)
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    except x509.ExtensionNotFound:
        for address in certificate.subject.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
            yield x509.RFC822Name(str(address.value))
    else:
        yield from alternative.value


def _is_within(name: x509.GeneralName, tree: x509.GeneralName) -> bool:
    if type(name) is not type(tree):
        return False
    if isinstance(name, x509.DirectoryName) and isinstance(tree, x509.DirectoryName):
        rdns, prefix = _folded(name.value), _folded(tree.value)
        return rdns[: len(prefix)] == prefix
    if isinstance(name, x509.IPAddress) and isinstance(tree, x509.IPAddress):
        if isinstance(name.value, IPv4Network | IPv6Network) or not isinstance(
            tree.value, IPv4Network | IPv6Network
        ):
            return False
        return name.value in tree.value
    value, constraint = str(name.value).casefold(), str(tree.value).casefold()
    if isinstance(name, x509.DNSName):
        return _is_host_within(value, constraint, subdomains=True)
    if isinstance(name, x509.RFC822Name):
        return _is_mail_within(value, constraint)
    return _is_host_within(urlsplit(value).hostname or "", constraint, subdomains=False)


def _folded(name: x509.Name) -> list[frozenset[tuple[str, str]]]:
    return [
        frozenset(
            (part.oid.dotted_string, " ".join(str(part.value).casefold().split())) for part in rdn
        )
        for rdn in name.rdns
    ]


def _is_host_within(host: str, constraint: str, *, subdomains: bool) -> bool:
    if constraint.startswith("."):
        return host.endswith(constraint)
    return host == constraint or (subdomains and host.endswith("." + constraint))


def _is_mail_within(address: str, constraint: str) -> bool:
    if "@" in constraint:
        return address == constraint
    return _is_host_within(address.rpartition("@")[2], constraint, subdomains=False)

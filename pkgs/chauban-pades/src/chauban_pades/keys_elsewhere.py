"""A credential without its key: what it would be asked to sign, and how large that gets."""

from cryptography import x509

from chauban_pki.algorithms import SignatureAlgorithm


class KeyElsewhere:
    """Stands in for a credential: notes what is to be signed, answers with what was signed."""

    def __init__(
        self,
        certificate: x509.Certificate,
        chain: tuple[x509.Certificate, ...],
        signature_algorithm: SignatureAlgorithm,
        signature: bytes = b"",
    ) -> None:
        self.certificate = certificate
        self.chain = chain
        self.signature_algorithm = signature_algorithm
        self.asked = b""
        self._signature = signature

    def sign(self, data: bytes) -> bytes:
        self.asked = data
        return self._signature

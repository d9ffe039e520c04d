"""The Government CA's local program, played by a stand-in that speaks its WebSocket protocol.

The stand-in downloads, signs with pyHanko as the device's holder would, uploads and answers.
"""

import io
import json
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pikepdf
import pytest
import urllib3
from cryptography import x509

pytest.importorskip("websockets", reason="websockets is not installed")
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner, fields
from websockets.sync.client import connect
from websockets.sync.server import Server, ServerConnection, serve

from chauban_pki import local_plugin
from chauban_pki.credentials import KeyCredential
from chauban_pki.errors import (
    PKIError,
    SigningAnswerInvalid,
    SigningRefused,
    SigningTimedOut,
)
from chauban_pki.local_plugin import Call, UploadTicket
from chauban_pki.signed_data import parse_signed_data, verify_signed_data, without_padding

DOCUMENT, PERSON, MINUTE = "draft-17", "van-thu.vp-ubnd", timedelta(minutes=1)


class NotPermitted(Exception):
    """More was added than a signature."""


@pytest.fixture(scope="module")
def letter() -> bytes:
    """A page with text."""
    pdf = pikepdf.new()
    pdf.add_blank_page()
    pdf.pages[0].Contents = pdf.make_stream(b"BT /F1 12 Tf 72 700 Td (No. 15/QD-UBND) Tj ET")
    content = io.BytesIO()
    pdf.save(content, compress_streams=False)
    return content.getvalue()


def _sign_as_the_program_does(sent: bytes, keystore: Path, password: str) -> bytes:
    signer = SimpleSigner.load_pkcs12(keystore, passphrase=password.encode())
    writer = IncrementalPdfFileWriter(io.BytesIO(sent))
    metadata = PdfSignatureMetadata(
        field_name="Signature1", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
    )
    signed: io.BytesIO = PdfSigner(metadata, signer=signer).sign_pdf(writer)
    return signed.getvalue()


def _require_signature_only(expected: x509.Certificate) -> Callable[[bytes, bytes], None]:
    """One signature more, by the expected certificate over all of the file; pages as they were."""

    def require(sent: bytes, returned: bytes) -> None:
        with pikepdf.open(io.BytesIO(sent)) as old, pikepdf.open(io.BytesIO(returned)) as new:
            pages = [[one.Contents.read_bytes() for one in pdf.pages] for pdf in (old, new)]
            if pages[0] != pages[1]:
                raise NotPermitted("page contents changed")
            before, after = (
                list(pdf.Root.get("/AcroForm", {}).get("/Fields", ())) for pdf in (old, new)
            )
            if len(after) != len(before) + 1:
                raise NotPermitted("not one signature more")
            value = after[-1].V
            start, gap, end, rest = (int(number) for number in value.ByteRange)
            if (start, end + rest) != (0, len(returned)):
                raise NotPermitted("the signature does not cover the file")
            digest = sha256(returned[:gap] + returned[end:]).digest()
            signed = parse_signed_data(without_padding(bytes(value.Contents)))
        if verify_signed_data(signed, digest=digest) != expected:
            raise NotPermitted("signed by another")

    return require


@dataclass
class Office:
    """The server's side: hands out the file, takes the upload, all by tickets."""

    sent: bytes
    expected: x509.Certificate
    now: datetime
    tickets: dict[str, UploadTicket] = field(default_factory=dict)
    accepted: list[bytes] = field(default_factory=list)
    refused: list[Exception] = field(default_factory=list)

    def upload(self, token: str, returned: bytes) -> str:
        known = self.tickets.get(DOCUMENT)
        try:
            assert known is not None
            used = local_plugin.use_ticket(
                known, token, document=DOCUMENT, person=PERSON, now=self.now
            )
            self.tickets[DOCUMENT] = used
            local_plugin.accept_returned(
                used,
                sent=self.sent,
                returned=returned,
                require_permitted=_require_signature_only(self.expected),
            )
        except (PKIError, NotPermitted) as error:
            self.refused.append(error)
            return local_plugin.upload_answer(is_accepted=False, message=str(error))
        self.accepted.append(returned)
        return local_plugin.upload_answer(is_accepted=True, file_server="stored")


@pytest.fixture
def office(letter: bytes, seal: KeyCredential, now: datetime) -> Office:
    return Office(letter, seal.certificate, now)


@pytest.fixture
def office_address(office: Office) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply(office.sent)

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            boundary = self.headers.get_boundary().encode()
            _, _, content = body.partition(b"\r\n\r\n")
            uploaded = content[: content.rindex(b"\r\n--" + boundary)]
            token = self.headers["Authorization"].removeprefix("Bearer ")
            self._reply(office.upload(token, uploaded).encode())

        def _reply(self, body: bytes) -> None:
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class HTTP(ThreadingHTTPServer):
        daemon_threads = True

    with HTTP(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


Work = Callable[[bytes], bytes]


@dataclass
class Program:
    """The stand-in for the program: what it does with a file, and what it was called for."""

    work: Work
    says_no: bool = False
    uploads: int = 1
    calls: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def serve(self, connection: ServerConnection) -> None:
        assert connection.request is not None
        asked = json.loads(connection.recv())
        self.calls.append((connection.request.path.removeprefix("/"), asked))
        if self.says_no:
            connection.send(json.dumps({"Status": 11, "Message": "Người dùng hủy ký"}))
            return
        http = urllib3.PoolManager(retries=False)
        signed = self.work(http.request("GET", asked["FileName"]).data)
        for _ in range(self.uploads):
            answer = http.request(
                "POST",
                asked["FileUploadHandler"],
                fields={"uploadfile": ("signed.pdf", signed, "application/pdf")},
                headers={"Authorization": f"Bearer {asked['JWTToken']}"},
            ).json()
        status = 0 if answer["Status"] else 1
        connection.send(
            json.dumps(
                {"Status": status, "Message": answer["Message"], "FileServer": answer["FileServer"]}
            )
        )


@pytest.fixture(scope="module")
def seal_keystore(seal: KeyCredential, tmp_path_factory) -> Path:
    from chauban_pki.keystore import write_keystore

    path: Path = tmp_path_factory.mktemp("seal") / "seal.p12"
    path.write_bytes(write_keystore(seal.key, seal.certificate, seal.chain, "x"))
    return path


@pytest.fixture
def program(seal_keystore: Path) -> Program:
    return Program(lambda sent: _sign_as_the_program_does(sent, seal_keystore, "x"))


@pytest.fixture
def base(program: Program) -> Iterator[str]:
    with serve(program.serve, "127.0.0.1", 0) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield _base_of(server)
        server.shutdown()


def _base_of(server: Server) -> str:
    return f"ws://127.0.0.1:{server.socket.getsockname()[1]}"


def _as_the_page_does(office: Office, office_address: str, base: str) -> str:
    """Ask for a ticket, call the program, read its answer."""
    call = Call.SIGN_ISSUED
    token, office.tickets[DOCUMENT] = local_plugin.issue_ticket(
        call, document=DOCUMENT, person=PERSON, sent=office.sent, now=office.now
    )
    message = local_plugin.call_message(
        call,
        file_address=f"{office_address}/file",
        upload_address=f"{office_address}/upload",
        session="session",
        token=token,
        number="15/QĐ-UBND",
        issued_on=date(2026, 11, 23),
    )
    with connect(local_plugin.call_address(call, base=base)) as connection:
        connection.send(message)
        return local_plugin.read_answer(str(connection.recv()))


def test_the_program_signs_and_the_file_comes_back(
    office: Office, office_address: str, base: str, program: Program
):
    assert _as_the_page_does(office, office_address, base) == "stored"
    (returned,) = office.accepted
    assert returned.startswith(office.sent)
    ((call, asked),) = program.calls
    assert call == "vgca_sign_issued"
    assert (asked["DocNumber"], asked["IssuedDate"]) == ("15/QĐ-UBND", "23/11/2026")


def test_what_the_holder_refuses_is_told(
    office: Office, office_address: str, base: str, program: Program
):
    program.says_no = True
    with pytest.raises(SigningRefused, match="Người dùng hủy ký"):
        _as_the_page_does(office, office_address, base)
    assert not office.accepted


def test_an_upload_token_works_once(
    office: Office, office_address: str, base: str, program: Program
):
    program.uploads = 2
    with pytest.raises(SigningRefused, match="used before"):
        _as_the_page_does(office, office_address, base)
    assert len(office.accepted) == 1


def _changed_page(sent: bytes) -> bytes:
    """An update that replaces the page's text, as incremental saving attacks do."""
    number = 0
    with pikepdf.open(io.BytesIO(sent)) as pdf:
        number = pdf.pages[0].Contents.objgen[0]
        size = int(pdf.trailer.Size)
        root = pdf.Root.objgen[0]
    text = b"BT /F1 12 Tf 72 700 Td (No. 99/QD-UBND) Tj ET"
    start = len(sent) + 1
    changed = b"%s\n%d 0 obj\n<</Length %d>>\nstream\n%s\nendstream\nendobj\n" % (
        sent, number, len(text), text,
    )  # fmt: skip
    previous = int(sent.rpartition(b"startxref")[2].split()[0])
    return changed + b"xref\n%d 1\n%010d 00000 n \ntrailer\n<</Size %d/Root %d 0 R/Prev %d>>\n" % (
        number, start, size, root, previous,
    ) + b"startxref\n%d\n%%%%EOF\n" % len(changed)  # fmt: skip


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda sent, sign: sent.replace(b"15/QD", b"99/QD"), "does not begin"),
        (lambda sent, sign: b"\n" + sign(sent), "does not begin"),
        (lambda sent, sign: sent[:-1], "does not begin"),
        (lambda sent, sign: sent, "adds nothing"),
        (lambda sent, sign: sign(_changed_page(sent)), "page contents changed"),
        (lambda sent, sign: _changed_page(sent), "page contents changed"),
        (lambda sent, sign: sign(sent) + b"\n%%EOF\n", "does not cover"),
        (lambda sent, sign: sent + b"\n% a remark\n", "not one signature more"),
    ],
    ids=[
        "other text", "byte before", "shortened", "unsigned", "page replaced, signed",
        "page replaced", "bytes after", "remark",
    ],
)  # fmt: skip
def test_only_the_file_sent_with_a_signature_added_is_accepted(
    office: Office,
    office_address: str,
    base: str,
    program: Program,
    spoil: Callable[[bytes, Work], bytes],
    told: str,
):
    sign = program.work
    program.work = lambda sent: spoil(sent, sign)
    with pytest.raises(SigningRefused, match=told):
        _as_the_page_does(office, office_address, base)
    assert not office.accepted


def test_a_signature_by_another_person_is_not_accepted(
    office: Office, office_address: str, base: str, person: KeyCredential
):
    office.expected = person.certificate
    with pytest.raises(SigningRefused, match="another"):
        _as_the_page_does(office, office_address, base)


def _ticket(letter: bytes, now: datetime) -> tuple[str, UploadTicket]:
    return local_plugin.issue_ticket(
        Call.SIGN_APPROVED, document=DOCUMENT, person=PERSON, sent=letter, now=now
    )


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"token": "guessed"}, SigningRefused),
        ({"document": "draft-18"}, SigningRefused),
        ({"person": "chu-tich.vp-ubnd"}, SigningRefused),
        ({"later": timedelta(minutes=10)}, SigningTimedOut),
        ({"later": timedelta(minutes=9)}, None),
    ],
    ids=str,
)
def test_a_token_is_bound_to_document_person_and_time(
    letter: bytes, now: datetime, wrong: dict, error: type[Exception] | None
):
    token, ticket = _ticket(letter, now)
    asked = {"token": token, "document": DOCUMENT, "person": PERSON, "later": MINUTE} | wrong
    with nullcontext() if error is None else pytest.raises(error):
        used = local_plugin.use_ticket(
            ticket,
            asked["token"],
            document=asked["document"],
            person=asked["person"],
            now=now + asked["later"],
        )
        with pytest.raises(SigningRefused, match="used before"):
            local_plugin.use_ticket(used, token, document=DOCUMENT, person=PERSON, now=now)


def test_a_token_is_bound_to_the_file_sent_and_not_kept(letter: bytes, now: datetime):
    token, ticket = _ticket(letter, now)
    assert token not in repr(ticket)
    used = local_plugin.use_ticket(ticket, token, document=DOCUMENT, person=PERSON, now=now)
    for wrong in (replace(used, sent_digest=bytes(32)), replace(used, used_at=None)):
        with pytest.raises(SigningAnswerInvalid):
            local_plugin.accept_returned(
                wrong, sent=letter, returned=letter + b"x", require_permitted=lambda *_: None
            )
    added = local_plugin.accept_returned(
        used, sent=letter, returned=letter + b"x", require_permitted=lambda *_: None
    )
    assert added == b"x"


@pytest.mark.parametrize("message", ["", "[]", "{}", '{"Status": "good"}', '{"Status": null}'])
def test_an_answer_that_is_none_is_refused(message: str):
    with pytest.raises(SigningAnswerInvalid):
        local_plugin.read_answer(message)


def test_a_call_has_its_own_parameters_only():
    def message(call: Call, **optional) -> dict[str, object]:
        return json.loads(
            local_plugin.call_message(
                call, file_address="f", upload_address="u", session="s", token="t", **optional
            )
        )

    assert message(Call.SIGN_INCOME, metadata={"Số đến": "7"})["MetaData"] == [
        {"Key": "Số đến", "Value": "7"}
    ]
    assert message(Call.SIGN_APPENDIX, number="15/QĐ-UBND")["DocNumber"] == "15/QĐ-UBND"
    for call, optional in (
        (Call.SIGN_APPROVED, {"number": "15"}),
        (Call.SIGN_COPY, {"metadata": {"a": "b"}}),
        (Call.SIGN_INCOME, {"issued_on": date(2026, 1, 1)}),
    ):
        with pytest.raises(ValueError, match="takes no"):
            message(call, **optional)
    assert local_plugin.call_address(Call.COMMENT) == "wss://127.0.0.1:8987/vgca_comment"

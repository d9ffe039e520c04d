"""The façade on WSO2 (edxml.md 12.1): client credentials, a bearer token that runs out, JSON."""

import json
from base64 import b64decode, b64encode

from chauban_edxml.errors import NotReadable
from tests.exchange.stand_ins.facade import Facade
from tests.exchange.stand_ins.serving import Answer, as_json

BASE = "/truclienthong/v1.0.0/"


class QuangNamFacade(Facade):
    """uses_left: after so many calls the token is one no longer, whatever was said of it."""

    def __init__(self, consumer, secrets, agencies):
        super().__init__([*secrets, *agencies])
        self.consumer = "Basic " + b64encode(":".join(consumer).encode()).decode()
        self.units = {secret: organ_id for organ_id, secret in secrets.items()}
        self.names = agencies
        self.tokens_given, self.uses_left = 0, 1000

    def answer(self, request):
        if request.path == "/token":
            return self._token(request)
        bearer = f"Bearer token-{self.tokens_given}"
        if request.headers.get("Authorization") != bearer or self.uses_left <= 0:
            return Answer(b"<ams:fault><ams:code>900904</ams:code></ams:fault>", 401, "text/xml")
        self.uses_left -= 1
        unit = self.units.get(request.headers.get("secretDonVi"))
        if unit is None:
            return failed("15", "Sai mã đơn vị")
        what, _, doc_id = request.path.removeprefix(BASE).partition("/")
        act = {
            ("GET", "vanbans", False): self._list,
            ("POST", "vanbans", False): self._send,
            ("GET", "vanbans", True): self._get,
            ("PUT", "vanbans", True): self._update,
            ("GET", "donvilienthongs", False): self._agencies,
        }[request.method, what, bool(doc_id)]
        return act(request, unit, doc_id)

    def _token(self, request):
        if request.headers["Authorization"] != self.consumer:
            return as_json(401, error="invalid_client")
        if request.body != b"grant_type=client_credentials":
            return as_json(400, error="unsupported_grant_type")
        self.tokens_given += 1
        self.uses_left = 1000
        token = f"token-{self.tokens_given}"
        return as_json(access_token=token, token_type="Bearer", expires_in=3600)

    def _list(self, request, unit, _):
        return ok(data=self.listed_for(unit))

    def _send(self, request, unit, _):
        if request.query.get("loaiVanBan") not in ("edoc", "status"):
            return failed("10", "loaiVanBan")
        try:
            return ok(docId=self.put(b64decode(json.loads(request.body), validate=True)))
        except NotReadable:
            return failed("22", "edXML")
        except LookupError as unknown:
            return failed("18", str(unknown))

    def _get(self, request, unit, doc_id):
        package = self.packages.get(doc_id)
        if package is None or package.recipient != unit:
            return failed("21", "docId")
        return ok(data=b64encode(package.raw).decode())

    def _update(self, request, unit, doc_id):
        if request.query.get("status") not in ("INITIAL", "PROCESSING", "DONE", "FAIL"):
            return failed("10", "status")
        self.packages[doc_id].status = request.query["status"]
        return ok()

    def _agencies(self, request, unit, _):
        listed = [{"id": 1, "code": code, "name": name} for code, name in self.names.items()]
        return ok(data=listed)


def ok(**values):
    return as_json(status="OK", errorCode="0", errorDesc="", **values)


def failed(code, description):
    return as_json(status="FAIL", errorCode=code, errorDesc=description)

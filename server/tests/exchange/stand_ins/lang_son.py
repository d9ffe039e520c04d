"""The façade "LTVB" (edxml.md 12.2): multipart up, JSON down, errors by number."""

import json
from base64 import b64encode
from datetime import datetime
from email import message_from_bytes

from chauban_edxml.errors import NotReadable
from chauban_edxml.reading import read
from tests.exchange.stand_ins.facade import Facade
from tests.exchange.stand_ins.serving import as_json


class LangSonFacade(Facade):
    """shape: how getEdoc answers: `text`, `beside` (files apart) or `base64`."""

    def __init__(self, secrets, agencies):
        super().__init__([*secrets, *agencies])
        self.secrets, self.shape = secrets, "base64"

    def answer(self, request):
        system = request.headers.get("X-SystemId")
        if self.secrets.get(system) != request.headers.get("X-SecretKey"):
            return failed("15", "Sai SystemId hoặc SecretKey", status=401)
        act = {
            ("POST", "/v1/sendEdoc"): self._send,
            ("GET", "/v1/syncReceivedEdocList"): self._list,
            ("GET", "/v1/getEdoc"): self._get,
            ("POST", "/v1/updateStatus"): self._update,
        }[request.method, request.path]
        return act(request, system)

    def _send(self, request, system):
        head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
        parts = {
            part.get_param("name", header="Content-Disposition"): part
            for part in message_from_bytes(head + request.body).get_payload()
        }
        file = parts["edocFile"]
        if file.get_content_type() != "application/xml":
            return failed("10", file.get_content_type())
        if not file.get_filename().endswith(".edxml"):
            return failed("10", file.get_filename())
        if parts["messageType"].get_payload() not in ("edoc", "status"):
            return failed("10", "messageType")
        try:
            doc_id = self.put(file.get_payload(decode=True))
        except NotReadable:
            return failed("22", "There is an error in XML document (1, 40).")
        except LookupError as unknown:
            return failed("18", str(unknown))
        return as_json(success=True, message="OK", docId=doc_id)

    def _list(self, request, system):
        for name in ("fromDate", "toDate"):
            datetime.strptime(request.query[name], "%Y/%m/%d")
        listed = [
            one
            for one in self.listed_for(system)
            if one["messageType"] == request.query["messageType"]
        ]
        return as_json(success=True, message="OK", count=len(listed), data=listed)

    def _get(self, request, system):
        package = self.packages.get(request.query["docId"])
        if package is None or package.recipient != system:
            return failed("21", "docId")
        raw = package.raw
        if self.shape == "base64":
            data = {"docId": request.query["docId"], "data": b64encode(raw).decode()}
            return as_json(code=200, message="OK", data=data, errorDetail=[])
        data = {"docId": request.query["docId"], "from": package.sender, "attachments": []}
        if self.shape == "beside":
            start, end = raw.index(b"  <AttachmentEncoded>"), raw.index(b"</edXML>")
            data["attachments"] = [
                {"fileName": one.name, "fileContent": b64encode(one.content).decode()}
                for one in read(raw).attachments
            ]
            raw = raw[:start] + raw[end:]
        return as_json(success=True, message="OK", data={**data, "edxml": raw.decode()})

    def _update(self, request, system):
        asked = json.loads(request.body)
        package = self.packages.get(asked["docId"])
        if package is None or package.recipient != system:
            return failed("21", "docId")
        package.status = asked["status"]
        return as_json(success=True, message="OK", data=None)


def failed(code, description, status=200):
    data = {"docId": None, "status": "FAIL", "errorCode": code, "errorDesc": description}
    return as_json(status, success=False, message="Gửi văn bản thất bại", data=data)

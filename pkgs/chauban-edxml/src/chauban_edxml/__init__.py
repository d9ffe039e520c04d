"""edXML messages and statuses (QCVN 102:2016/BTTTT, Sửa đổi 1:2022).

`read` takes what is on the wire, `write` and `write_status` make it, `model` has the values
between; `open_message` and `write_to` do the same with files too large to hold, and `Intake`
checks a message while it arrives. `identifiers` compares documents and agencies, `changes` has
recall, update and replacement, `soap`, `soap_writing` and `json_mapping` the other forms, `vxp`
signs requests to the axis, `e_doc_v1` has those of an older one.
"""

from chauban_edxml.errors import EdXMLError, NotReadable, NotWritable
from chauban_edxml.findings import Finding
from chauban_edxml.parsing import DEFAULT, Limits
from chauban_edxml.reading import (
    Intake,
    Opened,
    open_message,
    read,
    read_without_attachments,
)
from chauban_edxml.streams import FileAttachment, StreamedAttachment
from chauban_edxml.writing import Profile, write, write_status, write_to

__all__ = [
    "DEFAULT",
    "EdXMLError",
    "FileAttachment",
    "Finding",
    "Intake",
    "Limits",
    "NotReadable",
    "NotWritable",
    "Opened",
    "Profile",
    "StreamedAttachment",
    "open_message",
    "read",
    "read_without_attachments",
    "write",
    "write_status",
    "write_to",
]

"""edXML messages and statuses (QCVN 102:2016/BTTTT, Sửa đổi 1:2022).

`read` takes what is on the wire, `write` and `write_status` make it, `model` has the values
between; `identifiers` compares documents and agencies, `vxp` signs requests to the axis.
"""

from chauban_edxml.errors import EdXMLError, NotReadable, NotWritable
from chauban_edxml.findings import Finding
from chauban_edxml.parsing import DEFAULT, Limits
from chauban_edxml.reading import read, read_without_attachments
from chauban_edxml.writing import write, write_status

__all__ = [
    "DEFAULT",
    "EdXMLError",
    "Finding",
    "Limits",
    "NotReadable",
    "NotWritable",
    "read",
    "read_without_attachments",
    "write",
    "write_status",
]

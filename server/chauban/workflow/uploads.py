"""Uploads as they come: nothing is written of a file whose name marks a state secret.

Django puts a file of some size into a temporary one before a form sees it (Luật 117/2025/QH15
Điều 5).
"""

from io import BytesIO
from typing import Any

from django.core.files.uploadedfile import InMemoryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from chauban.workflow.rules import name_mark


class MarkedNames(FileUploadHandler):
    """The first of the handlers: what a marked name stands for goes no further.

    The form gets the name, with a blank for content, and the act refuses it.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.is_marked = bool(name_mark(self.file_name or ""))

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return None if self.is_marked else raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if not self.is_marked:
            return None
        blank = BytesIO(b" ")
        return InMemoryUploadedFile(
            blank, self.field_name, self.file_name, self.content_type, 1, self.charset
        )

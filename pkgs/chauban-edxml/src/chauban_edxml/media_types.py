"""The media types of the files that offices exchange (IANA registry)."""

_OOXML = "application/vnd.openxmlformats-officedocument"
_ODF = "application/vnd.oasis.opendocument"
_MEDIA_TYPES = {
    "pdf": "application/pdf",
    "p7s": "application/pkcs7-signature",
    "doc": "application/msword",
    "docx": f"{_OOXML}.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": f"{_OOXML}.spreadsheetml.sheet",
    "ppt": "application/vnd.ms-powerpoint",
    "pptx": f"{_OOXML}.presentationml.presentation",
    "odt": f"{_ODF}.text",
    "ods": f"{_ODF}.spreadsheet",
    "rtf": "application/rtf",
    "txt": "text/plain",
    "csv": "text/csv",
    "zip": "application/zip",
    "rar": "application/vnd.rar",
    "7z": "application/x-7z-compressed",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "png": "image/png",
    "tif": "image/tiff",
    "tiff": "image/tiff",
}


def media_type(name: str) -> str:
    """Return the media type for the extension of a file name."""
    return _MEDIA_TYPES.get(name.rpartition(".")[2].casefold(), "application/octet-stream")

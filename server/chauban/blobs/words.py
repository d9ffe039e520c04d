"""The errors of the store of files in words for people."""

from chauban.blobs.errors import BlobDamaged, BlobMissing, StorageFull
from chauban.ui.words import Words


def explain(error: Exception) -> Words:
    """Words for an error that the store raises on purpose."""
    match error:
        case StorageFull():
            return Words(
                "Máy chủ hết chỗ lưu tệp; chưa có gì được lưu. Hãy báo người quản trị rồi làm lại.",
                "The server has no room left for files; nothing was stored. Tell the"
                " administrator, then try again.",
            )
        case BlobMissing(sha256=sha256):
            return Words(
                f"Không tìm thấy tệp {sha256[:12]}… trong kho. Hãy báo người quản trị khôi phục từ"
                " bản sao lưu.",
                f"The file {sha256[:12]}… is missing from the store. Ask the administrator to"
                " restore it.",
            )
        case BlobDamaged(sha256=sha256):
            return Words(
                f"Tệp {sha256[:12]}… trong kho đã bị hỏng nên không được mở. Hãy báo người quản trị"
                " khôi phục từ bản sao lưu.",
                f"The file {sha256[:12]}… in the store is damaged and is not opened. Ask the"
                " administrator to restore it.",
            )
        case _:
            raise TypeError(f"no words for {error!r}") from error

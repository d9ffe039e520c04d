"""What can be wrong with the store of files."""


class BlobError(Exception):
    """Root of what the store raises on purpose."""


class BlobMissing(BlobError):
    def __init__(self, sha256: str) -> None:
        super().__init__(f"{sha256}: no such file in the store")
        self.sha256 = sha256


class BlobDamaged(BlobError):
    """The stored bytes are not those that were put: their SHA-256 differs from their name."""

    def __init__(self, sha256: str, found: str) -> None:
        super().__init__(f"{sha256}: the stored file has SHA-256 {found}")
        self.sha256, self.found = sha256, found


class StorageFull(BlobError):
    def __init__(self, folder: str) -> None:
        super().__init__(f"{folder}: no space left")
        self.folder = folder

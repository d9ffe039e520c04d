"""Content-addressed files: one row, and one stored file, per SHA-256, however many hold it."""

from django.db import models


class Blob(models.Model):
    sha256 = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.BigIntegerField()
    stored_at = models.DateTimeField()
    # Of a small message, which then has no file: it is durable with the row that refers to it.
    content = models.BinaryField(null=True)

"""Content-addressed files: one row and one stored file per SHA-256, however many hold it."""

from django.db import models


class Blob(models.Model):
    sha256 = models.CharField(primary_key=True, max_length=64)
    size_bytes = models.BigIntegerField()
    stored_at = models.DateTimeField()

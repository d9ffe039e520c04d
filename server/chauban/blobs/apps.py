from django.apps import AppConfig


class BlobsConfig(AppConfig):
    name = "chauban.blobs"
    label = "blobs"
    verbose_name = "Kho tệp"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class OfficeConfig(AppConfig):
    name = "chauban.office"
    label = "office"
    verbose_name = "Bàn làm việc"
    default_auto_field = "django.db.models.BigAutoField"

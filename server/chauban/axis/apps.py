from django.apps import AppConfig


class AxisConfig(AppConfig):
    name = "chauban.axis"
    label = "axis"
    verbose_name = "Trục liên thông"
    default_auto_field = "django.db.models.BigAutoField"

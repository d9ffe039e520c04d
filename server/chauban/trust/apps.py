from django.apps import AppConfig


class TrustConfig(AppConfig):
    name = "chauban.trust"
    label = "trust"
    verbose_name = "Chứng thư và thẩm quyền ký"
    default_auto_field = "django.db.models.BigAutoField"

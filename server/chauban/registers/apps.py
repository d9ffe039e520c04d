from django.apps import AppConfig


class RegistersConfig(AppConfig):
    name = "chauban.registers"
    label = "registers"
    verbose_name = "Sổ đăng ký văn bản"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    name = "chauban.directory"
    label = "directory"
    verbose_name = "Danh bạ cơ quan"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class WorkflowConfig(AppConfig):
    name = "chauban.workflow"
    label = "workflow"
    verbose_name = "Soạn thảo và giải quyết"
    default_auto_field = "django.db.models.BigAutoField"

from django.apps import AppConfig


class ExchangeConfig(AppConfig):
    name = "chauban.exchange"
    label = "exchange"
    verbose_name = "Gửi, nhận văn bản"
    default_auto_field = "django.db.models.BigAutoField"

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chauban.config.settings")
application = get_wsgi_application()
assert get_resolver().url_patterns, "loads every view, before the first request asks for one"
gc.freeze()  # what is loaded stays: the collector need not look through it again

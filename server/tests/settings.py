"""Settings of the tests: those of an installation with a data folder of its own.

The database is chosen by `--database` (see conftest.py). One thing differs from an
installation: the password hasher, which must be quick here.
"""

import atexit
import os
import shutil
import tempfile

os.environ["CHAUBAN_DATA"] = _data = tempfile.mkdtemp(prefix="chauban-tests-")
os.environ["CHAUBAN_BASE_URL"] = "http://testserver"
os.environ["CHAUBAN_ALLOWED_HOSTS"] = "testserver,localhost"
atexit.register(shutil.rmtree, _data, ignore_errors=True)

from chauban.config.settings import *  # noqa: E402, F403

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

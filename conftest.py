"""What every test holds to: speed is measured by `chauban bench`, never by a test's clock."""

from hypothesis import settings

settings.register_profile("unhurried", settings.default, deadline=None)
settings.load_profile("unhurried")

"""An administrator of the province, and one of a department: made for these tests."""

import pytest

from chauban.accounts.officers import Officer
from chauban.directory import days_decided
from chauban.directory.models import Agency, Person, Post, Role
from tests.moments import NOW

TODAY = NOW.date()


@pytest.fixture
def province_administrator(officer):
    return officer("quan-tri.vp-ubnd")


@pytest.fixture
def department():
    return Agency.objects.get(key="so-tai-chinh")


@pytest.fixture
def department_administrator(officer, department):
    """The head's assistant, who from now on administers the department and nothing else."""
    someone = officer("the-thuc.so-tai-chinh")
    Post.objects.filter(pk=someone.post_id).update(role=Role.ADMINISTRATOR, title="Quản trị")
    someone.post.refresh_from_db()
    return Officer(someone.user, someone.post)


@pytest.fixture
def somebody():
    return Person.objects.create(full_name="Nguyễn Văn Thử", email="thu@hue.invalid")


@pytest.fixture
def calendar_as_it_was():
    yield
    days_decided.working_days.decided = {}

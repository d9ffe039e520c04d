"""What a browser keeps of an installed system: the offline page and what draws it, no more."""

import json
import re

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

KEPT = re.compile(r"const KEPT = (\[.*?\]);")


def kept_by(answer):
    return json.loads(KEPT.search(answer.content.decode())[1])


def test_the_service_worker_keeps_the_offline_page_and_files_of_the_set_alone(settings):
    worker = Client().get(reverse("service-worker"))
    assert worker["Content-Type"] == "text/javascript"
    assert not worker.cookies
    page, *files = kept_by(worker)
    assert page == reverse("offline")
    assert all(name.startswith(settings.STATIC_URL) for name in files)
    for name in (page, *files):
        assert Client().get(name).status_code == 200, name


def test_it_keeps_all_that_the_offline_page_asks_for():
    page = Client().get(reverse("offline")).content.decode()
    asked = set(re.findall(r'(?:href|src)="(/static/[^"#]+)', page))
    assert asked <= set(kept_by(Client().get(reverse("service-worker"))))


def test_an_upgrade_makes_it_another(settings):
    before = Client().get(reverse("service-worker")).content
    settings.STATIC_SET = "0123456789abcdef"
    assert Client().get(reverse("service-worker")).content != before


def test_the_offline_page_is_alike_for_everybody(signed_in):
    address = reverse("offline")
    page = signed_in("van-thu.vp-ubnd").get(address)
    assert page.content == Client().get(address).content


def test_the_manifest_names_icons_that_are_there(settings):
    folder = f"{settings.STATIC_URL}ui/"
    manifest = json.loads(b"".join(Client().get(f"{folder}manifest.webmanifest")))
    assert (manifest["start_url"], manifest["scope"], manifest["id"]) == ("/", "/", "/")
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}
    for icon in manifest["icons"]:
        assert Client().get(folder + icon["src"]).status_code == 200

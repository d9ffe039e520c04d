from django.urls import path

from chauban.office.administering import (
    acts,
    agencies,
    calendar,
    index,
    kinds,
    mandates,
    people,
    queues,
    routing,
    series,
    trusting,
)

app_name = "administering"
urlpatterns = [
    path("", index.index, name="index"),
    path("agencies/", agencies.agencies, name="agencies"),
    path("agencies/<int:pk>", agencies.agency, name="agency"),
    path("people/", people.people, name="people"),
    path("people/<int:pk>", people.person, name="person"),
    path("people/<int:pk>/appoint", people.appoint, name="appoint"),
    path("mandates/", mandates.mandates, name="mandates"),
    path("series/", series.series, name="series"),
    path("kinds/", kinds.kinds, name="kinds"),
    path("kinds/<slug:kind>.pdf", kinds.specimen, name="specimen"),
    path("routing-rules/", routing.routing_rules, name="routing-rules"),
    path("calendar/", calendar.calendar, name="calendar"),
    path("trust/", trusting.trust, name="trust"),
    path("devices/", trusting.devices, name="devices"),
    path("queues/", queues.overview, name="queues"),
    path("<slug:of>/<int:pk>/<slug:name>", acts.act, name="act"),
]

from django.urls import include, path

from chauban.office import documents, live, paper, scoreboard_views, views
from chauban.office.pushing import views as push_views

app_name = "office"
urlpatterns = [
    path("", views.home, name="home"),
    path(live.PATH, views.counts, name="counts"),
    path("desk/<slug:key>", views.place, name="place"),
    path("find", views.find, name="find"),
    path("pictures/", include("chauban.office.pictures.urls")),
    path("people/<int:pk>", views.person, name="person"),
    path("outgoing/<int:pk>", documents.outgoing, name="outgoing"),
    path(
        "outgoing/<int:pk>/files/<int:ordinal>/changes",
        documents.outgoing_changes,
        name="outgoing-changes",
    ),
    path("scoreboard", scoreboard_views.board, name="scoreboard"),
    path(
        "scoreboard/declare/<slug:key>",
        scoreboard_views.declaration,
        name="scoreboard-declare",
    ),
    path("scoreboard/<slug:key>", scoreboard_views.board_list, name="scoreboard-list"),
    path("scoreboard/<slug:key>.csv", scoreboard_views.board_file, name="scoreboard-file"),
    path("devices", push_views.devices, name="devices"),
    path("devices/add", push_views.add_device, name="add-device"),
    path("devices/<int:pk>/remove", push_views.remove_device, name="remove-device"),
    path("registers/incoming/paper", paper.paper_arrivals, name="paper-arrivals"),
    path("healthz", views.health, name="health"),
]

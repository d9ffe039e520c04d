from django.urls import path

from chauban.office.pictures import views

urlpatterns = [
    path("", views.index, name="pictures"),
    path("ground.json", views.map_ground, name="picture-ground"),
    path("<slug:key>", views.picture, name="picture"),
    path("<slug:key>/list", views.listed, name="picture-list"),
    path("<slug:key>.csv", views.file, name="picture-file"),
]

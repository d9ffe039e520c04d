from django.urls import path

from chauban.exchange import receipt_views, views

app_name = "exchange"
urlpatterns = [
    path("inbox/", views.inbox, name="inbox"),
    path("inbox/<int:delivery_id>", views.delivery, name="delivery"),
    path("inbox/<int:delivery_id>/accept", views.accept, name="accept"),
    path("inbox/<int:delivery_id>/return", views.return_, name="return"),
    path("inbox/files/<int:file_id>", views.delivered_file, name="delivered-file"),
    path("inbox/files/<int:file_id>/changes", views.delivered_changes, name="delivered-changes"),
    path("outgoing/<int:document_id>/issue", views.issue, name="issue"),
    path("outgoing/<int:document_id>/recipients", views.recipients, name="recipients"),
    path("recipients/<int:recipient_id>/resend", views.resend, name="resend"),
    path("recipients/<int:recipient_id>/receipts", receipt_views.receipts, name="receipts"),
]

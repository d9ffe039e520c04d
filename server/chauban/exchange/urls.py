from django.urls import path

from chauban.exchange import recall_views, receipt_views, views

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
    path("outgoing/<int:document_id>/recall", recall_views.recall_document, name="recall"),
    path("requests/<int:request_id>/ask-again", recall_views.ask_recipient_again, name="ask-again"),
    path("recalls/<int:recall_id>", recall_views.received_recall, name="received-recall"),
    path("recalls/<int:recall_id>/agree", recall_views.agree, name="agree-recall"),
    path("recalls/<int:recall_id>/refuse", recall_views.refuse, name="refuse-recall"),
]

from django.urls import path

from chauban.exchange import dispatch_views, passing_views, recall_views, receipt_views, views

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
    path("statuses/<int:message_id>/resend", views.resend_status, name="resend-status"),
    path("recipients/<int:recipient_id>/receipts", receipt_views.receipts, name="receipts"),
    path(
        "recipients/<int:recipient_id>/channel",
        dispatch_views.change_channel,
        name="change-channel",
    ),
    path(
        "drafts/recipients/<int:named_id>/channel",
        dispatch_views.choose_channel,
        name="choose-channel",
    ),
    path("dispatches/", dispatch_views.dispatches, name="dispatches"),
    path("dispatches/<int:dispatch_id>", dispatch_views.dispatch, name="dispatch"),
    path("dispatches/<int:dispatch_id>/note/<str:what>", dispatch_views.note, name="note"),
    path("dispatches/<int:dispatch_id>/envelope.pdf", dispatch_views.envelope, name="envelope"),
    path("dispatches/<int:dispatch_id>/receipt", dispatch_views.receipt, name="receipt"),
    path("registers/postal", dispatch_views.postal_book, name="postal-book"),
    path("registers/postal.pdf", dispatch_views.postal_book_file, name="postal-book-file"),
    path("channels/", dispatch_views.usual_channels, name="usual-channels"),
    path("channels/<str:kind>/<int:whom_id>", dispatch_views.usual_channel, name="usual-channel"),
    path("incoming/<int:incoming_id>/pass-on", passing_views.pass_on_document, name="pass-on"),
    path(
        "passed-on/<int:passed_on_id>/ask-again",
        passing_views.ask_again,
        name="ask-holder-again",
    ),
    path("set-aside/", dispatch_views.set_aside, name="set-aside"),
    path("set-aside/<int:message_id>", dispatch_views.hand_over, name="hand-over"),
    path("outgoing/<int:document_id>/recall", recall_views.recall_document, name="recall"),
    path("requests/<int:request_id>/ask-again", recall_views.ask_recipient_again, name="ask-again"),
    path(
        "requests/<int:request_id>/given-back",
        recall_views.note_recipient_gave_back,
        name="given-back",
    ),
    path("recalls/<int:recall_id>", recall_views.received_recall, name="received-recall"),
    path("recalls/<int:recall_id>/agree", recall_views.agree, name="agree-recall"),
    path("recalls/<int:recall_id>/refuse", recall_views.refuse, name="refuse-recall"),
]

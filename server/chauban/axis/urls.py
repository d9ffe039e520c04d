from django.urls import path

from chauban.axis import pages, system_pages, views

app_name = "axis"
urlpatterns = [
    path("sendEdoc", views.send_edoc, name="send-edoc"),
    path("getReceivedEdocList", views.get_received_edoc_list, name="received"),
    path("getSentEdocList", views.get_sent_edoc_list, name="sent"),
    path("getEdoc", views.get_edoc, name="get-edoc"),
    path("downloadEdoc", views.download_edoc, name="download-edoc"),
    path("updateStatus", views.update_status, name="update-status"),
    path("countReceiveEdoc", views.count_receive_edoc, name="count-edoc"),
    path("countReceiveStatus", views.count_receive_status, name="count-status"),
    path("getReceipts", views.get_receipts, name="receipts"),
    path("getAgenciesList", views.get_agencies_list, name="agencies"),
    path("getAgenciesListQD20", views.get_agencies_list_qd20, name="agencies-qd20"),
    path("queues/", pages.queues, name="queues"),
    path("queues/messages/<int:message_id>/retry", pages.retry_message, name="retry"),
    path("queues/recipients/<int:recipient_id>/resend", pages.resend_to, name="resend"),
    path("queues/copies/<uuid:carriage_id>/again", system_pages.offer_again, name="offer-again"),
    path("systems/", system_pages.systems, name="systems"),
    path("systems/<int:system_id>", system_pages.system, name="system"),
    path("systems/<int:system_id>/lock", system_pages.lock, name="lock"),
    path("systems/<int:system_id>/unlock", system_pages.unlock, name="unlock"),
    path("systems/<int:system_id>/rotate", system_pages.rotate, name="rotate"),
    path("systems/<int:system_id>/limits", system_pages.limits, name="limits"),
    path("systems/<int:system_id>/connect", system_pages.connect, name="connect"),
    path("systems/<int:system_id>/call", system_pages.call, name="call"),
    path("systems/<int:system_id>/members", system_pages.add_member, name="add-member"),
    path("members/<int:member_id>/remove", system_pages.remove_member, name="remove-member"),
]

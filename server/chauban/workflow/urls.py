from django.urls import include, path

from chauban.workflow import elsewhere_views, key_views, undo_views, views

app_name = "workflow"
urlpatterns = [
    path("drafts", views.drafts, name="drafts"),
    path("drafts/new", views.new_draft, name="new-draft"),
    path("drafts/<int:pk>", views.draft, name="draft"),
    path("drafts/<int:pk>/edit", views.edit_draft, name="edit-draft"),
    path("drafts/<int:pk>/steps/<slug:step>", views.take_step, name="take-step"),
    path("drafts/<int:pk>/sign", key_views.sign, name="sign"),
    path("drafts/<int:pk>/seal", key_views.seal, name="seal"),
    path("drafts/<int:pk>/result", key_views.result, name="result"),
    path("drafts/<int:pk>/elsewhere", elsewhere_views.asked, name="asked"),
    path("drafts/<int:pk>/elsewhere/cancel", elsewhere_views.cancel, name="cancel-asked"),
    path("drafts/<int:pk>/program", elsewhere_views.program, name="program"),
    path(
        "drafts/<int:pk>/program/tickets", elsewhere_views.program_tickets, name="program-tickets"
    ),
    path("program/files/<slug:token>", elsewhere_views.program_file, name="program-file"),
    path("program/uploads/<slug:token>", elsewhere_views.program_upload, name="program-upload"),
    path("signing/call-backs", elsewhere_views.call_back, name="call-back"),
    path("drafts/<int:pk>/attachments", views.attach, name="attach"),
    path("drafts/<int:pk>/attachments/<int:attachment>", views.attachment, name="attachment"),
    path(
        "drafts/<int:pk>/attachments/<int:attachment>/remove",
        views.remove_attachment,
        name="remove-attachment",
    ),
    path("", include("chauban.workflow.opinions.urls")),
    path("incoming/<int:pk>", views.incoming, name="incoming"),
    path("incoming/<int:pk>/route", views.route, name="route"),
    path("incoming/<int:pk>/close", views.close, name="close"),
    path("incoming/<int:pk>/files/<int:ordinal>", views.incoming_file, name="incoming-file"),
    path(
        "incoming/<int:pk>/files/<int:ordinal>/changes",
        views.incoming_changes,
        name="incoming-changes",
    ),
    path("acts/<int:act_id>/undo", undo_views.undo, name="undo"),
    path("tasks/<int:pk>/start", views.start_task, name="start-task"),
    path("tasks/<int:pk>/finish", views.finish_task, name="finish-task"),
    path("", include("chauban.workflow.batches.urls")),
    path("pages/<slug:sha256>.pdf", views.pages_file, name="pages-file"),
    path("pages/<slug:sha256>/<int:number>.png", views.page, name="page"),
]

from django.urls import path

from chauban.workflow.batches import views

urlpatterns = [
    path("batches/sign", views.sign_batch, name="sign-batch"),
    path("batches/seal", views.seal_batch, name="seal-batch"),
    path("batches/<uuid:uid>", views.batch, name="batch"),
    path("batches/<uuid:uid>/items", views.batch_items, name="batch-items"),
]

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # The first makes our Celery application the one that tasks are sent through,
        # the second registers the system checks.
        from django.contrib.auth.models import Group

        from config import celery, checks  # noqa: F401
        from config.roles import ensure_roles, shown_name

        # After Django has made the permissions of all applications: like those, the
        # groups belong to the schema, not to anybody's duties. The signal is not sent
        # for an application without models, as this one is, so it is heard for all.
        post_migrate.connect(ensure_roles, dispatch_uid="config.roles")
        # Wherever a group is listed, filtered by or chosen, it is Django that names it.
        Group.add_to_class("__str__", shown_name)

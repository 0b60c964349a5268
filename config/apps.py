from django.apps import AppConfig
from django.db.models.signals import post_migrate


class ConfigConfig(AppConfig):
    name = "config"

    def ready(self) -> None:
        # The first makes our Celery application the one that tasks are sent through,
        # the second registers the system checks.
        from config import celery, checks  # noqa: F401
        from config.roles import ensure_roles

        # After Django has made the permissions of all applications: like those, the
        # groups belong to the schema, not to anybody's duties. The signal is not sent
        # for an application without models, as this one is, so it is heard for all.
        post_migrate.connect(ensure_roles, dispatch_uid="config.roles")

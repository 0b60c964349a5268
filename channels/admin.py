from django.contrib import admin

from channels.models import Channel

admin.site.register(Channel)

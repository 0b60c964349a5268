"""Where the municipality speaks: people, channels, the conversation, the outbox."""

from channels.models.capture import Capture, CaptureReminder
from channels.models.conversation import Message, Post, Unread, Version
from channels.models.delivery import Delivery
from channels.models.letters import Letter, LetterFile
from channels.models.people import ClosingDay, Department, Municipality, User
from channels.models.practice import WallEntry, WallPost
from channels.models.registry import Channel, Credential, Mandate, Stream

__all__ = [
    "Capture",
    "CaptureReminder",
    "Channel",
    "ClosingDay",
    "Credential",
    "Delivery",
    "Department",
    "Letter",
    "LetterFile",
    "Mandate",
    "Message",
    "Municipality",
    "Post",
    "Stream",
    "Unread",
    "User",
    "Version",
    "WallEntry",
    "WallPost",
]

"""Where the municipality speaks: people, channels, the conversation, the outbox."""

from channels.models.accessibility import AccessibilityStatement
from channels.models.attachment import Attachment
from channels.models.capture import Capture, CaptureReminder
from channels.models.conversation import Message, Post, Unread, Version
from channels.models.delivery import Delivery
from channels.models.letters import Letter, LetterFile
from channels.models.people import ClosingDay, Department, Municipality, User
from channels.models.practice import WallEntry, WallPicture, WallPost
from channels.models.registry import Channel, Credential, Mandate, Stream
from channels.models.roles import StartingRole
from channels.models.sessions import Session

__all__ = [
    "AccessibilityStatement",
    "Attachment",
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
    "Session",
    "StartingRole",
    "Stream",
    "Unread",
    "User",
    "Version",
    "WallEntry",
    "WallPicture",
    "WallPost",
]

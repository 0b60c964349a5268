from archive.models.disclosure import (
    DisclosureDecision,
    DisclosureEvent,
    DisclosureMask,
    DisclosurePick,
    DisclosureRequest,
)
from archive.models.erasure import Erasure
from archive.models.export import ExportJob
from archive.models.handling import RecordMarking, RecordOpening
from archive.models.log import Log, LogEntry
from archive.models.package import Package
from archive.models.record import Record, RecordFile
from archive.models.retention import Disposal, DisposalItem, Hold, RetentionRule
from archive.models.search import Place, RecordSearch
from archive.models.tree import Checkpoint, CheckpointToken, LogKey, Tile

__all__ = [
    "Checkpoint",
    "CheckpointToken",
    "DisclosureDecision",
    "DisclosureEvent",
    "DisclosureMask",
    "DisclosurePick",
    "DisclosureRequest",
    "Disposal",
    "DisposalItem",
    "Erasure",
    "ExportJob",
    "Hold",
    "Log",
    "LogEntry",
    "LogKey",
    "Package",
    "Place",
    "Record",
    "RecordFile",
    "RecordMarking",
    "RecordOpening",
    "RecordSearch",
    "RetentionRule",
    "Tile",
]

"""Tables of knowledge."""

from kairo.stages.knowledge.models.departments import DepartmentCopy, DepartmentRow
from kairo.stages.knowledge.models.documents import DocumentPassage, KnowledgeDocument
from kairo.stages.knowledge.models.editing import RetiredNode
from kairo.stages.knowledge.models.gathers import (
    AutomatedGather,
    DepartmentEvaluation,
    GatherDepartment,
    GatheredCitation,
    GatheredItem,
    GatherIteration,
)
from kairo.stages.knowledge.models.graph import KnowledgeEdge, KnowledgeNode
from kairo.stages.knowledge.models.profiles import ApprovedTextRow, BrandProfile

__all__ = [
    "ApprovedTextRow",
    "AutomatedGather",
    "BrandProfile",
    "DepartmentCopy",
    "DepartmentEvaluation",
    "DepartmentRow",
    "DocumentPassage",
    "GatherDepartment",
    "GatherIteration",
    "GatheredCitation",
    "GatheredItem",
    "KnowledgeDocument",
    "KnowledgeEdge",
    "KnowledgeNode",
    "RetiredNode",
]

"""The stage's jobs, by topic; importing this registers all of them."""

from kairo.stages.knowledge.jobs import gathers as gathers
from kairo.stages.knowledge.jobs import graph as graph
from kairo.stages.knowledge.jobs import profiles as profiles

"""APIs: what a handler takes and answers, validated by its annotations, and told in a document (OpenAPI 3.1)."""

from engine.ext.api.answers import Answer as Answer
from engine.ext.api.answers import check_match as check_match
from engine.ext.api.document import openapi as openapi
from engine.ext.api.operations import api as api
from engine.ext.api.parameters import Header as Header
from engine.ext.api.parameters import Query as Query
from engine.ext.api.problems import Invalid as Invalid
from engine.ext.api.problems import error_handler as error_handler
from engine.ext.api.reference import reference as reference
from engine.ext.api.slices import Paging as Paging
from engine.ext.api.slices import Slice as Slice

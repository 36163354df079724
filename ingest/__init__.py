"""The loading dock: network files, declared ground, dig plans and rule profiles in; checked values, or reasons, out."""

from ingest.checks.check import CHECKS, Check
from ingest.checks.run import check_assets, check_intake, odd_lengths, refused_rows, unknown_of
from ingest.files.drawings.reader import drawing_contents
from ingest.files.rows import READ_ALL, Reading
from ingest.ground import read_ground
from ingest.networks.digest import asset_digest
from ingest.networks.intake import read_network
from ingest.networks.mapping import ColumnMap, parse_mapping, read_mapping
from ingest.networks.proposing.proposal import Proposal
from ingest.networks.proposing.reading import propose_mapping
from ingest.networks.proposing.writing import proposal_text, remarks_of
from ingest.networks.reasons import reason_text, warning_text
from ingest.plans.foreign import files_of_plan
from ingest.plans.foreign.pointed import pointed, read_pointed
from ingest.plans.intent import DigOptions, Places
from ingest.plans.sites import parse_dig_plans, plan_document, read_dig_plans, take_dig_plans
from ingest.profiles import load_profile, parse_profile, shipped_profiles
from ingest.sandbox.apart import NETWORK_LIMITS, PLAN_LIMITS, remove_tree
from ingest.sandbox.turns import come_last
from ingest.sandbox.walls import Limits, die_with

__all__ = [
    "CHECKS",
    "NETWORK_LIMITS",
    "PLAN_LIMITS",
    "READ_ALL",
    "Check",
    "ColumnMap",
    "DigOptions",
    "Limits",
    "Places",
    "Proposal",
    "Reading",
    "asset_digest",
    "check_assets",
    "check_intake",
    "come_last",
    "die_with",
    "drawing_contents",
    "files_of_plan",
    "load_profile",
    "odd_lengths",
    "parse_dig_plans",
    "parse_mapping",
    "parse_profile",
    "plan_document",
    "pointed",
    "proposal_text",
    "propose_mapping",
    "read_dig_plans",
    "read_ground",
    "read_mapping",
    "read_network",
    "read_pointed",
    "reason_text",
    "refused_rows",
    "remarks_of",
    "remove_tree",
    "shipped_profiles",
    "take_dig_plans",
    "unknown_of",
    "warning_text",
]

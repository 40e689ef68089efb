"""Campaigns: the plan for each lead. Sequences decide, the planner paces, approvals and vetoes hold.

`create`, `do` (start, pause, …), `publish`, `enroll` are a campaign's life; `tick` is the planner; `why` and
`why_not_sending` say what is waited for; `observe` takes in what people did; `veto` stands at
the gate; `write_drafts` has a model write what waits for it.
"""

from overture.campaigns import approvals, observe
from overture.campaigns.campaign import CampaignChange, NewCampaign, allowed, change, create, do
from overture.campaigns.enroll import Receipt, Row, enroll
from overture.campaigns.enrollment_verbs import allowed as allowed_of_enrollment
from overture.campaigns.enrollment_verbs import pause, resume, skip_step, stop
from overture.campaigns.funnel import FUNNEL, KIN, Funnel, counted_in, funnels
from overture.campaigns.library import Starter, starter, starters
from overture.campaigns.next_actions import next_action
from overture.campaigns.observe import Sight
from overture.campaigns.personal import forget, tell
from overture.campaigns.planner import PlannerKit, Ticked, next_wakeup, tick
from overture.campaigns.publish import Move, Preview, preview, publish
from overture.campaigns.punctual import behind_since
from overture.campaigns.reasons import ALL as REASONS
from overture.campaigns.reasons import BLOCKED, DONE, WAITING
from overture.campaigns.sequence import Sequence, body_of, json_schema, read_sequence, sequence_of
from overture.campaigns.settings import Approvals, CampaignSettings
from overture.campaigns.spoiling import SPOILING
from overture.campaigns.store import campaign_by_id, enrollment_by_id
from overture.campaigns.sweep import Violation, recover, recover_all, sweep
from overture.campaigns.tables import (
    APPROVAL_STATES,
    CAMPAIGN_STATES,
    ENROLLMENT_STATES,
    LANES,
    OVER,
    TOUCH_STATES,
    Approval,
    Campaign,
    CampaignAccount,
    Enrollment,
    Lane,
    ModelCall,
    SequenceVersion,
    Signal,
    Sync,
    Touch,
)
from overture.campaigns.templates import Rendered, ToBeWritten, Unrenderable
from overture.campaigns.texts import Text, texts_for, texts_of
from overture.campaigns.validate import Problem
from overture.campaigns.validate_steps import unwritten
from overture.campaigns.vetoes import veto
from overture.campaigns.why import SENTENCES, Why, why, why_not_sending
from overture.campaigns.writing import Writer
from overture.campaigns.writing_drafts import write_drafts

__all__ = [
    "APPROVAL_STATES",
    "BLOCKED",
    "CAMPAIGN_STATES",
    "DONE",
    "ENROLLMENT_STATES",
    "FUNNEL",
    "KIN",
    "LANES",
    "OVER",
    "REASONS",
    "SENTENCES",
    "SPOILING",
    "TOUCH_STATES",
    "WAITING",
    "Approval",
    "Approvals",
    "Campaign",
    "CampaignAccount",
    "CampaignChange",
    "CampaignSettings",
    "Enrollment",
    "Funnel",
    "Lane",
    "ModelCall",
    "Move",
    "NewCampaign",
    "PlannerKit",
    "Preview",
    "Problem",
    "Receipt",
    "Rendered",
    "Row",
    "Sequence",
    "SequenceVersion",
    "Sight",
    "Signal",
    "Starter",
    "Sync",
    "Text",
    "Ticked",
    "ToBeWritten",
    "Touch",
    "Unrenderable",
    "Violation",
    "Why",
    "Writer",
    "allowed",
    "allowed_of_enrollment",
    "approvals",
    "behind_since",
    "body_of",
    "campaign_by_id",
    "change",
    "counted_in",
    "create",
    "do",
    "enroll",
    "enrollment_by_id",
    "forget",
    "funnels",
    "json_schema",
    "next_action",
    "next_wakeup",
    "observe",
    "pause",
    "preview",
    "publish",
    "read_sequence",
    "recover",
    "recover_all",
    "resume",
    "sequence_of",
    "skip_step",
    "starter",
    "starters",
    "stop",
    "sweep",
    "tell",
    "texts_for",
    "texts_of",
    "tick",
    "unwritten",
    "veto",
    "why",
    "why_not_sending",
    "write_drafts",
]

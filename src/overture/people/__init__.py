"""People: leads, their keys and companies, what accounts are to them, imports, and whom never to contact.

`take_in` finds a person by any key or makes a lead; `merge` and `undo` join and part leads; `suppression`
says whom not to contact (its `veto` stands at the gate of every run); `erase` forgets a person, `dossier`
shows all that is known; `stage` and `relationship` move what others only read.
"""

from overture.people import relationship, stage, suppression
from overture.people.amend import amend
from overture.people.companies import Employer
from overture.people.companies import get_or_create as company_of
from overture.people.dossier import Tell, dossier
from overture.people.erase import Erased, Erasure, Forget, erase
from overture.people.keys import Key, in_order, keys_in, with_implied
from overture.people.leads import Mode, Taken, changes, cleaned, contradict, take_in
from overture.people.learn import Met, Named, learn, learn_names
from overture.people.merging import Merging, merge, undo
from overture.people.merging import by_id as merge_by_id
from overture.people.new_lead import KEY_FIELDS, PLAIN_FIELDS, NewLead
from overture.people.profiles import Reading, Told, enriched, identified, raw_of
from overture.people.relationship import Observed, Seen, observe, observe_all
from overture.people.store import (
    LeadFilter,
    Person,
    by_id,
    keys_of,
    matching,
    merges_of,
    owners,
    page,
    person,
    persons,
    persons_and_leads,
    relationships_of,
    stage_counts,
    targets_in,
    timeline,
)
from overture.people.suppression import is_suppressed
from overture.people.tables import (
    IDENTITY_KINDS,
    RELATIONSHIPS,
    STAGES,
    SUPPRESSION_KINDS,
    SUPPRESSION_REASONS,
    Company,
    Identity,
    Lead,
    Merge,
    Profile,
    Relationship,
    Stage,
    Suppression,
)

__all__ = [
    "IDENTITY_KINDS",
    "KEY_FIELDS",
    "PLAIN_FIELDS",
    "RELATIONSHIPS",
    "STAGES",
    "SUPPRESSION_KINDS",
    "SUPPRESSION_REASONS",
    "Company",
    "Employer",
    "Erased",
    "Erasure",
    "Forget",
    "Identity",
    "Key",
    "Lead",
    "LeadFilter",
    "Merge",
    "Merging",
    "Met",
    "Mode",
    "Named",
    "NewLead",
    "Observed",
    "Person",
    "Profile",
    "Reading",
    "Relationship",
    "Seen",
    "Stage",
    "Suppression",
    "Taken",
    "Tell",
    "Told",
    "amend",
    "by_id",
    "changes",
    "cleaned",
    "company_of",
    "contradict",
    "dossier",
    "enriched",
    "erase",
    "identified",
    "in_order",
    "is_suppressed",
    "keys_in",
    "keys_of",
    "learn",
    "learn_names",
    "matching",
    "merge",
    "merge_by_id",
    "merges_of",
    "observe",
    "observe_all",
    "owners",
    "page",
    "person",
    "persons",
    "persons_and_leads",
    "raw_of",
    "relationship",
    "relationships_of",
    "stage",
    "stage_counts",
    "suppression",
    "take_in",
    "targets_in",
    "timeline",
    "undo",
    "with_implied",
]

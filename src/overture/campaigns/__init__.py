"""Campaigns: sequences over leads; decides what comes next for whom, and submits it as any client would."""

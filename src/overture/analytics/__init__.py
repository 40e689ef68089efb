"""Analytics: what campaigns and accounts did, day by day. It only reads."""

from overture.analytics.campaigns import Answered, Day, answered, days_of, last_activity

__all__ = ["Answered", "Day", "answered", "days_of", "last_activity"]

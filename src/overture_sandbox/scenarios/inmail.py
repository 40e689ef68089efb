"""InMail: with credits, without, for nothing, not at all, and with an answer that is lost."""

from overture_sandbox.scenarios.scenario import arranged, fault, look, person, premium, quirk

NOTHING = "nothing sent, no credit spent"
ONE_OF_45 = (premium(45), person("target"))
"""A premium account and somebody it does not know."""

arranged(
    71,
    "inmail-credits-45",
    *ONE_OF_45,
    site="the box says: Use 1 of 45 InMail credits",
    required="completed, confirmed; cost 1, before 45, after 44; one InMail, subject and body byte for byte",
)
arranged(
    71,
    "inmail-none",
    premium(0),
    person("target"),
    site="the box says that no credits are left; Send is disabled",
    required=f"failed, no effect, inmail_no_credits; {NOTHING}",
)
arranged(
    71,
    "inmail-open-profile",
    premium(45),
    person("target", open_link=True),
    site="the box says: Free message",
    required="completed, confirmed; cost 0; one InMail, all credits still there",
)
arranged(
    71,
    "inmail-upsell",
    person("target"),
    site="a free account; Message opens an advertisement for Premium",
    required=f"failed, no effect, not_entitled; {NOTHING}",
)
arranged(
    71,
    "inmail-restricted",
    premium(45),
    person("target", inmail_restricted=True),
    site="the window says that this person takes no InMail",
    required=f"failed, no effect, recipient_restricted; {NOTHING}",
)
arranged(
    71,
    "inmail-subject-limit",
    *ONE_OF_45,
    look(inmail_subject_limit=50),
    site="a subject of 201 characters; then one of 60 where the page allows 50",
    required=f"refused, 422 subject_too_long; then failed, no effect, subject_too_long; {NOTHING}",
)
arranged(
    71,
    "inmail-credits-loading",
    *ONE_OF_45,
    quirk("inmail_credits_late", after_s=5.0),
    site="what it costs is only known after five seconds",
    required="completed, confirmed; cost 1, before 45, after 44; one InMail",
)
arranged(
    71,
    "inmail-commit-then-drop",
    *ONE_OF_45,
    fault("drop_after_commit", "send_message", times=1),
    site="the InMail is sent, the answer is lost",
    required="held, unknown; after reading back completed, confirmed; one InMail, one credit",
)

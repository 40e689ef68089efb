"""Messages: both composers, boxes that misbehave, wrong recipients, and answers refused, lost or slow."""

from overture_sandbox.scenarios.scenario import (
    LATE_S,
    Setting,
    arranged,
    fault,
    friend,
    look,
    person,
    premium,
    quirk,
    scenario,
)

ONCE = "completed, confirmed; one message, byte for byte"
NOTHING = "nothing sent"
FRIEND = friend()

arranged(59, "msg-basic", FRIEND, site="one line to a connection", required=ONCE)
arranged(
    59,
    "msg-multiparagraph",
    FRIEND,
    look(composer_mode="click"),
    site="several paragraphs; Enter is a new line",
    required=ONCE,
)
arranged(
    59,
    "msg-multiparagraph-enter-mode",
    FRIEND,
    look(composer_mode="enter"),
    site="several paragraphs; Enter sends",
    required=ONCE,
)
arranged(
    60,
    "msg-crlf-emoji-nbsp",
    FRIEND,
    site="CRLF, indentation, no-break space, joined emoji, a combining accent",
    required=ONCE,
)
arranged(
    61,
    "msg-send-disabled",
    FRIEND,
    look(composer_broken=True),
    site="the box takes the text, Send never becomes enabled",
    required=f"failed, no effect, send_disabled; draft cleared, {NOTHING}",
)
arranged(
    62,
    "msg-composer-loses-text",
    FRIEND,
    quirk("composer_loses_text", after_chars=40, losses=1),
    site="the box mounts again while one types, once",
    required=ONCE,
)
arranged(
    62,
    "msg-composer-loses-text-twice",
    FRIEND,
    quirk("composer_loses_text", after_chars=40, losses=99),
    site="the box mounts again every time",
    required=f"failed, no effect, composer_unstable; {NOTHING}",
)
arranged(
    63,
    "msg-existing-draft",
    FRIEND,
    quirk("old_draft", text="I never finished\nthis one"),
    site="an old draft stands in the box",
    required=ONCE,
)


@scenario(64, "msg-wrong-bubble", site="the conversation with somebody else is open already", required=ONCE)
def wrong_bubble(setting: Setting) -> None:
    """Two people of one name, one of them open."""
    target = setting.person("target", "connected", None)
    other = setting.person(
        "other", "connected", None, first_name=target.first_name, last_name=target.last_name
    )
    setting.quirk("open_bubble", slug=other.slug)


@scenario(
    64,
    "msg-namesake-typeahead",
    site="every new message is addressed to a near-namesake, 3rd degree",
    required=f"failed, no effect, recipient_not_resolved; {NOTHING}",
)
def namesake(setting: Setting) -> None:
    """The site resolves the wrong person; the account could pay for an InMail."""
    target = setting.person("target", "connected", None)
    other = setting.person(
        "other", "none", "3", first_name=target.first_name, last_name=f"{target.last_name}er"
    )
    premium(5)(setting)
    setting.quirk("wrong_recipient", slug=other.slug)


arranged(
    64,
    "msg-truncated-name",
    FRIEND,
    quirk("truncated_name"),
    site="message windows print the last name as one letter",
    required=ONCE,
)
arranged(
    65,
    "msg-failed-marker",
    FRIEND,
    fault("failed_marker", "send_message", status=422),
    site="the message is refused; it appears in the thread with Retry",
    required=f"failed, absent, not_delivered; {NOTHING}, Retry not pressed",
)
arranged(
    66,
    "msg-uncertain",
    FRIEND,
    fault("drop_after_commit", "send_message", times=1),
    fault("read_lag", "conversations", seconds=LATE_S),
    fault("read_lag", "messages", seconds=LATE_S),
    site="the message is delivered, the answer is lost, and for a while the thread does not show it",
    required="held, unknown; after reading back completed, confirmed; one message",
)
arranged(
    67,
    "msg-double-click",
    FRIEND,
    fault("slow_ack", "send_message", seconds=3.0),
    site="Send is answered three seconds late",
    required=ONCE,
)
arranged(
    68,
    "msg-say-hello",
    FRIEND,
    quirk("say_hello", where="bubble"),
    site="a new connection's message window shows a greeting card instead of a box",
    required=f"{ONCE}, by the messaging page",
)
arranged(
    68,
    "msg-say-hello-everywhere",
    FRIEND,
    quirk("say_hello", where="both"),
    site="so does the messaging page",
    required=f"failed, no effect, composer_missing; {NOTHING}",
)
arranged(
    69,
    "msg-not-connected",
    person("target"),
    premium(5),
    site="Message opens an advertisement, or an InMail, for somebody one is not connected with",
    required=f"failed, no effect, not_connected; {NOTHING}, no credit spent",
)
arranged(
    69,
    "msg-not-connected-422",
    FRIEND,
    fault(
        "status",
        "send_message",
        status=422,
        body={"data": {"code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY", "status": 422}},
    ),
    site="Send is answered 422 NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY",
    required=f"failed, absent, not_connected; {NOTHING}",
)


@scenario(
    69,
    "msg-request-blocked",
    site="a message request to this person was declined",
    required=f"failed, no effect, request_declined; {NOTHING}",
)
def request_blocked(setting: Setting) -> None:
    """Somebody who said no."""
    target = setting.person("target")
    setting.world.decline_request(setting.account, target, "Hello, we are in the same group")


arranged(
    70,
    "msg-reply-arrived",
    FRIEND,
    site="they write after the run was submitted and before it starts",
    required=f"failed, no effect, replied_already; {NOTHING}",
)

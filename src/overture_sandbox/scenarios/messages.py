"""Messages: both composers, boxes that misbehave, wrong recipients, and answers refused, lost or slow."""

from overture_sandbox.scenarios.scenario import Setting, scenario

ONCE = "completed, confirmed; one message, byte for byte"
NOTHING = "nothing sent"
LATE_S = 5.5  # after the looks that follow an act, in the scaled-down times scenarios are played with


@scenario(59, "msg-basic", site="one line to a connection", required=ONCE)
def basic(setting: Setting) -> None:
    """Somebody one knows."""
    setting.person("target", "connected", None)


@scenario(59, "msg-multiparagraph", site="several paragraphs; Enter is a new line", required=ONCE)
def paragraphs(setting: Setting) -> None:
    """A message box with a button to send."""
    setting.person("target", "connected", None)
    setting.look(composer_mode="click")


@scenario(59, "msg-multiparagraph-enter-mode", site="several paragraphs; Enter sends", required=ONCE)
def paragraphs_where_enter_sends(setting: Setting) -> None:
    """A message box in which every Enter would be a message."""
    setting.person("target", "connected", None)
    setting.look(composer_mode="enter")


@scenario(
    60,
    "msg-crlf-emoji-nbsp",
    site="CRLF, indentation, no-break space, joined emoji, a combining accent",
    required=ONCE,
)
def exotic(setting: Setting) -> None:
    """Somebody one knows."""
    setting.person("target", "connected", None)


@scenario(
    61,
    "msg-send-disabled",
    site="the box takes the text, Send never becomes enabled",
    required=f"failed, no effect, send_disabled; draft cleared, {NOTHING}",
)
def send_disabled(setting: Setting) -> None:
    """A page that does not notice what is typed."""
    setting.person("target", "connected", None)
    setting.look(composer_broken=True)


@scenario(62, "msg-composer-loses-text", site="the box mounts again while one types, once", required=ONCE)
def loses_text(setting: Setting) -> None:
    """The text is gone at about 70 %, once."""
    setting.person("target", "connected", None)
    setting.quirk("composer_loses_text", after_chars=40, losses=1)


@scenario(
    62,
    "msg-composer-loses-text-twice",
    site="the box mounts again every time",
    required=f"failed, no effect, composer_unstable; {NOTHING}",
)
def keeps_losing_text(setting: Setting) -> None:
    """The text never stays."""
    setting.person("target", "connected", None)
    setting.quirk("composer_loses_text", after_chars=40, losses=99)


@scenario(63, "msg-existing-draft", site="an old draft stands in the box", required=ONCE)
def existing_draft(setting: Setting) -> None:
    """Something written some other day."""
    setting.person("target", "connected", None)
    setting.quirk("old_draft", text="I never finished\nthis one")


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
    """The site resolves the wrong person."""
    target = setting.person("target", "connected", None)
    other = setting.person(
        "other", "none", "3", first_name=target.first_name, last_name=f"{target.last_name}er"
    )
    setting.account.premium, setting.login.inmail_credits = True, 5
    setting.quirk("wrong_recipient", slug=other.slug)


@scenario(64, "msg-truncated-name", site="message windows print the last name as one letter", required=ONCE)
def truncated_name(setting: Setting) -> None:
    """A name nobody could search for."""
    setting.person("target", "connected", None)
    setting.quirk("truncated_name")


@scenario(
    65,
    "msg-failed-marker",
    site="the message is refused; it appears in the thread with Retry",
    required=f"failed, absent, not_delivered; {NOTHING}, Retry not pressed",
)
def failed_marker(setting: Setting) -> None:
    """A service that refuses."""
    setting.person("target", "connected", None)
    setting.fault("failed_marker", "send_message", status=422)


@scenario(
    66,
    "msg-uncertain",
    site="the message is delivered, the answer is lost, and for a while the thread does not show it",
    required="held, unknown; after reading back completed, confirmed; one message",
)
def uncertain(setting: Setting) -> None:
    """An answer that never comes, and reads that lag."""
    setting.person("target", "connected", None)
    setting.fault("drop_after_commit", "send_message", times=1)
    for endpoint in ("conversations", "messages"):
        setting.fault("read_lag", endpoint, seconds=LATE_S)


@scenario(67, "msg-double-click", site="Send is answered three seconds late", required=ONCE)
def slow_send(setting: Setting) -> None:
    """A button that invites a second click."""
    setting.person("target", "connected", None)
    setting.fault("slow_ack", "send_message", seconds=3.0)


@scenario(
    68,
    "msg-say-hello",
    site="a new connection's message window shows a greeting card instead of a box",
    required=f"{ONCE}, by the messaging page",
)
def say_hello(setting: Setting) -> None:
    """The card is in the window only."""
    setting.person("target", "connected", None)
    setting.quirk("say_hello", where="bubble")


@scenario(
    68,
    "msg-say-hello-everywhere",
    site="so does the messaging page",
    required=f"failed, no effect, composer_missing; {NOTHING}",
)
def say_hello_everywhere(setting: Setting) -> None:
    """There is no box at all."""
    setting.person("target", "connected", None)
    setting.quirk("say_hello", where="both")


@scenario(
    69,
    "msg-not-connected",
    site="Message opens an advertisement, or an InMail, for somebody one is not connected with",
    required=f"failed, no effect, not_connected; {NOTHING}, no credit spent",
)
def not_connected(setting: Setting) -> None:
    """A stranger; the account could pay for an InMail."""
    setting.person("target")
    setting.account.premium, setting.login.inmail_credits = True, 5


@scenario(
    69,
    "msg-not-connected-422",
    site="Send is answered 422 NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY",
    required=f"failed, absent, not_connected; {NOTHING}",
)
def not_connected_any_more(setting: Setting) -> None:
    """Pages still think they are connected."""
    setting.person("target", "connected", None)
    code = {"code": "NOT_ALLOWED_PREMIUM_INMAIL_SUBSEQUENT_REPLY", "status": 422}
    setting.fault("status", "send_message", status=422, body={"data": code})


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


@scenario(
    70,
    "msg-reply-arrived",
    site="they write after the run was submitted and before it starts",
    required=f"failed, no effect, replied_already; {NOTHING}",
)
def reply_arrived(setting: Setting) -> None:
    """Somebody who will write at the right moment."""
    setting.person("target", "connected", None)

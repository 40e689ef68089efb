"""Checks in the middle of a login: asked, tried, approved on a phone, passed or refused; all on record."""

from overture_sandbox.world.directory import Directory
from overture_sandbox.world.model import Checkpoint, Login, WebSession

MOST_TRIES = 3
CODE_DIGITS = 6


class Checkpoints(Directory):
    """What stands between a right password and a session."""

    def sign_in(self, username: str, password: str, redirect: str) -> WebSession | Checkpoint | None:
        """Try a password: a session, a check to be passed first, or nothing."""
        login = self.logins.get(username)
        if login is None or login.password != password or login.checkpoint is None:
            session = self.log_in(username, password)
            if session and login and login.agree_to_comply:
                session.has_agreed = False
            return session
        self._record("login_challenged", self.owner(login), via="page")
        code = "".join(str(self.rng.randrange(10)) for _ in range(CODE_DIGITS))
        made = Checkpoint(
            self.mint.session_token()[:48], username, login.checkpoint, code, self.clock.now(), redirect
        )
        self.checkpoints[made.token] = made
        return made

    def sign_in_by_device(self, device: str) -> WebSession | None:
        """A browser that was logged in before steps in again with one press, without a password."""
        login = self.known_device(device)
        if login is None:
            return None
        self._record("login_remembered", self.owner(login), via="page")
        return self.open_session(login)

    def known_device(self, device: str | None) -> Login | None:
        """The account a browser logged in with before."""
        found = next((one for one in self.sessions.values() if device and one.device == device), None)
        return self.logins.get(found.username) if found else None

    def try_code(self, checkpoint: Checkpoint, code: str) -> WebSession | None:
        """A code is entered: a session, or one more failed try; after three the check is refused for good."""
        login = self.logins[checkpoint.username]
        checkpoint.tries += 1
        if code.strip() == checkpoint.code:
            return self._pass(checkpoint, login)
        self._record("challenge_failed", self.owner(login), via="page")
        if checkpoint.tries >= MOST_TRIES:
            checkpoint.state = "refused"
        return None

    def approve(self, checkpoint: Checkpoint) -> None:
        """The account's owner says yes on the phone; the page finds out by itself."""
        checkpoint.is_approved = True
        self._record("challenge_approved", self.owner(self.logins[checkpoint.username]), via="admin")

    def pass_approved(self, checkpoint: Checkpoint) -> WebSession | None:
        """The waiting page comes back for its session."""
        is_ready = checkpoint.is_approved and checkpoint.state == "open"
        return self._pass(checkpoint, self.logins[checkpoint.username]) if is_ready else None

    def checkpoint_of(self, username: str) -> Checkpoint | None:
        """The newest check of an account that is still open."""
        mine = [one for one in self.checkpoints.values() if one.username == username and one.state == "open"]
        return mine[-1] if mine else None

    def turn_away(self, login: Login) -> None:
        """A request is answered that there were too many."""
        self._record("rate_limited", self.owner(login), via="page")

    def _pass(self, checkpoint: Checkpoint, login: Login) -> WebSession:
        checkpoint.state = "passed"
        login.checkpoint = None  # the browser is trusted from now on
        self._record("challenge_passed", self.owner(login), via="page")
        return self.open_session(login)

"""The sign-up form and its answers, as a page of its own or bare, to stand in a frame."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from starlette.responses import Response

from digest.errors import SubscriberError
from digest.model import SignUpMode
from digest.subscriptions import SignUpRefusal
from digest.web.embedding import let_frame
from digest.web.forms import PostedForm
from digest.web.page_cache import new_form_token
from digest.web.page_context import PageContext
from digest.web.preference_fields import blank_form, form_choices, posted_values

RETRY_AFTER = "3600"
"""Seconds after which a visitor who was told "too many" may try again."""
LONGEST_TOKEN = 100
"""Characters of an invitation's token that are looked at."""


class SignUpForm:
    """Make the form and its answers. ``bare`` ones stand in a frame of the sites that may have it.

    ``invited`` says that the visitor came by an invitation that is good now.
    """

    def __init__(self, context: PageContext, *, bare: bool, invited: bool = False) -> None:
        self._context = context
        self._site = context.site
        self._bare = bare
        self._invited = invited

    def show(
        self,
        values: Mapping[str, Any],
        token: str,
        *,
        faults: Mapping[str, str] | None = None,
        notice: str = "",
        status: int = 200,
    ) -> Response:
        """The form with those values."""
        faults = faults or {}
        rule = self._site.sign_up_rule
        untouched = {
            **blank_form(self._site),
            **{name: values[name] for name in ("email", "name", "invite")},
        }
        return self._answer(
            self._context.private(
                "subscribe.html.j2",
                status=status,
                form=values,
                faults=faults,
                notice=notice,
                open=bool(set(faults) - {"email", "name"}) or values != untouched,
                form_token=token,
                here="/subscribe",
                bare=self._bare,
                who="You are invited." if self._invited else rule.public,
                approval=rule.approval,
                **form_choices(self._site),
            )
        )

    def once_more(self, form: PostedForm, token: str) -> Response:
        """Too quick for a person, or a form we did not hand out: a person presses again."""
        return self.show(
            posted_values(form),
            token or new_form_token(self._site),
            notice=(
                "Please press Subscribe once more. (You are not signed up yet: we ask twice when "
                "a form comes back faster than people type, or from an old page.)"
            ),
        )

    def faulty(self, form: PostedForm, error: SubscriberError) -> Response:
        """The form as it came, with what is wrong beside its field."""
        name = error.where if error.where in posted_values(form) else "email"
        what = f"{error.what[:1].upper()}{error.what[1:]}".rstrip(".")
        words = f"{what}. {error.mend}".strip()
        token = form.one("form") or new_form_token(self._site)
        return self.show(posted_values(form), token, faults={name: words}, status=422)

    def refused(self, refusal: SignUpRefusal, status: int) -> Response:
        """The rule lets nobody in so: why, and what to do."""
        closed = self._site.sign_up_rule.mode is SignUpMode.CLOSED
        title = "Sign-up is closed" if closed else "By invitation only"
        lines = [refusal.why, refusal.mend]
        if closed:
            lines.insert(1, "Who gets it keeps it.")
        return self._note(title, list(filter(None, lines)), status)

    def asked(self) -> Response:
        """The same answer to everybody who asked."""
        lines = [
            "If that address does not get the digest yet, a mail is on its way there. Press the "
            "button in it to confirm.",
            "If nothing comes in a few minutes, look in your spam folder. We write to an address "
            "at most once a day, and at busy hours it can take a while.",
        ]
        if self._site.sign_up_rule.approval:
            lines.append(
                "The operator of the list looks at each new subscriber after that. You get one mail "
                "that says what was decided."
            )
        return self._note("Check your inbox", lines)

    def too_many(self) -> Response:
        """The visitor's network asked too often."""
        response = self._note(
            "Too many at once",
            ["Too many addresses were signed up from your network. Please try again in an hour."],
            429,
        )
        response.headers["Retry-After"] = RETRY_AFTER
        return response

    def _note(self, title: str, lines: list[str], status: int = 200) -> Response:
        front = {"url": f"{self._site.root_path}/", "words": "Read the latest edition"}
        answer = self._context.private(
            "note.html.j2",
            title=title,
            lines=lines,
            ways=[] if self._bare or status == 429 else [front],
            status=status,
            bare=self._bare,
        )
        return self._answer(answer)

    def _answer(self, response: Response) -> Response:
        return let_frame(response, self._site.embedders) if self._bare else response

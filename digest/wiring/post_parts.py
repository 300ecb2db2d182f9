"""Make the targets of posts from the settings, and try them without posting."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from functools import cached_property
from typing import TYPE_CHECKING

from digest.errors import ConfigurationError
from digest.wiring.edition_parts import EditionParts

if TYPE_CHECKING:
    from digest.channels.targets import PostTarget
    from digest.daily.posts import PostSettings
    from digest.delivery.retry import RetryPolicy


class PostParts(EditionParts):
    """The chat channels and webhooks that editions are posted to."""

    @cached_property
    def post_targets(self) -> tuple[PostTarget, ...]:
        """The targets, in the order of the setting; none, where nothing is set.

        Raises `digest.errors.ConfigurationError` for one that cannot be used.
        """
        items = [item.get_secret_value() for item in self.settings.post_to]
        if not items:
            return ()
        from digest.channels.targets import read_targets

        return read_targets(items)

    def post_settings(self, policy: RetryPolicy) -> PostSettings | None:
        """The parts that post editions; ``None`` where there is no target.

        Raises `digest.errors.ConfigurationError` for a target that cannot be used, or that asks for
        a topic that there is not.
        """
        if not self.post_targets:
            return None
        from digest.daily.posts import PostSettings
        from digest.model import UnknownPolicy

        self.check_post_topics()
        return PostSettings(
            self.post_targets,
            self.list_identity,
            policy,
            repeats=self.settings.unknown_policy is UnknownPolicy.RESEND,
        )

    def check_post_topics(self) -> None:
        """Raise `digest.errors.ConfigurationError` where a target asks for an unknown topic."""
        known = [topic.id for topic in self.topics.topics]
        for target in self.post_targets:
            for topic in target.only:
                if topic not in known:
                    near = difflib.get_close_matches(topic, known, 1)
                    raise ConfigurationError(
                        f"there is no topic {topic[:40]!r}",
                        where=f"DIGEST_POST_TO, only= of {target.name}",
                        mend=f"Did you mean {near[0]}?" if near else "See: digest topics --list",
                    )

    def try_post_targets(self) -> Iterator[tuple[PostTarget, str, bool]]:
        """Ask each target, without posting, whether it would take a post: what came of it, and
        whether that is well.
        """
        from digest.channels.exchange import exchange
        from digest.channels.services import look_request
        from digest.channels.verdict import judge
        from digest.model import DeliveryState

        for target in self.post_targets:
            request = look_request(target)
            if request is None:
                yield target, "not tried: it cannot be asked without posting", True
                continue
            verdict = judge(exchange(request), target, self.clock())
            well = verdict.state is DeliveryState.ACCEPTED
            code = f"{verdict.code} " if verdict.code else ""
            yield target, "answers, and knows us" if well else f"{code}{verdict.words}", well

"""How many live sockets each client has open."""

from collections import Counter

from app.api.http.rates import client_name


class Places:
    """Places for sockets of one process: `limit` for each client, None for as many as come."""

    def __init__(self, limit: int | None) -> None:
        self.limit = limit
        self._taken: Counter[str] = Counter()

    def are_free(self, client: tuple[str, int] | None) -> bool:
        """Whether the client may open one more."""
        return self.limit is None or self._taken[client_name(client)] < self.limit

    def take(self, client: tuple[str, int] | None) -> None:
        """One more is open."""
        if self.limit is not None:
            self._taken[client_name(client)] += 1

    def leave(self, client: tuple[str, int] | None) -> None:
        """One is closed."""
        if self.limit is None:
            return
        name = client_name(client)
        self._taken[name] -= 1
        if self._taken[name] <= 0:
            del self._taken[name]

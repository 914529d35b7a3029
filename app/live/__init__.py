"""A network that is being changed while it is watched: the state behind the live socket, without the socket."""

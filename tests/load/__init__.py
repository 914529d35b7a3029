"""How much a server bears: real clients of its protocols, in processes of their own."""

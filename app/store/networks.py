"""Every network that has a name: the presets, and those that were handed over to be kept."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import torch

from adelante.formats.safetensors import network_to_safetensors, opened_from_safetensors
from adelante.network.dense.network import DenseNetwork
from adelante.network.errors import Fault, NetworkError
from adelante.network.network import Network
from adelante.network.precision import in_precision
from adelante.network.presets import PRESET_NAMES, preset_named
from app import tracing
from app.store.files import NetworkFiles, StoreFull, StoreUnavailable, is_id

T = TypeVar("T")
# Another process may delete a network; this one notices within so many seconds.
RECHECK_SECONDS = 2.0
# A store that is slow is waited for so long where the network is at hand.
RECHECK_PATIENCE_SECONDS = 0.25
# Those that a network's numbers may have.
_DTYPES = (torch.float32, torch.float64, torch.bfloat16, torch.float16)
# What Python and torch need around a network's numbers, seen with thousands of small ones: its own, and each layer's
# (each node's, where layers are not dense): two tensors with their names, the layer, and its steps.
_NETWORK_BYTES = 1024
_LAYER_BYTES = 2560
# A full search for garbage (`compute.garbage`) looks at some 8 objects a layer while nobody is answered: this many take
# it a third of a second, however small their numbers are.
MOST_LAYERS_READY = 50_000


@dataclass(slots=True)
class _Ready:
    network: Network
    checked: float
    # The dtype that it was kept in.
    kept: torch.dtype


class Networks:
    """Finds networks by a preset's name or by the id of their content, and keeps new ones.

    Those asked for lately stay in memory as ready tensors, `cache_bytes` of them in all and of no more layers than
    MOST_LAYERS_READY; the files are the truth.
    Call its methods from one event loop. Those that wait raise NetworkError (store-unavailable) where the store fails;
    to make one raises StoreUnusable where the url can't be used at all.
    """

    def __init__(
        self,
        url: str = "memory://",
        cache_bytes: int = 2**30,
        max_bytes: int | None = None,
        evict_after: float | None = None,
        beside: Path | None = None,
    ) -> None:
        self._files = NetworkFiles(url, max_bytes, evict_after, beside)
        self._uses = self._files.uses
        self.evictions = 0
        """How many networks gave way to others."""
        self._cache_bytes = cache_bytes
        self.ready_bytes = 0  # of all ready tensors
        self._ready_layers = 0
        self.dropped = 0  # how often one of them had to leave for another
        self.failures = 0  # how often the store could not be read or written
        self._ready: OrderedDict[tuple[str, torch.dtype], _Ready] = OrderedDict()
        self._loading: dict[tuple[str, torch.dtype | None], asyncio.Task[Network]] = {}
        self._rechecks: dict[str, asyncio.Task[bool]] = {}
        # What was begun before a deletion may hold what was deleted, and is not kept ready.
        self._deletions = 0
        self._threads = ThreadPoolExecutor(self._files.threads, thread_name_prefix="store")

    @property
    def shared(self) -> bool:
        """Whether other processes may have the same networks."""
        return self._files.shared

    def ready(self, name: str, dtype: torch.dtype) -> Network | None:
        """The network where it is at hand, None where `get` may have to fetch it first."""
        if name in PRESET_NAMES:
            return _preset(name, dtype)
        found = self._ready.get((name, dtype))
        if found is None or (self._files.shared and time.monotonic() - found.checked > RECHECK_SECONDS):
            return None
        self._ready.move_to_end((name, dtype))
        if self._uses is not None:
            self._uses.note(name)
        return found.network

    async def get(self, name: str, dtype: torch.dtype | None = None) -> Network:
        """The network in `dtype`, or in the one it was kept in. Raises NetworkError (unknown-network)."""
        if name not in PRESET_NAMES and not is_id(name):
            raise unknown(name)
        if dtype is None:
            if name in PRESET_NAMES:
                return preset_named(name).network
            dtype = self._kept_dtype(name)
        if dtype is not None:
            network = self.ready(name, dtype)
            if network is not None:
                return network
            known = self._ready.get((name, dtype))
            if known is not None:
                if await self._still_there(name, known):
                    return known.network
                raise unknown(name)
        key = (name, dtype)
        # Requests that come while it is being fetched wait for the same one.
        if key not in self._loading:
            self._loading[key] = asyncio.create_task(self._load_and_keep(name, dtype))
            self._loading[key].add_done_callback(partial(self._loaded, key))
        return await asyncio.shield(self._loading[key])

    def _kept_dtype(self, id: str) -> torch.dtype | None:
        """The dtype that a network was kept in, where it is at hand in any."""
        found = (self._ready.get((id, dtype)) for dtype in _DTYPES)
        return next((ready.kept for ready in found if ready is not None), None)

    async def keep(self, network: Network) -> tuple[str, bool]:
        """Keeps a network; gives its id and whether it was new. Raises NetworkError (too-large): the store is full."""
        data = await self._in_thread(network_to_safetensors, network)
        deletions = self._deletions
        try:
            id, new = await self._in_thread(self._files.write, data)
        except StoreFull as full:
            values = {"size": len(data), "limit": full.limit, "setting": "ADELANTE_STORE_MAX_BYTES"}
            raise NetworkError(Fault("too-large", "store-full", "", values)) from None
        finally:
            while self._files.evicted:
                self.evictions += 1
                self._drop(self._files.evicted.popleft())
                deletions += 1
        if deletions == self._deletions:
            self._keep_ready(id, network, network.dtype)
        return id, new

    def pin(self, name: str | None) -> None:
        """A live session uses it: it does not give way until `unpin`."""
        if self._uses is not None and name is not None and is_id(name):
            self._uses.pin(name)

    def unpin(self, name: str | None) -> None:
        """The session is over, or uses another one."""
        if self._uses is not None and name is not None and is_id(name):
            self._uses.unpin(name)

    async def renew(self) -> None:
        """Tells other processes which networks this one uses."""
        await self._in_thread(self._files.renew)

    async def forget(self, id: str) -> None:
        """Deletes a kept network. Raises NetworkError (unknown-network)."""
        if not is_id(id) or not await self._in_thread(self._files.delete, id):
            raise unknown(id)
        self._drop(id)

    async def check(self) -> None:
        """Raises NetworkError (store-unavailable) unless a network could be kept now."""
        await self._in_thread(self._files.check)

    async def file(self, id: str) -> bytes:
        """A kept network as the safetensors file that its id is the hash of. Raises NetworkError (unknown-network)."""
        data = await self._in_thread(self._files.read, id) if is_id(id) else None
        if data is None:
            raise unknown(id)
        return data

    async def size(self, id: str) -> int:
        """The bytes of a kept network's file. Raises NetworkError (unknown-network)."""
        size = await self._in_thread(self._files.size, id) if is_id(id) else None
        if size is None:
            raise unknown(id)
        return size

    def read(self, id: str) -> bytes:
        """A kept network's file, read in the calling thread. Raises NetworkError (unknown-network)."""
        data = self._files.read(id)
        if data is None:
            raise unknown(id)
        return data

    async def ids(self) -> list[str]:
        """The ids of all kept networks."""
        return await self._in_thread(self._files.ids)

    @property
    def most(self) -> int:
        """Bytes that the store may take."""
        return self._files.max_bytes

    @property
    def used(self) -> int:
        """Bytes that the store takes, as last counted."""
        return self._files.used

    async def count(self) -> None:
        """Has them counted, unless that was lately. Raises NetworkError (store-unavailable)."""
        await self._in_thread(self._files.count)

    def close(self) -> None:
        """Lets running reads and writes end."""
        self._threads.shutdown(wait=False)

    async def _still_there(self, name: str, known: _Ready) -> bool:
        """Whether the file is there still. Of a store that is slow or away it is taken to be so.

        A name stands for its content, so what is at hand is right; who can't reach the store can't delete there either.
        """
        if name not in self._rechecks:
            self._rechecks[name] = asyncio.create_task(self._recheck(name, known))
        recheck = self._rechecks[name]
        await asyncio.wait((recheck,), timeout=RECHECK_PATIENCE_SECONDS)
        return recheck.result() if recheck.done() else True

    async def _recheck(self, name: str, known: _Ready) -> bool:
        try:
            there = await self._in_thread(self._files.exists, name)
        except NetworkError:
            there = True
        finally:
            del self._rechecks[name]
        if there:
            known.checked = time.monotonic()
        else:
            self._drop(name)
        return there

    async def _load_and_keep(self, id: str, dtype: torch.dtype | None) -> Network:
        deletions = self._deletions
        network, kept = await self._load(id, dtype)
        if deletions == self._deletions:
            self._keep_ready(id, network, kept)
        return network

    def _loaded(self, key: tuple[str, torch.dtype | None], task: "asyncio.Task[Network]") -> None:
        if self._loading.get(key) is task:
            del self._loading[key]

    async def _load(self, id: str, dtype: torch.dtype | None) -> tuple[Network, torch.dtype]:
        data = await self.file(id)

        def opened() -> tuple[Network, torch.dtype]:
            network = opened_from_safetensors(data).network
            return _in_dtype(network, dtype).counted(), network.dtype

        return await self._in_thread(opened)

    def _keep_ready(self, id: str, network: Network, kept: torch.dtype) -> None:
        size = ready_bytes(network)
        if size > self._cache_bytes:
            return
        key = (id, network.dtype)
        if key in self._ready:
            self._let_go(key)
        self._ready[key] = _Ready(network, time.monotonic(), kept)
        self.ready_bytes += size
        self._ready_layers += _layers(network)
        while self.ready_bytes > self._cache_bytes or (self._ready_layers > MOST_LAYERS_READY and len(self._ready) > 1):
            self._let_go(next(iter(self._ready)))
            self.dropped += 1

    def _let_go(self, key: tuple[str, torch.dtype]) -> None:
        network = self._ready.pop(key).network
        self.ready_bytes -= ready_bytes(network)
        self._ready_layers -= _layers(network)

    def _drop(self, id: str) -> None:
        self._deletions += 1
        for key in [key for key in self._loading if key[0] == id]:
            del self._loading[key]  # who asks from now on does not join what may have read the file before
        for key in [key for key in self._ready if key[0] == id]:
            self._let_go(key)

    async def _in_thread(self, work: Callable[..., T], *arguments: object) -> T:
        try:
            with tracing.span("store", work=work.__name__):
                return await asyncio.get_running_loop().run_in_executor(self._threads, partial(work, *arguments))
        except StoreUnavailable as failure:
            self.failures += 1
            values = {"where": failure.where, "reason": failure.reason, "setting": "ADELANTE_STORE"}
            key = "store-no-room" if failure.no_room else "store-unavailable"
            raise NetworkError(Fault("store-unavailable", key, "", values)) from failure


def unknown(name: str) -> NetworkError:
    """The error that says which names there are; of a preset, that it is one."""
    if name in PRESET_NAMES:
        return NetworkError(Fault("unknown-network", "preset-not-kept", "/network", {"name": name}))
    values = {"name": name[:100], "known": list(PRESET_NAMES)}
    return NetworkError(Fault("unknown-network", "unknown-network", "/network", values))


@cache
def _preset(name: str, dtype: torch.dtype) -> Network:
    return _in_dtype(preset_named(name).network, dtype)


def _in_dtype(network: Network, dtype: torch.dtype | None) -> Network:
    if isinstance(network, DenseNetwork):
        return network.to(dtype=dtype)
    return network if dtype is None else in_precision(network, dtype)


def ready_bytes(network: Network) -> int:
    """The memory that a network takes while it is ready."""
    if isinstance(network, DenseNetwork):
        return around_bytes(network) + network.size * network.dtype.itemsize
    return around_bytes(network) + sum(tensor.nbytes for tensor in network.parameters.values())


def around_bytes(network: Network) -> int:
    """What of it Python and torch need around its numbers."""
    return _NETWORK_BYTES + _LAYER_BYTES * _layers(network)


def _layers(network: Network) -> int:
    return len(network.layers) if isinstance(network, DenseNetwork) else len(network.nodes)

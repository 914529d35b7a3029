"""The models that `models` measures: small or small inputs, random weights, no download."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Model(NamedTuple):
    """How a model is made, and what one pass of it takes."""

    make: Callable[[], nn.Module]
    example: Callable[[], tuple[Tensor, ...]]


def _picture(side: int, channels: int = 3) -> Callable[[], tuple[Tensor, ...]]:
    return lambda: (torch.randn(2, channels, side, side),)


def _words() -> tuple[Tensor, ...]:
    return (torch.randint(50, (2, 8)),)


def _steps() -> tuple[Tensor, ...]:
    return (torch.randn(2, 6, 16),)


def _torchvision(name: str, **options: Any) -> Callable[[], nn.Module]:
    return lambda: getattr(import_module("torchvision.models"), name)(**options)


def _timm(name: str) -> Callable[[], nn.Module]:
    return lambda: import_module("timm").create_model(name, pretrained=False)


class _Read(nn.Module):
    """One of transformers' models, from token ids to its last hidden states or its logits."""

    def __init__(self, inner: nn.Module, result: str, **options: Any) -> None:
        super().__init__()
        self.inner, self.result, self.options = inner, result, options

    def forward(self, ids: Tensor) -> Tensor:
        found: Tensor = getattr(self.inner(input_ids=ids, **self.options), self.result)
        return found


_SMALL = {
    "vocab_size": 50,
    "num_hidden_layers": 2,
    "hidden_size": 32,
    "num_attention_heads": 4,
    "intermediate_size": 64,
}


def _bert() -> nn.Module:
    package = import_module("transformers")
    return _Read(package.BertModel(package.BertConfig(**_SMALL)), "last_hidden_state")


def _gpt2() -> nn.Module:
    package = import_module("transformers")
    config = package.GPT2Config(vocab_size=50, n_layer=2, n_embd=32, n_head=4, n_positions=16)
    return _Read(package.GPT2LMHeadModel(config), "logits", use_cache=False)


def _llama() -> nn.Module:
    package = import_module("transformers")
    config = package.LlamaConfig(**_SMALL, num_key_value_heads=2, max_position_embeddings=16)
    return _Read(package.LlamaForCausalLM(config), "logits", use_cache=False)


class _First(nn.Module):
    """A recurrent layer's steps, without its last states."""

    def __init__(self, inner: nn.Module) -> None:
        super().__init__()
        self.inner = inner

    def forward(self, x: Tensor) -> Tensor:
        found: Tensor = self.inner(x)[0]
        return found


class _Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.MultiheadAttention(16, 4, batch_first=True)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        return self.inner(x, x, x)  # type: ignore[no-any-return]


class _Mnist(nn.Module):
    """PyTorch's own example of digits."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(1, 32, 3, 1)
        self.conv2 = nn.Conv2d(32, 64, 3, 1)
        self.dropout1 = nn.Dropout(0.25)
        self.dropout2 = nn.Dropout(0.5)
        self.fc1 = nn.Linear(9216, 128)
        self.fc2 = nn.Linear(128, 10)

    def forward(self, x: Tensor) -> Tensor:
        x = F.relu(self.conv1(x))
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = torch.flatten(self.dropout1(x), 1)
        x = self.dropout2(F.relu(self.fc1(x)))
        return F.log_softmax(self.fc2(x), dim=1)


_PICTURES = (
    *("alexnet", "vgg11", "resnet18", "squeezenet1_1", "mobilenet_v2", "mobilenet_v3_small", "shufflenet_v2_x0_5"),
    *("densenet121", "efficientnet_b0", "mnasnet0_5", "regnet_y_400mf", "convnext_tiny", "swin_t"),
)
_OF_TIMM = (
    *(("convnextv2_atto", 64), ("mobilevit_xxs", 64), ("deit_tiny_patch16_224", 224)),
    *(("resnet10t", 64), ("mixer_s16_224", 224)),
)

MODELS: dict[str, Model] = {
    "mnist": Model(_Mnist, _picture(28, 1)),
    "lstm": Model(lambda: _First(nn.LSTM(16, 24, 2, batch_first=True)), _steps),
    "gru": Model(lambda: _First(nn.GRU(16, 24, bidirectional=True, batch_first=True)), _steps),
    "transformer_encoder_layer": Model(lambda: nn.TransformerEncoderLayer(16, 4, 32, batch_first=True), _steps),
    "multihead_attention": Model(_Attention, _steps),
    "bert": Model(_bert, _words),
    "gpt2": Model(_gpt2, _words),
    "llama": Model(_llama, _words),
    **{name: Model(_torchvision(name), _picture(64)) for name in _PICTURES},
    "googlenet": Model(_torchvision("googlenet", init_weights=False, aux_logits=False), _picture(64)),
    "vit_b_16": Model(_torchvision("vit_b_16"), _picture(224)),
    **{f"timm.{name}": Model(_timm(name), _picture(side)) for name, side in _OF_TIMM},
}
